from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression

from liuke.insight.errors import BadHorizon, BadTable, MissingColumn, TooFewCustomers
from liuke.insight.models import DiscreteHazard, KaplanMeier, at_risk, contracts_from_survivors

REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]


def drawn(n: int, seed: int) -> dict[str, np.ndarray]:
    """Contracts of eight periods whose hazard rises with complaints and falls with years of age."""
    rng = np.random.default_rng(seed)
    complaints, age = rng.poisson(0.7, n), rng.normal(40, 12, n)
    chance = 1 / (1 + np.exp(2.0 - 0.8 * complaints + 0.03 * (age - 40)))
    lasted = rng.geometric(chance)
    return {
        "periods": np.minimum(lasted, 8),
        "ended": (lasted <= 8).astype(int),
        "complaints": complaints,
        "age": age,
    }


def test_without_covariates_it_is_the_life_table() -> None:
    contracts = contracts_from_survivors(REGULAR)
    model = DiscreteHazard(smooth=1e-6).fit(at_risk(contracts))
    survivors = np.array(REGULAR)
    assert model.hazard({"period": np.arange(1, 8)}) == pytest.approx(
        1 - survivors[1:] / survivors[:-1], abs=1e-4
    )
    curve = model.survival({"period": [1]}, horizon=7)[0]
    periods, ended = contracts["periods"].to_numpy(), contracts["ended"].to_numpy()
    life_table = KaplanMeier().fit({"duration": periods, "ended": ended})
    assert curve == pytest.approx(life_table.survival(np.arange(1, 8)), abs=1e-4)


def test_the_effects_are_recovered_within_four_standard_errors() -> None:
    model = DiscreteHazard(("complaints", "age")).fit(at_risk(drawn(20_000, 1), ("complaints", "age")))
    assert model.converged_
    for name, true in (("complaints", 0.8), ("age", -0.03)):
        assert abs(model.coefficients_[name] - true) < 4 * model.standard_errors_[name]


def test_the_bootstrap_agrees_with_the_hessian() -> None:
    table = at_risk(drawn(1500, 4), ("complaints",))
    model = DiscreteHazard(("complaints",)).fit(table)
    again = model.bootstrap(table, draws=150, seed=6)
    assert all(len(each.baseline_) == len(model.baseline_) for each in again.models)
    low, high = again.interval_of(lambda each: each.coefficients_["complaints"])
    spread = (high - low) / (2 * 1.645)
    assert spread == pytest.approx(model.standard_errors_["complaints"], rel=0.25)
    assert low < model.coefficients_["complaints"] < high


def test_a_second_implementation_agrees() -> None:
    """Scikit-learn's logistic regression with period dummies, all but unpenalised."""
    table = at_risk(drawn(3000, 2), ("complaints", "age"))
    period, ended = table["period"].to_numpy(), table["ended"].to_numpy()
    values = np.stack([table["complaints"].to_numpy(), table["age"].to_numpy() / 10], axis=1)
    design = np.concatenate([np.eye(8)[period - 1], values], axis=1)
    other = LogisticRegression(C=1e8, fit_intercept=False, tol=1e-10, max_iter=10_000).fit(design, ended)
    model = DiscreteHazard(("complaints", "age"), ridge=1e-9, smooth=1e-9).fit(table)
    assert model.hazard(table) == pytest.approx(other.predict_proba(design)[:, 1], abs=1e-4)


def test_units_rows_and_order_do_not_matter() -> None:
    table = at_risk(drawn(2000, 3), ("complaints", "age"))
    model = DiscreteHazard(("complaints", "age")).fit(table)
    shuffled = table.take(np.random.default_rng(4).permutation(table.num_rows))
    assert DiscreteHazard(("complaints", "age")).fit(shuffled).coefficients_ == model.coefficients_
    months = table.set_column(3, "age", pa.array(table["age"].to_numpy() * 12))
    again = DiscreteHazard(("complaints", "age")).fit(months)
    assert again.coefficients_["age"] * 12 == pytest.approx(model.coefficients_["age"], rel=1e-6)
    assert again.hazard(months) == pytest.approx(model.hazard(table), rel=1e-6)


def test_perfect_separation_and_empty_periods_stay_finite() -> None:
    period = np.tile(np.arange(1, 6), 40)
    ended = (period == 3).astype(int)
    model = DiscreteHazard(("sign",)).fit({"period": period, "ended": ended, "sign": ended * 2 - 1})
    assert model.converged_
    assert np.isfinite(model.hazard({"period": [1, 3, 99], "sign": [-1, 1, 0]})).all()


def test_beyond_the_last_period_the_last_level_holds() -> None:
    model = DiscreteHazard().fit(at_risk(contracts_from_survivors(REGULAR)))
    at_last, later = model.hazard({"period": [7, 50]})
    assert at_last == later


def test_staying_agrees_with_what_is_drawn() -> None:
    model = DiscreteHazard(("complaints", "age")).fit(at_risk(drawn(4000, 5), ("complaints", "age")))
    rows = {"period": np.full(100_000, 2), "complaints": np.full(100_000, 1.0), "age": np.full(100_000, 45.0)}
    came = model.simulate(rows, horizon=4, seed=6)
    staying = model.probability_of_staying(rows, horizon=4)
    assert (came["ended"].to_numpy() == 0).mean() == pytest.approx(staying[0], abs=0.006)
    assert came["periods"].to_numpy().max() == 4


def test_saved_loaded_and_explained() -> None:
    table = at_risk(drawn(2000, 7), ("complaints", "age"))
    model = DiscreteHazard(("complaints", "age")).fit(table)
    again = DiscreteHazard.from_json(model.to_json())
    assert np.array_equal(again.hazard(table), model.hazard(table))
    assert "complaints multiplies the odds of leaving by" in again.explain()


def test_bad_rows_are_refused() -> None:
    good = {"period": [1] * 40, "ended": [0] * 40}
    with pytest.raises(MissingColumn, match="price"):
        DiscreteHazard(("price",)).fit(good)
    for column, values in (("period", [0] * 40), ("period", [1.5] * 40), ("ended", [2] * 40)):
        with pytest.raises(BadTable) as refused:
            DiscreteHazard().fit({**good, column: values})
        assert (refused.value.column, refused.value.row) == (column, 0)
    with pytest.raises(TooFewCustomers):
        DiscreteHazard().fit({"period": [1], "ended": [0]})
    with pytest.raises(BadHorizon):
        DiscreteHazard().fit(good).survival(good, horizon=0)
    with pytest.raises(ValueError, match="ridge"):
        DiscreteHazard(ridge=0).fit(good)
