"""Visits: begun after a look at the card, ended, written up; and asked for where that is forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from liuke.customers.completeness.actions import verify
from liuke.customers.facts.models import Fact
from liuke.customers.followups.actions import ask, expire
from liuke.customers.followups.models import FollowUp
from liuke.customers.followups.rules import TAKEN_BACK_WITHIN, TooLate, end_of
from liuke.customers.readings.actions import last_opened
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit, gettext_noop
from liuke.customers.timeline.actions import log_contact
from liuke.customers.visits.models import Visit
from liuke.customers.visits.rules import Line, Made, by_person, hours_to_write, line
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit
from liuke.platform.preferences.actions import get

if TYPE_CHECKING:
    from liuke.platform.models import User

PORTION = 200


class NotLooked(Exception):
    """The card was not looked at before the visit: told once, and begun all the same by whoever insists."""


@transaction.atomic
def start_visit(
    customer: Customer,
    *,
    followup: FollowUp | None = None,
    looked_at: datetime | None = None,
    anyway: bool = False,
    by: User,
    now: datetime,
) -> Visit:
    """One that is going on is given back. Without a look at the card within `visits.look_hours` it takes `anyway`, and is
    counted as blind. `looked_at` is what the caller knows of it: a reading is written a moment after the page is shown."""
    held = _held(customer.pk, by)
    if going := Visit.objects.unwritten().filter(customer=held, by=by).first():
        return going
    if followup and followup.customer_id != held.pk:
        raise Unfit("followup", gettext_noop("This follow-up belongs to another customer."))
    since = now - timedelta(hours=get("visits.look_hours"))
    viewed_at = looked_at if looked_at and looked_at >= since else last_opened(by, held.pk, since=since)
    if viewed_at is None and not anyway:
        raise NotLooked
    made = Visit.objects.create(
        customer=held, by=by, followup=followup, started_at=now, card_viewed_at=viewed_at
    )
    if viewed_at is None:
        audit.record("visits.blind", by=by, now=now, subject=held)
    return made


def may_take_back(visit: Visit, *, by: User, now: datetime) -> bool:
    """Whoever began it, as long as a slip is noticed, and before it is written up: then the result is what is taken back."""
    fresh = now - visit.started_at <= TAKEN_BACK_WITHIN
    return fresh and visit.by_id == by.pk and visit.written_at is None and visit.taken_back_at is None


@transaction.atomic
def take_visit_back(visit: Visit, *, by: User, now: datetime) -> Visit:
    """It was none: the wrong customer, the wrong button. No report counts it and nobody is asked to write it up; that it
    was begun blindly, and taken back, stays in the audit. Raises TooLate."""
    held = _mine(visit, by)
    if not may_take_back(held, by=by, now=now):
        raise TooLate
    held.taken_back_at = now
    held.save(update_fields=["taken_back_at"])
    audit.record("visits.take_back", by=by, now=now, subject=held.customer)
    return held


@transaction.atomic
def end_visit(visit: Visit, *, by: User, now: datetime) -> Visit:
    """He has left the customer: from now on the result is waited for."""
    held = _mine(visit, by)
    if held.ended_at is None:
        held.ended_at = now
        held.save(update_fields=["ended_at"])
    return held


@transaction.atomic
def write_up(
    visit: Visit,
    *,
    outcome: str,
    note: str,
    is_right: bool = False,
    next_at: datetime | None = None,
    next_title: str = "",
    by: User,
    now: datetime,
) -> Fact:
    """The result, without which no visit is closed: on the timeline, the planned follow-up done, the card vouched for
    where `is_right`."""
    held = _mine(visit, by)
    if not outcome:
        raise Unfit("outcome", gettext_noop("A visit is closed with its result. How did it go?"))
    followup = held.followup if held.followup and held.followup.state == "open" else None
    fact = log_contact(
        held.customer,
        channel="visit",
        outcome=outcome,
        note=note,
        at=held.ended_at or now,
        followup=followup,
        next_at=next_at,
        next_title=next_title,
        key=_result_key(held),
        by=by,
        now=now,
    )
    held.ended_at, held.written_at, held.outcome = held.ended_at or now, now, outcome
    held.save(update_fields=["ended_at", "written_at", "outcome"])
    expire([reminder_key(held.pk)], reason="written", now=now)
    if is_right and by.may(Right.EDIT_CUSTOMERS):
        verify(held.customer, by=by, now=now)
    return fact


def _result_key(held: Visit) -> str:
    """Sent twice it is one result; written anew after the first was taken back it is another."""
    key = f"visit:{held.pk}"
    before = Q(key=f"contact:{key}") | Q(key__startswith=f"contact:{key}:")
    times = held.customer.facts.filter(before).count()
    return f"{key}:{times}" if times else key


def visit_of(key: str | None) -> int | None:
    """The visit whose result a fact of this key tells."""
    name, _colon, rest = (key or "").removeprefix("contact:").partition(":")
    pk = rest.partition(":")[0]
    return int(pk) if name == "visit" and pk.isdecimal() else None


def _held(pk: int, by: User) -> Customer:
    permit(by, Right.LOG_CONTACTS)
    return Customer.objects.writable_by(by).select_for_update(of=("self",)).get(pk=pk)


def _mine(visit: Visit, by: User) -> Visit:
    """One's own that is not written up yet, ours until the commit."""
    held = _held(visit.customer_id, by)
    rows = Visit.objects.unwritten().select_for_update(of=("self",)).select_related("customer", "followup")
    return rows.get(pk=visit.pk, customer=held, by=by)


# --- asked for where it is forgotten ---


def reminder_key(visit_id: int) -> str:
    return f"visit:{visit_id}"


def remind(*, now: datetime) -> int:
    """Whoever has not written a visit up in time finds it on Today, once; how many were asked for."""
    hours, asked, last = get("visits.write_hours"), 0, 0
    late = (
        Visit.objects.late(hours=hours, now=now).filter(by__is_active=True).select_related("customer", "by")
    )
    while portion := list(late.filter(pk__gt=last).order_by("pk")[:PORTION]):
        keys = [reminder_key(one.pk) for one in portion]
        there = set(FollowUp.objects.filter(key__in=keys).values_list("key", flat=True))
        with transaction.atomic():
            for visit in portion:
                if reminder_key(visit.pk) not in there:
                    _ask(visit, now)
                    asked += 1
        last = portion[-1].pk
    return asked


def _ask(visit: Visit, now: datetime) -> None:
    on = timezone.localdate(visit.started_at)
    ask(
        visit.customer,
        kind="task",
        assignee=visit.by,
        due_at=now,
        late_at=end_of(timezone.localdate(now)),
        reasons=[{"code": "visit_unwritten", "on": on.isoformat()}],
        source="customers.visits",
        key=reminder_key(visit.pk),
        by=None,
        now=now,
    )


# --- the report ---


def report_of(user: User, *, days: int, now: datetime) -> tuple[Line, list[Line]]:
    """All visits of the last days on customers whom `user` may see, and by who made them."""
    hours = get("visits.write_hours")
    rows = Visit.objects.for_user(user).standing().filter(started_at__gte=now - timedelta(days=days))
    columns = ("by_id", "by__name", "card_viewed_at", "started_at", "ended_at", "written_at")
    made = [_made(row, hours, now) for row in rows.order_by().values_list(*columns).iterator(2_000)]
    return line(made), by_person(made)


def _made(row: tuple[Any, ...], hours: int, now: datetime) -> Made:
    who, name, viewed_at, started_at, ended_at, written_at = row
    visit = Visit(started_at=started_at, ended_at=ended_at, written_at=written_at)
    taken = hours_to_write(started_at, ended_at, written_at) if written_at else None
    return Made(who, name, viewed_at is not None, visit.is_late(hours=hours, now=now), taken)
