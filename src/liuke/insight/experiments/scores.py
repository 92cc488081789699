"""Doubly robust scores: for every customer and arm, an unbiased (if noisy) word on what the arm would have brought.

    Γ_i(w) = μ̂_w(x_i) + 1{W_i = w}/e_w · (Y_i - μ̂_w(x_i))

with e_w the share of arm w in the drawing and μ̂_w the expected outcome, learnt on other folds than the one of i. Since e is
known, the mean of Γ(w) is unbiased however bad μ̂ is; a good one makes it less noisy.

Source: Robins, Rotnitzky & Zhao (1994), JASA 89; Chernozhukov et al. (2018), Double/Debiased Machine Learning, The
Econometrics Journal 21.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from liuke.insight.errors import EmptyArm
from liuke.insight.experiments.covariates import Covariates
from liuke.insight.experiments.learners import Linear, Regression, fit_outcomes, predict_all
from liuke.insight.experiments.trial import CONTROL, Trial, read_trial, shares_of
from liuke.insight.kinds import Vector

FOLDS: Final = 5


@dataclass(frozen=True)
class Scores:
    """`arms` (control first); `gamma` (n, arms), in the unit of the outcome; `folds` (n,), the fold of each customer."""

    arms: tuple[Any, ...]
    gamma: Vector
    folds: Vector

    def gains(self, treated: Any = None) -> Vector:
        """Γ(w) - Γ(control) of each customer, (n,): its mean is the average effect of arm w (the only one unless named)."""
        others = self.arms[1:]
        if treated is None and len(others) > 1:
            raise ValueError(f"there are several arms beside the control, name one: {list(others)}")
        name = others[0] if treated is None else treated
        if name not in others:
            raise EmptyArm(name, 0, 1)
        found: Vector = self.gamma[:, self.arms.index(name)] - self.gamma[:, 0]
        return found


def robust_scores(
    table: Any,
    *,
    features: Sequence[str] = (),
    outcome: str = "outcome",
    arm: str = "arm",
    control: Any = CONTROL,
    shares: Mapping[Any, float] | None = None,
    folds: int = FOLDS,
    seed: int = 0,
) -> Scores:
    """Cross-fitted scores of an experiment, to judge any model or policy by.

    `features` are columns known before the drawing; `shares` arm -> share of the drawing, those found unless given. The
    same customers give the same scores in any order. Errors: as `read_trial` and `Covariates`; `EmptyArm` where an arm has
    fewer than 2 customers a fold; `ValueError` for shares that don't fit the arms or fewer than two folds.

    Source: see `policy_value`; Chernozhukov et al. (2018), Econometrics Journal 21, for the cross-fitting.
    """
    trial = read_trial(table, outcome=outcome, arm=arm, control=control)
    x = Covariates(features).fit(table).transform(table, customers=len(trial))
    order, fold = fold_of(trial, x, folds=folds, seed=seed)
    e = drawn_shares(trial, shares)
    gamma = np.empty((len(trial), len(trial.arms)))
    gamma[order] = cross_fitted(x[order], trial.outcome[order], trial.codes[order], e, fold[order])
    return Scores(trial.arms, gamma, fold)


def drawn_shares(trial: Trial, shares: Mapping[Any, float] | None) -> Vector:
    """Share of each arm, (arms,): those planned, or those found."""
    if shares is None:
        return trial.counts / len(trial)
    planned = shares_of(shares, arms=trial.arms)
    return np.array([planned[name] for name in trial.arms])


def fold_of(trial: Trial, x: Vector, *, folds: int, seed: int) -> tuple[Vector, Vector]:
    """(order that doesn't depend on how the rows came, fold of each customer), each (n,); arms even over the folds."""
    if folds < 2:
        raise ValueError(f"at least two folds are needed, not {folds}")
    for name, count in zip(trial.arms, trial.counts, strict=True):
        if count < 2 * folds:
            raise EmptyArm(name, int(count), 2 * folds)
    order = np.lexsort((*x.T, trial.outcome, trial.codes))
    generator = np.random.default_rng(seed)
    fold = np.empty(len(trial), dtype=np.int64)
    for arm in range(len(trial.arms)):
        mine = order[trial.codes[order] == arm]
        fold[generator.permutation(mine)] = np.arange(len(mine)) % folds
    return order, fold


def scores_of(outcomes: Sequence[Regression], x: Vector, y: Vector, codes: Vector, e: Vector) -> Vector:
    """Γ (n, arms) of customers whom the outcome regressions have not seen."""
    return gamma_of(predict_all(outcomes, x), y, codes, e)


def gamma_of(expected: Vector, y: Vector, codes: Vector, e: Vector) -> Vector:
    """Γ (n, arms) from the expected outcomes (n, arms)."""
    gamma = expected.copy()
    rows = np.arange(len(y))
    gamma[rows, codes] += (y - expected[rows, codes]) / e[codes]
    return gamma


def cross_fitted(x: Vector, y: Vector, codes: Vector, e: Vector, fold: Vector) -> Vector:
    """Γ (n, arms) with linear outcome regressions, each fold by the others."""
    gamma = np.empty((len(y), len(e)))
    for k in range(int(fold.max()) + 1):
        rest, held = fold != k, fold == k
        outcomes = fit_outcomes(Linear, x[rest], y[rest], codes[rest], len(e))
        gamma[held] = scores_of(outcomes, x[held], y[held], codes[held], e)
    return gamma
