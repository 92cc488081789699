"""Who buys within the horizon: the members, how far each is trusted, and the record that says why."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

from liuke.insight.errors import InsightError
from liuke.insight.features.outcome import outcome
from liuke.insight.features.snapshot import Snapshot, snapshot
from liuke.insight.forecast.btyd import Fits, fit_all
from liuke.insight.forecast.histories import history_of
from liuke.insight.forecast.rhythm import RhythmRule
from liuke.insight.forecast.track import auc, brier, calibration, log_loss
from liuke.insight.kinds import Vector

if TYPE_CHECKING:
    from liuke.insight.tables import Purchases

RHYTHM = "rhythm"


@dataclass
class Members:
    """Everything fitted on one snapshot."""

    seen: Snapshot
    rhythm: RhythmRule
    fits: Fits | None
    fallback: str | None

    def probabilities(self, horizon_days: int) -> dict[str, Vector]:
        """member -> P(at least one purchase within the horizon)."""
        found = {RHYTHM: self.rhythm.probability_of_purchase(history_of(self.seen), horizon=horizon_days)}
        summary = self.seen.summary().drop_columns(["customer"])
        if self.fits is not None:
            for name, model in self.fits.models.items():
                found[name] = model.probability_of_purchase(summary, horizon=horizon_days)
        return found


def fit_members(seen: Snapshot, *, fewest_customers: int = 50, fewest_repeaters: int = 20) -> Members:
    """Fit the rhythm rule and, where the data carry them, the buy-till-you-die models."""
    rhythm = RhythmRule().fit(history_of(seen))
    try:
        fits = fit_all(
            seen.summary().drop_columns(["customer"]),
            fewest_customers=fewest_customers,
            fewest_repeaters=fewest_repeaters,
        )
    except InsightError as error:
        return Members(seen, rhythm, None, f"{type(error).__name__}: {error}")
    return Members(seen, rhythm, fits, None)


@dataclass
class Calibration:
    """logit p -> intercept + slope · logit p, shrunk towards no change."""

    intercept: float = 0.0
    slope: float = 1.0

    def __call__(self, probability: Vector) -> Vector:
        found: Vector = expit(self.intercept + self.slope * logit(np.clip(probability, 1e-6, 1 - 1e-6)))
        return found

    @classmethod
    def fit(cls, probability: Vector, came: Vector, *, ridge: float = 10.0) -> Calibration:
        given = logit(np.clip(probability, 1e-6, 1 - 1e-6))

        def loss(at: Vector) -> float:
            z = at[0] + at[1] * given
            return float(np.logaddexp(0, z).sum() - z[came].sum() + ridge * (at[0] ** 2 + (at[1] - 1) ** 2))

        best = minimize(loss, np.array([0.0, 1.0]), method="BFGS").x
        return cls(float(best[0]), float(max(best[1], 0.05)))


@dataclass
class Forecast:
    """`fit` on a log, then ask for probabilities.

    Learned: `weights_` (member -> weight), `backtest_` (what the chosen forecast and each member would have scored at the
    earlier cut-off), `fallback_` (why no model was fitted, or None).
    """

    weights_: dict[str, float] = field(default_factory=dict)
    backtest_: dict[str, Any] = field(default_factory=dict)
    fallback_: str | None = None

    def fit(self, purchases: Purchases, *, as_of: date, horizon: int) -> Forecast:
        """Choose the member that would have forecast best from `as_of - horizon`, and calibrate it there."""
        self.horizon = horizon
        self.now = fit_members(snapshot(purchases, as_of=as_of))
        self.fallback_ = self.now.fallback
        self.calibration = Calibration()
        self.chosen = RHYTHM
        earlier = as_of - timedelta(days=horizon)
        if earlier > purchases.first_on:
            self._choose(purchases, earlier, horizon)
        self.weights_ = {name: float(name == self.chosen) for name in self.now.probabilities(horizon)}
        return self

    def _choose(self, purchases: Purchases, earlier: date, horizon: int) -> None:
        then = snapshot(purchases, as_of=earlier)
        if len(then) == 0:
            return
        counts, _ = outcome(purchases, then, horizon_days=horizon)
        came = counts > 0
        forecasts = fit_members(then).probabilities(horizon)
        available = self.now.probabilities(horizon)
        losses = {name: log_loss(p, came) for name, p in forecasts.items() if name in available}
        self.chosen = min(losses, key=lambda name: losses[name])
        chosen = forecasts[self.chosen]
        if 20 <= np.count_nonzero(came) <= len(came) - 20:
            self.calibration = Calibration.fit(chosen, came)
        self.backtest_ = {
            "cutoff": earlier.isoformat(),
            "customers": len(came),
            "came": int(np.count_nonzero(came)),
            "log_loss": losses,
            "brier": brier(chosen, came),
            "auc": auc(chosen, came),
            "calibration": calibration(chosen, came),
        }

    def predict(self) -> Vector:
        """P(at least one purchase in (as-of, as-of + horizon]) of every customer, in the order of the snapshot."""
        return self.calibration(self.now.probabilities(self.horizon)[self.chosen])
