"""Whom to contact so that it pays: increments learnt from an experiment, and the policy that proved the most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from scipy.special import ndtr

from liuke.insight.errors import NotFitted
from liuke.insight.experiments.covariates import Covariates
from liuke.insight.experiments.curves import Qini, qini
from liuke.insight.experiments.policies import (
    NONE,
    Candidates,
    PolicyValue,
    choices,
    costs_of,
    policy_value,
    treat_all,
)
from liuke.insight.experiments.scores import FOLDS, Scores, drawn_shares, fold_of, gamma_of
from liuke.insight.experiments.trial import CONTROL, Trial, read_trial
from liuke.insight.intervals import checked_level
from liuke.insight.kinds import Table, Vector, pa

TREES_FROM: Final = 1_000  # customers in the smallest arm
TRUST: Final = 0.9


@dataclass(frozen=True)
class Heterogeneity:
    """How well one learner's increments order and size what contact does, out of fold, for one arm.

    `slope` of the doubly robust gain on the predicted increment (1: right size; 0: nothing but noise) with its standard
    error; `p` one-sided, that there is nothing to it; `curve` the Qini curve.

    `slope_error` is that standard error; `learner` and `arm` say of whom.
    """

    learner: str
    arm: Any
    slope: float
    slope_error: float
    p: float
    curve: Qini


class Uplift:
    """Increments per customer from a randomised experiment, and the contact policy that is worth most.

        uplift = Uplift(features=["recency", "history"], outcome="spend", arm="segment", control="none", cost=0.4, value=0.3)
        uplift.fit(experiment)
        uplift.decide(customers)       # the arm for each, the control where no contact pays
        uplift.increments(customers)   # what each contact adds to the outcome of each, for `best_contacts`

    Candidates: treat none, treat all by each arm, the response model, T-, X-, DR-learners (linear, sparse, boosted), their mean.
    Each is fitted on four fifths of the customers and valued on the last fifth by doubly robust scores, five times round.
    The better simple policy (all or none) stands unless a learnt one is better than it with a chance of `trust`: targeting
    that isn't proved costs reach and gains nothing.

    Settings: `features` known before the drawing; `outcome`, `arm`, `control` as in `difference`; `cost` of a contact, one
    figure or arm -> figure; `value` money per unit of outcome; `shares` arm -> share of the drawing, those found unless given.

    Learned: `arms_`; `scores_` (doubly robust, out of fold); `policies_` (every candidate's `PolicyValue`, held against the
    better simple one, the most valuable first); `chosen_`; `value_` that of the chosen (the best of several estimates: a
    little too good, `proof` has the honest one); `heterogeneity_` of each learner and arm; `ranker_` arm -> the learner whose
    ranking is the surest, None where none is proved; `customers_`.

    Errors: as `read_trial`, `Covariates` and `robust_scores`.
    """

    def __init__(
        self,
        *,
        features: Sequence[str],
        outcome: str = "outcome",
        arm: str = "arm",
        control: Any = CONTROL,
        cost: float | Mapping[Any, float] = 0.0,
        value: float = 1.0,
        shares: Mapping[Any, float] | None = None,
        folds: int = FOLDS,
        trust: float = TRUST,
        level: float = 0.95,
        seed: int = 0,
    ) -> None:
        self.features = features
        self.outcome = outcome
        self.arm = arm
        self.control = control
        self.cost = cost
        self.value = value
        self.shares = shares
        self.folds = folds
        self.trust = trust
        self.level = level
        self.seed = seed

    def fit(self, table: Any) -> Self:
        """Learn from an experiment, one row per customer; returns self."""
        checked_level(self.level)
        checked_level(self.trust)
        if not np.isfinite(self.value):
            raise ValueError(f"the value of a unit of outcome is a number, not {self.value}")
        trial = self.read(table)
        encoder = Covariates(self.features).fit(table)
        x = encoder.transform(table, customers=len(trial))
        order, fold = fold_of(trial, x, folds=self.folds, seed=self.seed)
        e = drawn_shares(trial, self.shares)
        self.covariates_, self.arms_, self.shares_ = encoder, trial.arms, e
        self.costs_ = self._costs()
        self.trees_ = bool(trial.counts.min() >= TREES_FROM)
        xs, ys, codes, folds = x[order], trial.outcome[order], trial.codes[order], fold[order]
        gamma, predicted = self._cross_fit(xs, ys, codes, folds)
        self.candidates_ = self._candidates(xs, ys, codes, folds)
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        self.scores_ = Scores(trial.arms, gamma[back], fold)
        self.out_of_fold_ = {name: each[back] for name, each in predicted.items()}
        self.customers_ = len(trial)
        self._choose()
        self._rank()
        return self

    def read(self, table: Any) -> Trial:
        """The checked columns of an experiment as this estimator names them."""
        return read_trial(table, outcome=self.outcome, arm=self.arm, control=self.control)

    def _costs(self) -> Vector:
        if isinstance(self.cost, Mapping):
            if set(self.cost) != set(self.arms_[1:]):
                raise ValueError(
                    f"a cost for each of {list(self.arms_[1:])} is needed, not for {list(self.cost)}"
                )
            return costs_of([self.cost[name] for name in self.arms_[1:]], len(self.arms_))
        return costs_of(self.cost, len(self.arms_))

    def _candidates(self, x: Vector, y: Vector, codes: Vector, fold: Vector) -> Candidates:
        return Candidates(x, y, codes, arms=self.arms_, shares=self.shares_, fold=fold, trees=self.trees_)

    def _cross_fit(
        self, x: Vector, y: Vector, codes: Vector, fold: Vector
    ) -> tuple[Vector, dict[str, Vector]]:
        """(Γ, learner -> increments), every fold by candidates of the others."""
        gamma = np.empty((len(y), len(self.arms_)))
        predicted: dict[str, Vector] = {}
        for k in range(self.folds):
            rest, held = fold != k, fold == k
            candidates = self._candidates(x[rest], y[rest], codes[rest], fold[rest])
            gamma[held] = gamma_of(candidates.expected(x[held]), y[held], codes[held], self.shares_)
            for name, each in candidates.increments(x[held]).items():
                predicted.setdefault(name, np.empty((len(y), len(self.arms_) - 1)))[held] = each
        return gamma, predicted

    def _choose(self) -> None:
        made = choices(self.out_of_fold_, self.arms_, self.costs_, self.value)
        simple = [NONE, *(treat_all(arm) for arm in self.arms_[1:])]
        self.simple_ = max(simple, key=lambda name: self._value(name, made[name], made[NONE]).value)
        valued = [self._value(name, choice, made[self.simple_]) for name, choice in made.items()]
        self.policies_ = sorted(valued, key=lambda each: -each.value)
        proved = [each for each in self.policies_ if each.name not in simple and each.beats(self.trust)]
        self.chosen_ = proved[0].name if proved else self.simple_
        self.value_ = next(each for each in self.policies_ if each.name == self.chosen_)

    def _value(self, name: str, choice: Vector, against: Vector) -> PolicyValue:
        return policy_value(
            self.scores_,
            choice,
            against=against,
            costs=self.costs_[1:],
            value=self.value,
            name=name,
            level=self.level,
        )

    def _rank(self) -> None:
        self.heterogeneity_ = [
            self._heterogeneity(name, place, arm)
            for place, arm in enumerate(self.arms_[1:])
            for name in self.out_of_fold_
        ]
        self.ranker_: dict[Any, str | None] = {}
        for arm in self.arms_[1:]:
            # the response model as well: where who buys anyway is also whom contact moves, its order is the surest
            mine = [each for each in self.heterogeneity_ if each.arm == arm]
            surest = min(mine, key=lambda each: each.p)
            # the surest of several: each must stand for all of them (Bonferroni)
            self.ranker_[arm] = surest.learner if surest.p * len(mine) < 1 - self.trust else None

    def _heterogeneity(self, name: str, place: int, arm: Any) -> Heterogeneity:
        predicted, gains = self.out_of_fold_[name][:, place], self.scores_.gains(arm)
        curve = qini(predicted, gains, groups=self.scores_.folds, level=self.level)
        slope, error = _slope(predicted, gains, self.scores_.folds)
        p = float(ndtr(-slope / error)) if error > 0 else 1.0
        return Heterogeneity(name, arm, slope, error, p, curve)

    def increments(self, table: Any) -> Vector:
        """Expected increment of each contact for each customer, (n, arms - 1), in the unit of the outcome.

        Where a ranking is proved (`ranker_`), the average effect plus the learner's deviations from its own average times
        their out-of-fold slope (at most 1), so that sizes can be trusted as well; otherwise the average effect for all.
        """
        x = self._covariates(table)
        predicted = self.candidates_.increments(x)
        found = np.empty((len(x), len(self.arms_) - 1))
        for place, arm in enumerate(self.arms_[1:]):
            found[:, place] = float(self.scores_.gains(arm).mean())
            ranker = self.ranker_[arm]
            if ranker is not None:
                slope = next(h.slope for h in self.heterogeneity_ if (h.learner, h.arm) == (ranker, arm))
                middle = float(self.out_of_fold_[ranker][:, place].mean())
                found[:, place] += min(slope, 1.0) * (predicted[ranker][:, place] - middle)
        return found

    def choices(self, table: Any) -> dict[str, Vector]:
        """policy -> the place in `arms_` of what it gives each customer, (n,), for every candidate."""
        x = self._covariates(table)
        return choices(self.candidates_.increments(x), self.arms_, self.costs_, self.value)

    def decide(self, table: Any) -> Vector:
        """The arm that the chosen policy gives each customer, object array (n,); the control where it makes no contact."""
        place = self.choices(table)[self.chosen_]
        names = np.empty(len(self.arms_), dtype=object)
        names[:] = self.arms_
        found: Vector = names[place]
        return found

    def _covariates(self, table: Any) -> Vector:
        self._require_fit()
        return self.covariates_.transform(table)

    def _require_fit(self) -> None:
        if not hasattr(self, "customers_"):
            raise NotFitted("Uplift has learnt nothing yet: call fit first")

    def table(self) -> Table:
        """The candidates as an Arrow table, the most valuable first; columns as in `PolicyValue`."""
        self._require_fit()
        return pa.Table.from_pylist([vars(each) for each in self.policies_])

    def explain(self) -> str:
        """Say in plain words what was learnt and how far to trust it."""
        self._require_fit()
        best = self.value_
        lines = [
            f"{self.customers_:,} customers in the arms {', '.join(map(str, self.arms_))}.",
            f"Chosen: {self.chosen_}, worth {best.value:.4g} a customer ({best.low:.4g} to {best.high:.4g}), "
            f"contacting {best.contacted:.0%}.",
        ]
        if self.chosen_ == self.simple_:
            lines.append(
                f"No targeting is proved better than {self.simple_!r} (chance {self.trust:.0%} asked for)."
            )
        else:
            lines.append(
                f"Better than {self.simple_!r} by {best.against:.4g} ({best.against_low:.4g} to {best.against_high:.4g})."
            )
        for arm in self.arms_[1:]:
            ranker = self.ranker_[arm]
            lines.append(
                f"Contact {arm}: whom it moves more is not known; everybody counts as average."
                if ranker is None
                else f"Contact {arm}: it moves some more than others ({ranker})."
            )
        return "\n".join(lines)


def _slope(predicted: Vector, gains: Vector, folds: Vector) -> tuple[float, float]:
    """(slope of the gains on the predictions within folds, its heteroskedasticity-robust standard error).

    Within folds, because a model of the other folds is the lower where its own fold is the higher, by arithmetic.
    """
    size = np.bincount(folds)
    x = predicted - (np.bincount(folds, weights=predicted) / size)[folds]
    y = gains - (np.bincount(folds, weights=gains) / size)[folds]
    unit_x, unit_y = float(np.abs(x).max()), float(np.abs(y).max())
    if unit_x <= 1e-9 * float(np.abs(predicted).max()) or unit_y == 0:
        return 0.0, 0.0
    x, y = x / unit_x, y / unit_y
    squares = float((x * x).sum())
    slope = float((x * y).sum()) / squares
    rest = y - slope * x
    error = float(np.sqrt((x * x * rest * rest).sum())) / squares
    return slope * unit_y / unit_x, error * unit_y / unit_x
