"""When in the horizon the customers are expected who are expected at all."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

import numpy as np

from liuke.insight.forecast.forecast import Forecast
from liuke.insight.kinds import Vector

WEEK_DAYS: Final = 7
EVEN: Final = 0.5  # half of a customer's chance goes by his rhythm, half evenly over the horizon: rhythms are not that sure


def expected_weeks(forecast: Forecast, p_buy: Vector) -> list[dict[str, Any]]:
    """from_on, to_on and the expected number of customers whose next purchase falls between them (both included).

    Together they make the expected buyers of the horizon; the last week may be short.
    """
    members = forecast.now
    edges = [*range(0, forecast.horizon, WEEK_DAYS), forecast.horizon]
    reached = [np.zeros(len(p_buy))]
    reached += [members.rhythm.probability_if_kept(members.history, horizon=edge) for edge in edges[1:]]
    whole = np.maximum(reached[-1], 1e-12)
    weeks = []
    for place, (start, end) in enumerate(pairwise(edges)):
        by_rhythm = (reached[place + 1] - reached[place]) / whole
        evenly = (end - start) / forecast.horizon
        share = (1 - EVEN) * by_rhythm + EVEN * evenly
        weeks.append(
            {
                "from_on": members.seen.as_of + timedelta(days=start + 1),
                "to_on": members.seen.as_of + timedelta(days=end),
                "customers": float((p_buy * share).sum()),
            }
        )
    return weeks
