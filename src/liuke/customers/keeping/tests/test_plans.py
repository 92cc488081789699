"""The plan to keep a customer: opened with a step, closed by what came of it (SC03)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from liuke.customers.followups.actions import complete
from liuke.customers.keeping.actions import add_step, close_plan, open_plan
from liuke.customers.keeping.rules import Progress
from liuke.customers.merging.actions import merge
from liuke.customers.models import Customer, Fact, FollowUp, KeepingPlan
from liuke.customers.records.actions import register
from liuke.customers.records.rules import Unfit
from liuke.platform.models import User


@pytest.fixture
def ann(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Ann")


def opened(customer: Customer, by: User, now: datetime, **other: Any) -> KeepingPlan:
    told = {
        "goal": "All their orders",
        "owner": by,
        "review_on": now.date() + timedelta(days=90),
        "step": "Visit the new shop",
        "step_due_at": now + timedelta(days=7),
    }
    return open_plan(customer, **{**told, **other}, by=by, now=now)


def test_sc03_a_plan_begins_with_a_step_on_somebodys_list(ann: Customer, alice: User, now: datetime) -> None:
    plan = opened(ann, alice, now)
    step, review = FollowUp.objects.order_by("due_at")
    assert (step.title, step.assignee) == ("Visit the new shop", alice)
    assert plan.steps.get().followup == step
    assert "All their orders" in review.matter
    add_step(plan, title="Invite them", assignee=alice, due_at=now + timedelta(days=20), by=alice, now=now)
    complete(step, by=alice, now=now + timedelta(days=1))
    assert sorted(one.followup.state for one in plan.steps.all()) == ["done", "open"]


def test_closed_it_tells_what_came_of_it_and_lets_the_rest_go(
    ann: Customer, alice: User, now: datetime
) -> None:
    plan = close_plan(
        opened(ann, alice, now), "reached", note="They order monthly", by=alice, now=now + timedelta(days=9)
    )
    assert (plan.outcome, plan.closed_by) == ("reached", alice)
    assert not FollowUp.objects.open().exists()
    assert Fact.objects.get(kind="noted").data["note"] == "They order monthly"
    with pytest.raises(KeepingPlan.DoesNotExist):
        add_step(plan, title="More", assignee=alice, due_at=now, by=alice, now=now)
    opened(ann, alice, now + timedelta(days=10))  # and another may be opened


def test_there_is_one_at_a_time_with_a_day_to_come(
    ann: Customer, alice: User, bob: User, now: datetime
) -> None:
    for wrong, field in (({"review_on": now.date()}, "review_on"), ({"goal": ""}, "goal")):
        with pytest.raises(Unfit) as refused:
            opened(ann, alice, now, **wrong)
        assert refused.value.field == field
    assert not FollowUp.objects.exists()  # nothing half-written
    with pytest.raises(Customer.DoesNotExist):
        opened(ann, bob, now)
    opened(ann, alice, now)
    with pytest.raises(Unfit, match="open plan"):
        opened(ann, alice, now)


def test_of_two_records_that_become_one_the_survivors_plan_goes_on(
    ann: Customer, alice: User, olga: User, now: datetime
) -> None:
    twin = register(by=alice, now=now, name="Ann twice")
    kept, gone = opened(ann, alice, now), opened(twin, alice, now, goal="Another")
    merge(ann, [twin], by=olga, now=now + timedelta(hours=1))
    assert KeepingPlan.objects.open().get() == kept
    assert KeepingPlan.objects.get(pk=gone.pk).customer == ann


@pytest.mark.parametrize(
    ("progress", "count", "stuck_at"),
    [
        (Progress(40), 0, 1),
        (Progress(100), 1, 2),
        (Progress(100, date(2026, 11, 1)), 2, 3),
        (Progress(100, date(2026, 11, 1), "gold", date(2026, 11, 2)), 3, 4),
        (Progress(100, date(2026, 11, 1), "gold", date(2026, 11, 2), date(2026, 11, 3)), 4, 0),
        (Progress(None, date(2026, 11, 1)), 1, 1),
    ],
)
def test_sc03_steps_taken_and_where_it_is_stuck(progress: Progress, count: int, stuck_at: int) -> None:
    assert (progress.count, progress.stuck_at) == (count, stuck_at)
