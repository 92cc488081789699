"""The rhythm rule: every customer is measured by his own usual gap, the population helps where he has few.

The log of a customer's gaps has a location (the mean of his own log gaps, shrunk to the population's with the weight of
`PRIOR_GAPS` gaps) and a spread (likewise). A wait or a gap is told in standard units z of these, reckoned from what was
known before it. How long gaps really last in those units is learned from every gap of the log, those that ended and
those still open, by the chance h(z) that a gap which has reached z ends before the next step of z (Kaplan-Meier), apart
for customers with 0, 1, 2, 4, 8 and 16 gaps or more behind them. `PRIOR` gaps' worth of a smooth curve stand behind it:
log-normal gaps of customers of whom a share q, fitted by maximum likelihood, has left for good after the last purchase.

With S the product of (1 - h): who has waited to z buys within h days with probability 1 - S(z(wait + h)) / S(z(wait)), and
is still a customer with probability 1 - S(z_max) / S(z(wait)): the chance that the gap ever ends.

It needs no more than a few dozen customers, so it judges where the buy-till-you-die models can't, and it is the yardstick
of "late by his own habit" everywhere. It knows regular customers better than they do: their gaps needn't be Poisson.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_ndtr, ndtr, ndtri

from liuke.insight.features.gaps import SHORTEST_DAYS, Gaps
from liuke.insight.kinds import Vector

PRIOR_GAPS: Final = 2.0
PRIOR_SPREADS: Final = 4.0
PRIOR: Final = 8.0
STEPS: Final = (0, 1, 2, 4, 8, 16)  # gaps behind a customer from which a curve of its own begins
FEWEST_ENDED: Final = 30
EDGES: Final = np.arange(-4.0, 6.0625, 0.125)
DEFAULT_GAP_DAYS: Final = 60.0
DEFAULT_SPREAD: Final = 0.9
MIN_SPREAD: Final = 0.15


@dataclass(frozen=True)
class History:
    """What the rule needs of each customer (arrays of one length).

    `purchases` purchase days; `waited` days since the last one; `gap_median` days, `log_gap_mean`, `log_gap_sd` of own gaps
    (NaN where there are none); `shorter_gaps`, `equal_gaps` how many own gaps were shorter than, or as long as, the wait.
    """

    purchases: Vector
    waited: Vector
    gap_median: Vector
    log_gap_mean: Vector
    log_gap_sd: Vector
    shorter_gaps: Vector
    equal_gaps: Vector

    @property
    def gaps(self) -> Vector:
        found: Vector = self.purchases - 1
        return found

    def waited_at_most(self, days: Vector) -> History:
        """The same customers, none waiting for longer than `days` of his own."""
        return replace(self, waited=np.minimum(self.waited, days))


class RhythmRule:
    """Learned: `gap_` (days) and `spread_` (of log gaps), the population's; `first_gap_`, `first_spread_` from the first to the
    second purchase, for one-time buyers; `leaving_` the chance of leaving after a purchase and `hazard_` (steps, z), the
    cumulative hazard at `EDGES`, by `STEPS`."""

    gap_: float
    spread_: float
    first_gap_: float
    first_spread_: float
    leaving_: Vector
    hazard_: Vector

    def fit(self, history: History, gaps: Gaps) -> RhythmRule:
        """Learn from the open gaps of `history` and from the ended `gaps`, of the same customers or of others."""
        own = history.gaps >= 1
        settled = history.gaps >= 4
        self.gap_ = float(np.exp(np.median(history.log_gap_mean[own]))) if own.any() else DEFAULT_GAP_DAYS
        spreads = history.log_gap_sd[settled]
        self.spread_ = (
            float(np.clip(np.median(spreads), MIN_SPREAD, 2.0)) if settled.any() else DEFAULT_SPREAD
        )
        firsts = gaps.log_gap[gaps.before == 0]
        self.first_gap_ = float(np.exp(np.median(firsts))) if len(firsts) else DEFAULT_GAP_DAYS
        self.first_spread_ = float(np.clip(np.std(firsts), 0.4, 2.0)) if len(firsts) >= 10 else 1.1
        self._learn_curves(history, gaps)
        return self

    def _learn_curves(self, history: History, gaps: Gaps) -> None:
        location, spread = self._placed(gaps.before, gaps.mean, gaps.variance)
        ended = (gaps.log_gap - location) / spread
        still_open = self._z(history, 0.0)
        curves, leaving = [], []
        for start, end in zip(STEPS, [*STEPS[1:], np.inf], strict=True):
            here = (gaps.before >= start) & (gaps.before < end)
            if here.sum() < FEWEST_ENDED and start > 0:
                here = gaps.before >= start // 2
            waiting = (history.gaps >= start) & (history.gaps < end)
            q = _likeliest_chance(still_open[waiting], float(here.sum())) if waiting.any() else 0.1
            leaving.append(q)
            curves.append(_curve(ended[here], still_open[waiting], q))
        self.leaving_ = np.array(leaving)
        self.hazard_ = np.stack(curves)

    def _placed(self, number: Vector, mean: Vector, variance: Vector) -> tuple[Vector, Vector]:
        """Location and spread of the log of the next gap."""
        location = (number * mean + PRIOR_GAPS * np.log(self.gap_)) / (number + PRIOR_GAPS)
        pooled = (number * variance + PRIOR_SPREADS * self.spread_**2) / (number + PRIOR_SPREADS)
        pooled = pooled * (1 + 1 / (number + PRIOR_GAPS))  # the location is itself uncertain
        once = number == 0
        location = np.where(once, np.log(self.first_gap_), location)
        pooled = np.where(once, self.first_spread_**2, pooled)
        return location, np.sqrt(np.maximum(pooled, MIN_SPREAD**2))

    def usual(self, history: History) -> tuple[Vector, Vector]:
        """Log of each customer's usual gap, and the spread of its log."""
        mean = np.nan_to_num(history.log_gap_mean, nan=0.0)
        return self._placed(history.gaps, mean, np.nan_to_num(history.log_gap_sd, nan=0.0) ** 2)

    def _z(self, history: History, ahead: float) -> Vector:
        """The wait, `ahead` days from now, in standard units; half a day more, for bought today is not a gap of zero."""
        location, spread = self.usual(history)
        found: Vector = (np.log(history.waited + ahead + SHORTEST_DAYS) - location) / spread
        return found

    def _reached(self, history: History, z: Vector) -> Vector:
        """Cumulative hazard at z, of the curve of each customer's standing."""
        step = np.searchsorted(STEPS, history.gaps, side="right") - 1
        found = np.empty(len(z))
        for place in range(len(STEPS)):
            here = step == place
            found[here] = np.interp(z[here], EDGES, self.hazard_[place])
        return found

    def leaving(self, history: History) -> Vector:
        """The chance that a customer of this standing leaves after a purchase."""
        found: Vector = self.leaving_[np.searchsorted(STEPS, history.gaps, side="right") - 1]
        return found

    def probability_alive(self, history: History) -> Vector:
        """P(the open gap ever ends), within [0, 1]."""
        last = self._reached(history, np.full(len(history.waited), EDGES[-1]))
        found: Vector = -np.expm1(self._reached(history, self._z(history, 0.0)) - last)
        return found

    def probability_of_purchase(self, history: History, *, horizon: float) -> Vector:
        """P(at least one purchase within `horizon` days)."""
        now = self._reached(history, self._z(history, 0.0))
        found: Vector = -np.expm1(now - self._reached(history, self._z(history, horizon)))
        return np.clip(found, 1e-6, 1 - 1e-6)

    def probability_if_kept(self, history: History, *, horizon: float) -> Vector:
        """The same for a customer who keeps his rhythm: log-normal gaps, nobody leaves."""
        now, then = log_ndtr(-self._z(history, 0.0)), log_ndtr(-self._z(history, horizon))
        found: Vector = -np.expm1(np.minimum(then - now, 0.0))
        return found

    def next_gap(self, history: History, quantile: float) -> Vector:
        """Days from now to the next purchase at this quantile, given the wait so far and that he keeps his rhythm."""
        location, spread = self.usual(history)
        survival = ndtr(-self._z(history, 0.0))
        reach = ndtri(np.clip(1 - survival * (1 - quantile), 1e-9, 1 - 1e-6))
        found: Vector = np.maximum(np.exp(location + spread * reach) - history.waited, 0.0)
        return found

    def percentile(self, history: History) -> Vector:
        """Share of the customer's gaps, own and lent, that are shorter than his wait (0 to 100)."""
        lent = ndtr(self._z(history, 0.0))
        own = history.shorter_gaps + 0.5 * history.equal_gaps
        found: Vector = 100 * (own + PRIOR_GAPS * lent) / (history.gaps + PRIOR_GAPS)
        return found


def _curve(ended: Vector, still_open: Vector, leaving: float) -> Vector:
    """Cumulative hazard at `EDGES` from ended and open gaps, with the smooth curve behind it."""
    ends = np.histogram(np.clip(ended, EDGES[0], EDGES[-1]), EDGES)[0]
    waits = np.histogram(np.clip(still_open, EDGES[0], EDGES[-1]), EDGES)[0]
    at_risk = (ends + waits)[::-1].cumsum()[::-1] - waits / 2  # open gaps leave in the middle of their step
    reached = ndtr(EDGES)
    smooth = (
        (1 - leaving) * np.diff(reached) / np.maximum((1 - leaving) * (1 - reached[:-1]) + leaving, 1e-12)
    )
    hazard = np.minimum((ends + PRIOR * smooth) / (at_risk + PRIOR), 0.999)
    return np.concatenate([[0.0], np.cumsum(-np.log1p(-hazard))])


def _likeliest_chance(still_open: Vector, ended: float) -> float:
    """The leaving chance with the greatest likelihood: `ended` times stayed, and each open gap is one left or still on."""
    survival = ndtr(-still_open)

    def loss(chance: float) -> float:
        return -float(ended * np.log1p(-chance) + np.log((1 - chance) * survival + chance).sum())

    return float(minimize_scalar(loss, bounds=(1e-4, 0.9), method="bounded").x)
