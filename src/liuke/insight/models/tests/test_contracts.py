from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import betaln

from liuke.insight.errors import BadHorizon, BadTable, BoundaryFit, NotFitted, TooFewCustomers
from liuke.insight.models import (
    BetaDiscreteWeibull,
    ContractModel,
    ShiftedBetaGeometric,
    contracts_from_survivors,
)

# Fader and Hardie (2007), table 1: 1,000 customers over 12 renewals, the first 7 to fit
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491, 468, 445, 427, 409, 394]
REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241, 223, 207, 194, 183, 173]
KINDS: list[type[ContractModel]] = [ShiftedBetaGeometric, BetaDiscreteWeibull]


@pytest.mark.parametrize(
    ("survivors", "params", "log_likelihood"),
    [(HIGH_END, (0.6681, 3.8061), -1611.16), (REGULAR, (0.7041, 1.1820), -1680.27)],
)
def test_the_papers_two_cohorts(
    survivors: list[int], params: tuple[float, float], log_likelihood: float
) -> None:
    model = ShiftedBetaGeometric().fit(contracts_from_survivors(survivors[:8]))
    assert tuple(model.params_.values()) == pytest.approx(params, abs=6e-5)
    assert model.log_likelihood_ == pytest.approx(log_likelihood, abs=0.006)
    assert model.converged_


def test_the_papers_projection_of_high_end() -> None:
    model = ShiftedBetaGeometric().fit(contracts_from_survivors(HIGH_END[:8]))
    assert (100 * model.survival(np.arange(8, 13))).round(1).tolist() == [46.0, 43.6, 41.4, 39.5, 37.8]


@pytest.mark.parametrize("survivors", [HIGH_END, REGULAR])
def test_beta_discrete_weibull_agrees_with_a_plain_search(survivors: list[int]) -> None:
    """A second implementation: the likelihood as the paper writes it, climbed without derivatives."""
    counts = np.array(survivors[:8], dtype=float)
    t = np.arange(8.0)

    def downhill(params: np.ndarray) -> float:
        a, b, c = np.abs(params)
        s = np.exp(betaln(a, b + t**c) - betaln(a, b))
        return -float((counts[:-1] - counts[1:]) @ np.log(s[:-1] - s[1:]) + counts[-1] * np.log(s[-1]))

    plain = minimize(downhill, [0.5, 1.5, 1.2], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-11})
    model = BetaDiscreteWeibull().fit(contracts_from_survivors(survivors[:8]))
    assert model.log_likelihood_ == pytest.approx(-plain.fun, abs=1e-6)
    assert tuple(model.params_.values()) == pytest.approx(np.abs(plain.x), rel=1e-3)


def test_duration_dependence_brings_the_projection_nearer() -> None:
    """What the paper of 2018 claims, on the five years after: both cohorts are foretold better with c free."""
    for survivors in (HIGH_END, REGULAR):
        came = np.array(survivors[8:]) / 1000
        contracts = contracts_from_survivors(survivors[:8])
        off = [np.abs(kind().fit(contracts).survival(np.arange(8, 13)) - came).mean() for kind in KINDS]
        assert off[1] < off[0] < 0.02


@pytest.mark.parametrize("kind", KINDS)
def test_the_truth_is_recovered_within_four_standard_errors(kind: type[ContractModel]) -> None:
    true = {"alpha": 0.7, "beta": 2.5, "c": 1.4}
    true = {name: true[name] for name in kind.param_names}
    model = kind().fit(kind.with_params(**true).simulate(30_000, periods=9, seed=1))
    for name, value in true.items():
        error = model.standard_errors_[name]
        assert error is not None
        assert abs(model.params_[name] - value) < 4 * error, name


@pytest.mark.parametrize("kind", KINDS)
def test_renewals_ahead_agree_with_simulation(kind: type[ContractModel]) -> None:
    model = kind().fit(contracts_from_survivors(HIGH_END[:8]))
    later = model.simulate(400_000, periods=9, seed=2)
    ended, periods = later["ended"].to_numpy(), later["periods"].to_numpy()
    # those still there after 4 renewals, watched for 5 more
    there = (ended == 0) | (periods > 4)
    renewed = np.where(ended == 1, periods - 1, 9)[there] - 4
    now = {"periods": [4, 4], "ended": [0, 1]}
    expected, gone = model.expected_renewals(now, horizon=5)
    assert gone == 0
    assert expected == pytest.approx(renewed.mean(), abs=4 * renewed.std() / np.sqrt(there.sum()))
    likely = model.probability_of_renewal(now, horizon=5)
    assert likely[0] == pytest.approx((renewed == 5).mean(), abs=0.005)
    assert likely[1] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_survival_falls_and_sums_up(kind: type[ContractModel]) -> None:
    model = kind().fit(contracts_from_survivors(REGULAR[:8]))
    t = np.arange(200)
    survival = model.survival(t)
    assert survival[0] == 1
    assert (np.diff(survival) < 0).all()
    assert np.cumprod(model.retention(t[1:])) == pytest.approx(survival[1:])
    running = {"periods": [2], "ended": [0]}
    plain = model.expected_renewals(running, horizon=12)
    assert plain[0] == pytest.approx((survival[3:15] / survival[2]).sum())
    assert model.expected_renewals(running, horizon=12, discount_rate=0.1) < plain


def test_staggered_starts_are_contracts_that_run_on() -> None:
    """Cohorts of different age in one table: each that runs on is censored at its own age."""
    true = ShiftedBetaGeometric.with_params(alpha=0.7, beta=2.5)
    tables = [true.simulate(8000, periods=age, seed=age) for age in range(1, 8)]
    periods = np.concatenate([table["periods"].to_numpy() for table in tables])
    ended = np.concatenate([table["ended"].to_numpy() for table in tables])
    model = ShiftedBetaGeometric().fit({"periods": periods, "ended": ended})
    for name, value in true.params_.items():
        error = model.standard_errors_[name]
        assert error is not None
        assert abs(model.params_[name] - value) < 4 * error


@pytest.mark.parametrize("kind", KINDS)
def test_edges_are_named(kind: type[ContractModel]) -> None:
    with pytest.warns(BoundaryFit, match="nobody leaves"):
        model = kind().fit({"periods": [5] * 100, "ended": [0] * 100})
    assert model.survival([50])[0] == pytest.approx(1, abs=1e-3)
    with pytest.warns(BoundaryFit, match="everybody leaves at the first renewal"):
        model = kind().fit({"periods": [1] * 100, "ended": [1] * 100})
    assert np.isfinite(model.survival(np.arange(9))).all()
    assert np.isfinite(model.covariance_).all()


def test_one_chance_for_all_is_an_edge() -> None:
    rng = np.random.default_rng(3)
    lasted = rng.geometric(0.3, 4000)
    # a little too regular for chances that differ
    lasted = np.where((lasted > 9) & (rng.random(4000) < 0.5), 4, lasted)
    with pytest.warns(BoundaryFit, match="one chance of leaving for all"):
        model = ShiftedBetaGeometric().fit({"periods": lasted, "ended": np.ones(4000)})
    assert model.retention([1, 9]) == pytest.approx([0.7, 0.7], abs=0.03)


@pytest.mark.parametrize(
    ("column", "row", "periods", "ended"),
    [
        ("periods", 1, [1, 1.5], [1, 1]),
        ("ended", 1, [1, 2], [1, 2]),
        ("periods", 0, [0, 2], [1, 0]),
        ("periods", 1, [3, -2], [1, 0]),
    ],
)
def test_bad_contracts_are_refused(column: str, row: int, periods: list[float], ended: list[int]) -> None:
    with pytest.raises(BadTable) as refused:
        ShiftedBetaGeometric(min_customers=1).fit({"periods": periods, "ended": ended})
    assert (refused.value.table, refused.value.column, refused.value.row) == ("contracts", column, row)


def test_bad_survivors_few_contracts_and_horizons_are_refused() -> None:
    with pytest.raises(BadTable, match="row 2"):
        contracts_from_survivors([100, 80, 90])
    with pytest.raises(BadTable, match="row 1"):
        contracts_from_survivors([10, -1])
    with pytest.raises(TooFewCustomers):
        ShiftedBetaGeometric().fit({"periods": [1], "ended": [1]})
    model = ShiftedBetaGeometric.with_params(alpha=1, beta=2)
    for horizon in (0, 1.5, -2, float("nan")):
        with pytest.raises(BadHorizon):
            model.probability_of_renewal({"periods": [1], "ended": [0]}, horizon=horizon)  # type: ignore[arg-type]
    with pytest.raises(NotFitted):
        ShiftedBetaGeometric().survival([1])


@pytest.mark.parametrize("kind", KINDS)
def test_saved_bootstrapped_and_explained(kind: type[ContractModel]) -> None:
    contracts = contracts_from_survivors(REGULAR[:8])
    model = kind().fit(contracts)
    again = kind.from_json(model.to_json())
    assert again.explain() == model.explain()
    assert np.array_equal(again.survival([3, 9]), model.survival([3, 9]))
    low, high = model.bootstrap(contracts, draws=40, seed=5).interval_of(lambda m: float(m.survival([12])[0]))
    assert low < model.survival([12])[0] < high
