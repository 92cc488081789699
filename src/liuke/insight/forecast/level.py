"""How many come altogether: the time of year, and how far totals have been off before.

The members of the stack order customers well and are taught a level by the cut-offs they learn from. What they can't know is
that a horizon before Christmas isn't one after it. The bias of the model at a cut-off is the shift in log odds with which
its total would have been what came. Where the log reaches back over a year, the bias of the same window last year (364 days
earlier, the same weekdays) beyond what the stack has learnt, b, is taken for the season's as far as it stands out from
what totals are off by anyway (`DRIFT`) and from the chance of its E events (the shrinkage of James and Stein, 1961):

    shift = b · max(0, 1 - (D² + 1/E) / b²),    D the greater of DRIFT and what totals wander by in the windows beside it

A season shows in whatever model it is measured by, and against the windows beside last year's as well as against today. What
one model alone is off by is a fault of its own, and what it was off by all that winter is the log's youth (of 120 accounts, eight
months after the first order, the rhythm rule foretold so little that 2.5 seemed the season's). So b is the smallest of these
differences, and nothing where they don't point the same way.

The interval of the total is that of the biases at earlier cut-offs, wider by `UNKNOWN` where the season is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from liuke.insight.forecast.cutoffs import MOST, shortest_past
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


def level(
    cuts: Sequence[Cut],
    last_year: Cut | None,
    *,
    horizon_days: int,
    model: str,
    learnt: Mapping[str, float],
) -> Level:
    """From the cut-offs the stack learned from and, where there is one, the cut-off a year ago.

    `learnt` model -> by how much the stack's total already lies above the model's today, as a shift in log odds.
    """
    biases = [bias(cut, model) for cut in cuts[:MOST]]
    known = float(np.std(biases)) if len(biases) > 1 else UNKNOWN
    if last_year is None or model not in last_year.members.probabilities:
        return Level(0.0, float(np.hypot(max(known, LEAST), UNKNOWN)), season_known=False)
    beside = _beside(cuts, last_year, horizon_days)
    apart = agreed(
        [
            bias(last_year, name) - usual
            for name, today in learnt.items() if name in last_year.members.probabilities
            for usual in (today, *_mean_bias(beside, name))
        ]
    )  # fmt: skip
    wander = float(np.std([bias(cut, model) for cut in beside])) if len(beside) > 1 else 0.0
    chance = max(DRIFT, wander) ** 2 + 1 / max(last_year.past.events, 1)
    return Level(apart * max(0.0, 1 - chance / max(apart**2, chance)), max(known, LEAST), season_known=True)


def _beside(cuts: Sequence[Cut], last_year: Cut, horizon_days: int) -> list[Cut]:
    """The cut-offs whose window lies beside last year's: overlaps it by half at most, and begins or ends within a quarter."""
    day = last_year.past.seen.as_of
    return [
        cut for cut in cuts
        if horizon_days / 2 <= abs((cut.past.seen.as_of - day).days) <= horizon_days + GROWN_DAYS
    ]  # fmt: skip


def _mean_bias(cuts: Sequence[Cut], model: str) -> list[float]:
    found = [bias(cut, model) for cut in cuts if model in cut.members.probabilities]
    return [float(np.mean(found))] if found else []


def agreed(shifts: Sequence[float]) -> float:
    """The shift nearest to 0, and 0 where they don't all have one sign."""
    one_sign = len({bool(shift > 0) for shift in shifts}) == 1
    return min(shifts, key=abs) if one_sign else 0.0


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
