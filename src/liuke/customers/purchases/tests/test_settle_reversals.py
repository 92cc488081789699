"""An order that was wholly taken back counts for nothing: not in the dates, not in the stage, not in the lists."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from liuke.customers.models import Customer, Fact, FollowUp, Purchase, StageChange
from liuke.customers.purchases.actions import record_purchase, record_purchases
from liuke.customers.purchases.rules import NewLine, NewPurchase
from liuke.customers.records.actions import register
from liuke.customers.stages.actions import change_stage, review_stages
from liuke.platform.models import User

DAY = timedelta(days=1)


@pytest.fixture
def hampton(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now - 900 * DAY, name="Hampton")


def buy(
    customer: Customer, at: datetime, now: datetime, *, milli: int = 2000, amount: int = 5000
) -> Purchase:
    number = f"A{Purchase.objects.count()}"
    lines = [NewLine(amount, milli)]
    return record_purchase(customer, number=number, at=at, currency="CNY", lines=lines, by=None, now=now)


def back(order: Purchase, at: datetime, now: datetime, *, milli: int = 2000, amount: int = 5000) -> Purchase:
    assert order.customer is not None
    return record_purchase(
        order.customer,
        number=f"R{Purchase.objects.count()}",
        at=at,
        currency="CNY",
        lines=[NewLine(-amount, -milli)],
        kind="refund",
        reverses=order,
        by=None,
        now=now,
    )


def taken_back_at(order: Purchase) -> datetime | None:
    order.refresh_from_db()
    return order.taken_back_at


@pytest.fixture
def silent(hampton: Customer, now: datetime) -> Customer:
    """Ordered every month until 300 days ago, and is dormant."""
    rows = [
        NewPurchase(hampton.pk, f"H{day}", now - day * DAY, "CNY", [NewLine(5000)])
        for day in range(300, 600, 30)
    ]
    record_purchases(rows, by=None, now=now)
    review_stages(as_of=now - DAY, now=now - DAY)
    hampton.refresh_from_db()
    assert hampton.stage == "dormant"
    return hampton


def test_all_of_an_order_back_the_same_minute_leaves_the_customer_where_he_was(
    silent: Customer, now: datetime
) -> None:
    before = (silent.stage, silent.stage_since_at, silent.first_purchase_at, silent.last_purchase_at)
    order = buy(silent, now, now)
    silent.refresh_from_db()
    assert (silent.stage, silent.last_purchase_at) == ("won_back", now)
    back(order, now, now)
    silent.refresh_from_db()
    assert (silent.stage, silent.stage_since_at, silent.first_purchase_at, silent.last_purchase_at) == before
    assert taken_back_at(order) == now
    assert list(Purchase.objects.standing().filter(at=now)) == []
    last = StageChange.objects.filter(customer=silent).last()
    assert last is not None
    assert (last.from_stage, last.to_stage, last.reason) == ("won_back", "dormant", "taken_back")
    told = Fact.objects.filter(kind="lapsed").order_by("id").last()
    assert told is not None
    assert told.data["code"] == "taken_back"


def test_the_next_order_wins_back_all_the_same(silent: Customer, now: datetime) -> None:
    back(buy(silent, now - DAY / 2, now), now - DAY / 3, now)
    buy(silent, now - DAY / 4, now)
    silent.refresh_from_db()
    assert silent.stage == "won_back"
    back(Purchase.objects.latest("id"), now, now)
    silent.refresh_from_db()
    assert silent.stage == "dormant"


def test_parts_count_until_together_they_are_the_whole(silent: Customer, now: datetime) -> None:
    order = buy(silent, now - DAY / 2, now)
    back(order, now - DAY / 3, now, milli=1000, amount=2500)
    silent.refresh_from_db()
    assert (silent.stage, taken_back_at(order)) == ("won_back", None)
    back(order, now - DAY / 4, now, milli=1000, amount=2500)
    silent.refresh_from_db()
    assert (silent.stage, taken_back_at(order)) == ("dormant", now - DAY / 4)
    assert silent.last_purchase_at == now - 300 * DAY


def test_another_order_since_keeps_the_stage_that_it_makes(silent: Customer, now: datetime) -> None:
    first, second = buy(silent, now - DAY / 2, now), buy(silent, now - DAY / 3, now)
    silent.refresh_from_db()
    assert silent.stage == "customer"
    back(first, now, now)
    silent.refresh_from_db()
    assert (silent.stage, silent.stage_since_at) == ("won_back", second.at)
    assert silent.last_purchase_at == second.at


def test_the_only_order_back_makes_the_customer_a_lead_again(hampton: Customer, now: datetime) -> None:
    back(buy(hampton, now - 3 * DAY, now), now - DAY, now)
    hampton.refresh_from_db()
    assert (hampton.stage, hampton.stage_since_at) == ("lead", None)
    assert (hampton.first_purchase_at, hampton.last_purchase_at) == (None, None)


def test_what_somebody_decided_since_stands(hampton: Customer, alice: User, now: datetime) -> None:
    order = buy(hampton, now - 3 * DAY, now)
    change_stage(hampton, "loyal", by=alice, now=now - 2 * DAY, reason="our first shop")
    back(order, now - DAY, now)
    hampton.refresh_from_db()
    assert hampton.stage == "loyal"


def test_a_free_order_is_gone_once_all_its_pieces_are(hampton: Customer, now: datetime) -> None:
    order = buy(hampton, now - 3 * DAY, now, amount=0)
    back(order, now - 2 * DAY, now, milli=500, amount=0)
    assert taken_back_at(order) is None
    back(order, now - DAY, now, milli=1500, amount=0)
    assert taken_back_at(order) == now - DAY


def test_the_review_of_stages_counts_no_order_that_was_taken_back_by_its_day(
    hampton: Customer, now: datetime
) -> None:
    for day in (40, 30, 20, 10):
        buy(hampton, now - day * DAY, now)
    last = Purchase.objects.get(at=now - 10 * DAY)
    back(last, now - 5 * DAY, now)
    review_stages(as_of=now - 6 * DAY, now=now)  # four days with an order were known then
    hampton.refresh_from_db()
    assert hampton.stage == "loyal"
    review_stages(as_of=now, now=now)
    hampton.refresh_from_db()
    assert hampton.stage == "customer"


def test_cl09_what_the_order_set_off_is_let_go_with_it(hampton: Customer, now: datetime) -> None:
    Customer.objects.update(level="accountable")
    order, other = buy(hampton, now - DAY, now), FollowUp.objects.open()
    assert other.filter(source="standings.accountable").exists()
    back(order, now, now)
    assert not other.filter(source="standings.accountable").exists()
