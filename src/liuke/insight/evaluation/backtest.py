"""The forecast and its rivals on days of the past."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import expit

from liuke.insight.errors import UnknownSeason
from liuke.insight.evaluation.scores import difference, scores
from liuke.insight.forecast.cutoffs import came_of, look_back
from liuke.insight.forecast.cutoffs import cutoffs as earlier_days
from liuke.insight.forecast.forecast import Forecast
from liuke.insight.forecast.rules import RULES, Rule
from liuke.insight.forecast.stack import BOOSTED, LOGISTIC
from liuke.insight.kinds import Table, Vector, pa

if TYPE_CHECKING:
    from liuke.insight.tables import Purchases

FORECAST = "forecast"


@dataclass(frozen=True)
class Backtest:
    """One row of `table` per horizon, cut-off and method.

    It holds the scores (`evaluation.scores`) and the difference of the method's log loss to the forecast's with its
    95 % interval (below zero: the method was better).
    """

    table: Table

    def mean_log_loss(self, horizon: int) -> dict[str, float]:
        """method -> mean log loss over the cut-offs that every method was scored at."""
        rows = [row for row in self.table.to_pylist() if row["horizon_days"] == horizon]
        by_day: dict[date, dict[str, float]] = {}
        for row in rows:
            by_day.setdefault(row["cutoff"], {})[row["method"]] = row["log_loss"]
        methods = set.intersection(*(set(day) for day in by_day.values()))
        return {
            method: float(np.mean([day[method] for day in by_day.values()])) for method in sorted(methods)
        }


def backtest(
    purchases: Purchases,
    *,
    horizons: Sequence[int] = (28, 91),
    cutoffs: Sequence[date] | None = None,
    most: int = 3,
    draws: int = 200,
) -> Backtest:
    """Forecast from each cut-off as if it were today, and score what came within each horizon (days).

    Without `cutoffs`, the `most` latest days whose horizon has ended, one horizon apart, that leave at least two
    horizons of log before them. Rivals: the recency rule, RFM, past value, the rhythm rule, each buy-till-you-die model,
    and the two learners alone. Every method sees only what had happened by the cut-off; what was taken back
    later had not. Who came is told as it was known when the horizon had ended.

    Returns a `Backtest`, one row per horizon, cut-off and method; money in the log's currency. Log loss = -mean of y ln p +
    (1 - y) ln(1 - p); the other scores are told in `evaluation.scores`.
    Errors: `BadHorizon` for a horizon below 1 day, `ValueError` when the log begins after a cut-off.
    Source: Gneiting and Raftery (2007), Strictly proper scoring rules, JASA 102, 359-378, for scores that honesty minimises.
    """
    rows = []
    for horizon in horizons:
        for day in cutoffs or _latest(purchases, horizon, most):
            rows += _at(purchases, day, horizon, draws)
    return Backtest(pa.Table.from_pylist(rows))


def _latest(purchases: Purchases, horizon: int, most: int) -> list[date]:
    days = [purchases.last_on - timedelta(days=horizon * (step + 1)) for step in range(most)]
    return [day for day in days if (day - purchases.first_on).days >= 2 * horizon]


def _at(purchases: Purchases, day: date, horizon: int, draws: int) -> list[dict[str, Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnknownSeason)
        forecast = Forecast().fit(purchases, as_of=day, horizon=horizon)
    seen = forecast.now.seen
    counts, money = came_of(purchases, seen, horizon_days=horizon)
    ours = forecast.probability()
    methods = {FORECAST: ours, **_rivals(purchases, forecast, day, horizon)}
    expected = {FORECAST: forecast.expected_purchases()}
    for name, model in forecast.now.models.items():
        expected[name] = model.expected_purchases(forecast.now.timing, horizon=horizon)
    rows = []
    for method, probability in methods.items():
        mean, low, high = difference(probability, ours, counts > 0, draws=draws)
        rows.append(
            {
                "horizon_days": horizon,
                "cutoff": day,
                "method": method,
                "customers": len(seen),
                **scores(probability, counts=counts, money=money, expected=expected.get(method)),
                "loss_to_forecast": mean,
                "loss_to_forecast_low": low,
                "loss_to_forecast_high": high,
            }
        )
    return rows


def _rivals(purchases: Purchases, forecast: Forecast, day: date, horizon: int) -> dict[str, Vector]:
    found = dict(forecast.now.probabilities)
    parts = forecast.parts()
    found.update({name: expit(parts[name]) for name in (LOGISTIC, BOOSTED) if name in parts})
    days = earlier_days(purchases.first_on, as_of=day, horizon_days=horizon)
    earlier = [look_back(purchases, past, horizon_days=horizon) for past in days]
    earlier = [past for past in earlier if past.events > 0]
    if earlier:
        found.update({name: expit(Rule(name).fit(earlier).log_odds(forecast.now.seen)) for name in RULES})
    return found
