"""Money: what a customer is expected to bring, and what of it is at risk."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from liuke.insight.errors import InsightError
from liuke.insight.features.money import money_sum
from liuke.insight.features.profile import YEAR_DAYS
from liuke.insight.features.snapshot import Snapshot
from liuke.insight.forecast.histories import history_of
from liuke.insight.forecast.rhythm import RhythmRule
from liuke.insight.judgement.settings import JudgeSettings
from liuke.insight.kinds import Expression, Vector
from liuke.insight.models import GammaGamma

if TYPE_CHECKING:
    from liuke.insight.engines import Engine

PRIOR_VALUES: Final = 2.0  # how many purchases the population's mean weighs where Gamma-Gamma can't be fitted
QUARTER_DAYS: Final = 91.25
SHORTEST_YEAR_DAYS: Final = 90
USUAL_GAP_DAYS: Final = 180.0  # where nobody bought twice


@dataclass(frozen=True)
class Population:
    """What is drawn upon where a customer's own figures say little, reckoned over everyone.

    `value` the mean amount of a purchase; `gap_days` days per repeat purchase from first to last purchase; `margin` share
    of the sales that is earned: (sales - cost) / sales, 1 when the log tells no cost.
    """

    value: float
    gap_days: float
    margin: float


def population(engine: Engine, everyone: Expression) -> Population:
    """From sums over the kept snapshot of everyone."""
    span = everyone.last_on.delta(everyone.first_on, unit="day")
    sums = engine.row(
        everyone.aggregate(
            purchases=everyone.purchases.sum(),
            repeats=(everyone.purchases - 1).sum(),
            days=span.sum(),
            spent=money_sum(everyone.spent),
            cost=money_sum(everyone.cost).fill_null(0.0),
            sales=money_sum(everyone.total),
        )
    )
    known = sums["repeats"] > 0 and sums["days"] > 0
    earned = 1.0
    if sums["cost"] > 0 and sums["sales"] > 0:
        earned = float(np.clip(1 - sums["cost"] / sums["sales"], 0.0, 1.0))
    return Population(
        value=float(sums["spent"] / max(sums["purchases"], 1)),
        gap_days=float(sums["days"] / sums["repeats"]) if known else USUAL_GAP_DAYS,
        margin=earned,
    )


def worth(seen: Snapshot, *, model: Any, population: Population) -> Vector:
    """The amount of a customer's next purchase: his own mean, drawn to the population's the less he bought.

    By the fitted Gamma-Gamma, asked with all of his purchases, the first one too; without one (`model` None) by the
    population's mean with the weight of two purchases. Never below 0.
    """
    purchases, spent = seen["purchases"], seen["spent"]
    if model is not None:
        mean = np.maximum(spent / purchases, 0.0)
        found: Vector = model.expected_value(
            {"frequency": np.where(mean > 0, purchases, 0), "monetary": mean}
        )
        return found
    return np.maximum((spent + PRIOR_VALUES * population.value) / (purchases + PRIOR_VALUES), 0.0)


def fit_worth(seen: Snapshot) -> Any:
    """Gamma-Gamma on the purchases after the first (as published); None where it can't be fitted."""
    repeats = seen["purchases"] - 1
    monetary = np.maximum((seen["spent"] - seen["first_value"]) / np.maximum(repeats, 1), 0.0)
    rows = np.flatnonzero(repeats > 0)
    try:
        with warnings.catch_warnings():
            # a heavy tail or dependent spend is told in the judgement, not printed
            warnings.simplefilter("ignore")
            return GammaGamma().fit({"frequency": repeats[rows], "monetary": monetary[rows]})
    except InsightError:
        return None


def value_if_kept(seen: Snapshot, *, days: float) -> Vector:
    """Money within `days` of a customer who goes on as in the last twelve months: their sales, pro rata.

    Who has been known for less than a year is reckoned by the days since his first purchase, at least `SHORTEST_YEAR_DAYS`.
    """
    known = np.clip(seen.today - seen["first_on"], SHORTEST_YEAR_DAYS, YEAR_DAYS)
    found: Vector = np.maximum(np.nan_to_num(seen["total_12m"]), 0.0) * days / known
    return found


def pace(seen: Snapshot, *, usual_days: float) -> Vector:
    """Purchases per day of a customer who stays, between two readings of his history (their geometric mean).

    From first to last purchase, as if he had left that day, and until now, as if he hadn't; both shrunk to the population's
    days per repeat purchase with the weight of one purchase, so that three purchases in a week don't make a daily buyer.
    """
    repeats, span = seen["purchases"] - 1, seen["last_on"] - seen["first_on"]
    till_last, till_now = span + usual_days, (seen.today - seen["first_on"]) + usual_days
    found: Vector = (repeats + 1.0) / np.sqrt(till_last * till_now)
    return found


def lifetime_value(
    seen: Snapshot,
    *,
    rhythm: RhythmRule,
    each: Vector,
    chance: Vector,
    population: Population,
    settings: JudgeSettings,
) -> Vector:
    """Money expected within `clv_days`, discounted, quarter by quarter.

    A customer who is one with probability `chance` buys at his pace and leaves after a purchase with the chance q that the
    rhythm rule found for customers of his standing: after n more purchases (1 - q)^n are left. Counted in margin when the
    log tells costs, else in sales.
    """
    leaving = rhythm.leaving(history_of(seen))
    daily = pace(seen, usual_days=population.gap_days)
    total = np.zeros(len(seen))
    quarters = max(1, round(settings.clv_days / QUARTER_DAYS))
    stay = np.log1p(-leaving)
    for quarter in range(quarters):
        middle = (quarter + 0.5) * QUARTER_DAYS
        left = np.exp(stay * daily * middle)
        total += daily * QUARTER_DAYS * left * (1 + settings.discount_rate) ** (-middle / 365.25)
    return each * chance * total * population.margin
