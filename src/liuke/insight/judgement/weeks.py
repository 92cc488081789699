"""When in the horizon the customers are expected who are expected at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Final

import numpy as np

from liuke.insight.forecast.foretold import Foretold

WEEK_DAYS: Final = 7
EVEN: Final = 0.5  # half of a customer's chance goes by his rhythm, half evenly over the horizon: rhythms are not that sure


def edges(horizon_days: int) -> list[int]:
    """Days after as-of at which the weeks begin and end."""
    return [*range(0, horizon_days, WEEK_DAYS), horizon_days]


def buyers_by_week(told: Foretold) -> list[float]:
    """How many of these customers are expected to buy next in each week; together the expected buyers of the horizon."""
    members, horizon = told.now, told.now.horizon_days
    reached = [np.zeros(len(members.seen))]
    reached += [
        members.rhythm.probability_if_kept(members.history, horizon=edge) for edge in edges(horizon)[1:]
    ]
    whole = np.maximum(reached[-1], 1e-12)
    found = []
    for place, (start, end) in enumerate(pairwise(edges(horizon))):
        by_rhythm = (reached[place + 1] - reached[place]) / whole
        evenly = (end - start) / horizon
        share = (1 - EVEN) * by_rhythm + EVEN * evenly
        found.append(float((told.probability * share).sum()))
    return found


def weeks_of(buyers: Sequence[float], *, as_of: date, horizon_days: int) -> list[dict[str, Any]]:
    """from_on, to_on (both included, the last week may be short) and customers."""
    return [
        {
            "from_on": as_of + timedelta(days=start + 1),
            "to_on": as_of + timedelta(days=end),
            "customers": customers,
        }
        for (start, end), customers in zip(pairwise(edges(horizon_days)), buyers, strict=True)
    ]
