"""Every model keeps the contract, and the check notices those that don't."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from liuke.insight.datasets import donors
from liuke.insight.models import (
    BGBB,
    BGNBD,
    MBGCNBD,
    MBGNBD,
    BetaDiscreteWeibull,
    DiscreteHazard,
    FrequencyGammaGamma,
    GammaGamma,
    KaplanMeier,
    ParetoNBD,
    ShiftedBetaGeometric,
    at_risk,
    contracts_from_survivors,
)
from liuke.insight.testing import check_model

TIMING = ("frequency", "recency", "T")
PURCHASES: dict[str, dict[str, Any]] = {
    "probability_alive": {},
    "expected_purchases": {"horizon": 4.0},
    "probability_of_purchase": {"horizon": 4.0},
    "discounted_purchases": {"horizon": 4.0, "discount_rate": 0.01},
}
RENEWALS = {
    "probability_of_renewal": {"horizon": 3},
    "expected_renewals": {"horizon": 3, "discount_rate": 0.1},
}


@pytest.mark.parametrize("kind", [BGNBD, MBGNBD, ParetoNBD])
def test_models_of_purchases(kind: type[Any], cdnow: pa.Table) -> None:
    check_model(lambda: kind(min_customers=20), cdnow.slice(0, 600), results=PURCHASES, needs=TIMING)


def test_the_model_of_occasions() -> None:
    some = donors().take(np.random.default_rng(1).permutation(11_104)[:800])
    check_model(BGBB, some, results=PURCHASES, needs=TIMING)


def test_the_model_of_regular_purchases() -> None:
    true = MBGCNBD.with_params(r=1.2, alpha=2.0, a=0.6, b=3.0)
    true.k_ = 2
    table = true.simulate(np.random.default_rng(2).uniform(15, 40, 500), seed=3)
    check_model(lambda: MBGCNBD(max_k=3), table, results=PURCHASES, needs=(*TIMING, "log_gaps"))


@pytest.mark.parametrize("kind", [GammaGamma, FrequencyGammaGamma])
def test_models_of_spend(kind: type[Any], cdnow: pa.Table) -> None:
    check_model(kind, cdnow, results={"expected_value": {}}, needs=("frequency", "monetary"))


@pytest.mark.parametrize("kind", [ShiftedBetaGeometric, BetaDiscreteWeibull])
def test_models_of_contracts(kind: type[Any]) -> None:
    contracts = contracts_from_survivors([500, 430, 380, 350, 331, 320])
    check_model(kind, contracts, results=RENEWALS, needs=("periods", "ended"))


def test_the_life_table() -> None:
    rng = np.random.default_rng(4)
    table = pa.table({"duration": rng.exponential(5, 60), "ended": rng.integers(0, 2, 60)})
    check_model(
        KaplanMeier, table, results={"probability_of_staying": {"horizon": 2.0}}, needs=("duration", "ended")
    )


def test_the_hazard() -> None:
    rng = np.random.default_rng(5)
    contracts = {
        "periods": rng.integers(1, 6, 200),
        "ended": rng.integers(0, 2, 200),
        "price": rng.normal(0, 1, 200),
    }
    check_model(
        lambda: DiscreteHazard(("price",)),
        at_risk(contracts, ("price",)),
        results={"hazard": {}, "probability_of_staying": {"horizon": 2}},
        needs=("period", "ended", "price"),
    )


class Honest(ShiftedBetaGeometric):
    """A third party's model, all right."""


class LearnsEarly(Honest):
    def __init__(self) -> None:
        super().__init__()
        self.params_ = {"alpha": 1.0, "beta": 1.0}


class ReturnsNothing(Honest):
    def fit(self, contracts: Any) -> Any:
        super().fit(contracts)


class ForgetsUnderscore(Honest):
    def fit(self, contracts: Any) -> Any:
        self.best = 3
        return super().fit(contracts)


class ReadsGlobalRandomness(Honest):
    def fit(self, contracts: Any) -> Any:
        np.random.random()
        return super().fit(contracts)


class FollowsTheOrder(Honest):
    def expected_renewals(self, contracts: Any, *, horizon: int, discount_rate: float = 0.0) -> Any:
        return super().expected_renewals(contracts, horizon=horizon) + np.arange(len(contracts["periods"]))


class FillsIn(Honest):
    def fit(self, contracts: Any) -> Any:
        if contracts.column_names.count("ended") == 1:
            place = contracts.column_names.index("ended")
            contracts = contracts.set_column(place, "ended", contracts["ended"].fill_null(0))
        return super().fit(contracts)


class ReturnsNothingKnown(Honest):
    def probability_of_renewal(self, contracts: Any, *, horizon: int) -> Any:
        return super().probability_of_renewal(contracts, horizon=horizon) * np.nan


class ForgetsWhenSaved(Honest):
    def _restore(self, learned: dict[str, Any]) -> None:
        super()._restore(learned)
        self.params_ = {"alpha": 1.0, "beta": 2.0}


@pytest.mark.parametrize(
    ("make", "broken"),
    [
        (LearnsEarly, "constructor already learns"),
        (ReturnsNothing, "fit must return self"),
        (ForgetsUnderscore, "must end in _"),
        (ReadsGlobalRandomness, "global random state"),
        (FollowsTheOrder, "order of rows"),
        (FillsIn, "ended = None"),
        (ReturnsNothingKnown, "not finite"),
        (ForgetsWhenSaved, "saving and loading"),
    ],
)
def test_a_broken_promise_is_noticed(make: Callable[[], Any], broken: str) -> None:
    contracts = contracts_from_survivors([500, 430, 380, 350, 331, 320])
    with pytest.raises(AssertionError, match=broken):
        check_model(make, contracts, results=RENEWALS, needs=("periods", "ended"))


def test_a_third_partys_model_passes() -> None:
    contracts = contracts_from_survivors([500, 430, 380, 350, 331, 320])
    check_model(Honest, contracts, results=RENEWALS, needs=("periods", "ended"))
