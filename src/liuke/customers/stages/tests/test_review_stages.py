from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from liuke.customers.facts.actions import record_many
from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind, NewFact
from liuke.customers.records.models import Customer
from liuke.customers.stages.actions import review_stages
from liuke.customers.stages.models import StageChange
from liuke.platform.models import User
from liuke.platform.preferences.actions import change

Buyer = Callable[..., Customer]


@pytest.fixture
def buyer(db: None, now: datetime) -> Buyer:
    """A customer who ordered so many days before now."""

    def make(*days: int, name: str = "x") -> Customer:
        customer = Customer.objects.create(number=f"C{Customer.objects.count()}", name=name)
        rows = [
            NewFact(FactKind.PURCHASED, customer.pk, now - timedelta(days=day), data={"number": f"{day}"})
            for day in days
        ]
        record_many(rows, now=now)
        return customer

    return make


def stage_of(customer: Customer) -> str:
    customer.refresh_from_db()
    return customer.stage


def test_ch03_interval_30_and_95_days_are_dormant_366_lost_and_an_order_wins_back(
    buyer: Buyer, now: datetime
) -> None:
    customer = buyer(155, 125, 95)
    assert review_stages(as_of=now, now=now) == 1
    assert stage_of(customer) == "dormant"
    fact = Fact.objects.get(kind="lapsed")
    assert fact.data == {
        "before": "customer",
        "after": "dormant",
        "code": "silent",
        "days": 95,
        "interval_days": 30,
        "repeats": 2,
    }
    later = now + timedelta(days=271)
    review_stages(as_of=later, now=later)
    assert stage_of(customer) == "lost"
    order = NewFact(FactKind.PURCHASED, customer.pk, later + timedelta(days=1), data={"number": "1"})
    record_many([order], now=later)
    assert stage_of(customer) == "won_back"
    steps = list(customer.stage_changes.values_list("to_stage", flat=True))
    assert steps == ["customer", "dormant", "lost", "won_back"]


def test_lo01_four_orders_make_loyal_unless_dissatisfied(buyer: Buyer, now: datetime) -> None:
    content, few, unhappy = buyer(60, 40, 20, 5), buyer(40, 20, 5), buyer(60, 40, 20, 5)
    same_day = buyer(40, 20, 20, 5)  # three days with orders
    for days, satisfied in ((9, True), (3, False)):
        at = now - timedelta(days=days)
        record_many([NewFact(FactKind.ANSWERED, unhappy.pk, at, data={"satisfied": satisfied})], now=now)
    review_stages(as_of=now, now=now)
    assert [stage_of(c) for c in (content, few, unhappy, same_day)] == ["loyal", *["customer"] * 3]
    record_many([NewFact(FactKind.ANSWERED, unhappy.pk, now, data={"satisfied": True})], now=now)
    review_stages(as_of=now, now=now)
    assert stage_of(unhappy) == "loyal"


def test_pl04_a_second_run_moves_nobody(buyer: Buyer, now: datetime) -> None:
    for days in ((95, 125), (400,), (60, 40, 20, 5)):
        buyer(*days)
    assert review_stages(as_of=now, now=now) == 3
    rows, facts = StageChange.objects.count(), Fact.objects.count()
    assert review_stages(as_of=now, now=now) == 0
    assert (StageChange.objects.count(), Fact.objects.count()) == (rows, facts)


def test_what_comes_after_the_day_is_not_known_on_it(buyer: Buyer, now: datetime) -> None:
    customer = buyer(300, 280)
    record_many([NewFact(FactKind.PURCHASED, customer.pk, now, data={"number": "x"})], now=now)
    assert review_stages(as_of=now - timedelta(days=150), now=now) == 1
    assert stage_of(customer) == "dormant"


def test_the_company_sets_the_days(buyer: Buyer, olga: User, now: datetime) -> None:
    customer = buyer(70, 40)
    assert review_stages(as_of=now, now=now) == 0
    change("churn.dormant_min_days", 30, by=olga, now=now)
    change("churn.dormant_factor", 1, by=olga, now=now)
    assert review_stages(as_of=now, now=now) == 1
    assert stage_of(customer) == "dormant"


def test_a_lead_without_orders_stays(db: None, now: datetime) -> None:
    Customer.objects.create(number="C1", name="x")
    assert review_stages(as_of=now, now=now) == 0


def test_statements_do_not_grow_with_the_customers(buyer: Buyer, now: datetime) -> None:
    def statements(count: int) -> int:
        for _ in range(count):
            buyer(100)
        with CaptureQueriesContext(connection) as caught:
            assert review_stages(as_of=now, now=now) == count
        return len(caught)

    assert statements(1) == statements(60)
