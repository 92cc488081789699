from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from liuke.catalog.models import Product
from liuke.catalog.products.rules import NewProduct
from liuke.customers.models import Customer, Fact, Purchase, PurchaseLine
from liuke.customers.purchases.actions import record_purchase, record_purchases
from liuke.customers.purchases.rules import NewLine, NewPurchase, sums
from liuke.customers.records.rules import Unfit
from liuke.platform.models import User

CUP, BOX = NewProduct("CT-101", "Cup"), NewProduct("BX-1", "Box")
POSTAGE = NewProduct("YF", "Postage", kind="charge")


def customers(owner: User, count: int) -> list[Customer]:
    start = Customer.objects.count()
    return Customer.objects.bulk_create(
        Customer(number=f"N{start + n}", name="x", owner=owner, team=owner.team) for n in range(count)
    )


def test_many_at_once_are_written_as_one_by_one(alice: User, now: datetime) -> None:
    first, second = customers(alice, 2)
    lines = [
        NewLine(5000, 2500, CUP, 3100),
        NewLine(900, 1000, BOX, 500),
        NewLine(800, product=POSTAGE, cost_minor=800),
    ]
    bulk = record_purchases(
        [
            NewPurchase(first.pk, "A-1", now - timedelta(days=3), "CNY", lines, channel="fair"),
            NewPurchase(second.pk, "A-2", now, "USD", lines[:1]),
        ],
        by=alice,
        now=now,
    )
    single = record_purchase(
        first, number="A-3", at=now, currency="CNY", lines=lines, channel="fair", by=alice, now=now
    )
    one, other = Purchase.objects.get(number="A-1"), Purchase.objects.get(number="A-3")
    assert (one, other) == (bulk[0], single)
    for name in ("kind", "amount_minor", "goods_minor", "line_count", "product_count", "channel", "currency"):
        assert getattr(one, name) == getattr(other, name), name
    assert (one.amount_minor, one.goods_minor, one.line_count, one.product_count) == (6700, 5900, 3, 2)
    values = ("product__code", "quantity_milli", "amount_minor", "cost_minor")
    assert list(one.lines.values_list(*values)) == list(other.lines.values_list(*values))
    fact = Fact.objects.get(kind="purchased", subject_id=one.pk)
    assert (fact.amount_minor, fact.cost_minor, fact.at, fact.actor) == (6700, 4400, one.at, alice)
    assert Product.objects.count() == 3
    first.refresh_from_db()
    assert (first.stage, first.first_purchase_at, first.last_purchase_at) == ("customer", one.at, now)


def test_all_or_none(alice: User, bob: User, now: datetime) -> None:
    (mine,), (his,) = customers(alice, 1), customers(bob, 1)
    line = [NewLine(1)]
    with pytest.raises(Customer.DoesNotExist):
        record_purchases(
            [NewPurchase(mine.pk, "A-1", now, "CNY", line), NewPurchase(his.pk, "A-2", now, "CNY", line)],
            by=alice,
            now=now,
        )
    with pytest.raises(Unfit, match="A-1 is taken"):
        record_purchases([NewPurchase(mine.pk, "A-1", now, "CNY", line)] * 2, by=alice, now=now)
    assert not Purchase.objects.exists()
    assert record_purchases([], by=alice, now=now) == []


def test_a_line_without_cost_leaves_the_cost_unknown(alice: User, now: datetime) -> None:
    (mine,) = customers(alice, 1)
    lines = [NewLine(100, cost_minor=60), NewLine(100)]
    record_purchase(mine, number="A-1", at=now, currency="CNY", lines=lines, by=alice, now=now)
    assert Fact.objects.get(kind="purchased").cost_minor is None


def test_statements_do_not_grow_with_the_purchases(alice: User, now: datetime) -> None:
    def statements(count: int) -> int:
        made = customers(alice, count)
        rows = [
            NewPurchase(c.pk, f"P{c.pk}", now, "CNY", [NewLine(1, 1000, CUP), NewLine(2, 1000, BOX)])
            for c in made
        ]
        with CaptureQueriesContext(connection) as caught:
            record_purchases(rows, by=None, now=now)
        return len(caught)

    record_purchases(
        [NewPurchase(customers(alice, 1)[0].pk, "0", now, "CNY", [NewLine(1, 1, CUP), NewLine(1, 1, BOX)])],
        by=None,
        now=now,
    )
    assert statements(1) == statements(300)
    assert PurchaseLine.objects.count() == 604


lines = st.lists(
    st.builds(
        NewLine,
        amount_minor=st.integers(-(10**9), 10**9),
        quantity_milli=st.integers(-(10**6), 10**6),
        product=st.sampled_from([None, CUP, BOX, POSTAGE]),
    ),
    min_size=1,
)


@given(lines)
def test_sums_add_up(lines: list[NewLine]) -> None:
    total = sums(lines)
    charges = sum(line.amount_minor for line in lines if line.is_charge)
    assert total.amount_minor == total.goods_minor + charges
    assert 0 <= total.product_count <= len(lines)
