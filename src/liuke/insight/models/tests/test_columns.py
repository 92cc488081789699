from __future__ import annotations

import pickle
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from liuke.insight.errors import BadTable, DuplicateCustomer, InsightError, MissingColumn
from liuke.insight.models.columns import read_columns, read_timing

GOOD = {"frequency": [0, 2, 1], "recency": [0.0, 3.0, 1.5], "T": [5.0, 6.0, 7.0]}


def good(**changes: Any) -> dict[str, Any]:
    return {**GOOD, **changes}


@pytest.mark.parametrize(
    "table",
    [
        GOOD,
        {name: np.array(values) for name, values in GOOD.items()},
        pa.table(GOOD),
        pa.table(GOOD).to_batches()[0],
        pa.table({**GOOD, "T": pa.array([Decimal("5.00"), Decimal("6.00"), Decimal("7.00")])}),
        pd.DataFrame(GOOD),
        pd.DataFrame({**GOOD, "T": np.array([5, 6, 7], dtype=np.int16), "who": [object(), "a", 3]}),
        {"frequency": np.array([0, 2, 1], dtype=object), "recency": [0, 3, 1.5], "T": [5, 6, 7]},
    ],
)
def test_any_kind_of_table_gives_the_same_columns(table: Any) -> None:
    timing = read_timing(table)
    assert timing.frequency.tolist() == GOOD["frequency"]
    assert timing.recency.tolist() == GOOD["recency"]
    assert timing.T.tolist() == GOOD["T"]
    assert timing.T.dtype == np.float64


@pytest.mark.parametrize(
    ("column", "row", "table"),
    [
        ("T", 1, good(T=[5.0, float("nan"), 7.0])),
        ("T", 2, good(T=[5.0, 6.0, float("inf")])),
        ("T", 1, pa.table(good(T=[5.0, None, 7.0]))),
        ("T", 0, pd.DataFrame(good(T=[None, 6.0, 7.0]))),
        ("recency", 2, good(recency=[0.0, 3.0, -1.5])),
        ("recency", 1, good(recency=[0.0, 6.5, 1.5])),
        ("recency", 0, good(recency=[0.5, 3.0, 1.5])),
        ("recency", 1, good(recency=[0.0, 0.0, 1.5])),
        ("frequency", 2, good(frequency=[0, 2, 1.5])),
        ("frequency", None, good(frequency=["0", "2", "1"])),
        ("frequency", None, pa.table(good(frequency=["0", "2", "1"]))),
        ("frequency", None, good(frequency=[[0], [2], [1]])),
        ("frequency", None, good(frequency=np.array([0, "two", 1], dtype=object))),
        (None, None, good(T=[5.0, 6.0])),
        (None, None, 42),
    ],
)
def test_a_bad_value_is_refused_by_column_and_row(column: str | None, row: int | None, table: Any) -> None:
    with pytest.raises(BadTable) as refused:
        read_timing(table)
    assert (refused.value.column, refused.value.row) == (column, row)
    assert refused.value.table == "summary"
    if column is not None:
        assert repr(column) in str(refused.value)


def test_a_missing_column_is_named_with_those_there_are() -> None:
    with pytest.raises(MissingColumn, match=r"'T'.*frequency, recency"):
        read_timing({name: GOOD[name] for name in ("frequency", "recency")})
    with pytest.raises(MissingColumn, match="'T'"):
        read_timing(pd.DataFrame(GOOD).drop(columns="T"))


def test_a_doubled_column_is_refused() -> None:
    doubled = pa.Table.from_arrays([pa.array([1.0])] * 4, names=["frequency", "recency", "T", "T"])
    with pytest.raises(BadTable, match="stands 2 times"):
        read_timing(doubled)


@pytest.mark.parametrize("customers", [["a", "b", "a"], [1, 2, 1], np.array(["x", "y", "x"])])
def test_a_customer_with_two_rows_is_refused(customers: Any) -> None:
    with pytest.raises(DuplicateCustomer) as refused:
        read_timing(good(customer=customers), distinct_customers=True)
    assert refused.value.row == 2


@pytest.mark.parametrize("customers", [["c", "a", "b"], [1, 2, 3], pa.array(["x", None, "z"])])
def test_distinct_customers_pass_in_any_order(customers: Any) -> None:
    assert len(read_timing(good(customer=customers), distinct_customers=True)) == 3


def test_an_error_survives_pickling() -> None:
    with pytest.raises(BadTable) as refused:
        read_columns({"a": [1.0, -2.0]}, ["a"])
    again = pickle.loads(pickle.dumps(refused.value))  # noqa: S301 (our own bytes)
    assert str(again) == str(refused.value)
    assert isinstance(again, InsightError)


def test_an_empty_table_has_no_rows() -> None:
    assert len(read_timing({"frequency": [], "recency": [], "T": []})) == 0
