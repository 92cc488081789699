"""Policies (who gets which contact, or none), and what each is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.special import ndtr, ndtri

from liuke.insight.errors import BadTable
from liuke.insight.experiments.learners import (
    Boosted,
    DRLearner,
    Linear,
    Make,
    Sparse,
    TLearner,
    XLearner,
    fit_outcomes,
    predict_all,
)
from liuke.insight.experiments.scores import Scores, cross_fitted
from liuke.insight.experiments.trial import TABLE
from liuke.insight.intervals import checked_level
from liuke.insight.kinds import Vector

NONE: Final = "treat none"
RESPONSE: Final = "response"
PSEUDO: Final = 30.0


@dataclass(frozen=True)
class PolicyValue:
    """Money per customer of following a policy, less the costs of contact: `value` with `low`, `high`, `standard_error`;
    `contacted`, the share of customers whom it contacts; `against`: its value less that of the policy it is held against,
    with `against_low`, `against_high` (paired, so much narrower than the two intervals apart).

    `name` of the policy; `against_error` the standard error of `against`.
    """

    name: str
    value: float
    low: float
    high: float
    standard_error: float
    contacted: float
    against: float
    against_low: float
    against_high: float
    against_error: float

    def beats(self, trust: float) -> bool:
        """Whether the policy is better than what it is held against with a chance of `trust`, one-sided."""
        return self.against > 0 and bool(ndtr(self.against / max(self.against_error, 1e-300)) >= trust)


def policy_value(
    scores: Scores,
    choice: Any,
    *,
    against: Any = None,
    costs: Any = 0.0,
    value: float = 1.0,
    name: str = "policy",
    level: float = 0.95,
) -> PolicyValue:
    """What following `choice` is worth per customer, by doubly robust scores.

        V = mean of value · Γ_i(π_i) - cost(π_i),   standard error sd/√n

    Held against another policy only the m customers count whom the two treat differently. When they are few, none of them
    may have bought, and their spread looks like nothing; so 30 customers as noisy as everybody are counted in with them:
    mean square of the gap among them = (Σ gap² + 30 v)/(m + 30), unless the plain one is greater.

    `choice` (n,): the place in `scores.arms` of what each customer gets, 0 for the control; it may not have been learnt on
    the same customers' outcomes. `costs` of a contact, one figure or one per arm beside the control; `value` money per unit of
    outcome. `against` another choice, nothing for anybody unless given.

    Errors: `BadTable` for a choice that is no arm or of another length; `ValueError` for costs that don't fit.
    Source: Athey & Wager (2021), Policy Learning with Observational Data, Econometrica 89.
    """
    z = float(ndtri((1 + checked_level(level)) / 2))
    price = costs_of(costs, len(scores.arms))
    n = len(scores.gamma)
    mine = _checked(choice, scores)
    other = np.zeros(n, dtype=np.int64) if against is None else _checked(against, scores)
    rows = np.arange(n)
    worth = value * scores.gamma[rows, mine] - price[mine]
    gap = worth - (value * scores.gamma[rows, other] - price[other])
    noise = float((value * (scores.gamma[:, 1:] - scores.gamma[:, :1])).var(axis=0).mean())
    error, gap_error = float(worth.std(ddof=1) / np.sqrt(n)), _gap_error(gap, mine != other, noise)
    mean, gap_mean = float(worth.mean()), float(gap.mean())
    return PolicyValue(
        name=name,
        value=mean,
        low=mean - z * error,
        high=mean + z * error,
        standard_error=error,
        contacted=float((mine > 0).mean()),
        against=gap_mean,
        against_low=gap_mean - z * gap_error,
        against_high=gap_mean + z * gap_error,
        against_error=gap_error,
    )


def _gap_error(gap: Vector, differ: Vector, noise: float) -> float:
    """Standard error of the mean gap, not less than customers as noisy as everybody would give."""
    n, m = len(gap), int(differ.sum())
    square = m * (float((gap * gap).sum()) + PSEUDO * noise) / (m + PSEUDO)
    variance = max(float(gap.var(ddof=1)), square / n - float(gap.mean()) ** 2)
    return float(np.sqrt(variance / n))


def costs_of(costs: Any, arms: int) -> Vector:
    """Cost of each arm (arms,), 0 for the control; from one figure or one per arm beside the control. Else `ValueError`."""
    given = np.asarray(costs, dtype=np.float64)
    if given.ndim > 1 or (given.ndim == 1 and len(given) != arms - 1):
        raise ValueError(
            f"one cost, or one for each of the {arms - 1} arms beside the control is needed: {costs}"
        )
    if not np.isfinite(given).all() or (given < 0).any():
        raise ValueError(f"costs are 0 or more and finite, not {costs}")
    return np.concatenate([[0.0], np.broadcast_to(given, (arms - 1,))])


def _checked(choice: Any, scores: Scores) -> Vector:
    given = np.asarray(choice)
    if given.shape != (len(scores.gamma),) or given.dtype.kind not in "iub":
        problem = f"one place of an arm for each of {len(scores.gamma)} customers is needed, the shape is {given.shape}"
        raise BadTable(problem, table=TABLE, column="choice")
    wrong = (given < 0) | (given >= len(scores.arms))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise BadTable(f"{given[row]} is no place of an arm", table=TABLE, column="choice", row=row)
    found: Vector = given.astype(np.int64)
    return found


class Candidates:
    """Every policy that is in the running, fitted on one set of customers.

    Simple: "treat none", "treat all: ARM". "response": contact those of whom most is expected when contacted, as most
    campaigns do. Learners of increments: T, X and DR, linear, sparse and boosted, and their mean ("blend").
    """

    def __init__(
        self,
        x: Vector,
        y: Vector,
        codes: Vector,
        *,
        arms: Sequence[Any],
        shares: Vector,
        fold: Vector,
        trees: bool,
    ) -> None:
        self.arms = tuple(arms)
        self.outcomes = [fit_outcomes(Linear, x, y, codes, len(arms))]
        self.learners: dict[str, Any] = {"T linear": TLearner(self.outcomes[0])}
        _, inner = np.unique(fold, return_inverse=True)
        gamma = cross_fitted(x, y, codes, shares, inner)
        self.learners["DR linear"] = DRLearner(Linear, x, gamma)
        self.learners["DR sparse"] = DRLearner(Sparse, x, gamma)
        if trees:
            make: Make = Boosted
            boosted = fit_outcomes(make, x, y, codes, len(arms))
            self.outcomes.append(boosted)
            self.learners["T boosted"] = TLearner(boosted)
            self.learners["X boosted"] = XLearner(make, boosted, x, y, codes)
            self.learners["DR boosted"] = DRLearner(make, x, gamma)

    @staticmethod
    def names(arms: Sequence[Any], *, trees: bool) -> list[str]:
        """The names of all policies, simple ones first."""
        learners = [
            "T linear",
            "DR linear",
            "DR sparse",
            *(["T boosted", "X boosted", "DR boosted"] if trees else []),
        ]
        return [NONE, *(treat_all(arm) for arm in arms[1:]), RESPONSE, *learners, "blend"]

    def expected(self, x: Vector) -> Vector:
        """Expected outcome in each arm, (n, arms): the mean of the linear and the boosted regression."""
        found: Vector = np.mean([predict_all(models, x) for models in self.outcomes], axis=0)
        return found

    def increments(self, x: Vector) -> dict[str, Vector]:
        """learner -> increments (n, arms - 1) per contact, in the unit of the outcome; "response" is the expected outcome."""
        found = {name: learner.increments(x) for name, learner in self.learners.items()}
        found["blend"] = np.mean(list(found.values()), axis=0)
        found[RESPONSE] = self.expected(x)[:, 1:]
        return found


def treat_all(arm: Any) -> str:
    """The name of the policy that contacts everybody by `arm`."""
    return f"treat all: {arm}"


def choices(
    increments: dict[str, Vector], arms: Sequence[Any], price: Vector, value: float
) -> dict[str, Vector]:
    """policy -> the place of the arm for each customer: the most profitable contact, the control where none pays."""
    n = len(next(iter(increments.values())))
    found = {NONE: np.zeros(n, dtype=np.int64)}
    found |= {treat_all(arm): np.full(n, place, dtype=np.int64) for place, arm in enumerate(arms) if place}
    for name, each in increments.items():
        profit = value * each - price[1:]
        best = np.argmax(profit, axis=1)
        found[name] = np.where(profit[np.arange(n), best] > 0, best + 1, 0)
    return found
