from __future__ import annotations

from datetime import datetime, timedelta

from liuke.customers.facts.actions import record_many
from liuke.customers.facts.rules import FactKind, NewFact
from liuke.customers.records.models import Customer

CALL = {"channel": "phone", "direction": "out"}


def test_the_dates_of_purchases_widen_and_never_narrow(db: None, now: datetime) -> None:
    customer = Customer.objects.create(number="C1", name="Hampton")

    def buy(*days: int) -> tuple[datetime | None, datetime | None]:
        rows = [
            NewFact(FactKind.PURCHASED, customer.pk, now - timedelta(days=day), data={"number": f"{day}"})
            for day in days
        ]
        record_many(rows, now=now)
        customer.refresh_from_db()
        return customer.first_purchase_at, customer.last_purchase_at

    assert buy(20, 40) == (now - timedelta(days=40), now - timedelta(days=20))
    assert buy(30) == (now - timedelta(days=40), now - timedelta(days=20))
    assert buy(50, 10) == (now - timedelta(days=50), now - timedelta(days=10))


def test_a_contact_counts_once_somebody_was_reached(db: None, now: datetime) -> None:
    customer = Customer.objects.create(number="C1", name="Hampton")
    for days, outcome in ((9, "reached"), (5, "no_answer"), (7, "left_message")):
        at = now - timedelta(days=days)
        record_many(
            [NewFact(FactKind.CONTACTED, customer.pk, at, data={**CALL, "outcome": outcome})], now=now
        )
    customer.refresh_from_db()
    assert customer.last_contact_at == now - timedelta(days=7)
