"""Reasons told to a person: codes with figures become sentences in his language, and the advice that follows from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from liuke.customers.followups.rules import asked_text
from liuke.customers.timeline.rules import GRADES

Reason = Mapping[str, Any]
GROWING = frozenset({"basket_rose", "breadth_rose"})
SILENT_PERCENTILE = 95
Money = Callable[[float], str]  # an amount in the company's currency, as the reader's language writes it


def sentences(reasons: Sequence[Reason], *, money: Money, limit: int = 3) -> list[str]:
    """The first `limit` reasons that this release knows how to tell."""
    codes = {reason.get("code") for reason in reasons}
    # The gap says all that "due" says: twice the same in one row reads like a mistake.
    late = codes & {"gap", "gap_once"}
    once = [reason for reason in reasons if not (reason.get("code") in {"due", "due_once"} and late)]
    if any(
        _is_silent(reason) for reason in once
    ):  # "orders are getting larger" of who has stopped would be untrue
        once = [reason for reason in once if reason.get("code") not in GROWING]
    told = [sentence(reason, money=money) for reason in once]
    return [text for text in told if text][:limit]


def _is_silent(reason: Reason) -> bool:
    """Longer than nearly all of the customer's own gaps."""
    return reason.get("code") == "gap_once" or (
        reason.get("code") == "gap" and reason["percentile"] >= SILENT_PERCENTILE
    )


def sentence(reason: Reason, *, money: Money) -> str:
    """One reason in plain words; "" for a code that an older or newer release wrote."""
    teller = _TELLERS.get(str(reason.get("code")))
    return teller(reason, money) if teller else asked_text([reason])


def _days(value: Any) -> str:
    return ngettext("%(n)s day", "%(n)s days", round(value)) % {"n": round(value)}


def _gap(r: Reason, money: Money) -> str:
    return _(
        "Usually orders every %(usual)s; nothing for %(days)s (longer than %(share)s%% of the customer's own gaps)"
    ) % {
        "usual": _days(r["usual"]),
        "days": _days(r["days"]),
        "share": round(r["percentile"]),
    }


def _gap_once(r: Reason, money: Money) -> str:
    return _(
        "Came again once so far, after %(gap)s; nothing for %(days)s since, which is long for customers like this"
    ) % {"gap": _days(r["gap"]), "days": _days(r["days"])}


def _rhythm_once(r: Reason, money: Money) -> str:
    return _("Ordered %(days)s ago; came again once so far, after %(gap)s") % {
        "days": _days(r["days"]),
        "gap": _days(r["gap"]),
    }


def _due_once(r: Reason, money: Money) -> str:
    return _("Came again once so far, after %(gap)s; the last order was %(days)s ago") % {
        "gap": _days(r["gap"]),
        "days": _days(r["days"]),
    }


def _bought_once(r: Reason, money: Money) -> str:
    return _("Bought once, %(days)s ago, and not again") % {"days": _days(r["days"])}


def _basket_fell(r: Reason, money: Money) -> str:
    return _("The last orders averaged %(to)s, %(from)s before") % {
        "to": money(r["to"]),
        "from": money(r["from"]),
    }


def _breadth_fell(r: Reason, money: Money) -> str:
    return _("The last orders had %(to)s products each, %(from)s before") % {
        "to": _count(r["to"]),
        "from": _count(r["from"]),
    }


def _returns(r: Reason, money: Money) -> str:
    return _("%(share)s%% of what was bought in %(days)s came back (%(amount)s)") % {
        "share": round(100 * r["share"]),
        "days": _days(r["days"]),
        "amount": money(r["amount"]),
    }


def _discount_rose(r: Reason, money: Money) -> str:
    return _("Discounts have lately taken %(to)s%% off, %(from)s%% before") % {
        "to": round(100 * r["to"]),
        "from": round(100 * r["from"]),
    }


def _event(r: Reason, money: Money) -> str:
    return ngettext(
        "%(kind)s: %(count)d time within 90 days, the last %(days)s ago",
        "%(kind)s: %(count)d times within 90 days, the last %(days)s ago",
        r["count"],
    ) % {"kind": r["kind"], "count": r["count"], "days": _days(r["days"])}


def _on_rhythm(r: Reason, money: Money) -> str:
    return _("Ordered %(days)s ago, usually every %(usual)s: nothing unusual") % {
        "days": _days(r["days"]),
        "usual": _days(r["usual"]),
    }


def _seldom(r: Reason, money: Money) -> str:
    return ngettext(
        "Bought %(purchases)d time, last %(days)s ago: many customers like this do not come again",
        "Bought %(purchases)d times, last %(days)s ago: many customers like this do not come again",
        r["purchases"],
    ) % {"purchases": r["purchases"], "days": _days(r["days"])}


def _due(r: Reason, money: Money) -> str:
    return _("Usually orders every %(usual)s; the last order was %(days)s ago") % {
        "usual": _days(r["usual"]),
        "days": _days(r["days"]),
    }


def _won_back(r: Reason, money: Money) -> str:
    return _("Came back after a pause of %(days)s") % {"days": _days(r["gap"])}


def _new(r: Reason, money: Money) -> str:
    return _("New: first bought %(days)s ago") % {"days": _days(r["days"])}


def _basket_rose(r: Reason, money: Money) -> str:
    return _("Orders are growing: %(to)s on average, %(from)s before") % {
        "to": money(r["to"]),
        "from": money(r["from"]),
    }


def _breadth_rose(r: Reason, money: Money) -> str:
    return _("Buys more kinds: %(to)s products each time, %(from)s before") % {
        "to": _count(r["to"]),
        "from": _count(r["from"]),
    }


def _contact_gap(r: Reason, money: Money) -> str:
    return _("Last contact %(days)s ago; this grade should have one every %(cadence)s") % {
        "days": _days(r["days"]),
        "cadence": _days(r["cadence"]),
    }


def _fell(r: Reason, money: Money) -> str:
    return _("Fell from %(before)s to %(after)s within a month") % {
        "before": GRADES.get(r["before"], r["before"]),
        "after": GRADES.get(r["after"], r["after"]),
    }


def _drifting(r: Reason, money: Money) -> str:
    return _("Buys little and is not tied to us: the relationship drifts")


def _count(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or float(value).is_integer() else f"{value:.1f}"


def _complaint_late(r: Reason, money: Money) -> str:
    return _("A complaint has been waiting for its answer for %(days)s too long") % {"days": _days(r["days"])}


def _promise_late(r: Reason, money: Money) -> str:
    return _("A promise is overdue by %(days)s") % {"days": _days(r["days"])}


def _owner_changed(r: Reason, money: Money) -> str:
    return _("Changed hands %(days)s ago") % {"days": _days(r["days"])}


_TELLERS: dict[str, Callable[[Reason, Money], str]] = {
    "gap": _gap,
    "gap_once": _gap_once,
    "rhythm_once": _rhythm_once,
    "due_once": _due_once,
    "bought_once": _bought_once,
    "basket_fell": _basket_fell,
    "breadth_fell": _breadth_fell,
    "returns": _returns,
    "discount_rose": _discount_rose,
    "event": _event,
    "on_rhythm": _on_rhythm,
    "seldom": _seldom,
    "due": _due,
    "won_back": _won_back,
    "new": _new,
    "basket_rose": _basket_rose,
    "breadth_rose": _breadth_rose,
    "contact_gap": _contact_gap,
    "fell": _fell,
    "complaint_late": _complaint_late,
    "promise_late": _promise_late,
    "owner_changed": _owner_changed,
    "drifting": _drifting,
}


def advice(kind: str, reasons: Sequence[Reason], *, complaint_open: bool = False) -> str:
    """What to do first, in one line. A complaint comes before everything, and never a promotion with it."""
    codes = {reason.get("code") for reason in reasons}
    if complaint_open:
        return _("Call today; talk about the complaint first, not about offers")
    if kind == "risk" and "returns" in codes:
        return _("Call and ask what was wrong with the goods that came back")
    if kind == "risk" and codes & {"basket_fell", "breadth_fell"}:
        return _("Call and ask whom else they buy from now, and why")
    if kind == "risk":
        return _("Call and ask how things are; listen before you offer anything")
    if kind == "rhythm":
        return _("A good moment: ask what is running out, have the last order at hand")
    if kind == "gap":
        return _("A short word is enough: ask how the last order went")
    return ""
