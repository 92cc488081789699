"""Money: what a customer is expected to bring, and what of it is at risk."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from liuke.insight.errors import InsightError
from liuke.insight.features.profile import YEAR_DAYS
from liuke.insight.features.snapshot import Snapshot
from liuke.insight.forecast.histories import history_of
from liuke.insight.forecast.rhythm import RhythmRule
from liuke.insight.judgement.settings import JudgeSettings
from liuke.insight.kinds import Vector
from liuke.insight.models import GammaGamma

PRIOR_VALUES: Final = 2.0  # how many purchases the population's mean weighs where Gamma-Gamma can't be fitted
FITTED: Final = 50_000  # customers; more move no digit that matters
QUARTER_DAYS: Final = 91.25
SHORTEST_YEAR_DAYS: Final = 90


@dataclass(frozen=True)
class Worth:
    """`each` the expected amount of the customer's next purchase; `model` the fitted Gamma-Gamma or None."""

    each: Vector
    model: Any


def worth(seen: Snapshot) -> Worth:
    """The amount of a customer's next purchase: his own mean, drawn to the population's the less he bought.

    By Gamma-Gamma, fitted on the purchases after the first (as published) and asked with all of them, the first one too;
    where it can't be fitted, by the population's mean with the weight of two purchases. Never below 0.
    """
    purchases, spent = seen["purchases"], seen["spent"]
    mean = np.maximum(spent / purchases, 0.0)
    model = _fitted(seen)
    if model is not None:
        each = model.expected_value({"frequency": np.where(mean > 0, purchases, 0), "monetary": mean})
        return Worth(each, model)
    total = max(purchases.sum(), 1.0)
    of_all = float(spent.sum() / total)
    return Worth(
        np.maximum((spent + PRIOR_VALUES * of_all) / (purchases + PRIOR_VALUES), 0.0),
        None,
    )


def _fitted(seen: Snapshot) -> Any:
    repeats = seen["purchases"] - 1
    monetary = np.maximum((seen["spent"] - seen["first_value"]) / np.maximum(repeats, 1), 0.0)
    rows = np.flatnonzero(repeats > 0)
    if len(rows) > FITTED:
        rows = rows[np.linspace(0, len(rows) - 1, FITTED).round().astype(np.int64)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # a heavy tail or dependent spend is told in the judgement, not printed
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


def pace(seen: Snapshot) -> Vector:
    """Purchases per day of a customer who stays, between two readings of his history (their geometric mean).

    From first to last purchase, as if he had left that day, and until now, as if he hadn't; both shrunk to the population's
    days per repeat purchase with the weight of one purchase, so that three purchases in a week don't make a daily buyer.
    """
    repeats, span = seen["purchases"] - 1, seen["last_on"] - seen["first_on"]
    all_repeats, all_days = float(repeats.sum()), float(span.sum())
    each = all_days / all_repeats if all_repeats > 0 and all_days > 0 else 180.0
    till_last, till_now = span + each, (seen.today - seen["first_on"]) + each
    found: Vector = (repeats + 1.0) / np.sqrt(till_last * till_now)
    return found


def lifetime_value(
    seen: Snapshot, *, rhythm: RhythmRule, each: Vector, chance: Vector, settings: JudgeSettings
) -> Vector:
    """Money expected within `clv_days`, discounted, quarter by quarter.

    A customer who is one with probability `chance` buys at his pace and leaves after a purchase with the chance q that the
    rhythm rule found for customers of his standing: after n more purchases (1 - q)^n are left. Counted in margin when the
    log tells costs, else in sales.
    """
    leaving = rhythm.leaving(history_of(seen))
    daily = pace(seen)
    total = np.zeros(len(seen))
    quarters = max(1, round(settings.clv_days / QUARTER_DAYS))
    stay = np.log1p(-leaving)
    for quarter in range(quarters):
        middle = (quarter + 0.5) * QUARTER_DAYS
        left = np.exp(stay * daily * middle)
        total += daily * QUARTER_DAYS * left * (1 + settings.discount_rate) ** (-middle / 365.25)
    return each * chance * total * margin(seen)


def margin(seen: Snapshot) -> float:
    """Share of the sales that is earned: (sales - cost) / sales of the whole log, 1 when it tells no cost."""
    cost, sales = np.nan_to_num(seen["cost"]).sum(), np.nan_to_num(seen["total"]).sum()
    if cost <= 0 or sales <= 0:
        return 1.0
    return float(np.clip(1 - cost / sales, 0.0, 1.0))
