"""A customer's own plan: opened with its first step, gone on with, closed by what came of it."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from liuke.customers.facts.actions import record
from liuke.customers.facts.rules import FactKind
from liuke.customers.followups.actions import ask, expire_rows
from liuke.customers.followups.models import FollowUp
from liuke.customers.keeping.models import KeepingPlan, PlanStep
from liuke.customers.keeping.rules import MOST_STEPS, OUTCOMES
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit, clean, gettext_noop
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit

if TYPE_CHECKING:
    from liuke.platform.models import User

SOURCE = "keeping.plan"


@transaction.atomic
def open_plan(
    customer: Customer,
    *,
    goal: str,
    owner: User,
    review_on: date,
    step: str,
    step_due_at: datetime,
    by: User,
    now: datetime,
) -> KeepingPlan:
    """One at a time. It begins with a step that somebody takes, and is looked at again on its day."""
    held = _held(customer.pk, by)
    if KeepingPlan.objects.open().filter(customer=held).exists():
        raise Unfit("goal", gettext_noop("There is an open plan for this customer. Close it first."))
    if review_on <= timezone.localdate(now):
        raise Unfit("review_on", gettext_noop("Please choose a day that is still to come."))
    made = KeepingPlan.objects.create(
        customer=held,
        goal=clean("goal", goal, limit=200, required=True),
        owner=owner,
        review_on=review_on,
        opened_at=now,
        opened_by=by,
    )
    _ask(made, clean("step", step, limit=200, required=True), owner, step_due_at, by=by, now=now)
    _ask_for_review(made, owner, by=by, now=now)
    audit.record("keeping.open", by=by, now=now, subject=held, changes={"goal": [None, made.goal]})
    return made


@transaction.atomic
def add_step(
    plan: KeepingPlan, *, title: str, assignee: User, due_at: datetime, by: User, now: datetime
) -> PlanStep:
    held = _open(plan, by)
    if held.steps.filter(followup__state="open").count() >= MOST_STEPS:
        raise Unfit(
            "title", gettext_noop("A plan has at most %(limit)s steps open at a time."), limit=MOST_STEPS
        )
    words = clean("title", title, limit=200, required=True)
    return _ask(held, words, assignee, due_at, by=by, now=now)


@transaction.atomic
def close_plan(plan: KeepingPlan, outcome: str, *, note: str, by: User, now: datetime) -> KeepingPlan:
    """What came of it is on the timeline; what is still open of it is let go."""
    held = _open(plan, by)
    if outcome not in OUTCOMES:
        raise Unfit("outcome", gettext_noop("“%(value)s” is not among the choices."), value=outcome)
    words = clean("note", note, limit=1000, required=True)
    data = {"note": words}
    record(FactKind.NOTED, customer=held.customer, at=now, by=by, now=now, subject=held, data=data)
    held.closed_at, held.closed_by, held.outcome = now, by, outcome
    held.save(update_fields=["closed_at", "closed_by", "outcome"])
    expire_rows(_matters(held), reason="plan_closed", now=now)
    audit.record(
        "keeping.close",
        by=by,
        now=now,
        subject=held.customer,
        changes={"outcome": [None, outcome]},
        reason=words[:200],
    )
    return held


def review_key(plan_id: int) -> str:
    return f"keeping-review:{plan_id}"


def _matters(plan: KeepingPlan) -> list[int]:
    of_plan = Q(plan_step__plan=plan) | Q(key=review_key(plan.pk))
    return list(FollowUp.objects.open().filter(of_plan).values_list("pk", flat=True))


def _ask(
    plan: KeepingPlan, title: str, assignee: User, due_at: datetime, *, by: User, now: datetime
) -> PlanStep:
    followup = ask(
        plan.customer,
        kind="task",
        assignee=assignee,
        due_at=due_at,
        title=title,
        source=SOURCE,
        by=by,
        now=now,
    )
    return PlanStep.objects.create(plan=plan, followup=followup)


def _ask_for_review(plan: KeepingPlan, owner: User, *, by: User, now: datetime) -> None:
    at = timezone.make_aware(datetime.combine(plan.review_on, time(9)))
    ask(
        plan.customer,
        kind="task",
        assignee=owner,
        due_at=at,
        reasons=[{"code": "keeping_review", "goal": plan.goal}],
        source="keeping.review",
        key=review_key(plan.pk),
        by=by,
        now=now,
    )


def _held(pk: int, by: User) -> Customer:
    permit(by, Right.EDIT_CUSTOMERS)
    return Customer.objects.writable_by(by).select_for_update(of=("self",)).get(pk=pk)


def _open(plan: KeepingPlan, by: User) -> KeepingPlan:
    """The row as it is now, ours until the commit; of a customer whom `by` may write."""
    held = _held(plan.customer_id, by)
    rows = KeepingPlan.objects.open().select_for_update(of=("self",)).select_related("customer")
    return rows.get(pk=plan.pk, customer=held)
