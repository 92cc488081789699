from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from liuke.catalog.models import Product
from liuke.catalog.products.rules import NewProduct
from liuke.customers.models import Customer, Fact, Purchase
from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine, sums
from liuke.customers.records.actions import register
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import Denied
from liuke.platform.models import User

CUP = NewProduct("CT-101", "Cup")
POSTAGE = NewProduct("YF", "Postage", kind="charge")


@pytest.fixture
def customer(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now - timedelta(days=9), name="Ann's shop")


def buy(customer: Customer, by: User | None, now: datetime, **more: object) -> Purchase:
    given = {
        "number": "A-1",
        "at": now,
        "currency": "CNY",
        "lines": [NewLine(5000, 2000, CUP), NewLine(800, product=POSTAGE)],
    }
    return record_purchase(customer, **{**given, **more}, by=by, now=now)


def test_sc05_the_first_order_makes_a_customer(customer: Customer, alice: User, now: datetime) -> None:
    purchase = buy(customer, alice, now)
    customer.refresh_from_db()
    assert (customer.stage, customer.last_purchase_at) == ("customer", now)
    assert customer.stage_changes.get().reason == "first_order"
    assert (purchase.amount_minor, purchase.goods_minor, purchase.product_count, purchase.line_count) == (
        5800,
        5000,
        1,
        2,
    )


def test_the_ledger_is_told_once(customer: Customer, alice: User, now: datetime) -> None:
    purchase = buy(customer, alice, now)
    fact = Fact.objects.get(kind="purchased")
    assert (fact.customer, fact.amount_minor, fact.actor, fact.subject_id) == (
        customer,
        5800,
        alice,
        purchase.pk,
    )
    assert fact.data == {"number": "A-1", "lines": 2, "products": 1}


def test_a_return_names_the_order_that_it_takes_back(customer: Customer, alice: User, now: datetime) -> None:
    order = buy(customer, alice, now)
    back = buy(
        customer, alice, now, number="A-1R", kind="refund", lines=[NewLine(-2500, -1000, CUP)], reverses=order
    )
    assert (back.reverses, back.amount_minor) == (order, -2500)
    assert Fact.objects.get(kind="refunded").data == {"number": "A-1R", "kind": "refund", "reverses": "A-1"}


def test_an_order_of_another_customer_cannot_be_taken_back(
    customer: Customer, alice: User, now: datetime
) -> None:
    order = buy(customer, alice, now)
    other = register(by=alice, now=now, name="Somebody else")
    with pytest.raises(Unfit, match="same customer"):
        buy(other, alice, now, number="A-2", kind="refund", lines=[NewLine(-1)], reverses=order)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"number": " "}, "number"),
        ({"currency": "yuan"}, "currency"),
        ({"lines": []}, "lines"),
        ({"lines": [NewLine(-5)]}, "lines"),
        ({"kind": "refund"}, "lines"),
    ],
)
def test_what_is_no_purchase_leaves_nothing(
    customer: Customer, alice: User, now: datetime, wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(Unfit) as refusal:
        buy(customer, alice, now, **wrong)
    assert refusal.value.field == field
    assert not Purchase.objects.exists()
    assert not Product.objects.exists()


def test_a_number_is_taken_once(customer: Customer, alice: User, now: datetime) -> None:
    buy(customer, alice, now)
    with pytest.raises(Unfit, match="taken"):
        buy(customer, alice, now)


def test_the_future_is_refused(customer: Customer, alice: User, now: datetime) -> None:
    with pytest.raises(Unfit, match="future"):
        record_purchase(
            customer,
            number="A",
            at=now + timedelta(seconds=1),
            currency="CNY",
            lines=[NewLine(1)],
            by=alice,
            now=now,
        )


def test_pl02_nobody_records_for_customers_of_others(
    customer: Customer, bob: User, anna: User, now: datetime
) -> None:
    with pytest.raises(Customer.DoesNotExist):
        buy(customer, bob, now)
    with pytest.raises(Denied):
        buy(customer, anna, now)
    assert not Purchase.objects.exists()


def test_postage_alone_is_nothing_that_the_customer_did(
    customer: Customer, alice: User, now: datetime
) -> None:
    buy(customer, alice, now, kind="charge", lines=[NewLine(800, product=POSTAGE)])
    assert not Fact.objects.filter(kind="purchased").exists()


def test_charges_are_no_products() -> None:
    assert sums([NewLine(100, product=POSTAGE)]).product_count == 0
    assert sums([NewLine(100)]).product_count == 1
