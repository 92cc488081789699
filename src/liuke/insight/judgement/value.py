"""Money: what a customer is expected to bring, and what of it is at risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from liuke.insight.judgement.settings import JudgeSettings
from liuke.insight.kinds import Vector

if TYPE_CHECKING:
    from liuke.insight.features.snapshot import Snapshot

PRIOR_VALUES: Final = 2.0  # how many purchases the population's mean weighs against a customer's own
PRIOR_PURCHASES: Final = 1.0
QUARTER_DAYS: Final = 91.25


@dataclass(frozen=True)
class Values:
    """`purchases` and `value` expected in the horizon, `at_risk` of it, `clv` over `clv_days`."""

    purchases: Vector
    value: Vector
    at_risk: Vector
    clv: Vector


def values(
    seen: Snapshot, *, p_buy: Vector, p_alive: Vector, horizon_days: int, settings: JudgeSettings
) -> Values:
    """Expected purchases and money.

    The rate of a customer who stays is (repeat purchases + 1·population) / (days from first to last + population's days).
    Value of a purchase: own mean, shrunk to the population's with the weight of two purchases.

    **Money at risk** = value in the horizon if he stays (rate × horizon × value of a purchase) × (1 − P(alive)).
    """
    purchases, recency = seen["purchases"], seen["last_on"] - seen["first_on"]
    repeats = purchases - 1
    total_repeats, total_days = repeats.sum(), recency.sum()
    days_each = total_days / total_repeats if total_repeats > 0 and total_days > 0 else 180.0
    rate = (repeats + PRIOR_PURCHASES) / (recency + PRIOR_PURCHASES * days_each)
    mean_of_all = seen["spent"].sum() / max(purchases.sum(), 1)
    worth = (seen["spent"] + PRIOR_VALUES * mean_of_all) / (purchases + PRIOR_VALUES)
    worth = np.maximum(worth, 0.0)
    if_kept = rate * horizon_days
    expected = p_buy * np.maximum(if_kept / -np.expm1(-np.maximum(if_kept, 1e-12)), 1.0)
    return Values(
        purchases=expected,
        value=expected * worth,
        at_risk=if_kept * worth * (1 - p_alive),
        clv=worth * rate * p_alive * _discounted_days(settings),
    )


def _discounted_days(settings: JudgeSettings) -> float:
    """Days within the horizon, each worth less the later it comes."""
    yearly = np.log1p(settings.discount_rate) / 365.25
    if yearly == 0:
        return float(settings.clv_days)
    return float(-np.expm1(-yearly * settings.clv_days) / yearly)
