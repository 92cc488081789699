"""Two supervisors press the same button; two workers carry out the same handover."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.core.exceptions import ValidationError

from liuke.customers.conftest import AtOnce
from liuke.customers.facts.models import Fact
from liuke.customers.handovers.actions import Share, carry, hand_over
from liuke.customers.models import Customer, Handover
from liuke.customers.records.actions import register
from liuke.platform.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shops(alice: User, now: datetime) -> list[Customer]:
    return [register(by=alice, now=now, name=f"Shop {place}") for place in range(12)]


def test_one_of_three_starts_it(
    shops: list[Customer], alice: User, bob: User, sue: User, now: datetime, at_once: AtOnce
) -> None:
    plan = [Share(one.pk, bob.pk) for one in shops]
    results = at_once(lambda: hand_over(alice, plan, leaves=False, by=sue, now=now), 3)
    assert sorted(type(one).__name__ for one in results) == ["Handover", "ValidationError", "ValidationError"]
    assert [one for one in results if isinstance(one, ValidationError)]
    assert at_once(lambda: Handover.objects.count(), 1) == [1]


def test_two_workers_move_each_customer_once(
    shops: list[Customer], alice: User, bob: User, sue: User, now: datetime, at_once: AtOnce
) -> None:
    made = hand_over(alice, [Share(one.pk, bob.pk) for one in shops], leaves=False, by=sue, now=now)
    results = at_once(lambda: carry(made.pk, by=sue, now=now), 2)
    assert results == [{"moved": 12}, {"moved": 12}]
    written = at_once(
        lambda: (Fact.objects.filter(kind="assigned").count(), Customer.objects.filter(owner=bob).count()), 1
    )
    assert written == [(12, 12)]
