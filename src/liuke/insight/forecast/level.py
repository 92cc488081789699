"""How many come altogether: the time of year, and how far totals have been off before.

The members of the stack order customers well and are taught a level by the cut-offs they learn from. What they can't know is
that a horizon before Christmas isn't one after it. The bias of the model at a cut-off is the shift in log odds with which
its total would have been what came. Where the log reaches back over a year, the bias of the same window last year (364 days
earlier, the same weekdays) is taken for the season's, by as much as its events carry it:

    shift = SEASON · E / (E + 50) · (bias a year ago - bias the stack has learnt)

The interval of the total is that of the biases at earlier cut-offs, wider by `UNKNOWN` where the season is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from liuke.insight.forecast.cutoffs import shortest_past
from liuke.insight.forecast.stack import MODEL, Cut, Weights, model_log_odds
from liuke.insight.kinds import Vector

YEAR: Final = timedelta(days=364)
SEASON: Final = 0.7  # how far last year's season is believed to come again
EVENTS: Final = 50.0
UNKNOWN: Final = 0.25  # log odds; pre-Christmas weeks of a gift wholesaler were 0.4 above the year's mean
LEAST: Final = 0.05
WIDTH: Final = 1.645  # of a normal distribution, 5 % on either side
FAR: Final = 3.0


@dataclass(frozen=True)
class Level:
    """`shift` to be added to all log odds; `spread` of the total's, one standard deviation; `season_known`."""

    shift: float = 0.0
    spread: float = UNKNOWN
    season_known: bool = False

    def interval(self, log_odds: Vector) -> tuple[float, float]:
        """Expected buyers at the lower and the upper end of the 90 % interval."""
        low, high = (float(expit(log_odds + side * WIDTH * self.spread).sum()) for side in (-1, 1))
        return low, high


def year_ago(first_on: date, *, as_of: date, horizon_days: int) -> date | None:
    """The same day last year, when the log reaches far enough back and its horizon has ended."""
    day = as_of - YEAR
    enough = (day - first_on).days >= shortest_past(horizon_days)
    return day if enough and horizon_days <= YEAR.days else None


def level(cuts: Sequence[Cut], last_year: Cut | None, *, model: str, weights: Weights) -> Level:
    """From the cut-offs the stack learned from and, where there is one, the cut-off a year ago."""
    biases = [bias(cut, model) for cut in cuts]
    known = float(np.std(biases)) if len(biases) > 1 else UNKNOWN
    if last_year is None or model not in last_year.members.probabilities:
        return Level(0.0, float(np.hypot(max(known, LEAST), UNKNOWN)), season_known=False)
    learnt = (1 - weights.get(MODEL, 1.0)) * float(np.mean(biases)) if biases else 0.0
    events = last_year.past.events
    shift = SEASON * events / (events + EVENTS) * (bias(last_year, model) - learnt)
    return Level(shift, max(known, LEAST), season_known=True)


def bias(cut: Cut, model: str) -> float:
    """The shift in log odds with which the model's total would have been what came, within ±3."""
    odds = model_log_odds(cut.members, model)
    came = float(np.count_nonzero(cut.came))

    def off(shift: float) -> float:
        return float(expit(odds + shift).sum()) - came

    if off(-FAR) >= 0:
        return -FAR
    if off(FAR) <= 0:
        return FAR
    return float(brentq(off, -FAR, FAR, xtol=1e-6))
