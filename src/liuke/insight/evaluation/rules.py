"""The simple rules that a forecast must beat: recency, RFM and past value, each turned into a probability."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.special import expit

from liuke.insight.features.snapshot import Snapshot
from liuke.insight.forecast.cutoffs import Past
from liuke.insight.forecast.learners import Correction
from liuke.insight.kinds import Vector

RULES: Final = ("recency", "rfm", "past_value")


def rule_probabilities(seen: Snapshot, earlier: Sequence[Past]) -> dict[str, Vector]:
    """rule -> P(purchase), by a logistic curve per rule that was fitted at the earlier cut-offs."""
    came = np.concatenate([past.came for past in earlier])
    found = {}
    for rule in RULES:
        taught = np.vstack([_columns(rule, past.seen) for past in earlier])
        nothing = np.zeros(len(came))
        curve = Correction(ridge=1.0).fit(taught, came, offset=nothing)
        found[rule] = expit(curve.log_odds(_columns(rule, seen), offset=np.zeros(len(seen))))
    return found


def _columns(rule: str, seen: Snapshot) -> Vector:
    recency: Vector = np.log1p(seen.waited)
    value: Vector = np.log1p(np.maximum(np.nan_to_num(seen["spent"]), 0))
    if rule == "recency":
        return recency[:, None]
    if rule == "past_value":
        return value[:, None]
    return np.column_stack([recency, np.log(seen["purchases"]), value])
