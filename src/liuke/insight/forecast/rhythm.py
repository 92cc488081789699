"""The rhythm rule: every customer is measured by his own usual gap, the population helps where he has few.

Gaps between purchases are taken as log-normal. A customer's location is the median of his own log gaps, shrunk to the
population's with the weight of `PRIOR_GAPS` gaps; his spread likewise. After each purchase a customer leaves for
good with a chance that depends only on how often he had bought by then. With S the chance that a gap is still
longer after g days, who has waited g days is still a customer with probability

    P(alive | g) = (1 - q) S(g) / ((1 - q) S(g) + q)

and buys within the next h days with probability P(alive | g) (S(g) - S(g + h)) / S(g). The chances q are fitted by
maximum likelihood over the last, still open gaps and the gaps that ended.

It needs no more than a few dozen customers, so it judges where the buy-till-you-die models can't, and it is the yardstick
of "late by his own habit" everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_ndtr, ndtr, ndtri

from liuke.insight.kinds import Vector

PRIOR_GAPS: Final = 2.0
PRIOR_SPREADS: Final = 4.0
STEPS: Final = (1, 2, 3, 6, 11)  # purchases so far from which a leaving chance of its own begins
FEWEST_OPEN: Final = 25
DEFAULT_GAP_DAYS: Final = 60.0
DEFAULT_SPREAD: Final = 0.9
MIN_SPREAD: Final = 0.15


@dataclass(frozen=True)
class History:
    """What the rule needs of each customer (arrays of one length).

    `purchases` purchase days; `waited` days since the last one; `gap_median` days, `log_gap_mean`, `log_gap_sd` of own gaps
    (NaN where there are none); `first_gap` days from the first to the second purchase (NaN where none);
    `shorter_gaps`, `equal_gaps` how many own gaps were shorter than, or as long as, the wait.
    """

    purchases: Vector
    waited: Vector
    gap_median: Vector
    log_gap_mean: Vector
    log_gap_sd: Vector
    first_gap: Vector
    shorter_gaps: Vector
    equal_gaps: Vector

    @property
    def gaps(self) -> Vector:
        return self.purchases - 1


class RhythmRule:
    """Learned: `gap_` and `spread_` (population's median gap in days and spread of log gaps), `first_gap_` and
    `first_spread_` (for one-time buyers: from the first to the second purchase), `leaving_` (chance of leaving after a
    purchase, by `STEPS`)."""

    gap_: float
    spread_: float
    first_gap_: float
    first_spread_: float
    leaving_: Vector

    def fit(self, history: History) -> RhythmRule:
        own = history.gaps >= 1
        logs = np.log(np.maximum(history.gap_median[own], 0.5))
        settled = history.gaps >= 4
        spreads = history.log_gap_sd[settled]
        self.gap_ = float(np.exp(np.median(logs))) if own.any() else DEFAULT_GAP_DAYS
        self.spread_ = (
            float(np.clip(np.median(spreads), MIN_SPREAD, 2.0)) if settled.any() else DEFAULT_SPREAD
        )
        firsts = np.log(np.maximum(history.first_gap[own], 0.5))
        self.first_gap_ = float(np.exp(np.median(firsts))) if own.any() else DEFAULT_GAP_DAYS
        self.first_spread_ = float(np.clip(np.std(firsts), 0.4, 2.0)) if own.sum() >= 10 else 1.1
        self.leaving_ = self._leaving(history)
        return self

    def _leaving(self, history: History) -> Vector:
        """One chance per step; a step that too few customers reached takes the chance of the step before."""
        log_survival = self._log_survival(history, np.zeros(1))[0]
        chances = np.empty(len(STEPS))
        known = 0.3
        for index, (start, end) in enumerate(zip(STEPS, [*STEPS[1:], np.inf], strict=True)):
            here = (history.purchases >= start) & (history.purchases < end)
            if here.sum() >= FEWEST_OPEN:
                survived = float(
                    np.clip(history.purchases - start, 0, end - start)[history.purchases >= start].sum()
                )
                known = _likeliest_chance(np.exp(log_survival[here]), survived)
            chances[index] = known
        return chances

    # location and spread of each customer's log gaps
    def usual(self, history: History) -> tuple[Vector, Vector]:
        """Log of the usual gap and its spread, each customer's own shrunk to the population's."""
        gaps = history.gaps.astype(np.float64)
        own_log = np.log(np.maximum(np.nan_to_num(history.gap_median, nan=1.0), 0.5))
        own_variance = np.nan_to_num(history.log_gap_sd, nan=0.0) ** 2
        location = (gaps * own_log + PRIOR_GAPS * np.log(self.gap_)) / (gaps + PRIOR_GAPS)
        variance = (gaps * own_variance + PRIOR_SPREADS * self.spread_**2) / (gaps + PRIOR_SPREADS)
        variance = variance * (1 + 1 / (gaps + PRIOR_GAPS))  # the location is itself uncertain
        once = gaps == 0
        location[once] = np.log(self.first_gap_)
        variance[once] = self.first_spread_**2
        return location, np.sqrt(np.maximum(variance, MIN_SPREAD**2))

    def _log_survival(self, history: History, ahead: Vector) -> Vector:
        """Log of S(waited + ahead), one row for each entry of `ahead`."""
        location, spread = self.usual(history)
        days = history.waited[None, :] + ahead[:, None] + 0.5  # half a day: bought today is not a gap of zero
        found: Vector = log_ndtr(-(np.log(days) - location) / spread)
        return found

    def probability_alive(self, history: History) -> Vector:
        """P(still a customer), within (0, 1]."""
        survival = np.exp(self._log_survival(history, np.zeros(1))[0])
        leaving = self.leaving_[np.searchsorted(STEPS, history.purchases, side="right") - 1]
        kept = (1 - leaving) * survival
        found: Vector = kept / np.maximum(kept + leaving, 1e-300)
        return found

    def probability_of_purchase(self, history: History, *, horizon: float) -> Vector:
        """P(at least one purchase within `horizon` days)."""
        return self.probability_alive(history) * self.probability_if_kept(history, horizon=horizon)

    def probability_if_kept(self, history: History, *, horizon: float) -> Vector:
        """The same for a customer known not to have left."""
        now, then = self._log_survival(history, np.array([0.0, horizon]))
        found: Vector = -np.expm1(np.minimum(then - now, 0.0))
        return found

    def next_gap(self, history: History, quantile: float) -> Vector:
        """Days from now to the next purchase at this quantile, given the wait so far and that he has not left."""
        location, spread = self.usual(history)
        survival = np.exp(self._log_survival(history, np.zeros(1))[0])
        reach = ndtri(np.clip(1 - survival * (1 - quantile), 1e-9, 1 - 1e-6))
        found: Vector = np.maximum(np.exp(location + spread * reach) - history.waited, 0.0)
        return found

    def percentile(self, history: History) -> Vector:
        """Share of the customer's gaps, own and lent, that are shorter than his wait (0 to 100)."""
        location, spread = self.usual(history)
        lent = ndtr((np.log(history.waited + 0.5) - location) / spread)
        own = history.shorter_gaps + 0.5 * history.equal_gaps
        found: Vector = 100 * (own + PRIOR_GAPS * lent) / (history.gaps + PRIOR_GAPS)
        return found


def _likeliest_chance(survival: Vector, survived: float) -> float:
    """The leaving chance with the greatest likelihood: `survived` times stayed, and each open gap left or is still on."""

    def loss(chance: float) -> float:
        return -float(survived * np.log1p(-chance) + np.log((1 - chance) * survival + chance).sum())

    return float(minimize_scalar(loss, bounds=(1e-4, 0.98), method="bounded").x)
