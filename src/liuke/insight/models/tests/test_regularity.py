from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from liuke.insight.datasets import cdnow_sample
from liuke.insight.errors import BadTable, MissingColumn
from liuke.insight.models import MBGCNBD, MBGNBD, log_gaps
from liuke.insight.models.tests.conftest import CALIBRATION_ENDS

TRUE = {"r": 1.2, "alpha": 2.0, "a": 0.6, "b": 3.0}


def known(k: int) -> MBGCNBD:
    model = MBGCNBD.with_params(**TRUE)
    model.k_ = k
    return model


def simulated(k: int, customers: int, *, seed: int, horizon: float | None = None) -> pa.Table:
    watched = np.random.default_rng(seed).uniform(15, 60, customers)
    return known(k).simulate(watched, seed=seed, horizon=horizon)


def cdnow_with_gaps(cdnow: pa.Table) -> pa.Table:
    log = [row for row in cdnow_sample().to_pylist() if row["on"] <= CALIBRATION_ENDS]
    weeks = [(row["on"] - date(1997, 1, 1)).days / 7 for row in log]
    names, gaps = log_gaps([row["customer"] for row in log], weeks)
    by_name = dict(zip(names.tolist(), gaps.tolist(), strict=True))
    return cdnow.append_column(
        "log_gaps", pa.array([by_name[name] for name in cdnow["customer"].to_pylist()])
    )


def test_on_cdnow_chance_is_the_best_k_and_the_fit_is_mbgnbd(cdnow: pa.Table) -> None:
    """Record buyers are no more regular than chance, and k = 1 is MBG/NBD by definition."""
    table = cdnow_with_gaps(cdnow)
    model, plain = MBGCNBD().fit(table), MBGNBD().fit(cdnow)
    assert model.k_ == 1
    assert list(model.params_.values()) == pytest.approx(list(plain.params_.values()), rel=1e-5)
    assert model.log_likelihood_ == pytest.approx(-9582.14, abs=0.006)
    for forecast in ("expected_purchases", "probability_of_purchase"):
        ours, theirs = (getattr(m, forecast)(table, horizon=39) for m in (model, plain))
        assert ours == pytest.approx(theirs, rel=1e-4)


@pytest.mark.parametrize("k", [2, 4])
def test_k_and_the_parameters_are_recovered(k: int) -> None:
    model = MBGCNBD().fit(simulated(k, 8000, seed=1))
    assert model.k_ == k
    assert model.converged_
    for name, value in TRUE.items():
        error = model.standard_errors_[name]
        assert error is not None
        assert abs(model.params_[name] - value) < 4 * error, name


@pytest.mark.parametrize("k", [1, 3])
def test_forecasts_agree_with_simulation_group_by_group(k: int) -> None:
    table = simulated(k, 200_000, seed=2, horizon=12.0)
    model = known(k)
    future = table["future"].to_numpy().astype(float)
    forecasts = (
        (model.probability_alive(table), table["alive"].to_numpy().astype(float)),
        (model.probability_of_purchase(table, horizon=12), (future > 0).astype(float)),
        (model.expected_purchases(table, horizon=12), future),
    )
    x, idle = table["frequency"].to_numpy(), table["T"].to_numpy() - table["recency"].to_numpy()
    for forecast, came in forecasts:
        for group in (x == 0, x == 1, x > 6, (x > 3) & (idle < 1), (x > 3) & (idle > 8)):
            off = came[group] - forecast[group]
            assert abs(off.mean()) < 4.5 * off.std() / np.sqrt(group.sum())


def test_a_regular_customer_who_is_late_is_given_up_sooner() -> None:
    late = {"frequency": [10], "recency": [50.0], "T": [62.0]}
    regular, chance = (known(k) for k in (4, 1))
    # the same mean gap for both: four stages a purchase, each four times as quick
    regular.params_ = {**TRUE, "alpha": TRUE["alpha"] / 4}
    assert regular.probability_alive(late)[0] < chance.probability_alive(late)[0] / 2


def test_neither_unit_nor_order_changes_the_fit() -> None:
    table = simulated(3, 2000, seed=3)
    model = MBGCNBD().fit(table)
    shuffled = table.take(np.random.default_rng(4).permutation(table.num_rows))
    assert MBGCNBD().fit(shuffled).params_ == pytest.approx(model.params_, rel=1e-9)
    x = table["frequency"].to_numpy()
    hours = {
        "frequency": x,
        "recency": table["recency"].to_numpy() * 24,
        "T": table["T"].to_numpy() * 24,
        "log_gaps": table["log_gaps"].to_numpy() + x * np.log(24),
    }
    again = MBGCNBD().fit(hours)
    assert again.k_ == model.k_
    assert again.params_["alpha"] == pytest.approx(model.params_["alpha"] * 24, rel=1e-6)
    assert again.log_likelihood_ + x.sum() * np.log(24) == pytest.approx(model.log_likelihood_, abs=1e-5)


def test_gaps_are_summed_by_customer_in_any_order() -> None:
    names, gaps = log_gaps(["b", "a", "b", "a", "b", "b"], [5.0, 1.0, 2.0, 4.0, 9.0, 9.0])
    assert names.tolist() == ["a", "b"]
    assert gaps == pytest.approx([np.log(3), np.log(3) + np.log(4)])


def test_missing_or_impossible_gaps_are_refused() -> None:
    good = {"frequency": [1] * 40, "recency": [2.0] * 40, "T": [3.0] * 40}
    with pytest.raises(MissingColumn, match="log_gaps"):
        MBGCNBD().fit(good)
    with pytest.raises(BadTable) as refused:
        MBGCNBD().fit(
            {**good, "frequency": [1] * 39 + [0], "recency": [2.0] * 39 + [0.0], "log_gaps": [0.1] * 40}
        )
    assert (refused.value.column, refused.value.row) == ("log_gaps", 39)


def test_saved_and_bootstrapped_it_keeps_its_k() -> None:
    table = simulated(3, 1000, seed=5)
    model = MBGCNBD(k=3).fit(table)
    again = MBGCNBD.from_json(model.to_json())
    assert again.k_ == 3
    assert again.explain() == model.explain()
    draws = model.bootstrap(table, draws=10, seed=6)
    assert {drawn.k_ for drawn in draws.models} == {3}
