"""Does a ranking find those whom contact moves? The Qini curve, the areas under it, and their intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.special import ndtr, ndtri

from liuke.insight.errors import BadTable
from liuke.insight.intervals import checked_level
from liuke.insight.kinds import Vector
from liuke.insight.models.columns import read_columns

TABLE: Final = "ranking"
NEIGHBOURS: Final = 0.05  # depth on either side over which the gain at a depth is averaged


@dataclass(frozen=True)
class Qini:
    """`depth` share contacted, from 0 to 1; `gain`, `gain_low`, `gain_high` at each depth, per customer of all, in the unit
    of the outcome; `auuc` area under the curve; `qini` area between it and the straight line of contacting at random, with
    `low`, `high`, `standard_error` and one-sided `p` (that the ranking is no better than chance); `average` gain of
    contacting all.
    """

    depth: Vector
    gain: Vector
    gain_low: Vector
    gain_high: Vector
    auuc: float
    average: float
    qini: float
    low: float
    high: float
    standard_error: float
    p: float


def qini(score: Any, gains: Any, *, groups: Any = None, level: float = 0.95, points: int = 101) -> Qini:
    """Qini curve of a ranking: customers with the highest `score` are contacted first.

    `score` (n,) must come from other customers (out of fold); `gains` (n,) are `Scores.gains`, unbiased for each; `groups`
    (n,) the folds, within each of which customers are ranked (scores of two folds come from two models). Customers with
    equal scores are contacted in no order. With Δ the gains and r in [0, 1] the rank from the top,

        G(q) = mean(Δ · 1{r <= q}),   AUUC = ∫ G dq = mean(Δ (1 - r)),   Qini = AUUC - G(1)/2 = mean(Δ (1/2 - r))

    The interval takes in that ranks are estimated as well: the influence of customer i is
    Δᵢ(1/2 - rᵢ) + G(1)/2 - mean(Δ · 1{score below i's}) - 2 Qini; at a depth q it is
    1{rᵢ <= q}(Δᵢ - m) + q m - G(q), with m the gain around depth q. Pointwise.

    Errors: `BadTable` for figures that are missing, not finite or of another length, fewer than two customers.
    Source: Radcliffe (2007), Using Control Groups to Target on Predicted Lift; Yadlowsky et al. (2025), Evaluating
    Treatment Prioritization Rules via Rank-Weighted Average Treatment Effects, JASA 120.
    """
    z = float(ndtri((1 + checked_level(level)) / 2))
    columns = read_columns(
        {"score": score, "gain": gains}, ("score", "gain"), table_name=TABLE, negative=True
    )
    s, delta = columns["score"], columns["gain"]
    if len(s) < 2:
        raise BadTable(f"at least 2 customers are needed, there are {len(s)}", table=TABLE)
    unit = float(np.abs(delta).max()) or 1.0
    rank, below = _ranks(s, delta / unit, groups)
    delta = delta / unit
    average = float(delta.mean())
    area = float((delta * (0.5 - rank)).mean())
    influence = delta * (0.5 - rank) + average / 2 - below - 2 * area
    error = float(influence.std(ddof=1) / np.sqrt(len(s)))
    depth = np.linspace(0.0, 1.0, points)
    gain, gain_error = _curve(delta, rank, depth)
    return Qini(
        depth=depth,
        gain=gain * unit,
        gain_low=(gain - z * gain_error) * unit,
        gain_high=(gain + z * gain_error) * unit,
        auuc=(area + average / 2) * unit,
        average=average * unit,
        qini=area * unit,
        low=(area - z * error) * unit,
        high=(area + z * error) * unit,
        standard_error=error * unit,
        p=float(ndtr(-area / error)) if error > 0 else (1.0 if area <= 0 else 0.0),
    )


def _ranks(score: Vector, delta: Vector, groups: Any) -> tuple[Vector, Vector]:
    """(rank from the top in [0, 1], mean gain of those below times their share), equal scores sharing the middle."""
    rank, below = np.empty(len(score)), np.empty(len(score))
    label = np.zeros(len(score), dtype=np.int64) if groups is None else np.asarray(groups)
    if label.shape != score.shape:
        raise BadTable(f"{label.shape} groups for {len(score)} customers", table=TABLE, column="groups")
    for group in np.unique(label):
        mine = label == group
        _, level, counts = np.unique(-score[mine], return_inverse=True, return_counts=True)
        ends = np.cumsum(counts)
        rank[mine] = ((ends - counts / 2) / ends[-1])[level]
        sums = np.bincount(level, weights=delta[mine])
        after = (sums.sum() - np.cumsum(sums) + sums / 2) / ends[-1]
        below[mine] = after[level]
    return rank, below


def _curve(delta: Vector, rank: Vector, depth: Vector) -> tuple[Vector, Vector]:
    """(gain, its standard error) at each depth; ties are spread evenly over the depths that they take up."""
    _, level, counts = np.unique(rank, return_inverse=True, return_counts=True)
    n = len(delta)
    ends = np.concatenate([[0.0], np.cumsum(counts) / n])
    total = np.concatenate([[0.0], np.cumsum(np.bincount(level, weights=delta)) / n])
    square = np.concatenate([[0.0], np.cumsum(np.bincount(level, weights=delta**2)) / n])
    ends[-1] = 1.0
    gain, squares = np.interp(depth, ends, total), np.interp(depth, ends, square)
    low, high = np.maximum(depth - NEIGHBOURS, 0), np.minimum(depth + NEIGHBOURS, 1)
    m = (np.interp(high, ends, total) - np.interp(low, ends, total)) / (high - low)
    # at the ends nobody is at the threshold: everybody or nobody is contacted, whatever the ranks
    m = np.where((depth == 0) | (depth == 1), 0.0, m)
    variance = squares - 2 * m * gain + m**2 * depth - (gain - m * depth) ** 2
    return gain, np.sqrt(np.maximum(variance, 0.0) / n)
