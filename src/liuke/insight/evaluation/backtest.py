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
from liuke.insight.evaluation.resampled import resampled
from liuke.insight.evaluation.scores import difference, scores
from liuke.insight.forecast.cutoffs import came_of, look_back
from liuke.insight.forecast.cutoffs import cutoffs as earlier_days
from liuke.insight.forecast.forecast import Forecast
from liuke.insight.forecast.rules import RULES, Rule
from liuke.insight.forecast.stack import BOOSTED, LOGISTIC
from liuke.insight.forecast.track import calibration
from liuke.insight.kinds import Table, Vector, pa

if TYPE_CHECKING:
    from liuke.insight.tables import Purchases

FORECAST = "forecast"

_Key = tuple[int, date, str]


@dataclass(frozen=True)
class Backtest:
    """What `backtest` found, each row with `horizon_days`, `cutoff` and `method`.

    `table`        one row each: the scores (`evaluation.scores`), and the difference of the method's log loss to the forecast's
                   with its 95 % interval (below zero: the method was better)
    `intervals`    one row per `score`: `value` with the ends of its 95 % interval (`low`, `high`), and the difference to the
                   forecast's (`to_forecast`) with that of its own (`to_forecast_low`, `to_forecast_high`), both over
                   resampled customers, the same for all methods; null where a resample has no such score
    `calibration`  one row per `group` (the tenths by forecast, from the lowest): its `customers`, the mean `forecast` and the
                   share that `came`
    """

    table: Table
    intervals: Table
    calibration: Table

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

    Returns a `Backtest`, with a row per horizon, cut-off and method, and tables of intervals and calibration; money in the
    log's currency. Log loss = -mean of y ln p + (1 - y) ln(1 - p); the other scores are told in `evaluation.scores`. Intervals
    are those of `draws` resamples of the customers.
    Errors: `BadHorizon` for a horizon below 1 day, `ValueError` when the log begins after a cut-off.
    Source: Gneiting and Raftery (2007), Strictly proper scoring rules, JASA 102, 359-378, for scores that honesty minimises.
    """
    found: list[_Trial] = []
    for horizon in horizons:
        for day in cutoffs or _latest(purchases, horizon, most):
            found += _at(purchases, day, horizon)
    forecasts = {(each.horizon, each.day): each for each in found if each.method == FORECAST}
    beside = [(each, forecasts[each.horizon, each.day]) for each in found]
    drawn = {each.key: resampled(each.probability, **each.truth, draws=draws) for each in found}
    return Backtest(
        pa.Table.from_pylist([_scored(each, forecast, draws) for each, forecast in beside]),
        pa.Table.from_pylist([row for each, forecast in beside for row in _intervals(each, forecast, drawn)]),
        pa.Table.from_pylist([row for each in found for row in _calibrated(each)]),
    )


@dataclass(frozen=True)
class _Trial:
    """One method on one day, and what came."""

    horizon: int
    day: date
    method: str
    probability: Vector
    expected: Vector | None
    counts: Vector
    money: Vector

    @property
    def key(self) -> _Key:
        return self.horizon, self.day, self.method

    @property
    def of(self) -> dict[str, Any]:
        return {"horizon_days": self.horizon, "cutoff": self.day, "method": self.method}

    @property
    def truth(self) -> dict[str, Any]:
        return {"counts": self.counts, "money": self.money, "expected": self.expected}


def _latest(purchases: Purchases, horizon: int, most: int) -> list[date]:
    days = [purchases.last_on - timedelta(days=horizon * (step + 1)) for step in range(most)]
    return [day for day in days if (day - purchases.first_on).days >= 2 * horizon]


def _at(purchases: Purchases, day: date, horizon: int) -> list[_Trial]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnknownSeason)
        forecast = Forecast().fit(purchases, as_of=day, horizon=horizon)
    counts, money = came_of(purchases, forecast.now.seen, horizon_days=horizon)
    methods = {FORECAST: forecast.probability(), **_rivals(purchases, forecast, day, horizon)}
    expected = {FORECAST: forecast.expected_purchases()}
    for name, model in forecast.now.models.items():
        expected[name] = model.expected_purchases(forecast.now.timing, horizon=horizon)
    return [
        _Trial(horizon, day, method, probability, expected.get(method), counts, money)
        for method, probability in methods.items()
    ]


def _scored(each: _Trial, forecast: _Trial, draws: int) -> dict[str, Any]:
    mean, low, high = difference(each.probability, forecast.probability, each.counts > 0, draws=draws)
    return {
        **each.of,
        "customers": len(each.counts),
        **scores(each.probability, **each.truth),
        "loss_to_forecast": mean,
        "loss_to_forecast_low": low,
        "loss_to_forecast_high": high,
    }


def _intervals(each: _Trial, forecast: _Trial, drawn: dict[_Key, dict[str, Vector]]) -> list[dict[str, Any]]:
    ours, theirs = drawn[each.key], drawn[forecast.key]
    value, beside = (scores(trial.probability, **trial.truth) for trial in (each, forecast))
    rows = []
    for score in value:
        (low, high), (below, above) = _middle(ours[score]), _middle(ours[score] - theirs[score])
        rows.append(
            {
                **each.of,
                "score": score,
                "value": value[score],
                "low": low,
                "high": high,
                "to_forecast": value[score] - beside[score],
                "to_forecast_low": below,
                "to_forecast_high": above,
            }
        )
    return rows


def _middle(values: Vector) -> tuple[float | None, float | None]:
    """Of 95 % of the draws; None where some have no such figure (nobody came)."""
    if np.isnan(values).any():
        return None, None
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def _calibrated(each: _Trial) -> list[dict[str, Any]]:
    groups = calibration(each.probability, each.counts > 0)
    return [{**each.of, "group": place, **group} for place, group in enumerate(groups, start=1)]


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
