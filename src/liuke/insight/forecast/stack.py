"""The stack: a buy-till-you-die model (or the rhythm rule), its correction and the boosted trees, weighed in log odds.

    ln odds = w_model · ln odds(model) + w_logistic · ln odds(correction) + w_boosted · ln odds(trees)

With E the number of events at a cut-off (the rarer of came and stayed away), the learners together start from the weight
E / (E + 150), but no more than four fifths: with 150 events half is left to the model, with 2,000 a fifth. (The model's
level doesn't swing with the season that the learners were taught in, so some of it always stays.) The trees, which need
more to learn from, get half of it times E / (E + 200). The cut-off before the present then moves the weights as far as
its customers say so, held back by a prior of `PRIOR`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from scipy.special import expit

from liuke.insight.forecast.cutoffs import Past
from liuke.insight.forecast.design import design, log_odds
from liuke.insight.forecast.learners import Boosted, Correction
from liuke.insight.forecast.members import QUICK, RHYTHM, Members
from liuke.insight.forecast.track import log_loss
from liuke.insight.kinds import Vector

MODEL, LOGISTIC, BOOSTED = "model", "logistic", "boosted"
SHRINK: Final = 150.0
TREES_SHRINK: Final = 200.0
MOST_LEARNED: Final = 0.8
FEWEST_EVENTS: Final = 15
PRIOR: Final = 150.0
GRID: Final = 10
# a correction starts from a model that every cut-off has
OFFSETS: Final = (RHYTHM, "MBGNBD")
TWINS: Final = ("MBGNBD", "ParetoNBD")

Weights = dict[str, float]


@dataclass
class Learned:
    """The two learners, trained on some cut-offs, on top of the log odds of the model named `offset`."""

    offset: str
    logistic: Correction
    boosted: Boosted

    def log_odds(self, members: Members, *, horizon_days: int) -> dict[str, Vector]:
        features, _ = design(members.seen, members, horizon_days=horizon_days)
        base = log_odds(members.probabilities[self.offset])
        return {
            LOGISTIC: self.logistic.log_odds(features, offset=base),
            BOOSTED: self.boosted.log_odds(features),
        }


@dataclass
class Cut:
    """A cut-off with the members fitted on what was known that day."""

    past: Past
    members: Members

    @property
    def came(self) -> Vector:
        return self.past.came

    def losses(self) -> dict[str, float]:
        return {name: log_loss(p, self.came) for name, p in self.members.probabilities.items()}


def learn(cuts: Sequence[Cut], *, horizon_days: int) -> Learned | None:
    """Train on these cut-offs; None where the events are too few to learn anything from."""
    cuts = [cut for cut in cuts if QUICK[0] in cut.members.models]
    if not cuts or sum(cut.past.events for cut in cuts) / len(cuts) < FEWEST_EVENTS:
        return None
    offset = best_of(cuts, OFFSETS)
    features = np.vstack([design(cut.past.seen, cut.members, horizon_days=horizon_days)[0] for cut in cuts])
    came = np.concatenate([cut.came for cut in cuts])
    base = np.concatenate([log_odds(cut.members.probabilities[offset]) for cut in cuts])
    return Learned(offset, Correction().fit(features, came, offset=base), Boosted().fit(features, came))


def best_of(cuts: Sequence[Cut], names: Sequence[str]) -> str:
    """The member with the least log loss over the cut-offs that have it."""
    losses = [cut.losses() for cut in cuts]
    present = [name for name in names if all(name in loss for loss in losses)]
    return min(present, key=lambda name: sum(loss[name] for loss in losses))


def best_model(cuts: Sequence[Cut]) -> str:
    """The model the stack leans on: the better of the rhythm rule and MBG/NBD over all cut-offs.

    BG/NBD is left out, which holds every one-time buyer to be a customer for ever, and Pareto/NBD stands beside MBG/NBD
    wherever it is fitted (see `model_log_odds`): which of the two is the better by a hair is chance.
    """
    return best_of(cuts, OFFSETS)


def model_log_odds(members: Members, name: str) -> Vector:
    """Log odds of the model named; the mean of MBG/NBD and Pareto/NBD for either, errs less than each alone."""
    if name == RHYTHM:
        return log_odds(members.probabilities[RHYTHM])
    pair = [log_odds(members.probabilities[twin]) for twin in TWINS if twin in members.probabilities]
    found: Vector = np.mean(pair, axis=0)
    return found


def prior_weights(events: float) -> Weights:
    """Where the weights start; `events` at one cut-off."""
    learners = min(events / (events + SHRINK), MOST_LEARNED)
    trees = learners / 2 * events / (events + TREES_SHRINK)
    return {MODEL: 1 - learners, LOGISTIC: learners - trees, BOOSTED: trees}


def learned_weights(parts: Mapping[str, Vector], came: Vector, prior: Weights) -> Weights:
    """The weights with the least log loss plus the cost of leaving the prior, on a grid of tenths around it."""
    shares = [
        (a / GRID, b / GRID, (GRID - a - b) / GRID)
        for a, b in product(range(GRID + 1), repeat=2)
        if a + b <= GRID
    ]
    start = np.array([prior[MODEL], prior[LOGISTIC], prior[BOOSTED]])
    stacked = np.stack([parts[MODEL], parts[LOGISTIC], parts[BOOSTED]])

    def cost(weights: Vector) -> float:
        away = float(((weights - start) ** 2).sum())
        return len(came) * log_loss(expit(weights @ stacked), came) + PRIOR * away

    best = min([start, *map(np.array, shares)], key=cost)
    return dict(zip((MODEL, LOGISTIC, BOOSTED), map(float, best), strict=True))


def blended(parts: Mapping[str, Vector], weights: Weights) -> Vector:
    """The log odds of the stack; members without a part (no learner) leave their weight to the model."""
    present = {name: weight for name, weight in weights.items() if name in parts}
    total = sum(present.values()) or 1.0
    found: Vector = np.sum([weight / total * parts[name] for name, weight in present.items()], axis=0)
    return found
