from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from liuke.catalog.products.rules import NewProduct
from liuke.customers.models import Customer
from liuke.customers.purchases.actions import record_purchases
from liuke.customers.purchases.rules import NewLine, NewPurchase
from liuke.customers.records.actions import register
from liuke.platform.lists.rules import Listing
from liuke.platform.models import User
from liuke.platform.preferences.actions import change
from liuke.scores.questions.actions import answering
from liuke.scores.questions.rules import events, fields

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
LISTING = Listing("test", (), fields(), sort="", events=events())


def buyer(by: User, name: str, orders: int, discounted: int) -> None:
    customer = register(by=by, now=NOW - timedelta(days=400), name=name)
    off = NewLine(-500, product=NewProduct("OFF", "Discount", kind="charge"))
    rows = [
        NewPurchase(
            customer.pk,
            f"{name}-{place}",
            NOW - timedelta(days=10 + place),
            "CNY",
            [NewLine(10_000), *([off] if place < discounted else [])],
        )
        for place in range(orders)
    ]
    record_purchases(rows, by=None, now=NOW)


def names(alice: User, value: bool) -> str:
    tree = LISTING.tree({"all": [{"field": "price_driven", "op": "is", "values": [value]}]})
    rows = answering(Customer.objects.for_user(alice), tree, None, user=alice, now=NOW)
    return "".join(sorted(rows.values_list("name", flat=True)))


@pytest.fixture(autouse=True)
def _people(alice: User) -> None:
    for name, orders, discounted in (("a", 5, 4), ("b", 5, 2), ("c", 2, 2), ("d", 5, 3), ("e", 4, 0)):
        buyer(alice, name, orders, discounted)
    register(by=alice, now=NOW, name="f")


def test_cl17_four_of_five_orders_with_a_discount_are_price_driven(alice: User) -> None:
    assert names(alice, True) == "ad"  # three of five are the sixty percent; two orders are no habit
    assert names(alice, False) == "bcef"


def test_cl17_the_share_is_a_setting(alice: User) -> None:
    change("price.discounted_percent", 80, by=None, now=NOW)
    assert names(alice, True) == "a"
    change("price.discounted_percent", 40, by=None, now=NOW)
    assert names(alice, True) == "abd"
