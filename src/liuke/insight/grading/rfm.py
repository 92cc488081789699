"""Recency, frequency and monetary scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from liuke.insight.errors import BadFigure
from liuke.insight.figures import column
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

    Errors: `BadFigure` naming column and row for what is no finite number (or negative: days, purchases), columns that
    differ in length, or groups outside 2 to 9.

    Source: Hughes (1994), Strategic Database Marketing, for the digits; the rule for ties is this library's. CL12.
    """
    if groups not in range(2, 10):
        raise BadFigure(f"2 to 9 groups are needed, not {groups}", name="groups")
    recency = column(recency_days, "recency_days")
    often = column(frequency, "frequency", length=len(recency))
    money = column(monetary, "monetary", least=-np.inf, length=len(recency))
    scores = [_score(-recency, groups), _score(often, groups), _score(money, groups)]
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
