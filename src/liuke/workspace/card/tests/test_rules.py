from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from liuke.workspace.card.rules import (
    Entry,
    Unrated,
    at_home,
    habits,
    month_ends,
    ordered_since,
    rolling_year,
    strip,
    unrated,
)


def test_orders_of_one_day_are_one_bar() -> None:
    assert strip([(date(2026, 1, 2), 5), (date(2026, 1, 1), 1), (date(2026, 1, 2), 7)]) == [
        (date(2026, 1, 1), 1),
        (date(2026, 1, 2), 12),
    ]


def test_a_month_that_is_shorter_ends_on_its_last_day() -> None:
    assert month_ends(date(2026, 3, 31), 3) == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]


def test_the_year_rolls_and_refunds_count_against_it() -> None:
    bought = [(date(2025, 2, 10), 100), (date(2026, 1, 5), 50), (date(2026, 1, 20), -20)]
    history = dict(rolling_year(bought, date(2026, 2, 28), months=3))
    assert history == {date(2025, 12, 28): 100, date(2026, 1, 28): 130, date(2026, 2, 28): 30}


def test_before_the_first_purchase_there_is_no_history() -> None:
    assert rolling_year([], date(2026, 2, 28)) == []
    assert len(rolling_year([(date(2026, 2, 1), 5)], date(2026, 2, 28))) == 1


YEN = Entry(date(2026, 1, 5), "order", 120_000, "JPY")
DOLLARS = Entry(date(2026, 1, 6), "order", 10_050, "USD")
YUAN = Entry(date(2026, 1, 7), "order", 500, "CNY")


def test_yen_have_no_cents_and_dollars_have() -> None:
    rates = {"JPY": Decimal("0.048"), "USD": Decimal("7.1")}
    home = at_home([YEN, DOLLARS, YUAN], "CNY", rates)
    assert [(one.minor, one.currency) for one in home] == [(576_000, "CNY"), (71_355, "CNY"), (500, "CNY")]
    assert unrated([YEN, DOLLARS, YUAN], "CNY", rates, date(2026, 2, 1)) == []


def test_money_without_a_rate_stands_apart_as_it_was_paid() -> None:
    back = Entry(date(2026, 1, 9), "refund", -20_000, "JPY")
    old = Entry(date(2024, 1, 9), "order", 70_000, "JPY")
    assert at_home([YEN, YUAN], "CNY", {}) == [YUAN]
    assert unrated([YEN, back, old, YUAN], "CNY", {}, date(2026, 2, 1)) == [Unrated("JPY", 100_000, 1)]


def test_db13_orders_on_days_0_30_and_60_have_an_interval_of_30() -> None:
    first = date(2026, 1, 1)
    orders = [
        Entry(first + timedelta(days=30 * place), "order", minor, "CNY", channel)
        for place, (minor, channel) in enumerate([(100, "fair"), (200, "web"), (900, "web")])
    ]
    back = Entry(first + timedelta(days=61), "refund", -900, "CNY", "fair")
    found = habits([*orders, back])
    assert found is not None
    assert (found.interval_days, found.mean_minor, found.median_minor, found.channel) == (30, 400, 200, "web")
    assert habits([back]) is None
    alone = habits(orders[:1])
    assert alone is not None
    assert alone.interval_days is None


def test_db13_two_orders_of_one_day_are_one_occasion() -> None:
    days = (date(2026, 1, 1), date(2026, 1, 1), date(2026, 1, 11))
    found = habits([Entry(on, "order", 100, "CNY") for on in days])
    assert found is not None
    assert (found.interval_days, found.channel) == (10, "")


def test_an_order_after_the_judgement_is_noticed() -> None:
    at = datetime(2026, 3, 2, 4, tzinfo=UTC)
    assert ordered_since(date(2026, 3, 1), at)
    assert ordered_since(None, at)
    assert not ordered_since(date(2026, 3, 2), at)
    assert not ordered_since(date(2026, 3, 1), None)
