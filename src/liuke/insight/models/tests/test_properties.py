"""What holds for every table there can be: an answer or a typed refusal, never NaN, never beyond its range."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liuke.insight.errors import InsightError, InsightWarning
from liuke.insight.models import BGBB, BGNBD, MBGCNBD, MBGNBD, GammaGamma, ParetoNBD, PurchaseModel

KINDS: list[type[PurchaseModel]] = [BGNBD, MBGNBD, ParetoNBD]
TRUE = {
    BGNBD: {"r": 0.4, "alpha": 6.0, "a": 0.7, "b": 2.4},
    MBGNBD: {"r": 0.4, "alpha": 6.0, "a": 0.7, "b": 2.4},
    ParetoNBD: {"r": 0.4, "alpha": 6.0, "s": 0.6, "beta": 12.0},
}
slow = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def summaries(draw: st.DrawFn) -> dict[str, Any]:
    """Any 30 to 60 customers: few or many purchases, short or long histories, any unit of time."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n = draw(st.integers(30, 60))
    unit = 10.0 ** draw(st.integers(-6, 6))
    T = rng.uniform(0, 1, n) ** draw(st.sampled_from([0.2, 1.0, 4.0])) + 1e-9
    rate = draw(st.sampled_from([0.01, 0.5, 3.0, 40.0, 2000.0]))
    x = rng.poisson(rng.gamma(draw(st.sampled_from([0.05, 0.5, 5.0])), rate, n) * T)
    last = np.where(x > 0, T * rng.uniform(0, 1, n) ** draw(st.sampled_from([0.01, 1.0, 20.0])) + 1e-12, 0.0)
    return {"frequency": x, "recency": np.minimum(last, T) * unit, "T": T * unit, "unit": unit}


@pytest.mark.parametrize("kind", KINDS)
@slow
@given(table=summaries())
def test_any_table_gives_finite_figures_or_a_typed_refusal(
    kind: type[PurchaseModel], table: dict[str, Any]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", InsightWarning)
        try:
            model = kind().fit(table)
        except InsightError:
            return
        alive = model.probability_alive(table)
        likely = model.probability_of_purchase(table, horizon=table["unit"])
        expected = model.expected_purchases(table, horizon=table["unit"])
    assert np.isfinite(model.covariance_).all()
    assert np.isfinite(list(model.params_.values())).all()
    assert ((alive >= 0) & (alive <= 1)).all()
    assert ((likely >= 0) & (likely <= alive + 1e-9)).all()
    assert (np.isfinite(expected) & (expected >= likely - 1e-9 * (1 + likely))).all()
    assert kind.from_json(model.to_json()).params_ == model.params_


@pytest.mark.parametrize("kind", KINDS)
@slow
@given(
    x=st.integers(1, 3000),
    last=st.floats(0.001, 1.0),
    later=st.floats(0.0, 1.0),
    T=st.floats(0.01, 1000.0),
    horizon=st.floats(0.001, 10_000.0),
)
def test_who_bought_later_is_likelier_alive_and_will_buy_more(
    kind: type[PurchaseModel], x: int, last: float, later: float, T: float, horizon: float
) -> None:
    model = kind.with_params(**TRUE[kind])
    second = last + (1 - last) * later
    table = {"frequency": [x, x], "recency": [last * T, min(second * T, T)], "T": [T, T]}
    for figures in (
        model.probability_alive(table),
        model.expected_purchases(table, horizon=horizon),
        model.probability_of_purchase(table, horizon=horizon),
    ):
        assert np.isfinite(figures).all()
        assert figures[1] >= figures[0] * (1 - 1e-9)


@pytest.mark.parametrize("kind", KINDS)
@slow
@given(
    x=st.integers(0, 500),
    share=st.floats(0.01, 1.0),
    T=st.floats(0.1, 500.0),
    first=st.floats(0.01, 100.0),
    more=st.floats(0.01, 100.0),
)
def test_a_longer_horizon_holds_more(
    kind: type[PurchaseModel], x: int, share: float, T: float, first: float, more: float
) -> None:
    model = kind.with_params(**TRUE[kind])
    table = {"frequency": [x], "recency": [share * T if x else 0.0], "T": [T]}
    for forecast in (model.expected_purchases, model.probability_of_purchase):
        near, far = (forecast(table, horizon=horizon)[0] for horizon in (first, first + more))
        assert far >= near * (1 - 1e-9)
    # no customer is expected to buy faster than his own rate, (r + x)/(α + T), would have it for ever
    r, alpha = model.params_["r"], model.params_["alpha"]
    ceiling = (r + x) / (alpha + T) * first
    assert model.expected_purchases(table, horizon=first)[0] <= ceiling * (1 + 1e-9)


@slow
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 12), chance=st.sampled_from([0.02, 0.3, 0.9]))
def test_any_occasions_give_finite_figures_or_a_typed_refusal(seed: int, n: int, chance: float) -> None:
    rng = np.random.default_rng(seed)
    bought = rng.random((40, n)) < chance
    x, last = bought.sum(axis=1), np.where(bought.any(axis=1), n - np.argmax(bought[:, ::-1], axis=1), 0)
    table = {"frequency": x, "recency": last, "T": np.full(40, n)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", InsightWarning)
        try:
            model = BGBB().fit(table)
        except InsightError:
            return
        likely, expected = (
            model.probability_of_purchase(table, horizon=5),
            model.expected_purchases(table, horizon=5),
        )
    assert ((likely >= 0) & (likely <= 1) & (expected <= 5)).all()
    assert (expected >= likely - 1e-9).all()


@slow
@given(seed=st.integers(0, 2**32 - 1), spread=st.sampled_from([1e-6, 0.3, 3.0]), unit=st.integers(-3, 8))
def test_any_spend_gives_finite_figures_or_a_typed_refusal(seed: int, spread: float, unit: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 9, 50)
    m = np.where(x > 0, np.exp(spread * rng.normal(size=50)) * 10.0**unit, 0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", InsightWarning)
        try:
            model = GammaGamma().fit({"frequency": x, "monetary": m})
        except InsightError:
            return
        value = model.expected_value({"frequency": x, "monetary": m})
    assert (np.isfinite(value) & (value > 0)).all()


@slow
@given(k=st.integers(1, 6), seed=st.integers(0, 2**32 - 1), horizon=st.floats(0.01, 300.0))
def test_regular_buyers_within_their_ranges(k: int, seed: int, horizon: float) -> None:
    model = MBGCNBD.with_params(r=1.3, alpha=0.8, a=0.5, b=4.0)
    model.k_ = k
    table = model.simulate(np.random.default_rng(seed).uniform(0, 80, 40), seed=seed)
    alive = model.probability_alive(table)
    likely = model.probability_of_purchase(table, horizon=horizon)
    expected = model.expected_purchases(table, horizon=horizon)
    assert ((alive >= 0) & (alive <= 1) & (likely >= 0) & (likely <= alive + 1e-9)).all()
    assert (np.isfinite(expected) & (expected >= likely - 1e-9)).all()
