from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from liuke import insight
from liuke.insight.evaluation.scores import difference, scores
from liuke.insight.tests.logs import START, shop


@pytest.fixture(scope="module")
def tested() -> insight.evaluation.backtest.Backtest:
    purchases = insight.read_purchases(shop(300))
    return insight.backtest(purchases, horizons=(28,), cutoffs=[START + timedelta(days=350)], draws=20)


def test_the_forecast_stands_beside_all_its_rivals(tested: insight.evaluation.backtest.Backtest) -> None:
    rivals = {
        "forecast",
        "recency",
        "rfm",
        "past_value",
        "rhythm",
        "BGNBD",
        "MBGNBD",
        "ParetoNBD",
        "logistic",
        "boosted",
    }
    assert set(tested.mean_log_loss(28)) == rivals
    forecast = next(row for row in tested.table.to_pylist() if row["method"] == "forecast")
    assert forecast["loss_to_forecast"] == 0
    assert forecast["count_mae"] >= 0


def test_the_forecast_beats_the_simple_rules(tested: insight.evaluation.backtest.Backtest) -> None:
    losses = tested.mean_log_loss(28)
    assert losses["forecast"] < min(losses[rule] for rule in ("recency", "rfm", "past_value"))


def test_without_days_the_latest_that_have_ended_are_taken() -> None:
    purchases = insight.read_purchases(shop(80, days=300))
    found = insight.backtest(purchases, horizons=(28,), most=2, draws=5).table
    days = sorted(set(found["cutoff"].to_pylist()), reverse=True)
    assert days == [purchases.last_on - timedelta(days=28), purchases.last_on - timedelta(days=56)]


def test_scores_of_a_perfect_order() -> None:
    counts = np.array([0.0] * 18 + [2.0] * 2)
    found = scores(np.linspace(0.1, 0.9, 20), counts=counts, money=counts * 10, expected=counts)
    assert (found["auc"], found["lift"], found["spend_captured"], found["count_mae"]) == (1.0, 10.0, 1.0, 0.0)


def test_the_interval_of_a_difference_holds_the_difference() -> None:
    came = np.arange(400) % 3 == 0
    mean, low, high = difference(np.full(400, 0.33), np.full(400, 0.6), came)
    assert low < mean < high < 0
