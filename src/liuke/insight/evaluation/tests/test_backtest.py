from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from liuke import insight
from liuke.insight.evaluation.resampled import resampled, weighted
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
        "MBGCNBD",
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


def drawn_forecast(customers: int = 500) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    generator = np.random.default_rng(8)
    p = np.round(generator.beta(1, 3, customers), 2)  # with ties
    counts = np.where(generator.random(customers) < p, generator.integers(1, 4, customers), 0).astype(float)
    truth = {"counts": counts, "money": counts * generator.uniform(1, 9, customers), "expected": p * 1.5}
    return p, truth


def test_everybody_counted_once_is_the_score_itself() -> None:
    p, truth = drawn_forecast()
    found = weighted(p, np.ones((1, len(p))), **truth)
    assert {name: value[0] for name, value in found.items()} == pytest.approx(scores(p, **truth))


def test_who_counts_twice_is_there_twice() -> None:
    """All but the calibration, whose groups stay those of the customers that there are."""
    p, truth = drawn_forecast(60)
    twice = np.repeat(np.arange(60), np.arange(60) % 3)
    again = scores(p[twice], **{name: values[twice] for name, values in truth.items()})
    found = weighted(p, np.array([np.arange(60.0) % 3]), **truth)
    for name in set(found) - {"calibration_error"}:
        assert found[name][0] == pytest.approx(again[name]), name


def test_an_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Of the mean squared error of a forecast that knows the chances, whose truth is E p (1 - p) = .25 / 6 · 4."""
    inside = 0
    for seed in range(150):
        generator = np.random.default_rng(seed)
        p = generator.random(300)
        counts = (generator.random(300) < p).astype(float)
        drawn = resampled(p, counts=counts, money=counts, draws=200, seed=seed)["brier"]
        low, high = np.quantile(drawn, [0.025, 0.975])
        inside += int(low <= 1 / 6 <= high)
    assert 0.89 <= inside / 150 <= 0.99


def test_every_score_has_its_interval_beside_the_forecasts(
    tested: insight.evaluation.backtest.Backtest,
) -> None:
    told = {(row["method"], row["score"]): row for row in tested.intervals.to_pylist()}
    for row in tested.table.to_pylist():
        for score in ("log_loss", "brier", "auc", "calibration_error", "lift", "spend_captured", "ratio"):
            found = told[row["method"], score]
            assert found["value"] == row[score]
            assert found["low"] <= found["high"]
            assert found["to_forecast_low"] <= found["to_forecast_high"]
    assert told["BGNBD", "count_mae"]["low"] <= told["BGNBD", "count_mae"]["value"]
    assert told["forecast", "auc"]["to_forecast_high"] == told["forecast", "auc"]["to_forecast"] == 0
    assert told["past_value", "auc"]["to_forecast_high"] < 0  # so far behind that it isn't chance


def test_the_curve_of_the_calibration_holds_everybody(tested: insight.evaluation.backtest.Backtest) -> None:
    rows = [row for row in tested.calibration.to_pylist() if row["method"] == "forecast"]
    (scored,) = (row for row in tested.table.to_pylist() if row["method"] == "forecast")
    assert [row["group"] for row in rows] == list(range(1, 11))
    assert sum(row["customers"] for row in rows) == scored["customers"]
    error = sum(row["customers"] * abs(row["forecast"] - row["came"]) for row in rows) / scored["customers"]
    assert error == pytest.approx(scored["calibration_error"])
