"""Which models the forecast has to lean on, and which of them it takes."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from liuke import insight
from liuke.insight.features.snapshot import snapshot
from liuke.insight.forecast import survey as survey_module
from liuke.insight.forecast.btyd import Fits, fit_all, parameters
from liuke.insight.forecast.design import log_odds
from liuke.insight.forecast.stack import OFFSETS, best_of, model_log_odds
from liuke.insight.forecast.survey import survey
from liuke.insight.tests.logs import START, shop

AS_OF = START + timedelta(days=400)
LOG = shop(500, regular=12.0, seed=4)  # gaps that vary by a third


def fitted(timing: Any) -> Fits:
    return fit_all(timing, names=("MBGNBD", "MBGCNBD"), fewest_customers=50, fewest_repeaters=20)


def test_regular_buyers_have_a_model_that_sees_it() -> None:
    seen = snapshot(insight.read_purchases(LOG), as_of=AS_OF)
    timing = seen.timing()
    fits = fitted(timing)
    regular, by_chance = fits.models["MBGCNBD"], fits.models["MBGNBD"]
    assert regular.k_ > 2
    assert parameters(fits)["MBGCNBD"]["params"]["k"] == regular.k_
    # who is overdue by two of his gaps has left; by chance alone he might as well be waiting
    late = {"frequency": np.array([10.0]), "recency": np.array([300.0]), "T": np.array([390.0])}
    assert regular.probability_alive(late)[0] < 0.5 * by_chance.probability_alive(late)[0]


def test_it_is_the_same_fit_from_counted_triples(monkeypatch: pytest.MonkeyPatch) -> None:
    """So a log whose customers stay where they are is fitted to all of them."""
    purchases = insight.read_purchases(LOG)
    with survey(purchases, as_of=AS_OF, horizon_days=28) as surveyed:
        whole = fitted(surveyed.timing()).models["MBGCNBD"]
    monkeypatch.setattr(survey_module, "LEARNING_CUSTOMERS", 100)
    with survey(purchases, as_of=AS_OF, horizon_days=28) as surveyed:
        assert not surveyed.whole
        counted = fitted(surveyed.timing()).models["MBGCNBD"]
    assert counted.k_ == whole.k_
    assert list(counted.params_.values()) == pytest.approx(list(whole.params_.values()), rel=1e-4)


def cut(**losses: float) -> Any:
    return SimpleNamespace(losses=lambda: losses)


def test_the_model_of_regular_buyers_must_be_clearly_better() -> None:
    """Where k is 1 it is MBG/NBD, and the last digits of two climbs to one top are chance."""
    alike = cut(rhythm=0.5, MBGNBD=0.3, MBGCNBD=0.3 - 1e-9)
    assert best_of([alike, alike], OFFSETS) == "MBGNBD"
    assert best_of([cut(rhythm=0.3, MBGNBD=0.4, MBGCNBD=0.297)], OFFSETS) == "rhythm"
    assert best_of([cut(rhythm=0.5, MBGNBD=0.3, MBGCNBD=0.29)], OFFSETS) == "MBGCNBD"
    assert (
        best_of([cut(rhythm=0.5, MBGNBD=0.3, MBGCNBD=0.2), cut(rhythm=0.5, MBGNBD=0.3)], OFFSETS) == "MBGNBD"
    )


def test_pareto_stands_for_mbgnbd_where_it_is_fitted() -> None:
    chances = {"rhythm": np.array([0.1]), "MBGNBD": np.array([0.2]), "MBGCNBD": np.array([0.3])}
    quick: Any = SimpleNamespace(probabilities=chances)
    all_of: Any = SimpleNamespace(probabilities={**chances, "ParetoNBD": np.array([0.4])})
    assert model_log_odds(quick, "MBGNBD") == log_odds(np.array([0.2]))
    assert model_log_odds(all_of, "MBGNBD") == log_odds(np.array([0.4]))
    for name in ("rhythm", "MBGCNBD"):
        assert model_log_odds(all_of, name) == log_odds(chances[name])
