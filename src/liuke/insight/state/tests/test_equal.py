"""A kept state gives what starting over gives, to the last count and cent, whatever came in what order."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liuke import insight
from liuke.insight.features.snapshot import snapshot
from liuke.insight.tests.logs import shop

START = date(2025, 11, 20)
NAMES = ("customer", "on", "amount", "product", "cost")
ROW = st.tuples(
    st.sampled_from("ABCDEF"),
    st.integers(0, 60).map(lambda day: START + timedelta(days=day)),
    st.sampled_from([-7.5, 0.0, 0.1, 0.2, 19.99, 1_000.0]),
    st.sampled_from([None, "tea", "cup", "postage"]),
    st.sampled_from([None, 0.07, 3.0]),
)
Rows = list[tuple[Any, ...]]


def table(rows: Rows) -> pa.Table:
    columns = list(zip(*rows, strict=True))
    kinds = (pa.string(), pa.date32(), pa.float64(), pa.string(), pa.float64())
    return pa.table(
        {name: pa.array(list(column), kind) for name, column, kind in zip(NAMES, columns, kinds, strict=True)}
    )


def same(kept: insight.Purchases, whole: insight.Purchases, *, as_of: date) -> None:
    """Days, summary and snapshot of both are equal in every figure."""
    assert kept.any_bought == whole.any_bought
    if not whole.any_bought:  # refunds alone: neither can be summarised
        return
    for one, other in (
        (fetched(kept, "days"), fetched(whole, "days")),
        (insight.summarise(kept, as_of=as_of), insight.summarise(whole, as_of=as_of)),
        (
            snapshot(kept, as_of=as_of, horizon_days=30).table,
            snapshot(whole, as_of=as_of, horizon_days=30).table,
        ),
    ):
        assert set(one.column_names) == set(other.column_names)
        assert one.select(other.column_names).to_pylist() == other.to_pylist()
    assert (kept.first_on, kept.last_on, kept.any_bought) == (whole.first_on, whole.last_on, whole.any_bought)


def fetched(purchases: insight.Purchases, name: str) -> pa.Table:
    found: pa.Table = purchases.engine.fetch(getattr(purchases, name).order_by("customer", "on"))
    return found


@settings(max_examples=8, deadline=None)
@given(
    st.lists(ROW, min_size=1, max_size=25).flatmap(
        lambda rows: st.tuples(
            st.permutations(rows), st.lists(st.integers(0, len(rows)), max_size=3).map(sorted)
        )
    ),
    st.integers(0, 200),
)
def test_any_split_in_any_order_gives_the_same(split: tuple[Rows, list[int]], later: int) -> None:
    rows, cuts = split
    with tempfile.TemporaryDirectory() as folder:
        state = insight.State(Path(folder) / "state")
        for start, end in zip([0, *cuts], [*cuts, len(rows)], strict=True):
            if start < end:
                state.fold(table(rows[start:end]), again=True)
        whole = insight.read_purchases(table(sorted(rows, key=str)))
        try:
            same(state.purchases(), whole, as_of=whole.last_on + timedelta(days=later))
        finally:
            assert state.purchases().reading.rows == len(rows)
            assert state.purchases().reading.negative == whole.reading.negative


@settings(max_examples=8, deadline=None)
@given(
    st.lists(ROW, min_size=3, max_size=20),
    st.data(),
)
def test_rows_taken_back_customers_merged_and_removed(rows: Rows, data: st.DataObject) -> None:
    wrong = data.draw(st.lists(st.sampled_from(range(len(rows))), unique=True, max_size=len(rows) - 1))
    into = data.draw(st.dictionaries(st.sampled_from("AB"), st.sampled_from("CD"), max_size=2))
    gone = data.draw(st.sets(st.sampled_from("EF"), max_size=1))
    late = data.draw(st.lists(ROW, min_size=1, max_size=5))
    left = [row for place, row in enumerate(rows) if place not in wrong and row[0] not in gone] + late
    left = [(into.get(row[0], row[0]), *row[1:]) for row in left]
    with tempfile.TemporaryDirectory() as folder:
        state = insight.State(Path(folder) / "state")
        state.fold(table(rows))
        state.fold(
            retract=table([rows[place] for place in wrong]) if wrong else None,
            merged=into or None,
            removed=gone or None,
        )
        state.fold(table(late), again=True)  # a merged customer's old name is known from now on
        whole = insight.read_purchases(table(left))
        same(state.purchases(), whole, as_of=whole.last_on + timedelta(days=3))
        same(insight.State(Path(folder) / "state").purchases(), whole, as_of=whole.last_on)


def test_the_same_judgement(tmp_path: Path) -> None:
    log = shop(150, days=300)
    day = max(log["on"].to_pylist())
    state = insight.State(tmp_path / "state")
    for start in (100, 0, 400):  # the first rows come late
        end = {100: 400, 0: 100, 400: len(log)}[start]
        state.fold(log.slice(start, end - start))
    kept, whole = (
        insight.judge(purchases, as_of=day, horizon_days=30)
        for purchases in (state.purchases(), insight.read_purchases(log))
    )
    assert kept.fallback is None
    assert kept.models == whole.models
    for name in whole.table.column_names:
        one, other = kept.table[name].to_pylist(), whole.table[name].to_pylist()
        assert one == (
            pytest.approx(other, abs=1e-9) if name in {"p_buy", "p_alive", "expected_purchases"} else other
        )


def test_an_earlier_day_is_judged_by_the_rows_of_then(tmp_path: Path) -> None:
    log = shop(40, days=200)
    state = insight.State(tmp_path / "state")
    state.fold(log)
    same_day = date(2025, 4, 1)
    assert insight.summarise(state.purchases(), as_of=same_day) == insight.summarise(
        insight.read_purchases(log), as_of=same_day
    )
