from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from liuke.insight import experiments as ex
from liuke.insight.errors import (
    BadTable,
    DuplicateCustomer,
    EmptyArm,
    InsightError,
    InsightWarning,
    MissingColumn,
    NotIndependent,
    SkewedOutcome,
)
from liuke.insight.experiments.tests.worlds import revenue, shop_experiment


def test_without_the_past_it_is_welchs() -> None:
    table = shop_experiment(300, held_out=0.4)
    found = ex.difference(table)
    treated = table["arm"] == "treated"
    peer = ttest_ind(table["outcome"][treated], table["outcome"][~treated], equal_var=False)
    interval = peer.confidence_interval(0.95)
    assert (found.difference, found.p) == pytest.approx((peer.statistic * found.standard_error, peer.pvalue))
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.total == pytest.approx(found.difference * treated.sum())
    assert found.variance_left == pytest.approx(1.0)
    assert (found.customers, found.control_customers) == (treated.sum(), (~treated).sum())


def test_the_past_takes_off_most_of_the_noise() -> None:
    table = shop_experiment(2_000)
    plain, adjusted = ex.difference(table), ex.difference(table, before=["before"])
    assert adjusted.variance_left < 0.3
    assert adjusted.standard_error == pytest.approx(
        plain.standard_error * np.sqrt(adjusted.variance_left), rel=0.01
    )
    assert adjusted.low < 5.0 < adjusted.high
    assert adjusted.relative_low is not None
    assert adjusted.relative is not None
    assert adjusted.relative_low < 5 / adjusted.control_mean < (adjusted.relative_high or 0)


def coverage(repeats: int, make: Any, truth: float, **settings: Any) -> tuple[float, float]:
    """Share of intervals that lie above the truth, and below it."""
    above = below = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InsightWarning)
        for seed in range(repeats):
            found = ex.difference(make(np.random.default_rng(seed)), **settings)
            above += found.low > truth
            below += found.high < truth
    return above / repeats, below / repeats


def with_slopes(generator: np.random.Generator) -> dict[str, Any]:
    """The effect grows with the past, the arms are uneven: where a common slope would be wrong. Truth: 2."""
    x = generator.normal(0, 1, 400)
    treated = generator.random(400) < 0.75
    y = x + treated * (2 + 1.5 * x) + generator.normal(0, 1, 400)
    return {"arm": np.where(treated, "treated", "control"), "outcome": y, "x": x}


def test_intervals_hold_as_often_as_they_say() -> None:
    above, below = coverage(1_500, with_slopes, 2.0, before=["x"])
    assert above + below == pytest.approx(0.05, abs=0.015)
    above, below = coverage(1_000, with_slopes, 2.0)
    assert above + below == pytest.approx(0.05, abs=0.015)


def test_leaving_out_the_spread_of_the_past_would_be_noticed() -> None:
    """Negative control: with the variance of the residuals alone the same intervals fail."""
    failures = 0
    warnings.simplefilter("ignore", NotIndependent)
    for seed in range(1_000):
        table = with_slopes(np.random.default_rng(seed))
        found = ex.difference(table, before=["x"])
        treated = table["arm"] == "treated"
        gap = 1.5**2 * table["x"].var() / len(treated)
        half = 1.96 * np.sqrt(found.standard_error**2 - gap)
        failures += abs(found.difference - 2.0) > half
    assert failures / 1_000 > 0.065


def skewed(generator: np.random.Generator, customers: int = 4_000, held_out: float = 0.5) -> dict[str, Any]:
    treated = np.arange(customers) >= held_out * customers
    y = revenue(generator, (customers,), buying=0.1) + 1.0 * treated
    return {"arm": np.where(treated, "treated", "control"), "outcome": y}


def test_intervals_of_skewed_money_hold_on_both_sides() -> None:
    above, below = coverage(1_000, skewed, 1.0)
    assert above == pytest.approx(0.025, abs=0.014)
    assert below == pytest.approx(0.025, abs=0.014)


def test_where_the_skew_is_too_much_it_is_said_and_it_is_true() -> None:
    def few(generator: np.random.Generator) -> dict[str, Any]:
        return skewed(generator, 600, 0.1)

    with pytest.warns(SkewedOutcome, match="skewed by"):
        ex.difference(few(np.random.default_rng(1)))
    above, below = coverage(600, few, 1.0)
    assert max(above, below) > 0.05


def test_what_was_not_known_before_the_drawing_is_noticed() -> None:
    table = shop_experiment(4_000, lift=20)
    table["leak"] = table["outcome"] + 1.0
    with pytest.warns(NotIndependent, match="'leak'"):
        ex.difference(table, before=["leak"])


@given(st.integers(0, 10_000), st.floats(0.01, 1e6), st.floats(-1e6, 1e6))
def test_order_unit_and_origin_change_nothing(seed: int, unit: float, shift: float) -> None:
    table = shop_experiment(60, seed=seed)
    order = np.random.default_rng(seed).permutation(60)
    moved = {name: values[order] for name, values in table.items()}
    moved["outcome"] = moved["outcome"] * unit
    moved["before"] = moved["before"] * 7 + shift
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkewedOutcome)
        first, second = (ex.difference(each, before=["before"]) for each in (table, moved))
    for name in ("difference", "low", "high", "standard_error", "total"):
        assert getattr(second, name) == pytest.approx(getattr(first, name) * unit, rel=1e-6, abs=1e-6 * unit)
    assert second.p == pytest.approx(first.p, rel=1e-5, abs=1e-9)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["control", "a", "b"]),
            st.floats(-1e90, 1e90) | st.sampled_from([0.0, 1.0, -1e90, 5e-324]),
            st.floats(-1e90, 1e90) | st.just(3.0),
        ),
        max_size=40,
    )
)
def test_any_table_gives_finite_figures_or_a_typed_refusal(rows: list[tuple[str, float, float]]) -> None:
    table = {
        "arm": np.array([row[0] for row in rows], dtype=object),
        "outcome": np.array([row[1] for row in rows], dtype=float),
        "x": np.array([row[2] for row in rows], dtype=float),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SkewedOutcome)
        warnings.simplefilter("ignore", NotIndependent)
        try:
            found = ex.difference(table, treated="a", before=["x"])
        except InsightError:
            return
    figures = [value for value in vars(found).values() if isinstance(value, float)]
    assert np.isfinite(figures).all()
    assert found.low <= found.difference <= found.high
    assert 0 <= found.p <= 1


def test_everybody_alike_differs_by_nothing() -> None:
    found = ex.difference({"arm": ["control"] * 5 + ["treated"] * 5, "outcome": [3.0] * 10})
    assert (found.difference, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_several_arms_are_asked_for_by_name() -> None:
    table = {"arm": ["control", "a", "b"] * 4, "outcome": np.arange(12.0)}
    with pytest.raises(ValueError, match=r"\['a', 'b'\]"):
        ex.difference(table)
    assert ex.difference(table, treated="b").difference == pytest.approx(2)
    assert ex.difference(table, treated="b", control="a").difference == pytest.approx(1)


GOOD: dict[str, Any] = {
    "customer": [1, 2, 3, 4],
    "arm": ["control", "control", "treated", "treated"],
    "outcome": [1.0, 2.0, 3.0, 5.0],
}


@pytest.mark.parametrize(
    ("table", "kind", "column", "row"),
    [
        ({"arm": GOOD["arm"]}, MissingColumn, "outcome", None),
        ({"outcome": GOOD["outcome"]}, MissingColumn, "arm", None),
        ({**GOOD, "outcome": [1.0, 2.0, None, 5.0]}, BadTable, "outcome", 2),
        ({**GOOD, "outcome": [1.0, np.inf, 3.0, 5.0]}, BadTable, "outcome", 1),
        ({**GOOD, "outcome": [1.0, 2.0, 3.0, 1e99]}, BadTable, "outcome", 3),
        ({**GOOD, "outcome": ["1", "2", "3", "4"]}, BadTable, "outcome", None),
        ({**GOOD, "arm": ["control", None, "treated", "treated"]}, BadTable, "arm", 1),
        (pd.DataFrame({**GOOD, "arm": ["control", "control", float("nan"), "treated"]}), BadTable, "arm", 2),
        ({**GOOD, "customer": [1, 2, 3, 1]}, DuplicateCustomer, "customer", 3),
        ({**GOOD, "arm": ["treated"] * 4}, EmptyArm, "arm", None),
        ({**GOOD, "arm": ["control"] * 4}, EmptyArm, "arm", None),
        ({**GOOD, "arm": ["control", "treated", "treated", "treated"]}, EmptyArm, "arm", None),
        ({**GOOD, "outcome": [1.0, 2.0, 3.0]}, BadTable, None, None),
        (
            pa.table([GOOD["arm"], GOOD["outcome"], GOOD["outcome"]], ["arm", "outcome", "outcome"]),
            BadTable,
            "outcome",
            None,
        ),
        (
            pa.table([GOOD["arm"], GOOD["arm"], GOOD["outcome"]], ["arm", "arm", "outcome"]),
            BadTable,
            "arm",
            None,
        ),
        ({"arm": [], "outcome": []}, EmptyArm, "arm", None),
        (3, BadTable, None, None),
    ],
)
def test_bad_input_is_refused_by_table_column_and_row(
    table: Any, kind: type[BadTable], column: str | None, row: int | None
) -> None:
    with pytest.raises(kind) as refused:
        ex.difference(table)
    assert (refused.value.table, refused.value.column, refused.value.row) == ("experiment", column, row)
