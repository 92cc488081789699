"""Who buys within the horizon, how often and for how much: learnt from earlier days of the same log."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.special import expit

from liuke.insight.errors import BadHorizon, InsightError, TooFewCustomers, UnknownSeason
from liuke.insight.features.gaps import Gaps, fetch_gaps
from liuke.insight.features.snapshot import Snapshot
from liuke.insight.features.summary import checked_as_of
from liuke.insight.forecast.btyd import Fits
from liuke.insight.forecast.cutoffs import MOST, THIN_CUSTOMERS, cutoffs, older_days
from liuke.insight.forecast.foretold import Fitted, Foretold, parts_of, times
from liuke.insight.forecast.level import Level, level, shift_to, year_ago
from liuke.insight.forecast.members import ALL, QUICK, RHYTHM, Members, fit_members
from liuke.insight.forecast.stack import (
    LARGE_WINDOW,
    LEARNED,
    MODEL,
    OFFSETS,
    WINDOW_EVENTS,
    Cut,
    Learned,
    Weights,
    Window,
    best_model,
    blended,
    learn,
    learned_weights,
    model_log_odds,
    prior_weights,
)
from liuke.insight.forecast.survey import Survey, survey
from liuke.insight.forecast.track import auc, brier, calibration, calibration_error, log_loss
from liuke.insight.kinds import Vector, pa

if TYPE_CHECKING:
    from liuke.insight.kinds import Table
    from liuke.insight.tables import Purchases

LEVEL_CUSTOMERS: Final = 10_000  # enough to tell by how much two totals differ


@dataclass
class Forecast:
    """P(at least one purchase), expected purchases and money of every customer within the horizon.

        forecast = Forecast().fit(purchases, as_of=date(2026, 9, 30), horizon=90)
        forecast.predict()   # customer, p_buy, expected_purchases

    It looks back at up to six earlier days whose horizon has ended (up to twelve in a log of few customers), fits the models as
    they would have been fitted then, and learns from what came. Nothing later than a day ever enters what is said of that day.
    With little data it leans on the best buy-till-you-die model (or the rhythm rule); see `forecast.stack`.

    Learned: `weights_` (part of the stack -> weight), `model_` (the model it leans on), `backtest_` (what its
    parts, by weights set beforehand and without the season's level, would have scored at the latest day whose horizon has
    ended, its members beside it), `fallback_` (None,
    or why no model could be fitted and the rhythm rule judges alone), `repeat_ratio_` (further purchases that came to
    those that the model foretold, among customers who came), `level_` (what the time of year adds, and how sure the
    total is; see `forecast.level`), `cuts_` (the earlier days it learned from).
    """

    fewest_customers: int = 50
    fewest_repeaters: int = 20
    weights_: Weights = field(default_factory=dict, init=False)
    model_: str = field(default=RHYTHM, init=False)
    backtest_: dict[str, Any] = field(default_factory=dict, init=False)
    fallback_: str | None = field(default=None, init=False)
    refusal_: dict[str, Any] | None = field(default=None, init=False)
    repeat_ratio_: float = field(default=1.0, init=False)
    level_: Level = field(default_factory=Level, init=False)
    cuts_: list[Cut] = field(default_factory=list, init=False, repr=False)
    fits_: Fits | None = field(default=None, init=False, repr=False)
    _foretold: Foretold = field(init=False, repr=False)

    def fit(
        self,
        purchases: Purchases,
        *,
        as_of: date,
        horizon: int,
        covariates: Mapping[str, Any] | None = None,
    ) -> Forecast:
        """Learn from the log up to `as_of`; `horizon` in days. Later rows are not looked at.

        `covariates` (kind -> table with columns customer and on, one row per event) are what else the business knows:
        complaints, contacts, late payments. The learners see of each kind how many there were lately and how fresh the last
        one is, at every day they learn from.

        Warns `UnknownSeason` where the log does not reach back to the same weeks of last year.
        Raises `BadHorizon` unless `horizon` is 1 or more, `BadDay` when the log begins after `as_of`.
        """
        if horizon < 1:
            raise BadHorizon(f"the horizon must be 1 day or more, not {horizon}")
        checked_as_of(purchases, as_of)
        with survey(purchases, as_of=as_of, horizon_days=horizon, covariates=covariates) as surveyed:
            fitted = self.learn(surveyed)
            self._foretold = fitted.of(surveyed.seen if surveyed.whole else surveyed.all_seen())
        if not self.level_.season_known:
            total = self._foretold.total()
            warnings.warn(
                f"the log begins on {purchases.first_on}, so the weeks after {as_of} were never seen in another year: "
                f"{total['buyers']:.0f} buyers are expected, {total['low']:.0f} to {total['high']:.0f} are possible",
                UnknownSeason,
                stacklevel=2,
            )
        return self

    def learn(self, surveyed: Survey) -> Fitted:
        """What `fit` learns, without asking it of everyone: for a log whose customers don't come here."""
        self.horizon = surveyed.horizon_days
        gaps = fetch_gaps(surveyed.learning.engine, surveyed.learning.days, as_of=surveyed.as_of)
        here = self._members(surveyed.seen, gaps, names=ALL, timing=surveyed.timing())
        if here.refusal is not None:
            self.fallback_ = f"{type(here.refusal).__name__}: {here.refusal}"
            self.refusal_ = _told(here.refusal)
        self.fits_ = here.fits
        learned = None
        self.weights_ = {MODEL: 1.0}
        self.cuts_, last_year = self._cuts(surveyed, here)
        if self.cuts_:
            learned = self._learn(self.cuts_, here)
            self.level_ = level(
                self.cuts_,
                last_year,
                horizon_days=self.horizon,
                model=self.model_,
                learnt=self._learnt_levels(here, learned),
            )
        elif QUICK[0] in here.models:
            self.model_ = QUICK[0]
        return Fitted(
            horizon_days=self.horizon,
            rhythm=here.rhythm,
            fits=here.fits,
            refusal=here.refusal,
            learned=learned,
            model=self.model_,
            weights=self.weights_,
            repeat_ratio=self.repeat_ratio_,
            level=self.level_,
        )

    @property
    def now(self) -> Members:
        """Everyone on the day, and the members as they were fitted to them."""
        return self._foretold.now

    def _members(
        self,
        seen: Snapshot,
        gaps: Gaps,
        *,
        names: tuple[str, ...],
        timing: Mapping[str, Vector] | None = None,
    ) -> Members:
        return fit_members(
            seen,
            gaps,
            horizon_days=self.horizon,
            names=names,
            fewest_customers=self.fewest_customers,
            fewest_repeaters=self.fewest_repeaters,
            timing=timing,
        )

    def _cuts(self, surveyed: Survey, here: Members) -> tuple[list[Cut], Cut | None]:
        """The days to learn from, and the one a year ago where the log reaches back so far."""
        first_on, as_of = surveyed.purchases.first_on, surveyed.as_of
        days = cutoffs(first_on, as_of=as_of, horizon_days=self.horizon)
        last_year = year_ago(first_on, as_of=as_of, horizon_days=self.horizon)
        wanted = [*days, last_year] if last_year and last_year not in days else days
        found = self._cuts_on(surveyed, wanted)
        if days and len(found[days[0]].past.seen) < THIN_CUSTOMERS:
            older = older_days(first_on, before=days[-1], horizon_days=self.horizon)
            found |= self._cuts_on(surveyed, [day for day in older if day not in found])
            days = [*days, *older]
        usable = [found[day] for day in days if found[day].members.refusal is None or here.refusal]
        return [cut for cut in usable if len(cut.past.seen) > 0], found[last_year] if last_year else None

    def _cuts_on(self, surveyed: Survey, days: Sequence[date]) -> dict[date, Cut]:
        latest = surveyed.as_of - timedelta(days=self.horizon)
        return {
            (day := past.seen.as_of): Cut(
                past, self._members(past.seen, past.gaps, names=ALL if day == latest else QUICK)
            )
            for past in surveyed.past(days)
        }

    def _learn(self, cuts: list[Cut], here: Members) -> Learned | None:
        self.model_ = best_model(cuts)
        if self.model_ not in here.probabilities:
            self.model_ = RHYTHM
        last = cuts[0]
        prior = prior_weights(float(np.mean([cut.past.events for cut in cuts[:MOST]])))
        parts, then = self._then(cuts, 0)
        self.backtest_ = self._record(last, expit(blended(parts, prior)), parts)
        learned = None
        if QUICK[0] in here.models:  # the learners build on it
            learned = learn(cuts, horizon_days=self.horizon)
        if learned is not None:
            further = self._further(cuts) if then is not None else []
            self.weights_ = (
                learned_weights(parts, last.came, prior, further=further) if then is not None else prior
            )
        self.repeat_ratio_ = _repeat_ratio(last, times(last.members))
        return learned

    def _then(self, cuts: Sequence[Cut], place: int) -> tuple[dict[str, Vector], Learned | None]:
        """The parts on one of these days, and the learners taught by all whose horizon doesn't meet that day's.

        Of the latest day these are the ones that had ended, so its parts are as they would have been. Of an older one they are
        later days too: how parts compare shows where they know nearly as much as they will today, and trees, which have most to
        learn, looked the worse the further back they were asked.
        """
        day = cuts[place].past.seen.as_of
        apart = [cut for cut in cuts if abs((day - cut.past.seen.as_of).days) >= self.horizon]
        then = learn(apart, horizon_days=self.horizon) if apart else None
        return parts_of(cuts[place].members, self.model_, then), then

    def _further(self, cuts: Sequence[Cut]) -> list[Window]:
        """The days before the latest one, each foretold by what the others teach: as many as it takes for enough events."""
        found: list[Window] = []
        events = cuts[0].past.events
        if events >= LARGE_WINDOW:
            return found
        for place in range(1, min(MOST, len(cuts))):
            if events >= WINDOW_EVENTS or self.model_ not in cuts[place].members.probabilities:
                break
            parts, then = self._then(cuts, place)
            if then is None:
                break
            found.append((parts, cuts[place].came))
            events += cuts[place].past.events
        return found

    def _learnt_levels(self, here: Members, learned: Learned | None) -> dict[str, float]:
        """model -> by how much the stack's total lies above its own today, as a shift in log odds; on some of the customers."""
        some = here.some(LEVEL_CUSTOMERS)
        parts = parts_of(some, self.model_, learned)
        total = float(expit(blended(parts, self.weights_)).sum())
        return {
            name: shift_to(model_log_odds(some, name), total)
            for name in OFFSETS
            if name in some.probabilities
        }

    def _record(self, last: Cut, probability: Vector, parts: dict[str, Vector]) -> dict[str, Any]:
        losses = last.losses()
        for name in LEARNED:
            if name in parts:
                losses[name] = log_loss(expit(parts[name]), last.came)
        return {
            "cutoff": last.past.seen.as_of.isoformat(),
            "horizon_days": self.horizon,
            "customers": len(last.came),
            "came": int(np.count_nonzero(last.came)),
            "expected": float(probability.sum()),
            "log_loss": log_loss(probability, last.came),
            "log_loss_of": losses,
            "brier": brier(probability, last.came),
            "auc": auc(probability, last.came) if 0 < np.count_nonzero(last.came) < len(last.came) else None,
            "calibration_error": calibration_error(probability, last.came),
            "calibration": calibration(probability, last.came),
        }

    def predict(self) -> Table:
        """customer, p_buy, expected_purchases: one row per customer who bought by `as_of`, ordered by customer."""
        told = self._foretold
        return pa.table(
            {
                "customer": self.now.seen.customer,
                "p_buy": told.probability,
                "expected_purchases": told.expected_purchases,
            }
        )

    def record(self, total: Mapping[str, float] | None = None) -> dict[str, Any]:
        """What was learnt and how far to trust it, as plain values.

        `total` expected buyers, the ends of their 90 % interval, and whether the log knows the season; `weights` part of the
        stack -> weight ("model" is the one named by `model`); `boundary` model -> the edge that its best fit lies at;
        `refused` model -> why it couldn't be fitted; `refusal` None, or why the data carry no model: the error's name as
        `code` and its figures (`found`, `needed`, `counted`); `backtest` see `backtest_`.

        The figures of the total are given where everyone was asked elsewhere.
        """
        return {
            "total": {
                **(self._foretold.total() if total is None else total),
                "season": "known" if self.level_.season_known else "unknown",
            },
            "weights": self.weights_,
            "model": self.model_,
            "backtest": self.backtest_,
            "boundary": self.fits_.boundary if self.fits_ else {},
            "refused": self.fits_.refused if self.fits_ else {},
            "refusal": self.refusal_,
        }

    def probability(self) -> Vector:
        """P(at least one purchase in (as-of, as-of + horizon]), in the order of `now.seen`."""
        return self._foretold.probability

    def _log_odds(self) -> Vector:
        return self._foretold.log_odds

    def parts(self) -> dict[str, Vector]:
        """part of the stack -> log odds of every customer."""
        return self._foretold.parts

    def expected_purchases(self) -> Vector:
        """Purchases expected in the horizon, in the order of `now.seen`."""
        return self._foretold.expected_purchases


def _told(refusal: InsightError) -> dict[str, Any]:
    """Why the data carry no model, as plain values."""
    told: dict[str, Any] = {"code": type(refusal).__name__}
    if isinstance(refusal, TooFewCustomers):
        told |= {"found": refusal.found, "needed": refusal.needed, "counted": refusal.counted}
    return told


def _repeat_ratio(last: Cut, foretold: Vector) -> float:
    """Further purchases that came to those foretold, among who came; 20 purchases' worth of doubt on both sides."""
    came = last.came
    further = float((last.past.counts[came] - 1).sum())
    expected = float((foretold[came] - 1).sum())
    return float(np.clip((further + 20) / (expected + 20), 0.2, 5.0))
