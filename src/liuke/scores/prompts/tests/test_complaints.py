"""A complaint is somebody's to answer, within the hours of the grade; the answer lets go of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from liuke.customers.models import Customer, FollowUp
from liuke.customers.records.actions import register
from liuke.customers.timeline.actions import complain, resolve
from liuke.platform.models import User
from liuke.scores.models import CurrentRun, Score, ScoreRun
from liuke.scores.policy.actions import change_policy


@pytest.fixture
def customer(alice: User, now: datetime) -> Customer:
    return register(by=None, now=now, name="Ann", owner=alice)


def test_cl03_a_complaint_is_due_within_the_hours_of_the_grade(
    customer: Customer, alice: User, now: datetime
) -> None:
    run = ScoreRun.objects.create(
        as_of=date(2026, 3, 1), horizon_days=90, started_at=now, state="done", currency="CNY"
    )
    CurrentRun.objects.update_or_create(pk=1, defaults={"run": run})
    blank = {"risk": 0, "p_alive": 1, "p_buy": 0, "expected_purchases": 0, "expected_value_minor": 70_000,
             "value_at_risk_minor": 0, "clv_minor": 0, "value_12m_minor": 0, "total_minor": 0, "purchases": 0}  # fmt: skip
    Score.objects.create(run=run, customer=customer, grade="gold", **blank)
    change_policy("gold", {"response_hours": 3}, by=None, now=now)
    complain(customer, text="12 pieces broken", by=alice, now=now)
    asked = FollowUp.objects.get()
    assert (asked.kind, asked.title, asked.assignee) == ("complaint", "12 pieces broken", alice)
    assert (asked.due_at, asked.weight_minor) == (now + timedelta(hours=3), 70_000)


def test_the_answer_lets_go_of_it(customer: Customer, alice: User, now: datetime) -> None:
    first = complain(customer, text="broken", by=alice, now=now)
    complain(customer, text="late", by=alice, now=now)
    resolve(first, text="sent anew", by=alice, now=now)
    assert [(asked.title, asked.state) for asked in FollowUp.objects.order_by("pk")] == [
        ("broken", "expired"),
        ("late", "open"),
    ]


def test_without_an_owner_whoever_noted_it_answers(sue: User, now: datetime) -> None:
    customer = register(by=None, now=now, name="Nobody's", team=sue.team)
    complain(customer, text="broken", by=sue, now=now)
    assert FollowUp.objects.get().assignee == sue


def test_a_complaint_is_not_left_with_somebody_who_has_gone(
    customer: Customer, alice: User, sue: User, now: datetime
) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    complain(customer, text="broken", by=sue, now=now)
    assert FollowUp.objects.get().assignee == sue
