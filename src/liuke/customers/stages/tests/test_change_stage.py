from __future__ import annotations

from datetime import datetime

import pytest

from liuke.customers.facts.models import Fact
from liuke.customers.records.actions import register
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit
from liuke.customers.stages.actions import change_stage
from liuke.customers.stages.models import StageChange
from liuke.platform.access.rules import Denied
from liuke.platform.models import AuditEntry, User


@pytest.fixture
def hampton(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Hampton")


def test_somebodys_decision_is_a_row_a_fact_and_an_entry(
    hampton: Customer, alice: User, now: datetime
) -> None:
    moved = change_stage(hampton, "prospect", by=alice, now=now, reason="has money, authority and need")
    assert (moved.stage, moved.stage_since_at) == ("prospect", now)
    change = StageChange.objects.get()
    assert (change.from_stage, change.to_stage, change.at, change.by) == ("lead", "prospect", now, alice)
    assert change.reason == "has money, authority and need"
    fact = Fact.objects.get(kind="stage_changed")
    assert (fact.actor, fact.data["before"], fact.data["after"]) == (alice, "lead", "prospect")
    assert AuditEntry.objects.get(action="customers.stage").changes == {"stage": ["lead", "prospect"]}


def test_the_same_stage_again_is_nothing(hampton: Customer, alice: User, now: datetime) -> None:
    change_stage(hampton, "lead", by=alice, now=now, reason="x")
    assert not StageChange.objects.exists()


def test_ch03_lost_may_be_declared(hampton: Customer, alice: User, now: datetime) -> None:
    Customer.objects.update(stage="loyal")
    assert change_stage(hampton, "lost", by=alice, now=now, reason="went to a competitor").stage == "lost"
    assert Fact.objects.filter(kind="lapsed").exists()


@pytest.mark.parametrize(
    ("to", "reason"), [("loyal", "x"), ("dormant", "x"), ("prospect", " "), ("moon", "x")]
)
def test_only_steps_that_a_life_has_and_only_with_a_reason(
    hampton: Customer, alice: User, now: datetime, to: str, reason: str
) -> None:
    with pytest.raises(Unfit):
        change_stage(hampton, to, by=alice, now=now, reason=reason)


def test_pl02_within_reach_and_with_the_right(
    hampton: Customer, bob: User, anna: User, now: datetime
) -> None:
    with pytest.raises(Customer.DoesNotExist):
        change_stage(hampton, "prospect", by=bob, now=now, reason="x")
    with pytest.raises(Denied):
        change_stage(hampton, "prospect", by=anna, now=now, reason="x")
