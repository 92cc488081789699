"""When customers are judged, and how a company's choices reach the judgement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from liuke.insight import JudgeSettings
from liuke.scores.runs.rules import STALE_DAYS


def judgement_day(today: date, last_purchase_on: date | None) -> date:
    """Today; but the day of the last purchase when the log ends more than 45 days ago.

    An old log judged as of today would call everybody lost: what was missing would be the file, not the customers.
    """
    if last_purchase_on is None or today - last_purchase_on <= timedelta(days=STALE_DAYS):
        return today
    return last_purchase_on


def settings_from(choices: Mapping[str, Any]) -> JudgeSettings:
    """insight's settings from the company's preferences (by their keys)."""
    shares: Sequence[Decimal] = choices["grading.cuts"]
    cumulative = [sum(shares[: place + 1], Decimal(0)) / 100 for place in range(len(shares) - 1)]
    return JudgeSettings(
        grade_cuts=tuple(cumulative),
        grade_window_days=round(choices["grading.active_months"] * 365.25 / 12),
        dormant_min_days=choices["churn.dormant_min_days"],
        dormant_gaps=float(choices["churn.dormant_factor"]),
        lost_days=choices["churn.lost_days"],
        high_risk=choices["risk.open_threshold"],
        watch_risk=min(JudgeSettings.watch_risk, choices["risk.open_threshold"]),
    )


def in_minor(amount: float, exponent: int) -> int:
    return int(round(amount * 10**exponent))  # noqa: RUF046 - NumPy's round gives a float
