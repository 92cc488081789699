"""How many come altogether: the time of year, and how far totals have been off before.

The members of the stack order customers well and are taught a level by the cut-offs they learn from. What they can't know is
that a horizon before Christmas isn't one after it. The bias of the model at a cut-off is the shift in log odds with which
its total would have been what came. Where the log reaches back over a year, the bias of the same window last year (364 days
earlier, the same weekdays) beyond what the stack has learnt, b, is taken for the season's as far as it stands out from
what totals are off by anyway (`DRIFT`) and from the chance of its E events (the shrinkage of James and Stein, 1961):

    shift = b · max(0, 1 - (DRIFT² + 1/E) / b²)

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
from liuke.insight.forecast.stack import Cut, model_log_odds
from liuke.insight.kinds import Vector

YEAR: Final = timedelta(days=364)
GROWN_DAYS: Final = 91  # what totals are off by in the first weeks of a log is its youth, not the season
DRIFT: Final = 0.2  # log odds; what models are off by from window to window in logs that know no season
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
    enough = (day - first_on).days >= max(shortest_past(horizon_days), GROWN_DAYS)
    return day if enough and horizon_days <= YEAR.days else None


def level(cuts: Sequence[Cut], last_year: Cut | None, *, model: str, learnt: float) -> Level:
    """From the cut-offs the stack learned from and, where there is one, the cut-off a year ago.

    `learnt` is by how much the stack's total already lies above the model's today, as a shift in log odds.
    """
    biases = [bias(cut, model) for cut in cuts]
    known = float(np.std(biases)) if len(biases) > 1 else UNKNOWN
    if last_year is None or model not in last_year.members.probabilities:
        return Level(0.0, float(np.hypot(max(known, LEAST), UNKNOWN)), season_known=False)
    apart = bias(last_year, model) - learnt
    chance = DRIFT**2 + 1 / max(last_year.past.events, 1)
    return Level(apart * max(0.0, 1 - chance / max(apart**2, chance)), max(known, LEAST), season_known=True)


def bias(cut: Cut, model: str) -> float:
    """The shift in log odds with which the model's total would have been what came, within ±3."""
    return shift_to(model_log_odds(cut.members, model), float(np.count_nonzero(cut.came)))


def shift_to(odds: Vector, total: float) -> float:
    """The shift in log odds with which probabilities sum to `total`, within ±3."""

    def off(shift: float) -> float:
        return float(expit(odds + shift).sum()) - total

    if off(-FAR) >= 0:
        return -FAR
    if off(FAR) <= 0:
        return FAR
    return float(brentq(off, -FAR, FAR, xtol=1e-6))
