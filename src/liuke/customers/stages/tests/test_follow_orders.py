from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from liuke.customers.facts.actions import record_many
from liuke.customers.facts.rules import FactKind, NewFact
from liuke.customers.records.models import Customer
from liuke.customers.stages.models import StageChange


@pytest.fixture
def customer(db: None) -> Customer:
    return Customer.objects.create(number="C1", name="Hampton")


def order(customer: Customer, at: datetime) -> NewFact:
    return NewFact(FactKind.PURCHASED, customer.pk, at, data={"number": f"{at:%Y%m%d}"})


def path(customer: Customer) -> list[tuple[str, str, str]]:
    return list(customer.stage_changes.values_list("from_stage", "to_stage", "reason"))


def test_sc05_the_first_service_job_makes_a_prospect_a_customer(customer: Customer, now: datetime) -> None:
    Customer.objects.update(stage="prospect")
    record_many([NewFact(FactKind.SERVICED, customer.pk, now, data={"text": "repair"})], now=now)
    assert path(customer) == [("prospect", "customer", "first_service")]


def test_the_first_order_makes_a_customer_as_of_its_day_and_further_ones_nothing(
    customer: Customer, now: datetime
) -> None:
    record_many([order(customer, now - timedelta(days=day)) for day in (10, 40, 20)], now=now)
    customer.refresh_from_db()
    assert (customer.stage, customer.stage_since_at) == ("customer", now - timedelta(days=40))
    assert path(customer) == [("lead", "customer", "first_order")]


def test_ch03_won_back_by_one_order_and_a_customer_by_the_next(customer: Customer, now: datetime) -> None:
    Customer.objects.update(stage="lost", stage_since_at=now - timedelta(days=30))
    record_many([order(customer, now - timedelta(days=2)), order(customer, now)], now=now)
    assert path(customer) == [("lost", "won_back", "came_back"), ("won_back", "customer", "stayed")]


def test_an_order_of_before_the_silence_wins_nobody_back(customer: Customer, now: datetime) -> None:
    Customer.objects.update(stage="dormant", stage_since_at=now - timedelta(days=30))
    record_many([order(customer, now - timedelta(days=31))], now=now)
    assert path(customer) == []


def test_a_refund_makes_no_customer(customer: Customer, now: datetime) -> None:
    data = {"number": "R1", "kind": "refund"}
    record_many([NewFact(FactKind.REFUNDED, customer.pk, now, data=data)], now=now)
    assert path(customer) == []


def test_statements_do_not_grow_with_the_orders(db: None, now: datetime) -> None:
    def statements(count: int) -> int:
        start = Customer.objects.count()
        made = Customer.objects.bulk_create(Customer(number=f"N{start + n}", name="x") for n in range(count))
        with CaptureQueriesContext(connection) as caught:
            record_many([order(customer, now) for customer in made], now=now)
        assert StageChange.objects.filter(customer__in=made).count() == count
        return len(caught)

    assert statements(2) == statements(400)
