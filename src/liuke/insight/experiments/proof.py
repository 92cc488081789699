"""What a whole procedure is worth, the choice among candidates included, on customers who had no part in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np

from liuke.insight.experiments.covariates import Covariates
from liuke.insight.experiments.policies import PolicyValue, policy_value
from liuke.insight.experiments.scores import FOLDS, Scores, fold_of, gamma_of
from liuke.insight.experiments.uplift import Uplift
from liuke.insight.kinds import Vector, pa

CHOSEN: Final = "chosen"


@dataclass(frozen=True)
class Proof:
    """What would have been chosen, on customers who had no part in the choice.

    `policies` name -> value of following it, "chosen" and every candidate; `chosen_against` candidate -> value of what was
    chosen, held against that candidate; `picked` the names chosen in each fold.
    """

    policies: dict[str, PolicyValue]
    chosen_against: dict[str, PolicyValue]
    picked: tuple[str, ...]


def proof(uplift: Uplift, table: Any, *, folds: int = FOLDS) -> Proof:
    """Value of the whole procedure, choice included: chosen on four fifths, valued on the last, five times round.

    Errors: as `Uplift.fit`.
    Value in the unit of the outcome times `value`, per customer. Formula: see `policy_value`, each customer's scores being made
    without him. Returns one row for each policy. Source: nested cross-validation, Stone (1974), JRSS B 36, 111-147.
    """
    trial = uplift.read(table)
    x = Covariates(uplift.features).fit(table).transform(table, customers=len(trial))
    _, fold = fold_of(trial, x, folds=folds, seed=uplift.seed + 1)
    arrow = pa.table(table) if not isinstance(table, pa.Table) else table
    gamma = np.empty((len(trial), len(trial.arms)))
    made: list[dict[str, Vector]] = []
    picked = []
    for k in range(folds):
        held = np.flatnonzero(fold == k)
        there = arrow.take(held)
        fitted = _again(uplift).fit(arrow.take(np.flatnonzero(fold != k)))
        expected = fitted.candidates_.expected(fitted.covariates_.transform(there))
        gamma[held] = gamma_of(expected, trial.outcome[held], trial.codes[held], fitted.shares_)
        found = fitted.choices(there)
        made.append({**found, CHOSEN: found[fitted.chosen_]})
        picked.append(fitted.chosen_)
    scores = Scores(trial.arms, gamma, fold)
    order = np.argsort(np.concatenate([np.flatnonzero(fold == k) for k in range(folds)]))
    # a candidate that some fold had too few customers for has no value over all
    whole = {
        name: np.concatenate([each[name] for each in made])[order]
        for name in made[0]
        if all(name in each for each in made)
    }
    worth = partial(policy_value, scores, costs=fitted.costs_[1:], value=uplift.value, level=uplift.level)
    return Proof(
        {name: worth(choice, name=name) for name, choice in whole.items()},
        {
            name: worth(whole[CHOSEN], against=choice, name=CHOSEN)
            for name, choice in whole.items()
            if name != CHOSEN
        },
        tuple(picked),
    )


def _again(uplift: Uplift) -> Uplift:
    """An unfitted one with the same settings."""
    settings = {name: value for name, value in vars(uplift).items() if not name.endswith("_")}
    return Uplift(**settings)
