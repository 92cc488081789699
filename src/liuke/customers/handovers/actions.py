"""Customers go to successors for good: planned in one transaction with the departure, carried out portion by portion.

Each portion moves its customers, tells their timelines, asks for the introductory calls and marks its items, all in one
transaction: a job that is killed goes on with what is still planned. Taking it back goes the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from liuke.customers.asking.actions import Matter, ask_many
from liuke.customers.followups.actions import expire, reassign
from liuke.customers.followups.models import FollowUp
from liuke.customers.handovers.models import Handover, HandoverItem
from liuke.customers.handovers.rules import MOST_SUCCESSORS, call_day
from liuke.customers.records.actions import assign
from liuke.customers.records.models import Customer
from liuke.platform.absences.actions import end_all
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right, Scope
from liuke.platform.audit import actions as audit
from liuke.platform.audit.rules import Changes
from liuke.platform.bulk.actions import insert_rows, update_rows
from liuke.platform.bulk.rules import pieces
from liuke.platform.jobs.actions import enqueue
from liuke.platform.preferences.actions import get
from liuke.platform.users.actions import deactivate, reactivate
from liuke.platform.users.models import User

if TYPE_CHECKING:
    from liuke.platform.models import Job

PORTION = 100  # customers in one transaction: about 100 ms on SQLite, for which others wait to write
CALL_AT = time(9, 0)
SOURCE = "handovers.introduction"


class Progress(Protocol):
    def __call__(self, done: int, total: int | None = None, note: str = "") -> None: ...


def quiet(done: int, total: int | None = None, note: str = "") -> None:
    """For whoever does not watch."""


def unguarded(done: int | None = None) -> None:
    """For whoever is no job."""


@dataclass(frozen=True)
class Share:
    """One customer of the plan."""

    customer_id: int
    to_id: int
    weight_minor: int = 0


@transaction.atomic
def hand_over(
    person: User,
    shares: Sequence[Share],
    *,
    leaves: bool,
    reason: str = "",
    by: User | None,
    now: datetime,
) -> Handover:
    """Plans all of it; whoever `leaves` is out before the first customer moves, on every door."""
    permit(by, Right.HAND_OVER)
    permit(by, Right.ASSIGN_CUSTOMERS)
    if by and not User.objects.visible_to(by).filter(pk=person.pk).exists():
        raise User.DoesNotExist
    successors = _successors({share.to_id for share in shares}, person, by)
    reason = " ".join(reason.split())[:200]
    if leaves:
        person = deactivate(person, by=by, now=now, reason=reason, right=Right.HAND_OVER)
        end_all(person, by=by, now=now)
    undo_until = now + timedelta(days=get("handovers.undo_days"))
    try:
        with transaction.atomic():
            handover = Handover.objects.create(
                person=person, by=by, at=now, reason=reason, leaves=leaves, undo_until=undo_until
            )
    except IntegrityError as error:
        raise ValidationError(_("These customers are being handed over already.")) from error
    _plan(handover, shares, by)
    if leaves:
        _plan_matters(handover, shares, by)
    handover.job = _enqueue(handover, by=by, now=now)
    handover.save(update_fields=["job"])
    changes: Changes = {
        "customers": [None, len(shares)],
        "successors": [None, sorted(str(user) for user in successors.values())],
    }
    audit.record("handovers.start", by=by, now=now, subject=person, changes=changes, reason=reason)
    return handover


def _successors(ids: set[int], person: User, by: User | None) -> dict[int, User]:
    """Everybody who is to get a customer: here, in `by`'s team, and of a role that works with customers."""
    if len(ids) > MOST_SUCCESSORS:
        raise ValidationError(_("At most %(most)s successors at a time, please.") % {"most": MOST_SUCCESSORS})
    reach = User.objects.visible_to(by) if by else User.objects.all()
    found = {user.pk: user for user in reach.active().select_related("role").filter(pk__in=ids)}
    for pk in ids:
        user = found.get(pk)
        if user is None or pk == person.pk:
            raise ValidationError(_("A successor must be somebody else, at work and in your team."))
        if not user.may(Right.WORK_FOLLOWUPS) or user.role.write_scope == Scope.NONE:
            raise ValidationError(_("%(name)s's role does not work with customers.") % {"name": user})
    return found


def _plan(handover: Handover, shares: Sequence[Share], by: User | None) -> None:
    """A row for each customer, in the order of each successor's list."""
    reach = Customer.objects.writable_by(by) if by else Customer.objects.all()
    teams: dict[int, int | None] = {}
    for piece in pieces([share.customer_id for share in shares]):
        teams.update(reach.filter(pk__in=piece, owner=handover.person_id).values_list("pk", "team_id"))
    if len(teams) != len(shares):
        raise Customer.DoesNotExist("not all of these customers are his and within reach")
    places: dict[int, int] = {}
    rows = []
    for share in sorted(shares, key=lambda one: (-one.weight_minor, one.customer_id)):
        place = places[share.to_id] = places.get(share.to_id, -1) + 1
        team_id = teams[share.customer_id]
        rows.append(
            (handover.pk, share.customer_id, share.to_id, team_id, share.weight_minor, place, "planned")
        )
    columns = ["handover_id", "customer_id", "to_id", "team_before_id", "weight_minor", "place", "state"]
    insert_rows(HandoverItem, columns, rows)


def _plan_matters(handover: Handover, shares: Sequence[Share], by: User | None) -> None:
    """What a leaver had to do for others' customers goes to their owners; for nobody's, to the first successor."""
    first = min((share.to_id for share in shares), default=by.pk if by else None)
    mine = (
        FollowUp.objects.open()
        .filter(assignee=handover.person_id)
        .exclude(customer__owner=handover.person_id)
    )
    near = set(mine.workable_by(by).values_list("pk", flat=True)) if by else None
    rows: list[tuple[Any, ...]] = []
    for matter in mine.select_related("customer__owner").order_by("pk"):
        owner = matter.customer.owner
        to_id = (
            owner.pk if owner and owner.is_active else first if near is None or matter.pk in near else None
        )
        if to_id is not None:
            rows.append((handover.pk, matter.customer_id, matter.pk, to_id, 0, len(rows), "planned"))
    columns = ["handover_id", "customer_id", "followup_id", "to_id", "weight_minor", "place", "state"]
    insert_rows(HandoverItem, columns, rows)


def _enqueue(handover: Handover, *, by: User | None, now: datetime) -> Job:
    return enqueue("handovers.carry", {"handover": handover.pk}, by=by, now=now)


@transaction.atomic
def resume(handover: Handover, *, by: User, now: datetime) -> Handover:
    """Goes on with one whose job has ended without coming to the end: under the name of whoever says so."""
    held = _held(handover, by)
    if held.state in ("running", "undoing") and (
        held.job is None or held.job.state in ("failed", "cancelled")
    ):
        held.job = _enqueue(held, by=by, now=now)
        held.save(update_fields=["job"])
    return held


@transaction.atomic
def take_back(handover: Handover, *, by: User | None, now: datetime) -> Handover:
    """All that is still where the handover put it goes back, and whoever had left may sign in again."""
    held = _held(handover, by)
    if not held.may_be_undone(now):
        raise ValidationError(_("This handover can't be taken back any more."))
    if held.leaves and not held.person.is_active:
        reactivate(held.person, by=by, now=now, right=Right.HAND_OVER)
    held.state, held.finished_at = "undoing", None
    held.job = _enqueue(held, by=by, now=now)
    held.save(update_fields=["state", "finished_at", "job"])
    audit.record("handovers.undo", by=by, now=now, subject=held.person)
    return held


def _held(handover: Handover, by: User | None) -> Handover:
    permit(by, Right.HAND_OVER)
    permit(by, Right.ASSIGN_CUSTOMERS)
    reach = Handover.objects.for_user(by) if by else Handover.objects.all()
    return reach.select_for_update(of=("self",)).select_related("person__role", "job").get(pk=handover.pk)


# --- carried out ------------------------------------------------------------------------------------


def carry(
    handover_id: int,
    *,
    by: User | None,
    now: datetime,
    progress: Progress = quiet,
    guard: Callable[[int | None], None] = unguarded,
) -> dict[str, int]:
    """Moves what is planned, or takes back what was moved, until nothing is left."""
    total = HandoverItem.objects.filter(handover=handover_id).count()
    done, going_on = 0, True
    while going_on:
        with transaction.atomic():
            held = (
                Handover.objects.select_for_update(of=("self",)).select_related("person").get(pk=handover_id)
            )
            step = STEPS.get(held.state)
            count = step(held, by, now) if step else 0
            if step and not count:
                state = "done" if held.state == "running" else "undone"
                Handover.objects.filter(pk=held.pk).update(state=state, finished_at=now)
            going_on, done = bool(count), done + count
            guard(done)
        progress(done, total)
    states = HandoverItem.objects.filter(handover=handover_id).values_list("state", flat=True)
    return {state: sum(1 for one in states if one == state) for state in sorted(set(states))}


def _portion(held: Handover, state: str) -> list[HandoverItem]:
    rows = HandoverItem.objects.filter(handover=held, state=state).order_by("id")[:PORTION]
    return list(rows.select_related("customer", "followup", "to"))


def _mark(items: Sequence[HandoverItem], moved: set[int], state: str) -> None:
    """Those in `moved` came to `state`; the others are left as somebody else has made them since."""
    for name, some in (
        (state, [i.pk for i in items if i.pk in moved]),
        ("kept", [i.pk for i in items if i.pk not in moved]),
    ):
        HandoverItem.objects.filter(pk__in=some).update(state=name)


def _his(items: Sequence[HandoverItem], whose: Mapping[int, int], by: User | None) -> list[HandoverItem]:
    """Of `items` the customers that still belong to whom `whose` says and that `by` may give, held until the commit."""
    wanted = [item.customer_id for item in items if item.followup_id is None]
    reach = Customer.objects.writable_by(by) if by else Customer.objects.all()
    rows = reach.filter(pk__in=wanted).order_by("pk").select_for_update(of=("self",))
    owners = dict(rows.values_list("pk", "owner_id"))
    return [i for i in items if i.followup_id is None and owners.get(i.customer_id) == whose[i.pk]]


def _move(held: Handover, by: User | None, now: datetime) -> int:
    items = _portion(held, "planned")
    his = _his(items, {item.pk: held.person_id for item in items}, by)
    reason = held.reason or (_("%(name)s has left") % {"name": held.person} if held.leaves else "")
    for to in {item.to for item in his if item.to.is_active}:
        given = [item for item in his if item.to_id == to.pk]
        assign([item.customer_id for item in given], owner=to, by=by, now=now, reason=reason)
        ask_many([_introduction(held, item, now) for item in given], now=now)
    moved = {item.pk for item in his if item.to.is_active}
    moved |= {item.pk for item in items if _passed(item, of=held.person_id, to=item.to, now=now)}
    _mark(items, moved, "moved")
    return len(items)


def _introduction(held: Handover, item: HandoverItem, now: datetime) -> Matter:
    first = timezone.localdate(held.at, zone := ZoneInfo(get("company.zone"))) + timedelta(days=1)
    day = call_day(item.place, first=first, a_day=get("handovers.calls_a_day"))
    return Matter(
        customer=item.customer,
        kind="task",
        assignee=item.to,
        due_at=datetime.combine(day, CALL_AT, tzinfo=zone),
        title="",
        weight_minor=item.weight_minor,
        source=SOURCE,
        key=key_of(item),
        reasons=[{"code": "introduction", "whose": str(held.person), "handover": held.pk}],
    )


def key_of(item: HandoverItem) -> str:
    """Of the introductory call."""
    return f"handover:{item.handover_id}:{item.customer_id}"


def _passed(item: HandoverItem, *, of: int, to: User, now: datetime) -> bool:
    """A matter with somebody else's customer goes on to `to`, if it is open and still with `of`."""
    matter = item.followup
    if matter is None or matter.state != "open" or matter.assignee_id != of or not to.is_active:
        return False
    reassign(matter, to=to, by=None, now=now)
    return True


def _return(held: Handover, by: User | None, now: datetime) -> int:
    items = _portion(held, "moved")
    back = _his(items, {item.pk: item.to_id for item in items}, by)
    if ids := [item.customer_id for item in back]:
        assign(ids, owner=held.person, by=by, now=now, reason=_("The handover was taken back"))
        update_rows(
            "UPDATE customers_customer SET team_id = %s WHERE id = %s",
            [(item.team_before_id, item.customer_id) for item in back],
        )
        expire([key_of(item) for item in back], reason="handed_back", now=now)
    moved = {item.pk for item in back}
    moved |= {item.pk for item in items if _passed(item, of=item.to_id, to=held.person, now=now)}
    _mark(items, moved, "returned")
    return len(items)


STEPS: Mapping[str, Callable[[Handover, User | None, datetime], int]] = {"running": _move, "undoing": _return}
