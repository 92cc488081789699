from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.special import expit

from liuke import insight
from liuke.insight.errors import UnknownSeason
from liuke.insight.features.outcome import outcome
from liuke.insight.forecast.forecast import Forecast
from liuke.insight.forecast.level import Level, agreed, level, year_ago

START = date(2023, 1, 1)
AUTUMN = date(2024, 9, 25)


def seasonal(customers: int, *, days: int, peak: float, seed: int = 2) -> pa.Table:
    """Customers who buy `peak` times as often from October to December; one in twelve leaves after a purchase."""
    generator = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        rate, first = generator.gamma(1.5, 1 / 120), int(generator.integers(0, days * 2 // 3))
        gone = 10_000
        for day in range(first, days):
            on = START + timedelta(days=day)
            chance = 1.0 if day == first else rate * (peak if on.month >= 10 else 1.0)
            if day < gone and generator.random() < chance:
                rows.append((number, on, 10.0))
                if generator.random() < 1 / 12:
                    gone = day + 1
    columns = zip(*rows, strict=True)
    return pa.table(dict(zip(("customer", "on", "amount"), map(list, columns), strict=True)))


@pytest.mark.parametrize("seed", [2, 3])
def test_last_years_season_brings_the_total_home(seed: int) -> None:
    """1,500 customers: of 500 alone last year's autumn is known to a tenth only, which is as wide as the bar."""
    purchases = insight.read_purchases(seasonal(1500, days=730, peak=3.0, seed=seed))
    forecast = Forecast().fit(purchases, as_of=AUTUMN, horizon=91)
    came = np.count_nonzero(outcome(purchases.engine, purchases.days, forecast.now.seen, horizon_days=91)[0])
    without = float(expit(forecast._log_odds() - forecast.level_.shift).sum())
    assert forecast.record()["total"]["season"] == "known"
    assert without / came < 0.80
    assert 0.85 < forecast.probability().sum() / came < 1.15


def test_a_log_of_months_says_that_it_does_not_know_the_season() -> None:
    log = seasonal(300, days=300, peak=1.0)
    with pytest.warns(UnknownSeason, match="never seen in another year: .* buyers are expected"):
        forecast = Forecast().fit(insight.read_purchases(log), as_of=START + timedelta(days=299), horizon=28)
    total = forecast.record()["total"]
    assert total["season"] == "unknown"
    assert total["low"] < 0.9 * total["buyers"] < 1.1 * total["buyers"] < total["high"]


def test_a_season_shows_in_every_model_and_stands_out_from_the_windows_beside_it() -> None:
    assert agreed([0.5, 0.3, 0.4]) == 0.3
    assert agreed([-0.5, -0.3]) == -0.3
    assert agreed([0.5, -0.1]) == 0.0


def test_a_model_that_was_off_all_winter_is_not_taken_for_a_season() -> None:
    """A young log: what came a year ago was three times what the model foretold, and as much in the months beside it."""
    generator = np.random.default_rng(3)

    def cut(day: date, off: float) -> Any:
        probability = np.full(400, 0.2)
        came = generator.random(400) < expit(np.log(0.25) + off)
        seen = SimpleNamespace(as_of=day)
        events = int(min(came.sum(), 400 - came.sum()))
        return SimpleNamespace(
            came=came,
            past=SimpleNamespace(seen=seen, events=events),
            members=SimpleNamespace(probabilities={"rhythm": probability}),
        )

    last_year = cut(AUTUMN - timedelta(days=364), 1.1)
    found = {}
    for name, off in (("off all winter", 1.1), ("off in this season only", 0.0)):
        beside = [cut(AUTUMN - timedelta(days=364 + apart), off) for apart in (-120, -92, 92, 120)]
        found[name] = level(beside, last_year, horizon_days=91, model="rhythm", learnt={"rhythm": 0.0}).shift
    assert abs(found["off all winter"]) < 0.1
    assert found["off in this season only"] > 0.8


@pytest.mark.parametrize(
    ("first_on", "horizon", "expected"),
    [
        (date(2024, 1, 1), 91, date(2024, 12, 2)),
        (date(2024, 11, 10), 91, None),
        (date(2020, 1, 1), 400, None),
    ],
)
def test_a_year_ago_is_the_same_weekday_with_a_past(
    first_on: date, horizon: int, expected: date | None
) -> None:
    assert year_ago(first_on, as_of=date(2025, 12, 1), horizon_days=horizon) == expected


def test_the_interval_holds_the_total_and_widens() -> None:
    odds = np.linspace(-3, 1, 200)
    narrow, wide = Level(0.0, 0.1).interval(odds), Level(0.0, 0.3).interval(odds)
    assert wide[0] < narrow[0] < expit(odds).sum() < narrow[1] < wide[1]
