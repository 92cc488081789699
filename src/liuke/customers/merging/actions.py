"""Making several records of one customer into one, and several again. Each is one transaction: whole, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from liuke.customers.bringing import actions as bringing  # noqa: F401 - says how each table comes along
from liuke.customers.facts.actions import record
from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind
from liuke.customers.former.models import Former
from liuke.customers.imports.models import ImportBatch
from liuke.customers.merging.rules import BOTH, MOST_AT_ONCE, STANDINGS, UNITS, united
from liuke.customers.moving.actions import Moving, TakenBack, bring, take_back
from liuke.customers.moving.models import Merge
from liuke.customers.purchases.actions import keep_purchase_dates
from liuke.customers.records.actions import follow_change
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit, gettext_noop
from liuke.customers.standings.models import Standing
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit

if TYPE_CHECKING:
    from liuke.platform.models import User

DERIVED = ("first_purchase_at", "last_purchase_at", "last_contact_at")


@transaction.atomic
def merge(
    survivor: Customer,
    others: Iterable[Customer | int],
    *,
    choices: Mapping[str, int] | None = None,
    versions: Mapping[int, int] | None = None,
    by: User | None,
    now: datetime,
) -> Merge:
    """Everything of the others becomes the survivor's. `choices` say by unit (merging.rules) whose value is kept;
    `versions` as they were read: who was changed in between is looked at again first."""
    permit(by, Right.MERGE_CUSTOMERS)
    wanted = list(dict.fromkeys(one if isinstance(one, int) else one.pk for one in others))
    _fit(survivor.pk, wanted)
    held = _held([survivor.pk, *wanted], by)
    records = [held[pk] for pk in (survivor.pk, *wanted)]
    if any(held[pk].version != version for pk, version in (versions or {}).items() if pk in held):
        raise Unfit("", gettext_noop("One of them has just been changed. Please look at both once more."))
    picked = _checked(choices or {}, records, by)
    kept, gone = records[0], records[1:]
    done = Merge.objects.create(survivor=kept, by=by, at=now)
    _note_former(done, gone)
    values = united([_columns(one) for one in records], picked)
    for one in gone:
        _tell(FactKind.MERGED, one, kept, done, by=by, now=now)
        moving = Moving(done, kept, one, now, dict(picked))
        bring(moving)
        moving.put_aside([one])
    before = {name: getattr(kept, name) for name in values}
    values |= {what: _current(kept, what) for what in ("level", "attitude")}
    Moving(done, kept, kept, now).alter(kept, **values)
    _bump(kept)
    Merge.objects.filter(pk=done.pk).update(state="done")
    follow_change([kept.pk])
    changes: dict[str, list[Any]] = {"merged": [None, [one.number for one in gone]]}
    shown = [name for name in values if name not in (*DERIVED, "created_at", "stage_since_at")]
    changes |= audit.changes_between(
        {name: before.get(name) for name in shown if name in before},
        {name: values[name] for name in shown if name in before},
    )
    audit.record("customers.merge", by=by, now=now, subject=kept, changes=changes)
    done.refresh_from_db()
    return done


def _fit(survivor: int, others: Sequence[int]) -> None:
    if not others or survivor in others:
        raise Unfit("", gettext_noop("Please choose at least two customers."))
    if len(others) >= MOST_AT_ONCE:
        raise Unfit("", gettext_noop("Please merge no more than %(n)s customers at once."), n=MOST_AT_ONCE)


def _held(ids: Sequence[int], by: User | None) -> dict[int, Customer]:
    """All of them, ours until the commit, always in one order; whoever is out of reach or merged already is not there."""
    reach = Customer.objects.writable_by(by) if by else Customer.objects.all()
    held = {one.pk: one for one in reach.filter(pk__in=ids).order_by("pk").select_for_update()}
    if len(held) != len(set(ids)):
        raise Customer.DoesNotExist("not all of these customers are within reach")
    return held


def _checked(choices: Mapping[str, int], records: Sequence[Customer], by: User | None) -> dict[str, int]:
    ids = {one.pk for one in records}
    picked: dict[str, int] = {}
    for unit, whose in choices.items():
        own = unit[:1] == "f" and unit[1:].isdigit()
        if unit not in UNITS and unit not in STANDINGS and not own:
            raise TypeError(f"merge() chooses no {unit}")
        if whose not in ids and not (unit == "note" and whose == BOTH):
            raise Unfit(unit, gettext_noop("“%(value)s” is not among the choices."), value=whose)
        picked[unit] = whose
    by_id = {one.pk: one for one in records}
    owner = by_id[picked.get("owner", records[0].pk)].owner_id
    if by and owner != records[0].owner_id and not by.may(Right.ASSIGN_CUSTOMERS):
        permit(by, Right.ASSIGN_CUSTOMERS)
    if "owner" not in picked:  # nobody else is given the customer unless somebody says so
        picked["owner"] = records[0].pk
    return picked


def _columns(one: Customer) -> dict[str, Any]:
    names = {name for columns in UNITS.values() for name in columns} | {*DERIVED, "created_at", "id"}
    return {name: getattr(one, name) for name in names}


def _note_former(done: Merge, gone: Sequence[Customer]) -> None:
    rows = [
        Former(merge=done, customer_id=done.survivor_id, old_id=one.pk, number=one.number, name=one.name)
        for one in gone
    ]
    Former.objects.bulk_create(rows)


def _current(customer: Customer, what: str) -> str:
    rows = Standing.objects.current(what).filter(customer=customer).values_list("value", flat=True)
    return rows.first() or getattr(customer, what)


def _bump(customer: Customer) -> None:
    """Whoever has the old card open in a form is told that it has changed."""
    Customer.objects.filter(pk=customer.pk).update(version=customer.version + 1)


def _tell(
    kind: FactKind, one: Customer, other: Customer, done: Merge, *, by: User | None, now: datetime
) -> None:
    data = {"merge_id": done.pk, "number": one.number, "name": one.name, "into": other.number}
    record(kind, customer=one, at=now, by=by, now=now, data=data)


# --- taken back -----------------------------------------------------------------------------------------


@dataclass
class Undone:
    """Who is back, and what could not be put back."""

    survivor: Customer
    back: list[Customer]
    result: TakenBack = field(default_factory=TakenBack)


@transaction.atomic
def undo(done: Merge, *, by: User | None, now: datetime) -> Undone:
    """As if they had never been merged. What was written since stays with the survivor; what was changed stays changed."""
    permit(by, Right.MERGE_CUSTOMERS)
    reach = Customer.objects.writable_by(by) if by else Customer.objects.all()
    survivor = reach.select_for_update().get(pk=done.survivor_id)
    held = Merge.objects.select_for_update().get(pk=done.pk)
    if held.state != "done" or held.survivor_id != survivor.pk:
        raise Unfit("", gettext_noop("This merge has been undone already."))
    if later := later_merge(held):
        names = ", ".join(str(one) for one in later.former.all())
        message = gettext_noop("%(names)s was merged into this customer later. Please undo that first.")
        raise Unfit("", message, names=names)
    former = list(held.former.all())
    for one in former:
        if Customer.objects.filter(number=one.number).exists():
            raise Unfit("", gettext_noop("The number %(number)s is taken."), number=one.number)
    held.state = "undoing"
    held.save(update_fields=["state"])
    result = take_back(list(held.steps.all()))
    ids = [one.old_id for one in former]
    held.former.all().delete()
    _without_undone_batch(ids)
    back = list(Customer.objects.filter(pk__in=ids).order_by("pk"))
    survivor.refresh_from_db()
    _keep_dates([survivor.pk, *ids])
    for again in back:
        _bump(again)
        _tell(FactKind.SEPARATED, again, survivor, held, by=by, now=now)
        data = {"merge_id": held.pk, "number": again.number, "name": again.name, "into": survivor.number}
        record(FactKind.SEPARATED, customer=survivor, at=now, by=by, now=now, data=data)
    _bump(survivor)
    Merge.objects.filter(pk=held.pk).update(state="undone", undone_by=by, undone_at=now)
    follow_change([survivor.pk, *ids])
    numbers = [one.number for one in former]
    audit.record("customers.unmerge", by=by, now=now, subject=survivor, changes={"merged": [numbers, None]})
    return Undone(survivor, back, result)


def later_merge(done: Merge) -> Merge | None:
    """What was merged into the same customer after it: taken back first, or the two would be entangled."""
    return Merge.objects.standing().filter(survivor=done.survivor_id, pk__gt=done.pk).order_by("-pk").first()


def last_merge(customer: Customer) -> Merge | None:
    """The one that could be taken back now."""
    return Merge.objects.standing().filter(survivor=customer).order_by("-pk").first()


def _without_undone_batch(ids: Sequence[int]) -> None:
    """The import that brought them may have been undone meanwhile, and they stayed: as those do on whom somebody worked."""
    gone = ImportBatch.objects.filter(state="undone").values("pk")
    Customer.objects.filter(pk__in=ids, batch__in=gone).update(batch=None)


def _keep_dates(ids: Sequence[int]) -> None:
    """Their dates by what each has now: orders and talks may have come or gone since the merge."""
    keep_purchase_dates(ids)
    for pk, at in Fact.objects.last_talks(ids).items():
        Customer.objects.filter(pk=pk).update(last_contact_at=at)
