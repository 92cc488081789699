"""What comes first, how long a matter stays quiet, and when it has settled itself. No database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext

from liuke.platform.kit.rules import day_text

DAY = 86_400
# What a matter is worth beside the money named in it: a given word goes before a customer who is merely due.
FLOORS_MINOR: Mapping[str, int] = {
    "complaint": 800_000,
    "promise": 500_000,
    "task": 100_000,
    "risk": 0,
    "rhythm": 0,
    "gap": 0,
}
TIMED = ("complaint", "promise", "task")  # they have an hour; a suggestion is merely there from a day on
FAR, SOON, TODAY, A_DAY_LATE, LATEST = 10, 50, 100, 10, 200  # urgency in percent
GREATEST_RANK = 2**62
LONGEST_POSTPONEMENT = timedelta(days=366)
# A suggestion rests on silence. An order newer than this that we only hear of now takes its ground away; if it does
# not, tonight's judgement asks again.
STALE_BY_ORDER = timedelta(days=30)
TAKEN_BACK = ("done", "dismissed", "postponed", "reassigned")  # steps that whoever took them may take back
TAKEN_BACK_WITHIN = timedelta(minutes=15)  # a slip is noticed at once; later, others have gone on from there
ENDED_BY_ORDER = ("risk", "rhythm")
ENDED_BY_CONTACT = ("gap",)
ENDED_BY_WORD = ("rhythm",)


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues. Django's own wants settings as soon as this file is read."""
    return message


# Why Liuke itself let go of a matter, as FollowUpChange.reason keeps it.
REASONS: Mapping[str, str] = {
    "ordered": gettext_noop("the customer has ordered"),
    "contacted": gettext_noop("the customer was contacted"),
    "will_order": gettext_noop("the customer has said that they will order"),
    "withdrawn": gettext_noop("what asked for it was taken back"),
    "answered": gettext_noop("the complaint was answered"),
    "complained": gettext_noop("the complaint comes first"),
    "settled": gettext_noop("no longer suggested"),
    "owner_changed": gettext_noop("the customer has a new owner"),
    "accepted": gettext_noop("the card was accepted"),
    "explained": gettext_noop("it is known why they buy less"),
    "planned": gettext_noop("the account plan is written"),
    "reviewed": gettext_noop("the account plan was reviewed"),
    "ended": gettext_noop("the customer is no key account any more"),
    "written": gettext_noop("the visit was written up"),
    "plan_closed": gettext_noop("the loyalty plan is closed"),
    "handed_back": gettext_noop("the handover was taken back"),
}


def rank(weight_minor: int, due_at: datetime, kind: str, now: datetime) -> int:
    """The order of the day: money times urgency. Overdue matters gain a tenth a day until they count double."""
    late_seconds = int((now - due_at).total_seconds())
    if late_seconds >= 0:
        urgency = min(LATEST, TODAY + A_DAY_LATE * (late_seconds // DAY))
    elif late_seconds > -DAY:
        urgency = TODAY
    else:
        urgency = SOON if late_seconds > -7 * DAY else FAR
    return min(GREATEST_RANK, (max(0, weight_minor) + FLOORS_MINOR.get(kind, 0)) * urgency + urgency)


def kept_due_at(was: datetime, asked: datetime, *, postponed: bool) -> datetime:
    """The day of a matter that is asked for again: somebody's postponement holds, else the earlier day."""
    return was if postponed else min(was, asked)


def is_quiet(closed_at: datetime | None, now: datetime, quiet_days: int) -> bool:
    """Whether a matter that somebody closed is left alone still."""
    return closed_at is not None and now < closed_at + timedelta(days=quiet_days)


def rests_on_word(said_at: datetime, now: datetime, days: int, usual_gap_days: float | None = None) -> bool:
    """Whether somebody who said that they order is believed still: no longer than they usually take between two orders."""
    return now < said_at + timedelta(days=min(days, usual_gap_days or days))


def stale_after_order(asked_at: datetime, ordered_at: datetime) -> bool:
    return ordered_at > asked_at - STALE_BY_ORDER


# What Liuke asks for by itself, as FollowUp.reasons keeps it: told in the reader's language, whenever it is read.
ASKED: Mapping[str, str] = {
    "occasion": gettext_noop("%(what)s of %(whose)s on %(day)s"),
    "holding_replacement": gettext_noop("Time to replace %(what)s (%(day)s)"),
    "holding_service": gettext_noop("%(what)s is due for service on %(day)s"),
    "holding_warranty": gettext_noop("The warranty of %(what)s ends on %(day)s"),
    "holding_insurance": gettext_noop("The insurance of %(what)s ends on %(day)s"),
    "level_hotline": gettext_noop("Send the hotline card for order %(number)s"),
    "level_news": gettext_noop("Tell what is new since order %(number)s"),
    "level_fit": gettext_noop(
        "Call about order %(number)s: does it fit, are there defects, what would they change?"
    ),
    "level_questionnaire": gettext_noop("Send the questionnaire for order %(number)s"),
    "level_review": gettext_noop("Review meeting after order %(number)s: what do we improve together?"),
    "hostile": gettext_noop("Has turned against us: find out why"),
    "decline": gettext_noop("Buys less than before: find out why, and say so on the card"),
    "account_review": gettext_noop("Review the plan of this key account: what was agreed, what comes next?"),
    "account_plan": gettext_noop(
        "One of the most valuable customers has no account plan: write down the goals"
    ),
    "keeping_review": gettext_noop("Look at the loyalty plan again: %(goal)s"),
    "visit_unwritten": gettext_noop("Write up the visit of %(day)s: how did it go, what has changed?"),
    "introduction": gettext_noop("Introduce yourself: %(whose)s looked after them until now"),
}


def end_of(on: date) -> datetime:
    """The midnight after a day: what belongs to it is late from then on."""
    return timezone.make_aware(datetime.combine(on + timedelta(days=1), time.min))


def asked_text(reasons: Iterable[Mapping[str, Any]]) -> str:
    """The first thing that Liuke asks for by itself, in words; "" where the reasons are a judgement's."""
    for reason in reasons:
        code = str(reason.get("code"))
        if code == "hostile" and reason.get("reason"):
            return gettext("Has turned against us: %(reason)s") % {"reason": reason["reason"]}
        if code in ASKED:
            told = {name: str(value) for name, value in reason.items()}
            if word := told.pop("named", ""):  # one of ours, not somebody's own
                told["what"] = gettext(word)
            if "on" in told:
                today = timezone.localdate()
                told["day"] = day_text(date.fromisoformat(told["on"]), get_language() or "", today=today)
            return gettext(ASKED[code]) % told
    return ""


def reason_text(reason: str) -> str:
    """In the reader's language when Liuke gave it, else somebody's own words."""
    return gettext(REASONS[reason]) if reason in REASONS else reason


class Closed(Exception):
    """The matter is not open any more: somebody was quicker. `state`, `by` and `at` tell who and how."""

    def __init__(self, state: str, by: str, at: datetime | None) -> None:
        super().__init__(f"{state} by {by or 'Liuke'}")
        self.state, self.by, self.at = state, by, at


class TooLate(Exception):
    """A step can't be taken back: it is another's or an old one, or somebody has gone on from there."""


def may_be_taken_back(what: str, *, taken_by: int | None, taken_at: datetime, by: int, now: datetime) -> bool:
    return what in TAKEN_BACK and taken_by == by and now - taken_at <= TAKEN_BACK_WITHIN


def told(by_id: int | None, *others: int | None) -> int | None:
    """Whom a step is told to: the first of `others` who did not take it himself."""
    return next((other for other in others if other is not None and other != by_id), None)
