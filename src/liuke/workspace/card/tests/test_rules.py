from __future__ import annotations

from datetime import date

from liuke.workspace.card.rules import month_ends, rolling_year, strip


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
