"""What others told one person: where he is named, and what became of the matters that he gave or was given (PL11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from liuke.customers.followups.rules import reason_text
from liuke.customers.models import FollowUpChange, Mention
from liuke.customers.timeline.rules import entry

if TYPE_CHECKING:
    from liuke.platform.models import User

SHOWN = 100
KEPT = timedelta(days=90)  # read ones are shown so long; what is unread stays until it is read


@dataclass(frozen=True)
class Item:
    icon: str
    title: str
    detail: str
    mentions: list[dict[str, object]]
    who: str
    customer: str
    at: datetime
    href: str  # a POST there marks it as read and leads to the customer
    unread: bool


def items(user: User, *, now: datetime) -> tuple[list[Item], int, int]:
    """The newest of both, and up to which mention and which step they reach."""
    named = list(Mention.objects.of(user).filter(at__gte=now - KEPT)[:SHOWN])
    steps = list(FollowUpChange.objects.told_to(user).filter(at__gte=now - KEPT)[:SHOWN])
    told = [_mentioned(one) for one in named] + [_stepped(one) for one in steps]
    told.sort(key=lambda item: item.at, reverse=True)
    return told[:SHOWN], max((one.pk for one in named), default=0), max((one.pk for one in steps), default=0)


def _mentioned(one: Mention) -> Item:
    fact, told = one.fact, entry(one.fact)
    return Item(
        icon="note",
        title=_("%(who)s named you: %(what)s") % {"who": fact.actor or "Liuke", "what": told.title},
        detail=told.detail,
        mentions=fact.data.get("mentions", []),
        who=str(fact.actor or ""),
        customer=fact.customer.name,
        at=one.at,
        href=reverse("news-mention", args=[one.pk]),
        unread=one.seen_at is None,
    )


def _stepped(one: FollowUpChange) -> Item:
    matter = one.followup.matter or str(one.followup.get_kind_display())
    what = {
        "created": _("%(who)s asks you: %(what)s"),
        "reassigned": _("%(who)s gave you: %(what)s"),
        "done": _("%(who)s has done it: %(what)s"),
        "dismissed": _("%(who)s dismissed it: %(what)s"),
        "postponed": _("%(who)s put it off: %(what)s"),
        "taken_back": _("%(who)s took the step back: %(what)s"),
        "expired": _("No longer needed: %(what)s"),
    }[one.what]
    return Item(
        icon="check" if one.what == "done" else "clock",
        title=what % {"who": one.by or "Liuke", "what": matter},
        detail=reason_text(one.reason),
        mentions=[],
        who=str(one.by or ""),
        customer=one.followup.customer.name,
        at=one.at,
        href=reverse("news-step", args=[one.pk]),
        unread=one.seen_at is None,
    )
