"""What a company may set about how its customers are judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from liuke.insight.grading.pyramid import CUTS


@dataclass(frozen=True)
class JudgeSettings:
    """Defaults are those of the requirements CL01, CL02 and CH03.

    `grade_cuts`          cumulative shares of platinum, gold, iron
    `grade_window_days`   who bought within it does business now and is graded; the others have no grade
    `dormant_min_days`, `dormant_gaps`  dormant when the last purchase is older than
                          max(dormant_min_days, dormant_gaps × own usual gap)
    `lost_days`           lost when older than this (and than the dormant bound)
    `watch_risk`, `high_risk`  risk scores from which the bands watch and high begin
    `watch_percentile`    a wait longer than this share of the customer's own gaps is watched at any risk
    `about_now_days`      how far ahead "about now" looks, at most (never before the last quarter of the usual gap)
    `clv_days`, `discount_rate`  horizon and yearly rate of the customer lifetime value
    `fewest_customers`, `fewest_repeaters`  below either, no model is fitted and the rhythm rule judges
    """

    grade_cuts: Sequence[float | Decimal | Fraction] = CUTS
    grade_window_days: int = 365
    dormant_min_days: int = 90
    dormant_gaps: float = 2.0
    lost_days: int = 365
    watch_risk: int = 40
    high_risk: int = 70
    watch_percentile: float = 95.0
    about_now_days: int = 7
    clv_days: int = 3 * 365
    discount_rate: float = 0.10
    fewest_customers: int = 50
    fewest_repeaters: int = 20
