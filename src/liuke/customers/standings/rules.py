"""Where a customer stands by somebody's decision: how closely we look after him, how he sees us, what ties us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop, pgettext_lazy

from liuke.customers.records.models import attitudes, levels

LEVELS: Mapping[str, Any] = dict(
    levels()
)  # Kotler's five: none is better, different customers deserve different ones
ATTITUDES: Mapping[str, Any] = dict(attitudes())
# The kinds of relationship by volume and loyalty (CL08); the night reckons them, somebody may know better.
RELATIONS: Mapping[str, Any] = {
    "partner": pgettext_lazy("relationship", "Partner"),
    "functional": pgettext_lazy("relationship", "Functional"),
    "emotional": pgettext_lazy("relationship", "Emotional"),
    "drifting": pgettext_lazy("relationship", "Drifting"),
}
# Why a customer gradually buys less (CL16), as whoever looks after him has found out.
DECLINES: Mapping[str, Any] = {
    "price": pgettext_lazy("why they buy less", "Price"),
    "quality": pgettext_lazy("why they buy less", "Quality of the goods"),
    "service": pgettext_lazy("why they buy less", "Service"),
    "delivery": pgettext_lazy("why they buy less", "Delivery"),
    "range": pgettext_lazy("why they buy less", "We lack what they need"),
    "competitor": pgettext_lazy("why they buy less", "A competitor's offer"),
    "less_need": pgettext_lazy("why they buy less", "They need less"),
    "person": pgettext_lazy("why they buy less", "Our contact has left"),
    "neglect": pgettext_lazy("why they buy less", "We cared too little"),
    "closing": pgettext_lazy("why they buy less", "They close or move"),
    "other": pgettext_lazy("why they buy less", "Something else"),
}
# How valuable somebody takes a customer to become, until the night judges what he buys (DB04).
EXPECTED: Mapping[str, Any] = {
    "platinum": pgettext_lazy("grade", "Platinum"),
    "gold": pgettext_lazy("grade", "Gold"),
    "iron": pgettext_lazy("grade", "Iron"),
    "lead": pgettext_lazy("grade", "Lead"),
}
SERIES: Mapping[str, Mapping[str, Any]] = {
    "level": LEVELS,
    "attitude": ATTITUDES,
    "relation": RELATIONS,
    "decline": DECLINES,
    "expected": EXPECTED,
}

# What each grade suggests (CL10); lead is the grade, not the stage.
LEVEL_BY_GRADE: Mapping[str, str] = {
    "lead": "reactive",
    "iron": "proactive",
    "gold": "accountable",
    "platinum": "partnership",
}


@dataclass(frozen=True)
class Step:
    """One activity of a level: what to do so many days after a sale. The days are a setting; 0 leaves the step out."""

    level: str
    code: str  # of the reason that tells it
    setting: str


PLAN: tuple[Step, ...] = (
    Step("reactive", "level_hotline", "level.hotline_days"),
    Step("proactive", "level_news", "level.news_days"),
    Step("accountable", "level_fit", "level.fit_days"),
    Step("accountable", "level_questionnaire", "level.questionnaire_days"),
    Step("partnership", "level_review", "level.review_days"),
)
RECENT_DAYS = (
    14  # a sale that is told later than this calls for nothing any more: an import brings years of them
)

NOT_EXPLAINED = gettext_noop("Say first on the card why this customer buys less; that settles the matter.")
NOT_AMONG = gettext_noop("“%(value)s” is not among the choices.")


def plan_of(level: str) -> tuple[Step, ...]:
    return tuple(step for step in PLAN if step.level == level)
