from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from liuke.insight import experiments as ex
from liuke.insight.errors import BadTable, TooFewCustomers
from liuke.insight.experiments.tests.worlds import revenue, shop_experiment

DAYS = 40


def paths(repeats: int, daily: int, lift: float, seed: int) -> tuple[Any, Any, Any]:
    """(difference, standard error, customers) at each of the days, of experiments with skewed revenue."""
    generator = np.random.default_rng(seed)
    sums = []
    for shift in (lift, 0.0):
        y = revenue(generator, (repeats, DAYS, daily)) + shift
        sums.append((y.sum(axis=2).cumsum(axis=1), (y**2).sum(axis=2).cumsum(axis=1)))
    n = daily * np.arange(1, DAYS + 1)
    (s1, q1), (s0, q0) = sums
    variance = sum((q / n - (s / n) ** 2) / (n - 1) for s, q in ((s1, q1), (s0, q0)))
    return s1 / n - s0 / n, np.sqrt(variance), 2 * n


def test_peeking_every_day_finds_nothing_where_nothing_is() -> None:
    estimate, error, customers = paths(2_000, 100, 0.0, seed=1)
    p = ex.always_valid_p(estimate, error, information=customers / 4_000)
    assert np.mean((p < 0.05).any(axis=1)) <= 0.05
    naive = (np.abs(estimate) > 1.96 * error).any(axis=1)
    assert naive.mean() > 0.2  # what looking every day at ordinary intervals does


@pytest.mark.parametrize("planned", [500, 8_000, 100_000])
def test_the_interval_covers_the_truth_on_all_days_at_once_whatever_was_planned(planned: int) -> None:
    estimate, error, customers = paths(1_500, 100, 3.0, seed=2)
    low, high = ex.always_valid_interval(estimate, error, information=customers / planned)
    assert np.mean(((low > 3.0) | (high < 3.0)).any(axis=1)) <= 0.05


def test_a_real_effect_is_found_and_mostly_early() -> None:
    estimate, error, customers = paths(400, 100, 9.0, seed=3)
    p = ex.always_valid_p(estimate, error, information=customers / 8_000)
    found = (p < 0.05).any(axis=1)
    assert found.mean() > 0.9
    assert np.mean(np.argmax(p < 0.05, axis=1)[found]) < DAYS * 0.6


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
def test_it_is_narrowest_where_planned(level: float) -> None:
    """Width at one standard error of the planned size, over all ways to weigh early against late."""
    alpha = 1 - level

    def width(log_c: float) -> float:
        c = np.exp(log_c)
        return float((1 + 1 / c) * np.log((1 + c) / alpha**2))

    best = minimize_scalar(width, bounds=(-3, 6), method="bounded", options={"xatol": 1e-9})
    _, high = ex.always_valid_interval(0.0, 1.0, information=1.0, level=level)
    assert high == pytest.approx(np.sqrt(best.fun), rel=1e-6)


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.floats(1e-6, 1e6), st.floats(0.5, 0.999))
def test_interval_and_p_value_agree(estimate: float, error: float, information: float, level: float) -> None:
    low, high = ex.always_valid_interval(estimate, error, information=information, level=level)
    p = ex.always_valid_p(estimate, error, information=information, level=level)
    assert low <= estimate <= high
    assert 0 <= p <= 1
    edge = min(abs(low), abs(high)) / (high - low)
    if edge > 1e-9:
        assert (p < 1 - level) == bool((low > 0) | (high < 0))


def test_a_table_is_followed_day_by_day() -> None:
    table = shop_experiment(3_000, lift=6.0)
    start = date(2026, 3, 1)
    table["on"] = np.array([start + timedelta(days=int(day)) for day in table["on"]])
    plain = ex.confidence_sequence(table, planned=3_000)
    adjusted = ex.confidence_sequence(table, planned=3_000, before=["before"])
    assert plain.arm == "treated"
    assert adjusted.decided_on is not None
    assert plain.decided_on is None or adjusted.decided_on <= plain.decided_on
    rows = adjusted.table.to_pylist()
    assert [row["on"] for row in rows] == sorted(row["on"] for row in rows)
    assert rows[-1]["customers"] + rows[-1]["control_customers"] == 3_000
    final = ex.difference(table, before=["before"])
    assert rows[-1]["difference"] == pytest.approx(final.difference)
    assert rows[-1]["low"] < final.low
    assert all(later["p"] <= earlier["p"] for earlier, later in zip(rows, rows[1:], strict=False))
    first = next(row for row in rows if row["low"] > 0 or row["high"] < 0)
    assert first["on"] == adjusted.decided_on


def test_later_days_change_no_earlier_look() -> None:
    table = shop_experiment(2_000)
    early = {name: values[table["on"] <= 9] for name, values in table.items()}
    whole = ex.confidence_sequence(table, planned=2_000, before=["before"]).table.to_pylist()
    part = ex.confidence_sequence(early, planned=2_000, before=["before"]).table.to_pylist()
    assert whole[: len(part)] == part


def test_no_look_before_there_is_enough_to_see() -> None:
    table = shop_experiment(2_000)
    first = ex.confidence_sequence(table, planned=2_000).table.to_pylist()[0]
    assert min(first["customers"], first["control_customers"]) >= 100
    with pytest.raises(TooFewCustomers):
        ex.confidence_sequence(shop_experiment(150), planned=2_000)
    rare = {**table, "outcome": (np.arange(2_000) % 200 == 0).astype(float)}
    with pytest.raises(TooFewCustomers):
        ex.confidence_sequence(rare, planned=2_000)


@pytest.mark.parametrize(
    ("on", "row"),
    [
        ([None, *range(399)], 0),
        (np.where(np.arange(400) == 7, np.nan, 1.0), 7),
        (np.where(np.arange(400) == 9, np.inf, 1.0), 9),
        (np.zeros((400, 2)), None),
        (np.zeros(399), None),
    ],
)
def test_a_bad_order_is_refused(on: Any, row: int | None) -> None:
    with pytest.raises(BadTable) as refused:
        ex.confidence_sequence({**shop_experiment(400), "on": on}, planned=400)
    assert (refused.value.column, refused.value.row) == ("on", row)


@pytest.mark.parametrize(
    ("estimate", "error", "information"),
    [(np.nan, 1, 1), (0, np.inf, 1), (0, -1, 1), (0, 1, 0), (0, 1, -2)],
)
def test_figures_that_make_no_sense_are_refused(estimate: float, error: float, information: float) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        ex.always_valid_interval(estimate, error, information=information)
    with pytest.raises(ValueError):  # noqa: PT011
        ex.always_valid_p(estimate, error, information=information)
