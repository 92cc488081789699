"""The scores of one forecast on resamples of the customers: how far a figure is chance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from liuke.insight.evaluation.scores import TOP
from liuke.insight.kinds import Vector

AT_A_TIME: Final = 4_000_000  # counts of customers that are held at once
GROUPS: Final = 10


def resampled(
    probability: Vector,
    *,
    counts: Vector,
    money: Vector,
    expected: Vector | None = None,
    draws: int = 200,
    seed: int = 0,
) -> dict[str, Vector]:
    """The scores of `evaluation.scores` on each of `draws` resamples (with replacement), arrays (draws,).

    With the same `seed` they are the same customers, so that two forecasts can be held against each other draw by draw.
    """
    parts: dict[str, list[Vector]] = {}
    for weights in _drawn(len(probability), draws, seed):
        found = weighted(probability, weights, counts=counts, money=money, expected=expected)
        for name, values in found.items():
            parts.setdefault(name, []).append(values)
    return {name: np.concatenate(values) for name, values in parts.items()}


def weighted(
    probability: Vector, weights: Vector, *, counts: Vector, money: Vector, expected: Vector | None = None
) -> dict[str, Vector]:
    """The scores where each customer counts `weights` (draws, customers) times; groups of the calibration stay as they are."""
    came = (counts > 0).astype(np.float64)
    p = np.clip(probability, 1e-6, 1 - 1e-6)
    everyone = weights.sum(axis=1)
    of_means = {
        "log_loss": -np.where(came > 0, np.log(p), np.log1p(-p)),
        "brier": (probability - came) ** 2,
        "ratio": probability,
        "came": came,
    }
    if expected is not None:
        of_means |= {"count_mae": np.abs(expected - counts), "count_ratio": expected, "counts": counts}
    sums = weights @ np.column_stack(list(of_means.values()))
    found = {name: sums[:, place] / everyone for place, name in enumerate(of_means)}
    share = found.pop("came")
    found["ratio"] = found["ratio"] / np.maximum(share, 1 / everyone)
    if expected is not None:
        found["count_ratio"] /= np.maximum(found.pop("counts"), 1 / everyone)
    order = np.argsort(-probability, kind="stable")
    ranked = weights[:, order]
    found["auc"] = _auc(probability[order], came[order], ranked)
    # the tenth that comes first, the last of them in part where he is there more often than there is room
    top = np.diff(np.minimum(np.cumsum(ranked, axis=1), np.rint(TOP * everyone)[:, None]), axis=1, prepend=0)
    spent = np.clip(money, 0, None)[order]
    found["lift"] = (top @ came[order]) / np.maximum(top.sum(axis=1), 1) / np.maximum(share, 1e-12)
    found["spend_captured"] = (top @ spent) / np.maximum(ranked @ spent, 1e-12)
    found["calibration_error"] = _calibration_error(probability, came, weights)
    return found


def _drawn(customers: int, draws: int, seed: int) -> Iterator[Vector]:
    generator = np.random.default_rng(seed)
    step = max(AT_A_TIME // max(customers, 1), 1)
    for begun in range(0, draws, step):
        many = min(step, draws - begun)
        yield generator.multinomial(customers, np.full(customers, 1 / customers), size=many).astype(
            np.float64
        )


def _auc(ranked: Vector, came: Vector, weights: Vector) -> Vector:
    """Of scores in falling order; NaN where all or none came."""
    starts = np.flatnonzero(np.append(True, np.diff(ranked) != 0))
    positive = np.add.reduceat(weights * came, starts, axis=1)
    negative = np.add.reduceat(weights * (1 - came), starts, axis=1)
    below = negative.sum(axis=1, keepdims=True) - np.cumsum(negative, axis=1) + negative / 2
    pairs = positive.sum(axis=1) * negative.sum(axis=1)
    won = (positive * below).sum(axis=1)
    found: Vector = np.where(pairs > 0, won / np.where(pairs > 0, pairs, 1.0), np.nan)
    return found


def _calibration_error(probability: Vector, came: Vector, weights: Vector) -> Vector:
    parts = np.array_split(np.argsort(probability, kind="stable"), min(GROUPS, len(came)))
    apart = np.stack([np.abs(weights[:, part] @ (probability - came)[part]) for part in parts])
    found: Vector = apart.sum(axis=0) / weights.sum(axis=1)
    return found
