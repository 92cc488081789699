"""What a forecast learned, and what it says of some customers; it needs nothing but their rows, so it can travel to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.special import expit

from liuke.insight.errors import InsightError
from liuke.insight.features.snapshot import Snapshot
from liuke.insight.forecast.btyd import Fits
from liuke.insight.forecast.level import Level
from liuke.insight.forecast.members import QUICK, RHYTHM, Members
from liuke.insight.forecast.rhythm import RhythmRule
from liuke.insight.forecast.stack import MODEL, Learned, Weights, blended, model_log_odds, without_rfm
from liuke.insight.kinds import Vector


@dataclass
class Fitted:
    """All that was learned, as plain arrays and numbers: it can be pickled.

    `model` the model that the stack leans on, `weights` part of the stack -> weight, `repeat_ratio` further purchases that came
    to those foretold, `level` what the time of year adds.
    """

    horizon_days: int
    rhythm: RhythmRule
    fits: Fits | None
    refusal: InsightError | None = None
    learned: Learned | None = None
    model: str = RHYTHM
    weights: Weights = field(default_factory=lambda: {MODEL: 1.0})
    repeat_ratio: float = 1.0
    level: Level = field(default_factory=Level)

    def of(self, seen: Snapshot) -> Foretold:
        """What it says of these customers, all of the log's or any part of them."""
        return Foretold(self, Members(seen, self.horizon_days, self.rhythm, self.fits, self.refusal))


@dataclass
class Foretold:
    """Arrays in the order of `now.seen`; see `Forecast` for their meaning."""

    fitted: Fitted
    now: Members

    @cached_property
    def parts(self) -> dict[str, Vector]:
        """part of the stack -> log odds."""
        return parts_of(self.now, self.fitted.model, self.fitted.learned)

    @cached_property
    def log_odds(self) -> Vector:
        found: Vector = blended(self.parts, self.fitted.weights) + self.fitted.level.shift
        return found

    @cached_property
    def probability(self) -> Vector:
        found: Vector = expit(self.log_odds)
        return found

    @cached_property
    def by_rhythm(self) -> Vector:
        """The probability as those parts hold it that know a customer's own gaps: what a risk is told by.

        RFM, which says the same of who is late and of who always takes so long, leaves its weight to the model.
        """
        blend = blended(self.parts, without_rfm(self.fitted.weights))
        found: Vector = expit(blend + self.fitted.level.shift)
        return found

    @cached_property
    def expected_purchases(self) -> Vector:
        """P(any) × (1 + further purchases of who comes)."""
        return self.probability * (1 + self.fitted.repeat_ratio * (times(self.now) - 1))

    def total(self) -> dict[str, float]:
        """Expected buyers of these customers and the ends of their 90 % interval."""
        low, high = self.fitted.level.interval(self.log_odds)
        return {"buyers": float(self.probability.sum()), "low": low, "high": high}


def parts_of(members: Members, model: str, learned: Learned | None) -> dict[str, Vector]:
    """part of the stack -> log odds of every customer."""
    parts = {MODEL: model_log_odds(members, model)}
    if learned is not None:
        parts.update(learned.log_odds(members, horizon_days=members.horizon_days))
    return parts


def times(members: Members) -> Vector:
    """How many purchases the model foretells for a customer who makes any."""
    horizon = members.horizon_days
    for name in QUICK:
        if name in members.models:
            expected = members.models[name].expected_purchases(members.timing, horizon=horizon)
            ratio: Vector = np.maximum(expected / np.maximum(members.probabilities[name], 1e-9), 1.0)
            return ratio
    steady = horizon / np.exp(members.rhythm.usual(members.history)[0])
    found: Vector = steady / -np.expm1(-steady)
    return found
