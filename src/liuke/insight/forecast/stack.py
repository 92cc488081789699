"""The stack: a buy-till-you-die model (or the rhythm rule), its correction, boosted trees and RFM, weighed in log odds.

    ln odds = w_model · ln odds(model) + w_logistic · ln odds(correction) + w_boosted · ln odds(trees) + w_rfm · ln odds(RFM)

With E the number of events at a cut-off (the rarer of came and stayed away), what was learned starts from the weight
E / (E + 150) together, but no more than four fifths: with 150 events half is left to the model, with 2,000 a fifth. Of
that the trees, which need more to learn from, get half times E / (E + 200), the correction the rest. RFM, which looks at
nobody's own rhythm, starts from nothing: it gets what it earns. The last cut-off then moves the weights as far as its customers
say so. Where it has fewer than `LARGE_WINDOW` events, so do those before it, each with learners taught by the days that have
nothing in common with it, until there are `WINDOW_EVENTS`. Leaving the prior by d costs so much of log-likelihood:

    PRIOR (1 + E / ONE_WINDOW + FEW / E) d²

The least that it ever costs lets a hundred customers move the weights where the difference is plain. (With a prior of 150 they
couldn't: on a log of 120 accounts the stack was worse by half of its loss than the trees alone.) E / ONE_WINDOW is because
the window is one, and its customers share what it was like: what E events tell of another window's weights grows with E at
first, and never beyond what `ONE_WINDOW` events would tell that were each from a window of its own. (Without it 400 events
gave RFM three quarters of the weight for a gain that the next window took back. What six windows agree on isn't luck: with one
alone the trees, which know a factory's accounts best, got too little, and the loss at 28 days was 14 % above theirs.) FEW / E is
because parts that were taught by as few have luck in them that the next window hasn't.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Final

import numpy as np
from scipy.special import expit

from liuke.insight.forecast.cutoffs import Past
from liuke.insight.forecast.design import design, log_odds
from liuke.insight.forecast.learners import Boosted, Correction
from liuke.insight.forecast.members import QUICK, RHYTHM, Members
from liuke.insight.forecast.rules import RFM, Rule
from liuke.insight.forecast.track import log_loss
from liuke.insight.kinds import Vector

MODEL, LOGISTIC, BOOSTED = "model", "logistic", "boosted"
LEARNED: Final = (LOGISTIC, BOOSTED, RFM)
SHRINK: Final = 150.0
TREES_SHRINK: Final = 200.0
MOST_LEARNED: Final = 0.8
FEWEST_EVENTS: Final = 15
PRIOR: Final = 2.0
ONE_WINDOW: Final = 20.0  # events
WINDOW_EVENTS: Final = 2_000  # as many, or six windows, tell how the parts compare;
LARGE_WINDOW: Final = 1_000  # as does one of so many, the latest
FEW: Final = 50.0  # events
FADES: Final = 0.5
CLEARLY: Final = (
    0.02  # of log loss: what the model of regular buyers must be better by; at k = 1 it is MBG/NBD itself
)
LEVEL_SPREAD: Final = 0.5  # log odds
LEVEL_STEPS: Final = 4
FIRST_STEP: Final = 0.2
LAST_STEP: Final = 0.01
ENOUGH: Final = 1e-3  # of log-likelihood
# a correction starts from a model that every cut-off has
OFFSETS: Final = (RHYTHM, "MBGNBD", "MBGCNBD")
REGULAR: Final = "MBGCNBD"
TWINS: Final = {"MBGNBD": "ParetoNBD"}

Weights = dict[str, float]
Window = tuple[Mapping[str, Vector], Vector]  # the parts on an earlier day, and who came


@dataclass
class Learned:
    """The learners, trained on some cut-offs; the correction on top of the log odds of the model named `offset`."""

    offset: str
    logistic: Correction
    boosted: Boosted
    rfm: Rule

    def log_odds(self, members: Members, *, horizon_days: int) -> dict[str, Vector]:
        features, _ = design(members.seen, members, horizon_days=horizon_days)
        base = log_odds(members.probabilities[self.offset])
        return {
            LOGISTIC: self.logistic.log_odds(features, offset=base),
            BOOSTED: self.boosted.log_odds(features),
            RFM: self.rfm.log_odds(members.seen),
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
    return Learned(
        offset,
        Correction().fit(features, came, offset=base),
        Boosted().fit(features, came),
        Rule(RFM).fit([cut.past for cut in cuts]),
    )


def best_of(cuts: Sequence[Cut], names: Sequence[str]) -> str:
    """The member with the least log loss over the cut-offs, the latest first, each counting half as much as the one after it.

    In the first months of a log every rhythm is new; what did best then needn't do best now.
    """
    losses = [cut.losses() for cut in cuts]
    present = [name for name in names if all(name in loss for loss in losses)]
    total = {name: sum(loss[name] * FADES**age for age, loss in enumerate(losses)) for name in present}
    return min(present, key=lambda name: total[name] * (1 + CLEARLY * (name == REGULAR)))


def best_model(cuts: Sequence[Cut]) -> str:
    """The model the stack leans on: the best of the rhythm rule, MBG/NBD and its kind for regular buyers, lately above all.

    BG/NBD is left out, which holds every one-time buyer to be a customer for ever, and Pareto/NBD stands for MBG/NBD wherever it
    is fitted (see `model_log_odds`): fitting it everywhere takes ten times as long. MBG/CNBD-k must be better by `CLEARLY`: where
    it leads by a hair (of Online Retail, before the rhythm rule) the next window takes that back.
    """
    return best_of(cuts, OFFSETS)


def model_log_odds(members: Members, name: str) -> Vector:
    """Log odds of the model named; those of Pareto/NBD for MBG/NBD wherever it is fitted."""
    twin = TWINS.get(name, name)
    return log_odds(members.probabilities[twin if twin in members.probabilities else name])


def prior_weights(events: float) -> Weights:
    """Where the weights start; `events` at one cut-off."""
    learners = min(events / (events + SHRINK), MOST_LEARNED)
    trees = learners / 2 * events / (events + TREES_SHRINK)
    return {MODEL: 1 - learners, LOGISTIC: learners - trees, BOOSTED: trees, RFM: 0.0}


def learned_weights(
    parts: Mapping[str, Vector], came: Vector, prior: Weights, *, further: Sequence[Window] = ()
) -> Weights:
    """The weights, none below 0 and 1 together, with the least −log-likelihood plus the cost of leaving the prior.

    `further` windows before that one count as it does, where they have all of its parts. Each blend is held against who came at
    the level that suits it: one window's total tells of the season and of luck, which all customers share, so however many they
    are it is a single observation of who has the level right.
    The cost is convex, so steps between two weights at a time, each as long as pays, come to the one minimum.
    """
    names = list(prior)
    start = np.array([prior[name] for name in names])
    windows = [(parts, came), *(each for each in further if set(names) <= set(each[0]))]
    stacked = [(np.stack([of[name] for name in names]), who) for of, who in windows]
    held = float(np.mean([held_by(who) for _, who in windows]))

    def cost(weights: Vector) -> float:
        away = float(((weights - start) ** 2).sum())
        return sum(_loss_at_its_level(weights @ each, who) for each, who in stacked) + held * away

    best, least = start, cost(start)
    step = FIRST_STEP
    while step >= LAST_STEP:
        tried = [
            shifted for giver, taker in permutations(range(len(names)), 2)
            if (shifted := _shifted(best, giver, taker, step)) is not None
        ]  # fmt: skip
        costs = [cost(weights) for weights in tried]
        place = int(np.argmin(costs)) if costs else 0
        if costs and costs[place] < least - ENOUGH:
            best, least = tried[place], costs[place]
        else:
            step /= 2
    return dict(zip(names, map(float, best), strict=True))


def held_by(came: Vector) -> float:
    """What leaving the prior by 1 costs, of the log-likelihood of a window in which these came."""
    bought = int(np.count_nonzero(came))
    events = max(min(bought, len(came) - bought), 1)
    return PRIOR * (1 + events / ONE_WINDOW + FEW / events)


def _loss_at_its_level(odds: Vector, came: Vector) -> float:
    """Least of −log-likelihood over shifts c of the log odds, with c normal about 0 as `LEVEL_SPREAD` says."""
    y, shift = came.astype(np.float64), 0.0
    for _ in range(LEVEL_STEPS):
        p = expit(odds + shift)
        slope = float((p - y).sum()) + shift / LEVEL_SPREAD**2
        shift -= slope / (float((p * (1 - p)).sum()) + 1 / LEVEL_SPREAD**2)
        shift = float(np.clip(shift, -4 * LEVEL_SPREAD, 4 * LEVEL_SPREAD))
    moved = odds + shift
    return float(np.logaddexp(0, moved).sum() - y @ moved) + shift**2 / (2 * LEVEL_SPREAD**2)


def _shifted(weights: Vector, giver: int, taker: int, step: float) -> Vector | None:
    """The weights with `step` (or all there is) of one given to another; None where there is nothing to give."""
    given = min(step, float(weights[giver]))
    if given <= 0:
        return None
    found = weights.copy()
    found[giver] -= given
    found[taker] += given
    return found


def without_rfm(weights: Weights) -> Weights:
    """The same weights for the parts that know a customer's own gaps; the model takes RFM's."""
    found = {name: weight for name, weight in weights.items() if name != RFM}
    found[MODEL] += weights.get(RFM, 0.0)
    return found


def blended(parts: Mapping[str, Vector], weights: Weights) -> Vector:
    """The log odds of the stack; members without a part (no learner) leave their weight to the model."""
    present = {name: weight for name, weight in weights.items() if name in parts}
    total = sum(present.values()) or 1.0
    found: Vector = np.sum([weight / total * parts[name] for name, weight in present.items()], axis=0)
    return found
