"""The company written in bulk is as true as the one that is played: what is in the tables follows from the ledger."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.db.models import Max, Min, Sum

from liuke.customers.models import Customer, CustomerSearch, Fact, FollowUp, Purchase, PurchaseLine
from liuke.demo.books import Books
from liuke.demo.lives import lives

UNTIL = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.fixture
def books(db: None, monkeypatch: pytest.MonkeyPatch) -> Books:
    monkeypatch.setattr(
        Books, "_judge", lambda self: None
    )  # the judgement has tests of its own, and takes seconds
    made = Books(customers=60, until=UNTIL, seed=7)
    made.write()
    return made


def indexes() -> set[str]:
    with connection.cursor() as cursor:
        found: set[str] = set()
        for table in ("customers_fact", "customers_purchase", "customers_purchaseline"):
            found |= set(connection.introspection.get_constraints(cursor, table))
        return found


def test_everybody_is_there_with_what_he_did(books: Books) -> None:
    assert Customer.objects.count() == CustomerSearch.objects.count() == 60
    assert Customer.objects.filter(owner=None).count() == 0
    for kind in ("registered", "purchased", "contacted", "complained", "resolved"):
        assert Fact.objects.filter(kind=kind).exists(), kind
    assert FollowUp.objects.open().exists()
    assert not Purchase.objects.filter(at__gt=UNTIL).exists()


def test_dates_and_stages_follow_the_ledger(books: Books) -> None:
    bought = (
        Fact.objects.filter(kind="purchased").values("customer").annotate(first=Min("at"), last=Max("at"))
    )
    spans = {row["customer"]: (row["first"], row["last"]) for row in bought}
    for customer in Customer.objects.all():
        assert (customer.first_purchase_at, customer.last_purchase_at) == spans.get(customer.pk, (None, None))
        assert (customer.stage == "lead") == (customer.pk not in spans)


def test_an_order_is_the_sum_of_its_lines_and_its_fact_says_the_same(books: Books) -> None:
    lines = dict(PurchaseLine.objects.order_by().values_list("purchase").annotate(Sum("amount_minor")))
    facts = dict(
        Fact.objects.filter(subject_type="customers.Purchase").values_list("subject_id", "amount_minor")
    )
    for purchase in Purchase.objects.all():
        assert purchase.amount_minor == lines[purchase.pk] == facts[purchase.pk]


def test_an_answer_names_its_complaint(books: Books) -> None:
    for answer in Fact.objects.filter(kind="resolved"):
        complaint = Fact.objects.get(pk=answer.data["complaint_id"])
        assert (complaint.kind, complaint.customer_id) == ("complained", answer.customer_id)


def test_the_indexes_are_back(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    before = indexes()
    monkeypatch.setattr(Books, "_judge", lambda self: None)
    Books(customers=20, until=UNTIL, seed=8).write()
    assert indexes() == before


def test_the_same_seed_gives_the_same_lives() -> None:
    first, second = (lives(30, seed=5, until=date(2026, 3, 1)) for _ in range(2))
    assert [life.orders for life in first] == [life.orders for life in second]
    assert sum(len(order.lines) for life in first for order in life.orders) > 300
    assert all(
        len({line.product for line in order.lines}) == len(order.lines)
        for life in first
        for order in life.orders
    )
