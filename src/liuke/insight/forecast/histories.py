"""A snapshot in the shape that the rhythm rule takes."""

from __future__ import annotations

from liuke.insight.features.snapshot import Snapshot
from liuke.insight.forecast.rhythm import History


def history_of(seen: Snapshot) -> History:
    """The columns of the snapshot that tell a customer's rhythm."""
    return History(
        purchases=seen["purchases"],
        waited=seen.waited,
        gap_median=seen["gap_median"],
        log_gap_mean=seen["log_gap_mean"],
        log_gap_sd=seen["log_gap_sd"],
        shorter_gaps=seen["shorter_gaps"],
        equal_gaps=seen["equal_gaps"],
    )
