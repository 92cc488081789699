"""How good a forecast was against what came."""

from __future__ import annotations

import numpy as np

from liuke.insight.kinds import Vector

FLOOR = 1e-6


def log_loss(probability: Vector, came: Vector) -> float:
    """Mean negative log-likelihood of `came` (bool), probabilities held within [1e-6, 1 - 1e-6]."""
    p = np.clip(probability, FLOOR, 1 - FLOOR)
    return float(-np.mean(np.where(came, np.log(p), np.log1p(-p))))


def brier(probability: Vector, came: Vector) -> float:
    """Mean squared error of the probability."""
    return float(np.mean((probability - came) ** 2))


def auc(score: Vector, came: Vector) -> float:
    """Chance that someone who came scores above someone who didn't (ties half); NaN when all or none came."""
    positives = int(np.count_nonzero(came))
    negatives = len(came) - positives
    if positives == 0 or negatives == 0:
        return float("nan")
    _, index, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[index]
    return float((ranks[came].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def calibration(probability: Vector, came: Vector, *, groups: int = 10) -> list[dict[str, float]]:
    """Customers in `groups` of equal size by forecast: how many, the mean forecast and the share that came."""
    order = np.argsort(probability, kind="stable")
    found = []
    for part in np.array_split(order, min(groups, len(order))):
        found.append(
            {
                "customers": len(part),
                "forecast": float(probability[part].mean()),
                "came": float(np.mean(came[part])),
            }
        )
    return found


def calibration_error(probability: Vector, came: Vector, *, groups: int = 10) -> float:
    """Mean distance of forecast and share over the groups of `calibration`, weighted by customers."""
    parts = calibration(probability, came, groups=groups)
    return float(sum(p["customers"] * abs(p["forecast"] - p["came"]) for p in parts) / max(len(came), 1))
