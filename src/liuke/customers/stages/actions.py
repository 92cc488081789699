"""The steps of the customer's life: each is a row with who, when and why, and a fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db import transaction
from django.db.models import Count, DateField, Max, Min, QuerySet
from django.db.models.functions import Cast

from liuke.customers.facts.actions import record_many
from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind, NewFact
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit, clean, gettext_noop
from liuke.customers.stages.models import StageChange
from liuke.customers.stages.rules import (
    AFTER_SILENCE,
    BUYING,
    BY_ORDERS,
    MOVES,
    History,
    Move,
    Policy,
    after_orders,
    next_stage,
)
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit
from liuke.platform.bulk.actions import insert_rows, update_rows
from liuke.platform.bulk.rules import pieces
from liuke.platform.preferences.actions import get

if TYPE_CHECKING:
    from liuke.customers.imports.models import ImportBatch
    from liuke.platform.models import User

JUDGED = (*BUYING, "dormant")  # the stages that time alone can end
ORDERS = (FactKind.PURCHASED, FactKind.SERVICED)


@dataclass(frozen=True, slots=True)
class Step:
    """One change of stage to be written; `figures` go into the fact."""

    customer_id: int
    before: str
    move: Move
    at: datetime
    figures: dict[str, int]
    batch_id: int | None = None


@transaction.atomic
def change_stage(customer: Customer, to: str, *, by: User | None, now: datetime, reason: str) -> Customer:
    """Somebody's own decision, within the steps that the life of a customer has; the reason is kept in his words."""
    permit(by, Right.EDIT_CUSTOMERS)
    reach = Customer.objects.writable_by(by) if by else Customer.objects.all()
    held = reach.select_for_update().get(pk=customer.pk)
    reason = clean("reason", reason, required=True)
    if to == held.stage:
        return held
    if to not in MOVES[held.stage]:
        message = gettext_noop("From this stage the customer cannot go there.")
        raise Unfit("stage", message)
    before = held.stage
    move_all([Step(held.pk, before, Move(to, "person"), now, {})], by=by, now=now, reason=reason)
    audit.record(
        "customers.stage", by=by, now=now, subject=held, changes={"stage": [before, to]}, reason=reason
    )
    held.refresh_from_db()
    return held


@transaction.atomic
def move_all(steps: Sequence[Step], *, by: User | None, now: datetime, reason: str = "") -> None:
    """Writes the steps, in the order given where one customer has several: row, stage and fact, a statement each."""
    actor_id = by.pk if by else None
    insert_rows(
        StageChange,
        ["customer_id", "from_stage", "to_stage", "at", "by_id", "reason", "batch_id"],
        [
            (s.customer_id, s.before, s.move.stage, s.at, actor_id, reason or s.move.code, s.batch_id)
            for s in steps
        ],
    )
    update_rows(
        "UPDATE customers_customer SET stage = %s, stage_since_at = %s WHERE id = %s",
        [(step.move.stage, step.at, step.customer_id) for step in steps],
    )
    record_many([_fact(step, actor_id, reason) for step in steps], now=now)


def _fact(step: Step, actor_id: int | None, reason: str) -> NewFact:
    data: dict[str, Any] = {
        "before": step.before,
        "after": step.move.stage,
        "code": step.move.code,
        **step.figures,
    }
    if reason:
        data["reason"] = reason
    return NewFact(
        kind=FactKind.LAPSED if step.move.stage in ("dormant", "lost") else FactKind.STAGE_CHANGED,
        customer_id=step.customer_id,
        at=step.at,
        actor_id=actor_id,
        data=data,
        batch_id=step.batch_id,
    )


@transaction.atomic
def take_back(batch: ImportBatch | int, *, now: datetime, among: Sequence[int] | None = None) -> int:
    """Undoes the steps that a batch's orders made, as part of its undo; how many customers are where they were.

    `among` names some customers of a large batch, so that each portion is a transaction of its own.

    Where the rules have moved a customer on since, that was for orders that are gone: one more step leads back. What
    somebody decided since stands.
    """
    first: dict[int, StageChange] = {}
    steps = StageChange.objects.filter(batch=batch)
    if among is not None:
        steps = steps.filter(customer__in=among)
    for change in steps.order_by("customer_id", "id"):
        first.setdefault(change.customer_id, change)
    steps.delete()
    back: list[tuple[str, datetime | None, int]] = []
    on: list[Step] = []
    for piece in pieces(sorted(first)):
        left: dict[int, list[StageChange]] = {}
        for change in StageChange.objects.filter(customer__in=piece).order_by("id"):
            left.setdefault(change.customer_id, []).append(change)
        for customer in Customer.objects.filter(pk__in=piece).order_by("pk").select_for_update():
            undone, others = first[customer.pk], left.get(customer.pk, [])
            later = [change for change in others if change.pk > undone.pk]
            if not later:
                back.append((undone.from_stage, others[-1].at if others else None, customer.pk))
            elif all(change.by_id is None for change in later) and customer.stage != undone.from_stage:
                on.append(Step(customer.pk, customer.stage, Move(undone.from_stage, "undone"), now, {}))
    update_rows("UPDATE customers_customer SET stage = %s, stage_since_at = %s WHERE id = %s", back)
    move_all(on, by=None, now=now)
    return len(back) + len(on)


def retrace_stages(
    moved: Mapping[int, datetime], *, code: str, now: datetime, batch_id: int | None = None
) -> int:
    """Leads each customer (with the instant) where the orders that stand lead, once one no longer does; how many moved.

    Looks at the last steps that orders made, one after the other, and takes them again without what is gone. What
    somebody decided, or time made of him since, stands.
    """
    steps: list[Step] = []
    since_then: list[tuple[datetime | None, int]] = []
    for piece in pieces(sorted(moved)):
        changes: dict[int, list[StageChange]] = {}
        held = Customer.objects.filter(pk__in=piece).order_by("pk").select_for_update()
        stages = dict(held.values_list("pk", "stage"))
        for change in StageChange.objects.filter(customer__in=piece).order_by("id"):
            changes.setdefault(change.customer_id, []).append(change)
        orders: dict[int, list[tuple[datetime, bool]]] = {}
        rows = _standing(now).filter(customer__in=piece).order_by("at", "id")
        for pk, at, kind in rows.values_list("customer_id", "at", "kind"):
            orders.setdefault(pk, []).append((at, kind == FactKind.SERVICED))
        for pk, stage in stages.items():
            led = _led_by(orders.get(pk, []), changes.get(pk, []))
            if led is None or changes[pk][-1].to_stage != stage or led[0] == stage:
                continue
            at = max(moved[pk], changes[pk][-1].at)
            steps.append(Step(pk, stage, Move(led[0], code), at, {}, batch_id))
            since_then.append((led[1], pk))
    move_all(steps, by=None, now=now)
    update_rows("UPDATE customers_customer SET stage_since_at = %s WHERE id = %s", since_then)
    return len(steps)


def _led_by(
    orders: Sequence[tuple[datetime, bool]], changes: Sequence[StageChange]
) -> tuple[str, datetime | None] | None:
    """Where these orders lead from where the last steps that orders alone made began; None when the last was another."""
    steps = list(takewhile(lambda one: one.by_id is None and one.reason in BY_ORDERS, reversed(changes)))
    if not steps:
        return None
    first, before = steps[-1], changes[: -len(steps)]
    if before or first.from_stage not in AFTER_SILENCE:
        return after_orders(first.from_stage, before[-1].at if before else None, orders)
    # He came as somebody silent, and nobody noted since when: what is older than the first step did not make it.
    stage, since = after_orders(first.from_stage, None, [one for one in orders if one[0] >= first.at])
    return stage, since or first.at


def _standing(as_of: datetime) -> QuerySet[Fact]:
    """Orders and service jobs up to then, without the orders that had been wholly taken back by then."""
    orders = apps.get_model("customers", "Purchase").objects  # by name: purchases lie above
    gone = orders.filter(taken_back_at__lte=as_of).values("pk")
    facts = Fact.objects.filter(kind__in=ORDERS, at__lte=as_of)
    return facts.exclude(kind=FactKind.PURCHASED, subject_id__in=gone)


def review_stages(*, as_of: datetime, now: datetime) -> int:
    """What time has made of everybody, by the orders up to `as_of`; how many moved. A second run moves nobody.

    Looks at all without holding anything, then holds those who would move, a few hundred at a time, and looks again:
    whoever orders in between is not called dormant.
    """
    policy = _policy()
    due = [step.customer_id for step in _due_steps(policy, as_of)]
    moved = 0
    for piece in pieces(sorted(due)):
        with transaction.atomic():
            list(Customer.objects.select_for_update().filter(pk__in=piece).order_by("pk").values_list("pk"))
            steps = list(_due_steps(policy, as_of, piece))
            move_all(steps, by=None, now=now)
            moved += len(steps)
    return moved


def _due_steps(policy: Policy, as_of: datetime, among: Sequence[int] | None = None) -> Iterator[Step]:
    zone = ZoneInfo(get("company.zone"))
    today = as_of.astimezone(zone).date()
    orders = _standing(as_of).filter(customer__stage__in=JUDGED)
    answers = Fact.objects.filter(kind=FactKind.ANSWERED, at__lte=as_of)
    if among is not None:
        orders, answers = orders.filter(customer__in=among), answers.filter(customer__in=among)
    rows = answers.order_by("at", "id").values_list("customer_id", "data__satisfied")
    content = dict(rows)  # the last answer of each
    # Days by UTC: one that is cut differently in the company's zone doesn't change who is loyal or silent.
    spans = (
        orders.order_by()
        .values("customer_id", "customer__stage")
        .annotate(days=Count(Cast("at", DateField()), distinct=True), first=Min("at"), last=Max("at"))
        .values_list("customer_id", "customer__stage", "days", "first", "last")
    )
    for pk, stage, days, first, last in spans.iterator(chunk_size=5000):
        history = History(days, first, last, dissatisfied=content.get(pk) is False)
        silent = (today - last.astimezone(zone).date()).days
        if move := next_stage(stage, history, silent, policy):
            figures = {"days": silent, "repeats": history.repeats}
            if history.interval_days:
                figures["interval_days"] = round(history.interval_days)
            yield Step(pk, stage, move, as_of, figures)


def _policy() -> Policy:
    return Policy(
        dormant_factor=float(get("churn.dormant_factor")),
        dormant_min_days=get("churn.dormant_min_days"),
        lost_days=get("churn.lost_days"),
        min_repeats=get("loyal.min_repeats"),
    )
