"""The simple rules that a forecast must beat, recency, RFM and past value, each turned into a probability."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from liuke.insight.features.snapshot import Snapshot
from liuke.insight.forecast.cutoffs import Past
from liuke.insight.forecast.learners import Correction
from liuke.insight.kinds import Vector

RFM: Final = "rfm"
RULES: Final = ("recency", RFM, "past_value")
RIDGE: Final = 1.0


class Rule:
    """A logistic curve on what the rule looks at: days since the last purchase, purchases, money spent, as logarithms."""

    def __init__(self, name: str) -> None:
        self.name = name

    def fit(self, earlier: Sequence[Past]) -> Rule:
        """Learn from earlier days, on at least one of which somebody came and somebody stayed away."""
        taught = np.vstack([_columns(self.name, past.seen) for past in earlier])
        came = np.concatenate([past.came for past in earlier])
        self.curve_ = Correction(ridge=RIDGE).fit(taught, came, offset=np.zeros(len(came)))
        return self

    def log_odds(self, seen: Snapshot) -> Vector:
        return self.curve_.log_odds(_columns(self.name, seen), offset=np.zeros(len(seen)))


def _columns(rule: str, seen: Snapshot) -> Vector:
    recency: Vector = np.log1p(seen.waited)
    value: Vector = np.log1p(np.maximum(np.nan_to_num(seen["spent"]), 0))
    if rule == "recency":
        return recency[:, None]
    if rule == "past_value":
        return value[:, None]
    return np.column_stack([recency, np.log(seen["purchases"]), value])
