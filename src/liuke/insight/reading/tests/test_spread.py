"""A log checked part by part gives the lines, the reading and the refusals of the log read at once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest

from liuke.insight.reading.lines import checked_lines, refuse_nobody
from liuke.insight.reading.problems import UnreadablePurchases
from liuke.insight.reading.source import opened
from liuke.insight.reading.spread import FILE, ROW, TOLD, joined, planned

DAYS = [date(2026, 1, day) for day in range(1, 10)]
LOG: dict[str, Any] = {
    "customer": ["A", "B", None, "A", " ", "C", "C", "B", "A"],
    "on": DAYS,
    "amount": [1.0, -2.5, 3.0, 4.0, 5.0, 0.0, 7.25, 8.0, 9.0],
    "product": ["p", "POST", "q", "p", "p", None, "q", "p", "p"],
    "currency": ["cny", "CNY", "CNY", None, "CNY", "CNY", "CNY", "CNY", "CNY"],
}


def in_parts(columns: dict[str, Any], *, cuts: tuple[int, ...], files: dict[int, str] | None = None) -> Any:
    """Lines and reading by parts that begin at `cuts`; `files` part -> name."""
    table = pa.table(columns)
    plan = planned(table.slice(0, 20), None, table="log.parquet", timezone="UTC")
    assert plan is not None
    made = []
    for place, (start, end) in enumerate(zip(cuts, [*cuts[1:], len(table)], strict=True)):
        part = table.slice(start, end - start)
        file = (files or {}).get(place, "log.parquet")
        part = part.append_column(ROW, pa.array(range(start + 1, end + 1), pa.int64()))
        made.append(plan(part.append_column(FILE, pa.array([file] * len(part)))))
    whole = pa.concat_tables(made)
    reading = joined(whole[TOLD].drop_null().to_pylist(), plan)
    refuse_nobody(reading, table="log.parquet")
    return whole.filter(whole["customer"].is_valid()).drop_columns([TOLD]), reading


def at_once(columns: dict[str, Any]) -> Any:
    return checked_lines(opened(pa.table(columns), timezone="UTC"), None, timezone="UTC")


@pytest.mark.parametrize("cuts", [(0,), (0, 2, 3, 5), (0, 4), tuple(range(9))])
def test_parts_make_the_whole(cuts: tuple[int, ...]) -> None:
    lines, reading = in_parts(LOG, cuts=cuts)
    expected, told = at_once(LOG)
    assert lines.to_pylist() == expected.to_pylist()
    assert reading == told


def changed(column: str, row: int, value: Any) -> dict[str, Any]:
    values = list(LOG[column])
    values[row - 1] = value
    return {**LOG, column: values}


@pytest.mark.parametrize(
    "columns",
    [
        changed("amount", 8, float("nan")),
        changed("amount", 4, None),
        {**changed("on", 7, date(1800, 1, 1)), "amount": [float("inf")] * 9},
        {**LOG, "on": [datetime(2026, 1, 1), None, *[datetime(2026, 1, 3)] * 7]},  # noqa: DTZ001 - a log of wall times
        {**LOG, "customer": [1.0, 2.5, *[3.0] * 7]},
        {**LOG, "customer": [None] * 9},
    ],
    ids=["not finite", "missing", "first column first", "no day", "half a customer", "nobody"],
)
def test_what_is_wrong_is_said_in_the_same_words(columns: dict[str, Any]) -> None:
    with pytest.raises(UnreadablePurchases) as expected:
        at_once(columns)
    with pytest.raises(UnreadablePurchases) as found:
        in_parts(columns, cuts=(0, 3, 6))
    assert (found.value.what, found.value.column, found.value.row) == (
        expected.value.what,
        expected.value.column,
        expected.value.row,
    )


def test_of_several_files_the_one_is_named() -> None:
    with pytest.raises(UnreadablePurchases, match=r"part-2\.parquet, column “amount”, row 8"):
        in_parts(
            changed("amount", 8, float("nan")), cuts=(0, 6), files={0: "part-1.parquet", 1: "part-2.parquet"}
        )


def test_two_currencies_in_parts_of_their_own_are_refused() -> None:
    mixed = {**LOG, "currency": ["CNY"] * 5 + ["USD"] * 4}
    with pytest.raises(UnreadablePurchases, match="two currencies in one log .CNY, USD."):
        in_parts(mixed, cuts=(0, 5))


@pytest.mark.parametrize("columns", [{**LOG, "on": ["3/4/2026"] * 9}, {**LOG, "amount": ["1.234"] * 9}])
def test_text_that_needs_all_rows_is_left_to_who_has_them(columns: dict[str, Any]) -> None:
    assert planned(pa.table(columns), None, table="log.parquet", timezone="UTC") is None
