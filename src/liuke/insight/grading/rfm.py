"""Recency, frequency and monetary scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from liuke.insight.kinds import Vector


def rfm(
    recency_days: Sequence[float] | Vector,
    frequency: Sequence[float] | Vector,
    monetary: Sequence[float] | Vector,
    *,
    groups: int = 5,
) -> Vector:
    """Three digits for each customer, as "545": best is `groups`, worst is 1 (array of str).

    `recency_days` since the last purchase (fewer is better), `frequency` purchases, `monetary` money. Equal figures get
    equal digits: the digit is ceil(groups × share of customers who are not better off), so a figure that half of the
    customers have (one purchase) doesn't spread over three groups by chance.
    """
    if not 2 <= groups <= 9:
        raise ValueError(f"groups must be 2 to 9, not {groups}")
    scores = [
        _score(-np.asarray(recency_days, dtype=np.float64), groups),
        _score(np.asarray(frequency, dtype=np.float64), groups),
        _score(np.asarray(monetary, dtype=np.float64), groups),
    ]
    joined: Vector = scores[0].astype(str)
    for score in scores[1:]:
        joined = np.char.add(joined, score.astype(str))
    return joined


def _score(goodness: Vector, groups: int) -> Vector:
    if len(goodness) == 0:
        return np.zeros(0, dtype=np.int64)
    ordered = np.sort(goodness)
    below = np.searchsorted(ordered, goodness, side="left")
    upto = np.searchsorted(ordered, goodness, side="right")
    middle = (below + upto) / 2 / len(ordered)  # the middle rank of everyone who shares this figure
    found: Vector = np.clip(np.ceil(groups * middle).astype(np.int64), 1, groups)
    return found
