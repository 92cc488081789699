"""How each fact reads on the timeline: an icon, a title, a detail, and how much it should stand out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from liuke.customers.facts.rules import FactKind
from liuke.customers.stages.rules import REASONS

if TYPE_CHECKING:
    from liuke.customers.facts.models import Fact

CHANNELS: Mapping[str, Any] = {
    "phone": gettext_lazy("Phone"),
    "visit": gettext_lazy("Visit"),
    "wechat": gettext_lazy("WeChat"),
    "email": gettext_lazy("E-mail"),
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
    "ordered": gettext_lazy("Ordered"),
    "will_order": gettext_lazy("Will order"),
    "complaint": gettext_lazy("Complained"),
    "not_interested": gettext_lazy("Not interested"),
    "other": gettext_lazy("Other"),
}
STAGES: Mapping[str, Any] = {
    "lead": gettext_lazy("potential customer"),
    "prospect": gettext_lazy("prospective customer"),
    "customer": gettext_lazy("user"),
    "loyal": gettext_lazy("loyal customer"),
    "dormant": gettext_lazy("dormant"),
    "lost": gettext_lazy("lost"),
    "won_back": gettext_lazy("won back"),
    "non_customer": gettext_lazy("not a customer"),
}
GRADES: Mapping[str, Any] = {
    "platinum": gettext_lazy("Platinum"),
    "gold": gettext_lazy("Gold"),
    "iron": gettext_lazy("Iron"),
    "lead": gettext_lazy("Lead"),
    "": gettext_lazy("ungraded"),
}
BANDS: Mapping[str, Any] = {
    "low": gettext_lazy("low"),
    "watch": gettext_lazy("to watch"),
    "high": gettext_lazy("high"),
    "lost": gettext_lazy("lost"),
    "": gettext_lazy("none"),
}

# What the filter above a timeline offers: name -> (label, kinds)
FILTERS: Mapping[str, tuple[Any, tuple[FactKind, ...]]] = {
    "contacts": (
        gettext_lazy("Contacts"),
        (FactKind.CONTACTED, FactKind.VISITED, FactKind.NOTED, FactKind.ANSWERED),
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
        (FactKind.REGISTERED, FactKind.ASSIGNED, FactKind.STAGE_CHANGED, FactKind.LAPSED, FactKind.GRADED),
    ),
}


@dataclass(frozen=True)
class Entry:
    """`tone`: hot (bad news), warn, good or plain. `amount` says that the fact's own amount belongs beside the title."""

    icon: str
    title: str
    detail: str = ""
    tone: str = ""
    amount: bool = False


Data = Mapping[str, Any]


def entry(fact: Fact) -> Entry:
    """What the timeline shows of `fact`, in the active language."""
    teller = _TELLERS.get(fact.kind)
    return teller(fact.data) if teller else Entry("history", fact.kind)


def _joined(*parts: object) -> str:
    return " · ".join(str(part) for part in parts if part)


def _contacted(d: Data) -> Entry:
    channel = CHANNELS.get(d["channel"], d["channel"])
    whom = d.get("contact", "")
    outcome = OUTCOMES.get(d["outcome"], d["outcome"])
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


def _staged(d: Data) -> Entry:
    before, after = STAGES.get(d["before"], d["before"]), STAGES.get(d["after"], d["after"])
    why = d.get("reason") or (_(REASONS[d["code"]]) if d["code"] in REASONS else "")
    tone = {"dormant": "warn", "lost": "hot", "loyal": "good", "won_back": "good", "customer": "good"}
    title = _("Stage: %(before)s → %(after)s") % {"before": before, "after": after}
    return Entry("stage", title, why, tone.get(d["after"], ""))


def _graded(d: Data) -> Entry:
    names = GRADES if d["measure"] == "grade" else BANDS
    before, after = names.get(d["before"], d["before"]), names.get(d["after"], d["after"])
    if d["measure"] == "grade":
        order = list(GRADES)
        fell = (
            order.index(d["after"]) > order.index(d["before"])
            if {d["after"], d["before"]} <= set(order)
            else False
        )
        title = _("Grade: %(before)s → %(after)s") % {"before": before, "after": after}
        return Entry("grade", title, "", "warn" if fell else "good")
    title = _("Churn risk: %(before)s → %(after)s") % {"before": before, "after": after}
    return Entry("risk", title, "", "hot" if d["after"] == "high" else "good" if d["after"] == "low" else "")


def _followed_up(d: Data) -> Entry:
    what = {
        "done": pgettext("follow-up", "Done"),
        "postponed": pgettext("follow-up", "Postponed"),
        "reassigned": pgettext("follow-up", "Passed on"),
        "dismissed": pgettext("follow-up", "Dismissed"),
    }.get(d["what"], d["what"])
    kinds = {
        "risk": _("churn risk"),
        "rhythm": _("about now"),
        "gap": _("contact gap"),
        "promise": _("promise"),
        "task": _("follow-up"),
    }
    matter = d.get("title") or kinds.get(d["kind"], d["kind"])
    tone = "good" if d["what"] == "done" else ""
    return Entry(
        "check" if d["what"] == "done" else "later",
        f"{what}: {matter}",
        _joined(d.get("to"), d.get("reason")),
        tone,
    )


_TELLERS: dict[str, Callable[[Data], Entry]] = {
    FactKind.REGISTERED: lambda d: Entry("add", _("Registered"), d.get("source", "")),
    FactKind.ASSIGNED: lambda d: Entry(
        "assign",
        _("Owner: %(before)s → %(after)s")
        % {"before": d["before"] or _("nobody"), "after": d["after"] or _("nobody")},
        d.get("reason", ""),
    ),
    FactKind.STAGE_CHANGED: _staged,
    FactKind.LAPSED: _staged,
    FactKind.GRADED: _graded,
    FactKind.CONTACTED: _contacted,
    FactKind.VISITED: _contacted,
    FactKind.NOTED: lambda d: Entry("note", _("Note"), d["note"]),
    FactKind.FOLLOWED_UP: _followed_up,
    FactKind.PROMISED: lambda d: Entry("promise", _("Promised"), d["text"], "warn"),
    FactKind.PROMISE_KEPT: lambda d: Entry("promise", _("Promise kept"), d["text"], "good"),
    FactKind.QUOTED: lambda d: Entry("file", _("Quote %(number)s") % d, amount=True),
    FactKind.PURCHASED: _purchased,
    FactKind.REFUNDED: _refunded,
    FactKind.PAID: lambda d: Entry("money", _("Paid"), d.get("number", ""), "good", amount=True),
    FactKind.SERVICED: lambda d: Entry("gift", _("Service"), d["text"]),
    FactKind.COMPLAINED: lambda d: Entry("complaint", _("Complaint"), d["text"], "hot"),
    FactKind.RESOLVED: lambda d: Entry("check", _("Complaint answered"), d["text"], "good"),
    FactKind.ANSWERED: lambda d: Entry(
        "star",
        _("Satisfied") if d["satisfied"] else _("Not satisfied"),
        d.get("text", ""),
        "good" if d["satisfied"] else "hot",
    ),
}
