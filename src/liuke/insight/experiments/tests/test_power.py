from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.insight import experiments as ex
from liuke.insight.errors import InsightError, InsightWarning
from liuke.insight.experiments.tests.worlds import revenue


def test_the_textbook_example() -> None:
    """Fleiss, Levin & Paik, chapter 4: from .25 to .40 at 5 % with power .80 takes 152 in each arm."""
    needed = ex.customers_for_rate(0.25, 0.15)
    assert (needed.treated, needed.held_out, needed.customers) == (152, 152, 304)


@pytest.mark.parametrize(
    ("base", "lift", "held_out"), [(0.1, 0.03, 0.5), (0.3, -0.05, 0.2), (0.02, 0.015, 0.3)]
)
def test_so_many_customers_give_the_power_promised(base: float, lift: float, held_out: float) -> None:
    needed = ex.customers_for_rate(base, lift, held_out=held_out)
    generator = np.random.default_rng(5)
    one = generator.binomial(needed.treated, base + lift, 20_000) / needed.treated
    two = generator.binomial(needed.held_out, base, 20_000) / needed.held_out
    pooled = (one * needed.treated + two * needed.held_out) / needed.customers
    error = np.sqrt(pooled * (1 - pooled) * (1 / needed.treated + 1 / needed.held_out))
    assert np.mean(np.abs(one - two) > 1.96 * error) == pytest.approx(0.8, abs=0.02)


def test_revenue_gets_the_power_promised() -> None:
    generator = np.random.default_rng(6)
    spread = ex.spread_of(revenue(generator, (200_000,)))
    needed = ex.customers_for_mean(spread, 4.0, held_out=0.5)
    assert needed.because == "power"
    found = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InsightWarning)
        for _ in range(400):
            y = revenue(generator, (needed.customers,))
            treated = np.arange(needed.customers) < needed.treated
            arm = np.where(treated, "treated", "control")
            found += ex.difference({"outcome": y + 4.0 * treated, "arm": arm}).p < 0.05
    assert found / 400 == pytest.approx(0.8, abs=0.06)
    assert ex.power_for_mean(needed.customers, spread, 4.0) == pytest.approx(0.8, abs=0.005)


def test_a_small_hold_out_of_skewed_money_needs_more_for_its_skew() -> None:
    spread = ex.spread_of_buyers(0.01, mean=100, sd=120)
    needed = ex.customers_for_mean(spread, 5.0, held_out=0.1)
    assert needed.because == "skew"
    assert (
        needed.customers
        > ex.customers_for_mean(ex.OutcomeSpread(spread.mean, spread.sd, 0.0), 5.0, held_out=0.1).customers
    )
    assert ex.customers_for_mean(spread, 5.0, held_out=0.5).because == "power"


def test_the_spread_of_buyers_is_that_of_what_they_spend() -> None:
    generator = np.random.default_rng(2)
    drawn = ex.spread_of(revenue(generator, (2_000_000,), buying=0.2, mean=50))
    buyer_mean = 50 * np.exp(-0.32 + 0.32)
    told = ex.spread_of_buyers(0.2, mean=buyer_mean, sd=buyer_mean * np.sqrt(np.exp(0.64) - 1))
    assert told.mean == pytest.approx(drawn.mean, rel=0.01)
    assert told.sd == pytest.approx(drawn.sd, rel=0.02)
    assert told.skewness == pytest.approx(drawn.skewness, rel=0.15)


@given(st.floats(1, 1e6), st.floats(0.01, 2), st.floats(0, 0.9), st.floats(0.05, 0.95), st.floats(0.5, 0.99))
def test_detectable_is_customers_turned_round(
    sd: float, relative: float, explained: float, held_out: float, power: float
) -> None:
    spread = ex.OutcomeSpread(1.0, sd, 0.0)
    settings = {"explained": explained, "held_out": held_out, "power": power}
    needed = ex.customers_for_mean(spread, relative * sd, **settings)
    assert ex.detectable(needed.customers, spread, **settings) <= relative * sd * (1 + 1e-9)
    if needed.customers > 50:
        assert ex.detectable(needed.customers, spread, **settings) > 0.9 * relative * sd
    fewer = ex.customers_for_mean(spread, relative * sd, **{**settings, "explained": explained / 2})
    assert fewer.customers >= needed.customers


def test_the_margin_of_a_guardrail_is_shown_with_the_power_promised() -> None:
    needed = ex.customers_for_margin(0.02, 0.01, held_out=0.3)
    generator = np.random.default_rng(8)
    safe = 0
    for _ in range(500):
        complained = (generator.random(needed.customers) < 0.02).astype(float)
        arm = np.where(np.arange(needed.customers) < needed.treated, "treated", "control")
        table = {"arm": arm, "complained": complained}
        safe += ex.guardrail(table, metric="complained", margin=0.01).verdict == "safe"
    assert safe / 500 == pytest.approx(0.8, abs=0.06)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: ex.customers_for_rate(0.0, 0.1),
        lambda: ex.customers_for_rate(0.5, 0.0),
        lambda: ex.customers_for_rate(0.5, 0.6),
        lambda: ex.customers_for_rate(0.5, 0.1, held_out=1.0),
        lambda: ex.customers_for_rate(0.5, 0.1, power=1.0),
        lambda: ex.customers_for_rate(0.5, 0.1, level=0.0),
        lambda: ex.customers_for_mean(ex.OutcomeSpread(1, 0, 0), 1.0),
        lambda: ex.customers_for_mean(ex.OutcomeSpread(1, 1, 0), float("nan")),
        lambda: ex.customers_for_mean(ex.OutcomeSpread(1, 1, 0), 1.0, explained=1.0),
        lambda: ex.customers_for_margin(0.1, 0.0),
        lambda: ex.detectable(0, ex.OutcomeSpread(1, 1, 0)),
        lambda: ex.spread_of([1.0, 2.0]),
        lambda: ex.spread_of([1.0, 2.0, float("inf")]),
        lambda: ex.spread_of_buyers(0.0, mean=1, sd=1),
    ],
)
def test_figures_out_of_range_are_refused(ask: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        ask()  # type: ignore[operator]


def test_no_number_is_enough_for_nothing() -> None:
    with pytest.raises(InsightError):
        ex.customers_for_mean(ex.OutcomeSpread(1, 1, 0), 1e-12)
