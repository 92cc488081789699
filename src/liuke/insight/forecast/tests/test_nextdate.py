from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from liuke import insight
from liuke.insight.errors import BadFigure
from liuke.insight.forecast.nextdate import next_dates
from liuke.insight.tests.logs import log

START = date(2026, 1, 1)


def test_sv04_thirty_days_between_purchases_and_the_next_is_thirty_days_on() -> None:
    last = START + timedelta(days=150)
    assert next_dates([START], [last], [6]) == [last + timedelta(days=30)]


def test_sv04_the_judgement_agrees_on_a_regular_customer() -> None:
    days = [(f"C{n:02d}", str(START + timedelta(days=30 * k + n)), 50.0) for n in range(60) for k in range(6)]
    as_of = START + timedelta(days=215)
    table = insight.judge(log(*days), as_of=as_of, horizon_days=30).table
    plain = next_dates(
        table["first_on"].to_pylist(), table["last_on"].to_pylist(), table["purchases"].to_pylist()
    )
    told = dict(zip(table["customer"].to_pylist(), table["next_on"].to_pylist(), strict=True))
    assert plain[59] == START + timedelta(days=59 + 180)
    assert abs((told["C59"] - plain[59]).days) <= 3


def test_sv04_what_falls_due_earlier_counts() -> None:
    last = [date(2026, 3, 1)] * 4
    found = next_dates(
        [date(2026, 1, 1), date(2026, 1, 1), date(2026, 3, 1), date(2026, 3, 1)],
        last,
        [2, 2, 1, 1],
        due=[
            [date(2026, 4, 1), None, date(2026, 9, 1), None],
            [date(2026, 2, 1), date(2027, 1, 1), None, None],
        ],
    )
    assert found == [date(2026, 4, 1), date(2026, 4, 29), date(2026, 9, 1), None]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([START], [], [1]), "last_on: 0 dates for 1 customers"),
        (([START], [date(2025, 1, 1)], [2]), r"last_on, row 0 .*before the first purchase"),
        (([START], [START], [2]), r"purchases, row 0 .*2 purchase days from 2026-01-01 to 2026-01-01"),
        (([START], [date(2026, 2, 1)], [1]), r"purchases, row 0 .*1 purchase days"),
        (([START], [START], [0]), r"purchases, row 0 .*0 is below 1"),
        (([START], [START], [1], [[]]), r"due\[0\]: 0 dates"),
    ],
)
def test_what_bad_input_gets(arguments: Any, message: str) -> None:
    first_on, last_on, purchases, *due = arguments
    with pytest.raises(BadFigure, match=message):
        next_dates(first_on, last_on, purchases, due=due[0] if due else ())
