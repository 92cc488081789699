"""How each fact reads on the timeline: an icon, a title, a detail, and how much it should stand out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from babel.dates import format_date
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext, pgettext_lazy, to_locale
from django.utils.translation import gettext as _

from liuke.customers.facts.rules import FactKind
from liuke.customers.followups.rules import asked_text
from liuke.customers.stages.rules import REASONS, reason_text
from liuke.customers.standings.rules import ATTITUDES, DECLINES, EXPECTED, LEVELS, RELATIONS

if TYPE_CHECKING:
    from liuke.customers.facts.models import Fact

CHANNELS: Mapping[str, Any] = {
    "phone": gettext_lazy("Phone"),
    "visit": gettext_lazy("Visit"),
    "wechat": gettext_lazy("WeChat"),
    "email": pgettext_lazy("channel", "E-mail"),
    "message": gettext_lazy("Message"),
    "meeting": gettext_lazy("Meeting"),
    "other": gettext_lazy("Other"),
}
DIRECTIONS: Mapping[str, Any] = {
    "out": gettext_lazy("we contacted them"),
    "in": gettext_lazy("they contacted us"),
}
OUTCOMES: Mapping[str, Any] = {
    "reached": gettext_lazy("Spoke with them"),
    "no_answer": gettext_lazy("No answer"),
    "left_message": gettext_lazy("Left a message"),
    "ordered": pgettext_lazy("outcome", "Ordered"),
    "will_order": gettext_lazy("Will order"),
    "complaint": pgettext_lazy("outcome", "Complained"),
    "not_interested": gettext_lazy("Not interested"),
    "other": gettext_lazy("Other"),
}
_WRITTEN: Mapping[str, Any] = {
    "reached": gettext_lazy("They answered"),
    "no_answer": gettext_lazy("No answer yet"),
    "left_message": gettext_lazy("Sent"),
}
_IN_PERSON: Mapping[str, Any] = {
    "reached": gettext_lazy("Met them"),
    "no_answer": gettext_lazy("Nobody there"),
}
# What came of it in the words of its channel, where these are others: nobody picks up an e-mail.
IN_WORDS_OF: Mapping[str, Mapping[str, Any]] = {
    "phone": {
        "reached": pgettext_lazy("by telephone", "Spoke with them"),
        "no_answer": pgettext_lazy("by telephone", "No answer"),
    },
    **dict.fromkeys(("wechat", "email", "message"), _WRITTEN),
    **dict.fromkeys(("visit", "meeting"), _IN_PERSON),
}
STAGES: Mapping[str, Any] = {
    "lead": pgettext_lazy("stage", "potential customer"),
    "prospect": pgettext_lazy("stage", "prospective customer"),
    "customer": pgettext_lazy("stage", "customer"),
    "loyal": pgettext_lazy("stage", "loyal customer"),
    "dormant": pgettext_lazy("stage", "dormant"),
    "lost": pgettext_lazy("stage", "lost"),
    "won_back": pgettext_lazy("stage", "won back"),
    "non_customer": pgettext_lazy("stage", "not a customer"),
}
GRADES: Mapping[str, Any] = {
    "platinum": pgettext_lazy("grade", "Platinum"),
    "gold": pgettext_lazy("grade", "Gold"),
    "iron": pgettext_lazy("grade", "Iron"),
    "lead": pgettext_lazy("grade", "Lead"),
    "": pgettext_lazy("grade", "none"),
}
BANDS: Mapping[str, Any] = {
    "low": pgettext_lazy("churn risk", "low"),
    "watch": pgettext_lazy("churn risk", "medium"),
    "high": pgettext_lazy("churn risk", "high"),
    "lost": pgettext_lazy("churn risk", "lost"),
    "": pgettext_lazy("churn risk", "not judged"),
}

DECIDED: Mapping[str, tuple[Any, Mapping[str, Any]]] = {
    "level": (gettext_lazy("Relation level: %(before)s → %(after)s"), LEVELS),
    "attitude": (gettext_lazy("Attitude: %(before)s → %(after)s"), ATTITUDES),
    "relation": (gettext_lazy("Relationship: %(before)s → %(after)s"), RELATIONS),
    "expected": (gettext_lazy("Provisional grade: %(before)s → %(after)s"), EXPECTED),
    "decline": (gettext_lazy("Why they buy less: %(before)s → %(after)s"), DECLINES),
}

# What the filter above a timeline offers: name -> (label, kinds)
FILTERS: Mapping[str, tuple[Any, tuple[FactKind, ...]]] = {
    "contacts": (
        gettext_lazy("Contacts"),
        (FactKind.CONTACTED, FactKind.VISITED, FactKind.WITHDRAWN, FactKind.NOTED, FactKind.ANSWERED),
    ),
    "orders": (
        gettext_lazy("Orders"),
        (FactKind.PURCHASED, FactKind.REFUNDED, FactKind.PAID, FactKind.QUOTED),
    ),
    "service": (
        gettext_lazy("Complaints and service"),
        (FactKind.COMPLAINED, FactKind.RESOLVED, FactKind.SERVICED),
    ),
    "tasks": (gettext_lazy("Follow-ups"), (FactKind.FOLLOWED_UP, FactKind.PROMISED, FactKind.PROMISE_KEPT)),
    "changes": (
        gettext_lazy("Changes"),
        (
            FactKind.REGISTERED,
            FactKind.ASSIGNED,
            FactKind.STAGE_CHANGED,
            FactKind.LAPSED,
            FactKind.GRADED,
            FactKind.MERGED,
            FactKind.SEPARATED,
        ),
    ),
}


OF_COMPLAINTS = (FactKind.COMPLAINED, FactKind.RESOLVED, FactKind.WITHDRAWN)  # what tells which are open


@dataclass(frozen=True)
class Entry:
    """`tone`: hot (bad news), warn, good or plain. `amount` says that the fact's own amount belongs beside the title."""

    icon: str
    title: str
    detail: str = ""
    tone: str = ""
    amount: bool = False


Data = Mapping[str, Any]


def entry(fact: Fact, *, grade_names: Mapping[str, str] | None = None) -> Entry:
    """What the timeline shows of `fact`, in the active language; `grade_names` are a company's own (grading.names)."""
    if fact.kind == FactKind.GRADED and fact.data["measure"] == "grade":
        return _graded(fact.data, {**GRADES, **(grade_names or {})})
    if fact.kind == FactKind.REGISTERED and fact.batch_id:
        title = _("Registered by import %(number)s") % {"number": fact.batch_id}
        return Entry("add", title, fact.data.get("source", ""))
    teller = _TELLERS.get(fact.kind)
    return teller(fact.data) if teller else Entry("history", fact.kind)


def _joined(*parts: object) -> str:
    return " · ".join(str(part) for part in parts if part)


def outcomes_of(channel: str) -> dict[str, Any]:
    """What can come of a contact by `channel`, in its words."""
    return {**OUTCOMES, **IN_WORDS_OF.get(channel, {})}


def _contacted(d: Data) -> Entry:
    channel = CHANNELS.get(d["channel"], d["channel"])
    whom = d.get("contact", "")
    outcome = outcomes_of(d["channel"]).get(d["outcome"], d["outcome"])
    direction = "" if d["direction"] == "out" else DIRECTIONS["in"]
    tone = "hot" if d["outcome"] in ("complaint", "not_interested") else ""
    icon = {
        "visit": "visit",
        "email": "email",
        "wechat": "message",
        "message": "message",
        "meeting": "meeting",
    }
    told = _joined(outcome, whom, direction)
    return Entry(icon.get(d["channel"], "phone"), f"{channel} · {told}", d.get("note", ""), tone)


def _withdrawn(d: Data) -> Entry:
    words = {
        FactKind.COMPLAINED: _("Complaint"),
        FactKind.NOTED: _("Note"),
        FactKind.PROMISED: _("Promise"),
    }
    if matter := words.get(d["kind"]):
        return Entry("undo", _("Taken back: %(matter)s") % {"matter": matter}, d.get("text", ""))
    channel = CHANNELS.get(d["channel"], d["channel"])
    outcome = outcomes_of(d["channel"]).get(d["outcome"], d["outcome"])
    return Entry("undo", _("Taken back: %(matter)s") % {"matter": _joined(channel, outcome)})


def _purchased(d: Data) -> Entry:
    products = d.get("products")
    detail = ngettext("%(n)s product", "%(n)s products", products) % {"n": products} if products else ""
    title = _("Order %(number)s") % {"number": d["number"]}
    return Entry("order", title, _joined(detail, d.get("channel", "")), "good", amount=True)


def _refunded(d: Data) -> Entry:
    names = {
        "refund": _("Return or refund %(number)s"),
        "cancellation": _("Cancellation %(number)s"),
        "correction": _("Correction of %(number)s"),
    }
    title = names.get(d["kind"], names["refund"]) % {"number": d["number"]}
    detail = _("takes back order %(number)s") % {"number": d["reverses"]} if d.get("reverses") else ""
    return Entry("refund", title, detail, "warn", amount=True)


def _silence(d: Data) -> str:
    """The figures that the rule looked at."""
    told = ngettext("no order for %(n)s day", "no order for %(n)s days", d["days"]) % {"n": d["days"]}
    if gap := d.get("interval_days"):
        told = _joined(
            told, ngettext("usually every %(n)s day", "usually every %(n)s days", gap) % {"n": gap}
        )
    return told


def _staged(d: Data) -> Entry:
    before, after = STAGES.get(d["before"], d["before"]), STAGES.get(d["after"], d["after"])
    why = d.get("reason") or reason_text(d["code"] if d["code"] in REASONS else "")
    if d["code"] in ("silent", "silent_long") and "days" in d:
        why = _silence(d)
    elif d["code"] == "repeats" and "repeats" in d:
        why = ngettext("%(n)s repeat order", "%(n)s repeat orders", d["repeats"]) % {"n": d["repeats"]}
    tone = {"dormant": "warn", "lost": "hot", "loyal": "good", "won_back": "good", "customer": "good"}
    title = _("Stage: %(before)s → %(after)s") % {"before": before, "after": after}
    return Entry("stage", title, why, tone.get(d["after"], ""))


def _graded(d: Data, names: Mapping[str, Any]) -> Entry:
    before, after = names.get(d["before"], d["before"]), names.get(d["after"], d["after"])
    order = list(GRADES)
    known = {d["before"], d["after"]} <= GRADES.keys()
    fell = known and order.index(d["after"]) > order.index(d["before"])
    title = _("Grade: %(before)s → %(after)s") % {"before": before, "after": after}
    return Entry("grade", title, "", "warn" if fell else "good")


def _risked(d: Data) -> Entry:
    before, after = BANDS.get(d["before"], d["before"]), BANDS.get(d["after"], d["after"])
    title = _("Churn risk: %(before)s → %(after)s") % {"before": before, "after": after}
    return Entry(
        "risk", title, "", {"high": "hot", "lost": "hot", "watch": "warn", "low": "good"}.get(d["after"], "")
    )


def _decided(d: Data) -> Entry:
    """What somebody has decided about the customer."""
    title, names = DECIDED[d["measure"]]
    before, after = (str(names.get(d[side], _("undecided"))) for side in ("before", "after"))
    tone = {"hostile": "hot", "loyal": "good", "favourable": "good"}.get(d["after"], "")
    return Entry("grade", str(title) % {"before": before, "after": after}, d.get("reason", ""), tone)


def _followed_up(d: Data) -> Entry:
    what = {
        "done": pgettext("follow-up", "Done"),
        "postponed": pgettext("follow-up", "Postponed"),
        "reassigned": pgettext("follow-up", "Reassigned"),
        "dismissed": pgettext("follow-up", "Dismissed"),
        "taken_back": pgettext("follow-up", "Taken back"),
    }.get(d["what"], d["what"])
    kinds = {
        "risk": _("Churn risk"),
        "rhythm": _("Time to reorder"),
        "gap": _("Contact gap"),
        "promise": _("Promise"),
        "complaint": _("Complaint"),
        "task": _("Follow-up"),
    }
    matter = d.get("title") or asked_text(d.get("asked", ())) or kinds.get(d["kind"], d["kind"])
    tone = "good" if d["what"] == "done" else ""
    return Entry(
        "check" if d["what"] == "done" else "later",
        _("%(what)s: %(matter)s") % {"what": what, "matter": matter},
        _joined(d.get("to"), _day("until", d), d.get("reason")),
        tone,
    )


def _day(name: str, d: Data) -> str:
    """The day of an instant that the payload carries: until when it was put off, by when it was promised."""
    if not (written := d.get(name)):
        return ""
    # As every other day on the card is written; Django's short form is 05/03/2026, a day in March or one in May.
    on = timezone.localtime(datetime.fromisoformat(written)).date()
    day = format_date(on, "medium", locale=to_locale(get_language() or "en"))
    return _("until %(day)s") % {"day": day} if name == "until" else _("by %(day)s") % {"day": day}


def _kept(d: Data) -> Entry:
    if d.get("late"):
        return Entry("promise", _("Promise kept, but late"), d["text"], "warn")
    return Entry("promise", _("Promise kept"), d["text"], "good")


_TELLERS: dict[str, Callable[[Data], Entry]] = {
    FactKind.REGISTERED: lambda d: Entry("add", pgettext("of a customer", "Registered"), d.get("source", "")),
    FactKind.ASSIGNED: lambda d: Entry(
        "assign",
        _("Owner: %(before)s → %(after)s")
        % {"before": d["before"] or _("nobody"), "after": d["after"] or _("nobody")},
        d.get("reason", ""),
    ),
    FactKind.STAGE_CHANGED: _staged,
    FactKind.LAPSED: _staged,
    FactKind.GRADED: lambda d: _decided(d) if d["measure"] in DECIDED else _risked(d),
    FactKind.CONTACTED: _contacted,
    FactKind.VISITED: _contacted,
    FactKind.NOTED: lambda d: Entry("note", _("Note"), d["note"]),
    FactKind.FOLLOWED_UP: _followed_up,
    FactKind.PROMISED: lambda d: Entry(
        "promise", _("Promised"), _joined(d["text"], _day("due_at", d)), "warn"
    ),
    FactKind.PROMISE_KEPT: _kept,
    FactKind.QUOTED: lambda d: Entry("file", _("Quote %(number)s") % d, amount=True),
    FactKind.PURCHASED: _purchased,
    FactKind.REFUNDED: _refunded,
    FactKind.PAID: lambda d: Entry("money", _("Paid"), d.get("number", ""), "good", amount=True),
    FactKind.SERVICED: lambda d: Entry("gift", _("Service"), d["text"]),
    FactKind.COMPLAINED: lambda d: Entry("complaint", _("Complaint"), d["text"], "hot"),
    FactKind.RESOLVED: lambda d: Entry("check", _("Complaint answered"), d["text"], "good"),
    FactKind.MERGED: lambda d: Entry(
        "copy", _("Merged: %(number)s %(name)s") % d, _("now under %(into)s") % d
    ),
    FactKind.SEPARATED: lambda d: Entry(
        "undo", _("Separated again: %(number)s %(name)s") % d, _("had been under %(into)s") % d
    ),
    FactKind.WITHDRAWN: _withdrawn,
    FactKind.ANSWERED: lambda d: Entry(
        "star",
        _("Satisfied") if d["satisfied"] else _("Not satisfied"),
        d.get("text", ""),
        "good" if d["satisfied"] else "hot",
    ),
}


def unanswered(facts: Iterable[Fact]) -> list[Fact]:
    """The complaints among `facts`, which are `OF_COMPLAINTS`, that none of them answers or withdraws, oldest first."""
    told = list(facts)
    answered = {fact.data.get("complaint_id") for fact in told if fact.kind == FactKind.RESOLVED}
    answered |= {fact.subject_id for fact in told if fact.kind == FactKind.WITHDRAWN}
    complaints = [fact for fact in told if fact.kind == FactKind.COMPLAINED and fact.pk not in answered]
    return sorted(complaints, key=lambda fact: (fact.at, fact.pk))
