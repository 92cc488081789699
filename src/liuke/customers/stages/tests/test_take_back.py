from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from liuke.customers.facts.actions import record_many
from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind, NewFact
from liuke.customers.imports.models import ImportBatch
from liuke.customers.records.models import Customer
from liuke.customers.stages.actions import change_stage, review_stages, take_back
from liuke.platform.models import StoredFile, User


@pytest.fixture
def customer(alice: User) -> Customer:
    return Customer.objects.create(number="C1", name="Hampton", owner=alice, stage="prospect")


@pytest.fixture
def batch(customer: Customer, now: datetime) -> ImportBatch:
    """Has brought four orders: three of last year, one of yesterday."""
    file = StoredFile.objects.create(
        name="a", path="a", size=1, sha256="0" * 64, purpose="import", created_at=now
    )
    batch = ImportBatch.objects.create(target="purchases", file=file)
    rows = [
        NewFact(
            FactKind.PURCHASED,
            customer.pk,
            now - timedelta(days=day),
            data={"number": f"{day}"},
            batch_id=batch.pk,
        )
        for day in (300, 280, 260, 1)
    ]
    record_many(rows, now=now)
    return batch


def undo(batch: ImportBatch, now: datetime) -> None:
    ImportBatch.objects.filter(pk=batch.pk).update(state="undoing")
    Fact.objects.filter(batch=batch).delete()
    take_back(batch, now=now)


def test_the_customer_is_where_he_was(customer: Customer, batch: ImportBatch, now: datetime) -> None:
    customer.refresh_from_db()
    assert (customer.stage, customer.last_purchase_at) == ("customer", now - timedelta(days=1))
    undo(batch, now)
    customer.refresh_from_db()
    assert (customer.stage, customer.stage_since_at) == ("prospect", None)
    assert not customer.stage_changes.exists()
    assert not Fact.objects.exists()


def test_an_earlier_step_stays_and_its_day_counts_again(
    customer: Customer, alice: User, batch: ImportBatch, now: datetime
) -> None:
    undo(batch, now)
    change_stage(customer, "lead", by=alice, now=now, reason="not qualified after all")
    order = NewFact(FactKind.PURCHASED, customer.pk, now, data={"number": "x"}, batch_id=batch.pk)
    record_many([order], now=now)
    customer.refresh_from_db()
    assert customer.stage == "customer"
    undo(batch, now)
    customer.refresh_from_db()
    assert (customer.stage, customer.stage_since_at) == ("lead", now)
    assert [change.to_stage for change in customer.stage_changes.all()] == ["lead"]


def test_only_those_named_of_a_large_batch(customer: Customer, batch: ImportBatch, now: datetime) -> None:
    assert take_back(batch, now=now, among=[customer.pk + 1]) == 0
    assert take_back(batch.pk, now=now, among=[customer.pk]) == 1


def test_what_the_rules_made_of_it_since_is_led_back(
    customer: Customer, batch: ImportBatch, now: datetime
) -> None:
    assert review_stages(as_of=now, now=now) == 1  # loyal by four orders
    undo(batch, now)
    customer.refresh_from_db()
    assert customer.stage == "prospect"
    assert list(customer.stage_changes.values_list("from_stage", "to_stage", "reason")) == [
        ("customer", "loyal", "repeats"),
        ("loyal", "prospect", "undone"),
    ]


def test_what_somebody_decided_since_stands(
    customer: Customer, batch: ImportBatch, alice: User, now: datetime
) -> None:
    change_stage(customer, "lost", by=alice, now=now, reason="closed down")
    undo(batch, now)
    customer.refresh_from_db()
    assert customer.stage == "lost"
