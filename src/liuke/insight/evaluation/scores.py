"""The scores of one forecast on one day."""

from __future__ import annotations

from typing import Final

import numpy as np

from liuke.insight.forecast.track import auc, brier, calibration_error, log_loss
from liuke.insight.kinds import Vector

TOP: Final = 0.1


def scores(
    probability: Vector, *, counts: Vector, money: Vector, expected: Vector | None = None
) -> dict[str, float]:
    """log_loss, brier, auc, calibration_error; lift and spend_captured of the tenth with the highest probability.

    With `expected` purchases also count_mae (mean distance per customer) and count_ratio (expected to came).
    `lift` is the share that came in the top tenth to the share in all; `spend_captured` the top tenth's share of the money.
    """
    came = counts > 0
    top = np.argsort(-probability, kind="stable")[: max(1, round(TOP * len(came)))]
    spent = np.clip(money, 0, None)
    found = {
        "log_loss": log_loss(probability, came),
        "brier": brier(probability, came),
        "auc": auc(probability, came),
        "calibration_error": calibration_error(probability, came),
        "lift": float(came[top].mean() / max(came.mean(), 1e-12)),
        "spend_captured": float(spent[top].sum() / max(spent.sum(), 1e-12)),
        "ratio": float(probability.sum() / max(came.sum(), 1)),
    }
    if expected is not None:
        found["count_mae"] = float(np.abs(expected - counts).mean())
        found["count_ratio"] = float(expected.sum() / max(counts.sum(), 1))
    return found


def difference(
    first: Vector, second: Vector, came: Vector, *, draws: int = 200, seed: int = 0
) -> tuple[float, float, float]:
    """Log loss of `first` less that of `second`, with the 95 % interval over resampled customers."""
    each = _losses(first, came) - _losses(second, came)
    generator = np.random.default_rng(seed)
    means = [float(each[generator.integers(0, len(each), len(each))].mean()) for _ in range(draws)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(each.mean()), float(low), float(high)


def _losses(probability: Vector, came: Vector) -> Vector:
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    found: Vector = -np.where(came, np.log(p), np.log1p(-p))
    return found
