"""What BG/NBD, MBG/NBD and Pareto/NBD have in common: figures agree with simulation, invariance, bad input."""

from __future__ import annotations

import warnings

import numpy as np
import pyarrow as pa
import pytest
from scipy.optimize import minimize
from scipy.special import gammaln

from liuke.insight.errors import (
    BadHorizon,
    BadModelFile,
    BoundaryFit,
    NoRepeatBuyers,
    NotFitted,
    OneTimeBuyers,
    TooFewCustomers,
)
from liuke.insight.models import BGNBD, MBGNBD, ParetoNBD, PurchaseModel

KINDS: list[type[PurchaseModel]] = [BGNBD, MBGNBD, ParetoNBD]
TRUE = {
    BGNBD: {"r": 0.6, "alpha": 5.0, "a": 0.8, "b": 2.5},
    MBGNBD: {"r": 0.6, "alpha": 5.0, "a": 0.8, "b": 2.5},
    ParetoNBD: {"r": 0.6, "alpha": 5.0, "s": 0.7, "beta": 12.0},
}
pytestmark = pytest.mark.filterwarnings("ignore::liuke.insight.errors.OneTimeBuyers")


def known(kind: type[PurchaseModel]) -> PurchaseModel:
    """A model that knows the truth without having seen data."""
    return kind.with_params(**TRUE[kind])


def simulated(
    kind: type[PurchaseModel], customers: int, *, seed: int, horizon: float | None = None
) -> pa.Table:
    watched = np.random.default_rng(seed).uniform(10, 50, customers)
    return known(kind).simulate(watched, seed=seed, horizon=horizon)


@pytest.mark.parametrize("kind", KINDS)
def test_the_truth_is_recovered_within_four_standard_errors(kind: type[PurchaseModel]) -> None:
    model = kind().fit(simulated(kind, 20_000, seed=3))
    assert model.converged_
    for name, value in TRUE[kind].items():
        error = model.standard_errors_[name]
        assert error is not None
        assert abs(model.params_[name] - value) < 4 * error, name


@pytest.mark.parametrize("kind", KINDS)
def test_forecasts_agree_with_simulation_group_by_group(kind: type[PurchaseModel]) -> None:
    """P(alive), P(purchase) and expected purchases are the means of what the simulator does, also within groups."""
    table = simulated(kind, 400_000, seed=5, horizon=20.0)
    model = known(kind)
    alive, future = table["alive"].to_numpy().astype(float), table["future"].to_numpy().astype(float)
    forecasts = {
        "alive": (model.probability_alive(table), alive),
        "purchase": (model.probability_of_purchase(table, horizon=20.0), (future > 0).astype(float)),
        "purchases": (model.expected_purchases(table, horizon=20.0), future),
    }
    x = table["frequency"].to_numpy()
    idle = table["T"].to_numpy() - table["recency"].to_numpy()
    groups = [x == 0, x == 1, (x > 1) & (x < 6), x >= 6, (x >= 2) & (idle > 10), (x >= 2) & (idle < 2)]
    for name, (forecast, came) in forecasts.items():
        for group in groups:
            off = came[group] - forecast[group]
            noise = max(off.std() / np.sqrt(group.sum()), 1e-12)
            assert abs(off.mean()) < 4.5 * noise, (name, int(group.sum()))


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_customer_is_one_with_nothing_known(kind: type[PurchaseModel]) -> None:
    table = simulated(kind, 200_000, seed=8)
    model = known(kind)
    young = model.simulate(np.full(200_000, 15.0), seed=9)["frequency"].to_numpy().astype(float)
    assert model.expected_purchases_new(15.0) == pytest.approx(
        young.mean(), abs=4 * young.std() / np.sqrt(len(young))
    )
    assert table.num_rows == 200_000


@pytest.mark.parametrize("kind", KINDS)
def test_the_log_likelihood_of_any_table_can_be_asked(kind: type[PurchaseModel], cdnow: pa.Table) -> None:
    model = kind().fit(cdnow)
    assert model.log_likelihood(cdnow) == pytest.approx(model.log_likelihood_, abs=1e-6)
    half, rest = cdnow.slice(0, 1000), cdnow.slice(1000)
    assert model.log_likelihood(half) + model.log_likelihood(rest) == pytest.approx(
        model.log_likelihood_, abs=1e-6
    )
    assert kind().fit(half).log_likelihood(rest) < model.log_likelihood(rest)


@pytest.mark.parametrize("kind", KINDS)
def test_neither_row_order_nor_splitting_nor_the_unit_changes_the_fit(
    kind: type[PurchaseModel], cdnow: pa.Table
) -> None:
    model = kind().fit(cdnow)
    shuffled = cdnow.take(np.random.default_rng(1).permutation(cdnow.num_rows))
    split = pa.concat_tables([shuffled.slice(0, 100), shuffled.slice(100)])
    assert kind().fit(split).params_ == model.params_
    seconds = cdnow.set_column(2, "recency", pa.array(cdnow["recency"].to_numpy() * 604_800))
    seconds = seconds.set_column(3, "T", pa.array(cdnow["T"].to_numpy() * 604_800))
    again = kind().fit(seconds)
    for name, value in model.params_.items():
        factor = 604_800 if name in kind.time_params else 1
        assert again.params_[name] == pytest.approx(value * factor, rel=1e-5)
    assert again.expected_purchases(seconds, horizon=39 * 604_800) == pytest.approx(
        model.expected_purchases(cdnow, horizon=39), rel=1e-4
    )
    purchases = cdnow["frequency"].to_numpy().sum()
    assert again.log_likelihood_ + purchases * np.log(604_800) == pytest.approx(
        model.log_likelihood_, abs=1e-5
    )


@pytest.mark.parametrize("kind", KINDS)
def test_each_customer_twice_is_the_same_fit_with_smaller_errors(
    kind: type[PurchaseModel], cdnow: pa.Table
) -> None:
    columns = cdnow.select(["frequency", "recency", "T"])
    once, twice = kind().fit(columns), kind().fit(pa.concat_tables([columns, columns]))
    for name, value in once.params_.items():
        assert twice.params_[name] == pytest.approx(value, rel=1e-4)
        assert twice.standard_errors_[name] == pytest.approx(
            once.standard_errors_[name] / np.sqrt(2), rel=1e-3
        )


@pytest.mark.parametrize("kind", KINDS)
def test_p_alive_falls_with_silence_and_figures_rise_with_the_horizon(
    kind: type[PurchaseModel], cdnow: pa.Table
) -> None:
    model = kind().fit(cdnow)
    T = np.linspace(20, 200, 40)
    silent = {"frequency": np.full(40, 5), "recency": np.full(40, 20.0), "T": T}
    assert (np.diff(model.probability_alive(silent)) < 0).all()
    horizons = [0.01, 0.5, 4, 13, 52, 520]
    for forecast in (model.expected_purchases, model.probability_of_purchase):
        by_horizon = np.array([forecast(cdnow, horizon=horizon) for horizon in horizons])
        assert (np.diff(by_horizon, axis=0) > 0).all()
    likely = np.array([model.probability_of_purchase(cdnow, horizon=horizon) for horizon in horizons])
    assert (likely <= model.probability_alive(cdnow) + 1e-12).all()
    assert (likely <= np.array([model.expected_purchases(cdnow, horizon=h) for h in horizons]) + 1e-12).all()


@pytest.mark.parametrize("kind", KINDS)
def test_steady_frequent_buyers_of_a_long_history_do_not_overflow(kind: type[PurchaseModel]) -> None:
    """Thousands of purchases over ten years, counted in seconds."""
    rng = np.random.default_rng(2)
    year = 365.25 * 86_400
    T = rng.uniform(5, 10, 500) * year
    x = rng.poisson(rng.gamma(2.0, 250, 500) * T / year)
    stayed = rng.random(500) < 0.5
    recency = np.where(x > 0, T * np.where(stayed, 1 - 1e-4, rng.uniform(0.1, 0.9, 500)), 0.0)
    x = np.where(stayed, x, np.ceil(x * recency / T)).astype(int)
    table = {"frequency": x, "recency": recency, "T": T}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BoundaryFit)
        model = kind().fit(table)
    assert model.converged_
    assert x.max() > 4000
    for figures in (
        model.probability_alive(table),
        model.expected_purchases(table, horizon=year),
        model.probability_of_purchase(table, horizon=year),
    ):
        assert np.isfinite(figures).all()
    assert model.probability_alive(table)[stayed].min() > 0.9
    assert model.probability_alive(table)[~stayed].max() < 0.01


@pytest.mark.parametrize("kind", KINDS)
def test_where_nobody_leaves_the_fit_says_so(kind: type[PurchaseModel]) -> None:
    """Steady buyers seen without an end: the likelihood is highest at the edge of the model."""
    rng = np.random.default_rng(4)
    T = rng.uniform(20, 40, 3000)
    x = rng.poisson(rng.gamma(2.0, 0.2, 3000) * T)
    last = np.where(x > 0, T * rng.random(3000) ** (1 / np.maximum(x, 1)), 0.0)
    # a little more regular at the end than chance, so that leaving is not merely unsupported but spoken against
    last = np.where(x > 2, np.maximum(last, 0.7 * T), last)
    table = {"frequency": x, "recency": last, "T": T}
    with pytest.warns(BoundaryFit, match="nobody leaves"):
        model = kind().fit(table)
    assert model.converged_
    assert model.leaving_gain_ == 0
    assert "nobody leaves" in model.boundary_[0]
    assert "nobody leaves" in model.explain()
    assert set(model.standard_errors_) == set(model.params_)
    assert [name for name, error in model.standard_errors_.items() if error is None] == list(
        kind.param_names[2:]
    )
    assert np.isfinite(model.covariance_).all()
    assert model.probability_alive(table).min() > 0.999
    # what is left is the negative binomial: its forecast is a regression of the rate, (r + x)/(α + T)
    r, alpha = model.params_["r"], model.params_["alpha"]
    assert model.expected_purchases(table, horizon=5.0) == pytest.approx(
        (r + x) / (alpha + T) * 5.0, rel=1e-4
    )


@pytest.mark.parametrize("kind", KINDS)
def test_ten_thousand_identical_rows_have_one_rate(kind: type[PurchaseModel]) -> None:
    table = {"frequency": np.full(10_000, 3), "recency": np.full(10_000, 5.0), "T": np.full(10_000, 6.0)}
    with pytest.warns(BoundaryFit, match="one buying rate for all"):
        model = kind().fit(table)
    assert np.isfinite(model.expected_purchases(table, horizon=2.0)).all()
    assert np.isfinite(model.covariance_).all()


@pytest.mark.parametrize("kind", KINDS)
def test_too_few_customers_and_no_repeat_buyers_are_refused(kind: type[PurchaseModel]) -> None:
    one = {"frequency": [2], "recency": [3.0], "T": [5.0]}
    with pytest.raises(TooFewCustomers) as refused:
        kind().fit(one)
    assert (refused.value.found, refused.value.needed) == (1, 30)
    nobody = {"frequency": np.zeros(50), "recency": np.zeros(50), "T": np.full(50, 9.0)}
    with pytest.raises(NoRepeatBuyers):
        kind().fit(nobody)


@pytest.mark.parametrize("kind", KINDS)
def test_asking_before_fitting_or_for_no_horizon_is_refused(
    kind: type[PurchaseModel], cdnow: pa.Table
) -> None:
    with pytest.raises(NotFitted):
        kind().probability_alive(cdnow)
    model = known(kind)
    for horizon in (0, -1, float("nan"), float("inf"), None, "soon"):
        with pytest.raises(BadHorizon):
            model.expected_purchases(cdnow, horizon=horizon)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_saved_and_loaded_it_says_the_same(kind: type[PurchaseModel], cdnow: pa.Table) -> None:
    model = kind(min_customers=40).fit(cdnow)
    again = kind.from_json(model.to_json())
    assert again.min_customers == 40
    assert again.explain() == model.explain()
    assert np.array_equal(again.covariance_, model.covariance_)
    assert np.array_equal(
        again.expected_purchases(cdnow, horizon=9), model.expected_purchases(cdnow, horizon=9)
    )


def test_a_saved_model_of_another_kind_or_a_later_version_is_refused(cdnow: pa.Table) -> None:
    text = BGNBD().fit(cdnow).to_json()
    with pytest.raises(BadModelFile, match="BGNBD"):
        ParetoNBD.from_json(text)
    with pytest.raises(BadModelFile, match="version"):
        BGNBD.from_json(text.replace('"version": 1', '"version": 2'))
    for damaged in ("", "[]", "{}", text[:-20], text.replace('"alpha"', '"beta"')):
        with pytest.raises(BadModelFile):
            BGNBD.from_json(damaged)


def test_bgnbd_says_that_it_cannot_judge_one_time_buyers(cdnow: pa.Table) -> None:
    model = BGNBD().fit(cdnow)
    one_time = cdnow["frequency"].to_numpy() == 0
    with pytest.warns(OneTimeBuyers, match=f"{one_time.sum():,} one-time buyers"):
        alive = model.probability_alive(cdnow)
    assert (alive[one_time] == 1).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (MBGNBD().fit(cdnow).probability_alive(cdnow)[one_time] < 1).all()


@pytest.mark.parametrize("kind", KINDS)
def test_bootstrap_and_hessian_agree_on_the_uncertainty(kind: type[PurchaseModel], cdnow: pa.Table) -> None:
    model = kind().fit(cdnow)
    draws = model.bootstrap(cdnow, draws=60, seed=7)
    for name in ("r", "alpha"):
        error = model.standard_errors_[name]
        assert error is not None
        assert 0.6 < draws.params[name].std() / error < 1.7
        low, high = draws.interval(0.9)[name]
        assert low < model.params_[name] < high
    low, high = draws.interval_of(lambda drawn: float(drawn.expected_purchases(cdnow, horizon=39).sum()))
    assert low < model.expected_purchases(cdnow, horizon=39).sum() < high
    again = model.bootstrap(cdnow, draws=2, seed=7)
    assert again.params["r"].tolist() == draws.params["r"][:2].tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_discounting_counts_later_purchases_less(kind: type[PurchaseModel], cdnow: pa.Table) -> None:
    model = kind().fit(cdnow)
    plain = model.discounted_purchases(cdnow, horizon=52, discount_rate=0.0)
    assert plain == pytest.approx(model.expected_purchases(cdnow, horizon=52), rel=1e-9)
    weekly = 1.10 ** (1 / 52) - 1
    discounted = model.discounted_purchases(cdnow, horizon=52, discount_rate=weekly)
    assert (discounted < plain).all()
    assert (discounted > plain / 1.10).all()
    finer = model.discounted_purchases(cdnow, horizon=52, discount_rate=weekly, steps=200)
    assert discounted == pytest.approx(finer, rel=1e-4)


def test_a_better_optimum_away_from_the_edge_is_found() -> None:
    """Nobody leaves, yet by chance the likelihood has a low hill inside; a climb alone ends at the edge below it."""
    rng = np.random.default_rng(27)
    T = rng.uniform(100, 370, 1500)
    x = rng.poisson(rng.gamma(0.83, 1 / 70, 1500) * T)
    last = np.where(x > 0, T * rng.random(1500) ** (1 / np.maximum(x, 1)), 0.0)
    with pytest.warns(BoundaryFit, match=r"gains only 0\.07"):
        model = BGNBD().fit({"frequency": x, "recency": last, "T": T})
    assert model.log_likelihood_ == pytest.approx(_edge_log_likelihood(x, T) + 0.067, abs=0.002)


def _edge_log_likelihood(x: np.ndarray, T: np.ndarray) -> float:
    """The highest log-likelihood when nobody leaves: the negative binomial."""

    def downhill(logs: np.ndarray) -> float:
        r, alpha = np.exp(logs)
        return -float(np.sum(gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + T)))

    return -float(
        minimize(downhill, [0.0, 4.0], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-8}).fun
    )
