from __future__ import annotations

import warnings

import numpy as np
import pyarrow as pa
import pytest

from liuke.insight.errors import (
    BoundaryFit,
    DependentSpend,
    FreePurchases,
    HeavyTail,
    MissingColumn,
    NoRepeatBuyers,
    TooFewCustomers,
)
from liuke.insight.models import (
    BGNBD,
    FrequencyGammaGamma,
    GammaGamma,
    customer_lifetime_value,
    fit_spend,
)

# the record buyers spend a little more the more often they buy: said once below, not in every test
pytestmark = pytest.mark.filterwarnings("ignore:GammaGamma takes spend:liuke.insight.errors.DependentSpend")


def known(p: float, q: float, gamma: float) -> GammaGamma:
    return GammaGamma.with_params(p=p, q=q, gamma=gamma)


def counts(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).negative_binomial(1, 0.3, n)


def test_the_truth_is_recovered_within_four_standard_errors() -> None:
    true = {"p": 4.0, "q": 3.2, "gamma": 25.0}
    table = known(**true).simulate(counts(30_000, 1), seed=2)
    model = GammaGamma().fit(table)
    assert model.converged_
    for name, value in true.items():
        error = model.standard_errors_[name]
        assert error is not None
        assert abs(model.params_[name] - value) < 4 * error, name


def test_the_expected_value_is_the_mean_of_the_next_purchases() -> None:
    """Simulated customers seen twice: what they spend later averages to what the first look expects."""
    model = known(4.0, 3.2, 25.0)
    rng = np.random.default_rng(3)
    n = 300_000
    nu = rng.gamma(3.2, 1 / 25.0, n)
    x = counts(n, 4)
    m = np.where(x > 0, rng.gamma(4.0 * np.maximum(x, 1)) / (nu * np.maximum(x, 1)), 0.0)
    later = rng.gamma(4.0, 1 / nu)
    expected = model.expected_value({"frequency": x, "monetary": m})
    for group in (x == 0, x == 1, (x > 1) & (m > 60), (x > 1) & (m < 20)):
        off = later[group] - expected[group]
        assert abs(off.mean()) < 4.5 * off.std() / np.sqrt(group.sum())


def test_cents_or_dollars_give_the_same_customer(cdnow: pa.Table) -> None:
    dollars = GammaGamma().fit(cdnow)
    in_cents = cdnow.set_column(4, "monetary", pa.array(cdnow["monetary"].to_numpy() * 100))
    cents = GammaGamma().fit(in_cents)
    assert cents.params_["gamma"] == pytest.approx(dollars.params_["gamma"] * 100, rel=1e-5)
    assert cents.expected_value(in_cents) == pytest.approx(dollars.expected_value(cdnow) * 100, rel=1e-6)
    assert cents.log_likelihood_ + 946 * np.log(100) == pytest.approx(dollars.log_likelihood_, abs=1e-6)


def test_the_expected_value_lies_between_own_mean_and_population(cdnow: pa.Table) -> None:
    model = GammaGamma().fit(cdnow)
    p, q, gamma = model.params_.values()
    everybody = p * gamma / (q - 1)
    expected = model.expected_value(cdnow)
    x, own = cdnow["frequency"].to_numpy(), cdnow["monetary"].to_numpy()
    assert expected[x == 0] == pytest.approx(everybody)
    low, high = np.minimum(own, everybody), np.maximum(own, everybody)
    assert ((expected >= low) & (expected <= high))[x > 0].all()


def test_no_finite_mean_is_said_and_medians_stand_in() -> None:
    table = known(3.0, 0.7, 10.0).simulate(counts(8000, 5), seed=6)
    with pytest.warns(HeavyTail, match="no finite mean"):
        model = GammaGamma().fit(table)
    assert model.params_["q"] < 1
    expected = model.expected_value(table)
    assert np.isfinite(expected).all()
    assert (expected > 0).all()
    assert "medians" in model.explain()


def test_spend_that_follows_frequency_is_said_and_can_be_modelled() -> None:
    true = FrequencyGammaGamma.with_params(p=4.0, q=3.2, gamma=25.0, growth=1.3)
    table = true.simulate(counts(20_000, 7), seed=8)
    with pytest.warns(DependentSpend, match=r"factor 1\.3"):
        plain = GammaGamma().fit(table)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = fit_spend(table)
    assert isinstance(model, FrequencyGammaGamma)
    assert model.log_likelihood_ - plain.log_likelihood_ == pytest.approx(plain.dependence_gain_, abs=1e-4)
    assert model.dependence_gain_ == pytest.approx(plain.dependence_gain_, abs=1e-4)
    for name, value in true.params_.items():
        error = model.standard_errors_[name]
        assert error is not None
        assert abs(model.params_[name] - value) < 4 * error, name
    # frequent buyers are underrated by the plain model, one-time buyers overrated
    x = table["frequency"].to_numpy()
    ratio = plain.expected_value(table) / model.expected_value(table)
    assert ratio[x == 0].mean() > 1.1


def test_independent_spend_keeps_the_plain_model(cdnow: pa.Table) -> None:
    table = known(4.0, 3.2, 25.0).simulate(counts(20_000, 9), seed=10)
    model = fit_spend(table)
    assert type(model) is GammaGamma
    assert model.spend_growth_ == pytest.approx(1, abs=0.03)
    assert model.dependence_gain_ < 5


def test_customers_who_all_spend_alike_are_a_boundary() -> None:
    rng = np.random.default_rng(8)
    x = rng.integers(1, 10, 3000)
    m = rng.gamma(5.0 * x) / x
    with pytest.warns(BoundaryFit, match="all customers spend alike"):
        model = GammaGamma().fit({"frequency": x, "monetary": m})
    assert model.expected_value({"frequency": [0, 3], "monetary": [0, 50.0]}) == pytest.approx(
        [5, 5], rel=0.05
    )


def test_free_goods_are_left_out_and_counted(cdnow: pa.Table) -> None:
    plain = GammaGamma().fit(cdnow)
    free = {
        "frequency": np.append(cdnow["frequency"].to_numpy(), [2, 3]),
        "monetary": np.append(cdnow["monetary"].to_numpy(), [0.0, 0.0]),
    }
    with pytest.warns(FreePurchases, match="2 repeat buyers"):
        model = GammaGamma().fit(free)
    assert model.params_ == plain.params_
    assert np.isfinite(model.expected_value(free)).all()


def test_too_little_to_learn_from_is_refused() -> None:
    with pytest.raises(NoRepeatBuyers):
        GammaGamma().fit({"frequency": [0, 0], "monetary": [0.0, 0.0]})
    with pytest.raises(TooFewCustomers):
        GammaGamma().fit({"frequency": [0, 2], "monetary": [0.0, 9.0]})
    with pytest.raises(MissingColumn, match="monetary"):
        GammaGamma().fit({"frequency": [1, 2]})


def test_saved_and_loaded_it_says_the_same(cdnow: pa.Table) -> None:
    model = GammaGamma().fit(cdnow)
    again = GammaGamma.from_json(model.to_json())
    assert again.explain() == model.explain()
    assert np.array_equal(again.expected_value(cdnow), model.expected_value(cdnow))


def test_bootstrap_agrees_with_the_hessian(cdnow: pa.Table) -> None:
    model = GammaGamma().fit(cdnow)
    draws = model.bootstrap(cdnow, draws=50, seed=1)
    error = model.standard_errors_["q"]
    assert error is not None
    assert 0.6 < draws.params["q"].std() / error < 1.8


def test_lifetime_value_is_purchases_times_value_times_margin(cdnow: pa.Table) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bought, spend = BGNBD().fit(cdnow), GammaGamma().fit(cdnow)
    value = customer_lifetime_value(bought, spend, cdnow, horizon=52, margin=0.3)
    plain = 0.3 * bought.expected_purchases(cdnow, horizon=52) * spend.expected_value(cdnow)
    assert value == pytest.approx(plain, rel=1e-9)
    later = customer_lifetime_value(bought, spend, cdnow, horizon=52, margin=0.3, discount_rate=0.002)
    assert (later < value).all()
    with pytest.raises(ValueError, match="margin"):
        customer_lifetime_value(bought, spend, cdnow, horizon=52, margin=0)
