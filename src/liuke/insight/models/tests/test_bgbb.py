from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from liuke.insight.datasets import donors
from liuke.insight.errors import BadHorizon, BadTable, BoundaryFit, NoRepeatBuyers, TooFewCustomers
from liuke.insight.models import BGBB

TRUE = {"alpha": 1.2, "beta": 1.5, "gamma": 0.8, "delta": 4.0}


def known() -> BGBB:
    return BGBB.with_params(**TRUE)


def simulated(customers: int, *, seed: int, horizon: int | None = None) -> pa.Table:
    occasions = np.random.default_rng(seed).integers(3, 15, customers)
    return known().simulate(occasions, seed=seed, horizon=horizon)


def test_the_donors_give_the_published_fit() -> None:
    """Fader, Hardie and Shang (2010), table 4; lifetimes 0.11.3 gives the same six digits and the same forecasts."""
    model = BGBB().fit(donors())
    assert tuple(model.params_.values()) == pytest.approx((1.2035, 0.7497, 0.6567, 2.7834), abs=6e-5)
    assert model.log_likelihood_ == pytest.approx(-33225.58, abs=0.006)
    assert model.converged_
    some = {"frequency": [0, 4, 6, 1], "recency": [0, 4, 6, 6], "T": [6, 6, 6, 6]}
    assert model.probability_alive(some) == pytest.approx([0.108133, 0.200179, 0.930434, 0.930434], abs=2e-6)
    assert model.expected_purchases(some, horizon=5) == pytest.approx(
        [0.07286, 0.58319, 3.75254, 1.14789], abs=1e-5
    )


def test_the_truth_is_recovered_within_four_standard_errors() -> None:
    model = BGBB().fit(simulated(40_000, seed=1))
    for name, value in TRUE.items():
        error = model.standard_errors_[name]
        assert error is not None
        assert abs(model.params_[name] - value) < 4 * error, name


def test_forecasts_agree_with_simulation_group_by_group() -> None:
    table = simulated(300_000, seed=2, horizon=6)
    model = known()
    future = table["future"].to_numpy().astype(float)
    forecasts = (
        (model.probability_alive(table), table["alive"].to_numpy().astype(float)),
        (model.probability_of_purchase(table, horizon=6), (future > 0).astype(float)),
        (model.expected_purchases(table, horizon=6), future),
    )
    x, idle = table["frequency"].to_numpy(), table["T"].to_numpy() - table["recency"].to_numpy()
    for forecast, came in forecasts:
        for group in (x == 0, x == 1, x > 3, (x > 0) & (idle > 3), idle == 0):
            off = came[group] - forecast[group]
            assert abs(off.mean()) < 4.5 * off.std() / np.sqrt(group.sum())


def test_the_closed_form_of_the_paper_agrees_where_it_exists() -> None:
    """Equation (13): a difference of Gamma functions over γ - 1, which is 0/0 at γ = 1 and cancels near it."""
    from_sum = known().expected_purchases_new(10)
    a, b, g, d = TRUE.values()
    product = np.cumprod([(d + i) / (g + d + i) for i in range(10)])[-1]
    closed = a / (a + b) * d / (g - 1) * (1 - product * (1 + 10 / d))
    assert from_sum == pytest.approx(closed, rel=1e-12)


def test_one_more_occasion_adds_its_own_share() -> None:
    model, some = known(), {"frequency": [2], "recency": [3], "T": [5]}
    plain = [model.expected_purchases(some, horizon=h)[0] for h in (1, 2, 3)]
    discounted = model.discounted_purchases(some, horizon=3, discount_rate=0.1)[0]
    steps = np.diff(plain, prepend=0.0)
    assert discounted == pytest.approx(sum(step / 1.1 ** (j + 1) for j, step in enumerate(steps)), rel=1e-12)


def test_where_nobody_leaves_the_fit_says_so() -> None:
    rng = np.random.default_rng(3)
    chance = rng.beta(6, 3, 3000)
    # buying grows a little more likely, the opposite of leaving
    bought = rng.random((3000, 10)) < chance[:, None] * np.linspace(0.7, 1.0, 10)
    bought = bought[bought.any(axis=1)]
    x, last = bought.sum(axis=1), 10 - np.argmax(bought[:, ::-1], axis=1)
    with pytest.warns(BoundaryFit, match="nobody leaves"):
        model = BGBB().fit({"frequency": x, "recency": last, "T": np.full(len(x), 10)})
    assert model.standard_errors_["gamma"] is None
    assert np.isfinite(model.covariance_).all()


@pytest.mark.parametrize(
    ("column", "changes"),
    [
        ("T", {"T": [6.5] * 40}),
        ("recency", {"recency": [2.5] * 40}),
        ("frequency", {"frequency": [3] * 40, "recency": [2] * 40}),
    ],
)
def test_what_are_no_occasions_is_refused(column: str, changes: dict[str, list[float]]) -> None:
    table = {"frequency": [1] * 40, "recency": [2] * 40, "T": [6] * 40, **changes}
    with pytest.raises(BadTable) as refused:
        BGBB().fit(table)
    assert (refused.value.column, refused.value.row) == (column, 0)


def test_too_few_or_nobody_back_is_refused() -> None:
    with pytest.raises(TooFewCustomers):
        BGBB().fit({"frequency": [1], "recency": [2], "T": [6]})
    with pytest.raises(NoRepeatBuyers):
        BGBB().fit({"frequency": [0] * 40, "recency": [0] * 40, "T": [6] * 40})
    with pytest.raises(BadHorizon, match="whole"):
        known().expected_purchases({"frequency": [1], "recency": [2], "T": [6]}, horizon=2.5)


def test_saved_and_loaded_it_says_the_same() -> None:
    model = BGBB().fit(donors())
    again = BGBB.from_json(model.to_json())
    assert again.explain() == model.explain()
    draws = model.bootstrap(donors(), draws=20, seed=1)
    error = model.standard_errors_["alpha"]
    assert error is not None
    assert 0.5 < draws.params["alpha"].std() / error < 2
