"""EC02 for each customer: lifetime value from fitted models, for ever and with bands.

The closed forms of the sources stand here as the second implementation: Tricomi's function for Pareto/NBD (Fader, Hardie
and Lee 2005, equation 2), Gauss's 2F1 for sBG (Fader and Hardie 2010, equation 6).
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.special import hyp2f1, hyperu

from liuke import insight
from liuke.insight import economics as ec
from liuke.insight.datasets import cdnow_sample, donors
from liuke.insight.errors import BadFigure, BadHorizon, MissingColumn, NotFitted
from liuke.insight.models import ContractModel, PurchaseModel

WEEKLY = ec.rate_per(0.10, periods_a_year=365.25 / 7)
MODELS = {
    "BG/NBD": insight.BGNBD.with_params(r=0.2426, alpha=4.4136, a=0.7929, b=2.4259),
    "MBG/NBD": insight.MBGNBD.with_params(r=0.525, alpha=6.183, a=0.891, b=1.614),
    "Pareto/NBD": insight.ParetoNBD.with_params(r=0.5532, alpha=10.576, s=0.6063, beta=11.672),
}
HIGH_END = insight.ShiftedBetaGeometric.with_params(alpha=0.6681, beta=3.8061)
WEIBULL = insight.BetaDiscreteWeibull.with_params(alpha=0.5, beta=2.0, c=1.3)
SPEND = insight.GammaGamma.with_params(p=6.25, q=3.74, gamma=15.44)
CONTRACTS = {"periods": [0, 1, 7, 3], "ended": [0, 0, 0, 1]}
MIX = {"frequency": [0, 2, 26, 7], "recency": [0.0, 30.43, 30.86, 4.0], "T": [38.86, 38.86, 31.0, 38.0]}
BOUGHT = {**MIX, "monetary": [0.0, 22.35, 40.0, 9.5]}


@pytest.fixture(scope="module")
def cdnow() -> Any:
    purchases = insight.read_purchases(cdnow_sample())
    return insight.summarise(purchases, as_of=date(1997, 9, 30), unit="week")


@pytest.fixture(scope="module")
def came(cdnow: Any) -> dict[str, float]:
    """Money of each customer in the 39 weeks after."""
    log = cdnow_sample().to_pylist()
    found = dict.fromkeys(cdnow["customer"].to_pylist(), 0.0)
    for row in log:
        if row["on"] > date(1997, 9, 30):
            found[row["customer"]] += row["amount"]
    return found


@pytest.mark.parametrize("name", MODELS)
def test_ec02_purchases_to_come_times_what_they_are_worth(name: str) -> None:
    value = ec.clv(BOUGHT, model=MODELS[name], worth=SPEND, horizon=39, margin=0.3)
    expected = 0.3 * MODELS[name].expected_purchases(BOUGHT, horizon=39) * SPEND.expected_value(BOUGHT)
    assert value == pytest.approx(expected)
    assert ec.clv(MIX, model=MODELS[name], worth=12.5, horizon=39) == pytest.approx(
        12.5 * MODELS[name].expected_purchases(MIX, horizon=39)
    )
    own = ec.clv(MIX, model=MODELS[name], worth=[1, 2, 3, 4], horizon=39)
    assert own == pytest.approx(MODELS[name].expected_purchases(MIX, horizon=39) * [1, 2, 3, 4])


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("rate", [0.0005, WEEKLY, 0.05, 2.0])
def test_ec02_for_ever_is_where_long_horizons_lead(name: str, rate: float) -> None:
    ever = ec.clv(MIX, model=MODELS[name], worth=1, discount_rate=rate)
    far = ec.clv(MIX, model=MODELS[name], worth=1, discount_rate=rate, horizon=40 / np.log1p(rate))
    assert ever == pytest.approx(far, rel=1e-5)
    shorter = ec.clv(MIX, model=MODELS[name], worth=1, discount_rate=rate, horizon=10)
    assert (shorter < ever).all()


@pytest.mark.parametrize("rate", [0.0005, WEEKLY, 0.05, 2.0])
def test_ec02_pareto_nbd_for_ever_is_the_published_closed_form(rate: float) -> None:
    model = MODELS["Pareto/NBD"]
    r, alpha, s, beta = model.params_.values()
    x, T, delta = np.array(MIX["frequency"]), np.array(MIX["T"]), np.log1p(rate)
    residual = (beta + T) ** s * delta ** (s - 1) * hyperu(s, s, delta * (beta + T))
    expected = model.probability_alive(MIX) * (r + x) / (alpha + T) * residual
    assert ec.clv(MIX, model=model, worth=1, discount_rate=rate) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("rate", [0.01, 0.10, 0.5])
def test_ec02_a_contract_for_ever_is_the_published_closed_form(rate: float) -> None:
    alpha, beta = HIGH_END.params_.values()
    t = np.array(CONTRACTS["periods"], dtype=float)
    derl = (beta + t) / (alpha + beta + t) * hyp2f1(1, beta + t + 1, alpha + beta + t + 1, 1 / (1 + rate))
    running = np.array(CONTRACTS["ended"]) == 0
    due = ec.clv(CONTRACTS, model=HIGH_END, worth=100, discount_rate=rate, to_renewal=0)
    assert due == pytest.approx(100 * derl * running)
    just_paid = ec.clv(CONTRACTS, model=HIGH_END, worth=100, discount_rate=rate)
    assert just_paid == pytest.approx(due / (1 + rate))


@pytest.mark.parametrize("model", [HIGH_END, WEIBULL])
def test_ec02_contracts_within_a_horizon(model: ContractModel) -> None:
    found = ec.clv(CONTRACTS, model=model, worth=[10, 20, 30, 40], horizon=3, discount_rate=0.1, margin=0.5)
    expected = model.expected_renewals(CONTRACTS, horizon=3, discount_rate=0.1) * [5, 10, 15, 20]
    assert found == pytest.approx(expected)
    ever = ec.clv(CONTRACTS, model=model, worth=1, discount_rate=0.1)
    assert ever == pytest.approx(model.expected_renewals(CONTRACTS, horizon=250, discount_rate=0.1))


def test_ec02_occasions_for_ever() -> None:
    model = insight.BGBB.with_params(alpha=1.2035, beta=0.7497, gamma=0.6567, delta=2.7834)
    table = donors().slice(0, 11_104)
    some = table.take(pa.array(np.arange(0, table.num_rows, 1_500)))
    ever = ec.clv(some, model=model, worth=50, discount_rate=0.1)
    assert ever == pytest.approx(
        50 * model.discounted_purchases(some, horizon=120, discount_rate=0.1), rel=1e-4
    )


def test_ec02_regular_buyers_for_ever() -> None:
    gaps = insight.log_gaps(["A"] * 4 + ["B"], [0.0, 10.0, 21.0, 30.0, 5.0])
    table = {"frequency": [3, 0], "recency": [30.0, 0.0], "T": [40.0, 35.0], "log_gaps": gaps[1]}
    model = insight.MBGCNBD.with_params(r=0.5, alpha=6.0, a=0.9, b=1.6)
    far = ec.clv(table, model=model, worth=1, discount_rate=0.01, horizon=2_500)
    assert ec.clv(table, model=model, worth=1, discount_rate=0.01) == pytest.approx(far, rel=1e-3)


def test_ec02_value_grows_with_horizon_and_falls_with_the_rate() -> None:
    by_horizon = [
        ec.clv(MIX, model=MODELS["MBG/NBD"], worth=1, horizon=h, discount_rate=0.01)
        for h in (1, 10, 100, 1_000)
    ]
    by_rate = [
        ec.clv(MIX, model=MODELS["MBG/NBD"], worth=1, discount_rate=rate) for rate in (0.001, 0.01, 0.1, 1.0)
    ]
    assert (np.diff(by_horizon, axis=0) > 0).all()
    assert (np.diff(by_rate, axis=0) < 0).all()


@pytest.mark.parametrize("name", MODELS)
def test_ec02_units_of_time_and_money_and_order_are_of_no_account(name: str) -> None:
    model = MODELS[name]
    weeks = ec.clv(BOUGHT, model=model, worth=SPEND, discount_rate=WEEKLY)
    scale = {
        key: value * (7 if key in {"alpha", "beta"} and not (name == "MBG/NBD" and key == "beta") else 1)
        for key, value in model.params_.items()
    }
    in_days = {**BOUGHT, "recency": [7 * t for t in BOUGHT["recency"]], "T": [7 * t for t in BOUGHT["T"]]}
    days = ec.clv(
        in_days,
        model=type(model).with_params(**scale),
        worth=SPEND,
        discount_rate=ec.rate_per(0.10, periods_a_year=365.25),
    )
    assert days == pytest.approx(weeks, rel=1e-9)
    cents = insight.GammaGamma.with_params(p=6.25, q=3.74, gamma=1544.0)
    in_cents = {**BOUGHT, "monetary": [100 * m for m in BOUGHT["monetary"]]}
    assert ec.clv(in_cents, model=model, worth=cents, discount_rate=WEEKLY) == pytest.approx(
        100 * weeks, rel=1e-9
    )
    turned = {key: values[::-1] for key, values in BOUGHT.items()}
    assert ec.clv(turned, model=model, worth=SPEND, discount_rate=WEEKLY) == pytest.approx(weeks[::-1])


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.filterwarnings("ignore::liuke.insight.errors.OneTimeBuyers")
def test_the_futures_drawn_are_the_futures_expected(name: str) -> None:
    """Their mean is the closed form: with discounting, after leaving, with spend."""
    many = {key: np.repeat(values, 2_000) for key, values in BOUGHT.items()}
    bands = ec.clv_bands(
        many, model=MODELS[name], worth=SPEND, horizon=200, discount_rate=0.01, draws=40, seed=1
    )
    assert (bands.total.low + bands.total.high) / 2 == pytest.approx(bands.total.value, rel=0.02)
    width = bands.total.high - bands.total.low
    assert (
        0 < width < 0.05 * bands.total.value
    )  # parameters are given, and chance evens out over 8,000 customers


@pytest.mark.parametrize("model", [HIGH_END, WEIBULL])
def test_the_contracts_drawn_are_the_contracts_expected(model: ContractModel) -> None:
    many = {key: np.repeat(values, 2_000) for key, values in CONTRACTS.items()}
    bands = ec.clv_bands(many, model=model, worth=10, horizon=12, discount_rate=0.1, to_renewal=0.5, draws=40)
    assert (bands.total.low + bands.total.high) / 2 == pytest.approx(bands.total.value, rel=0.02)
    ended = many["ended"] == 1
    assert not bands.high[ended].any()
    assert (bands.high[~ended] > 0).all()


@pytest.mark.parametrize("name", MODELS)
def test_a_band_holds_its_share_of_customers_of_a_known_world(name: str) -> None:
    world = MODELS[name].simulate(np.full(2_000, 52.0), seed=11, horizon=26)
    bands = ec.clv_bands(world, model=MODELS[name], worth=1, horizon=26, draws=200, level=0.9, seed=2)
    future = world["future"].to_numpy()
    inside = ((bands.low <= future) & (future <= bands.high)).mean()
    assert inside >= 0.89  # counts come in steps, so a band holds more than it must
    assert bands.total.low <= future.sum() <= bands.total.high


@pytest.mark.filterwarnings("ignore::liuke.insight.errors.InsightWarning")
def test_bands_on_cdnow_against_what_came(cdnow: Any, came: dict[str, float]) -> None:
    model, spend = insight.ParetoNBD().fit(cdnow), insight.GammaGamma().fit(cdnow)
    bands = ec.clv_bands(cdnow, model=model, worth=spend, horizon=39, draws=200, seed=1)
    actual = np.array(list(came.values()))
    assert ((bands.low <= actual) & (actual <= bands.high)).mean() > 0.90
    assert (bands.low <= bands.high).all()
    exact = insight.ParetoNBD.with_params(**model.params_)
    certain = ec.clv_bands(cdnow, model=exact, worth=spend, horizon=39, draws=200, seed=1)
    # not knowing the parameters widens the total
    assert bands.total.high - bands.total.low > certain.total.high - certain.total.low


def test_bands_repeat_with_their_seed() -> None:
    first, again, other = (
        ec.clv_bands(BOUGHT, model=MODELS["MBG/NBD"], worth=SPEND, discount_rate=WEEKLY, seed=seed)
        for seed in (1, 1, 2)
    )
    assert first.high.tolist() == again.high.tolist()
    assert first.high.tolist() != other.high.tolist()


def test_the_contract_model_learns_from_its_table_and_is_valued() -> None:
    survivors = [1000, 869, 743, 653, 593, 551, 517, 491]  # High End, 7 years: Fader and Hardie (2007)
    contracts = insight.contracts_from_survivors(survivors)
    model = insight.ShiftedBetaGeometric().fit(contracts)
    value = ec.clv(contracts, model=model, worth=100, discount_rate=0.10)
    bands = ec.clv_bands(contracts, model=model, worth=100, discount_rate=0.10, draws=80)
    assert value.sum() == pytest.approx(bands.total.value)
    assert bands.total.low < bands.total.value < bands.total.high


def bad(**changed: Any) -> dict[str, Any]:
    return {"table": BOUGHT, "model": MODELS["MBG/NBD"], "worth": SPEND, "horizon": 39, **changed}


BAD: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "no horizon and no rate": (bad(horizon=None), BadHorizon, "needs a discount_rate above 0"),
    "a horizon of zero": (bad(horizon=0), BadHorizon, "horizon must be finite and above 0"),
    "a horizon that is no number": (bad(horizon="x"), BadHorizon, "must be a number"),
    "an infinite horizon": (bad(horizon=float("inf")), BadHorizon, "must be finite"),
    "a negative rate": (bad(discount_rate=-0.1), BadFigure, "discount_rate: -0.1 is negative"),
    "a margin over 1": (bad(margin=30), BadFigure, "margin: 30 is above 1"),
    "a rate too small for contracts for ever": (bad(table=CONTRACTS, model=HIGH_END, worth=1, horizon=None, discount_rate=1e-6), BadHorizon, "give a horizon"),
    "half a renewal": (bad(table=CONTRACTS, model=HIGH_END, worth=1, horizon=2.5), BadHorizon, "must be whole"),
    "another kind of model": (bad(model=SPEND), BadFigure, "not GammaGamma"),
    "no monetary column": (bad(table=MIX), MissingColumn, "monetary"),
    "a summary for a contract": (bad(model=HIGH_END, worth=1), MissingColumn, "periods"),
    "money for other customers": (bad(worth=[1, 2]), BadFigure, "worth: 2 figures for 4 customers"),
    "negative money": (bad(worth=-5), BadFigure, "worth: -5 is negative"),
    "an unfitted model": (bad(model=insight.BGNBD()), NotFitted, "fit first"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("function", [ec.clv, ec.clv_bands])
def test_what_bad_input_gets(function: Any, case: str) -> None:
    arguments, kind, message = BAD[case]
    with pytest.raises(kind, match=message):
        function(arguments["table"], **{name: each for name, each in arguments.items() if name != "table"})


def test_bands_say_which_models_they_know() -> None:
    model = insight.BGBB.with_params(alpha=1.2, beta=0.75, gamma=0.66, delta=2.78)
    table = {"frequency": [1], "recency": [2], "T": [6]}
    with pytest.raises(BadFigure, match="not for BGBB"):
        ec.clv_bands(table, model=model, worth=1, horizon=3)
    with pytest.raises(BadFigure, match="draws: 10 is below 40"):
        ec.clv_bands(BOUGHT, model=MODELS["MBG/NBD"], worth=SPEND, horizon=3, draws=10)


def test_one_customer_and_none_at_all() -> None:
    one = {key: values[:1] for key, values in BOUGHT.items()}
    model: PurchaseModel = MODELS["MBG/NBD"]
    assert ec.clv(one, model=model, worth=SPEND, discount_rate=WEEKLY).shape == (1,)
    assert ec.clv_bands(one, model=model, worth=SPEND, discount_rate=WEEKLY).high.shape == (1,)
