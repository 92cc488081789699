"""How much of the sales hangs on how few customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liuke.insight.kinds import Vector


@dataclass(frozen=True)
class Concentration:
    """The Lorenz curve of sales and what is read from it.

    `customers`, `sales`  cumulative shares from the smallest customer to the greatest, both from 0 to 1
    `gini`                0: all alike, towards 1: one has everything
    `top`                 share of the sales of the greatest 1 %, 5 %, 10 %, 20 % (and others asked for)
    """

    customers: Vector
    sales: Vector
    gini: float
    top: dict[float, float]


def concentration(
    values: Sequence[float] | Vector,
    *,
    tops: Sequence[float] = (0.01, 0.05, 0.10, 0.20),
    points: int = 200,
) -> Concentration:
    """Lorenz curve (at most `points` points), Gini and top-x shares of sales per customer.

    Customers whose refunds outweigh their purchases count as 0. Gini is (2 Σ i·x_i / (n Σ x)) − (n + 1) / n over values
    in rising order. The greatest x % of n customers are ceil(x n) of them. Without any sales every figure is 0.
    """
    sold = np.sort(np.clip(np.asarray(values, dtype=np.float64), 0, None))
    count, total = len(sold), float(sold.sum())
    if not np.isfinite(sold).all():
        raise ValueError("a value is not finite")
    if count == 0 or total == 0:
        return Concentration(np.array([0.0, 1.0]), np.array([0.0, 1.0]), 0.0, dict.fromkeys(tops, 0.0))
    running = np.concatenate([[0.0], np.cumsum(sold) / total])
    ranks = np.arange(1, count + 1)
    gini = float(2 * (ranks * sold).sum() / (count * total) - (count + 1) / count)
    at = np.unique(np.linspace(0, count, min(points, count + 1)).round().astype(int))
    top = {share: float(1 - running[count - int(np.ceil(round(share * count, 9)))]) for share in tops}
    return Concentration(at / count, running[at], max(gini, 0.0), top)


def abc(values: Sequence[float] | Vector, cuts: tuple[float, float] = (0.80, 0.95)) -> Vector:
    """ "A" for the greatest customers who make the first 80 % of sales, "B" to 95 %, "C" for the rest (array of str).

    The customer in whom a cut falls belongs to the better class; who bought nothing is "C".
    """
    sold = np.clip(np.asarray(values, dtype=np.float64), 0, None)
    total = float(sold.sum())
    if total == 0:
        return np.full(len(sold), "C")
    order = np.argsort(-sold, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(sold[order])[:-1]]) / total
    classes = np.where(before < cuts[0] - 1e-12, "A", np.where(before < cuts[1] - 1e-12, "B", "C"))
    classes[sold[order] == 0] = "C"
    found = np.empty_like(classes)
    found[order] = classes
    return found


def shares(values: Sequence[float] | Vector, *, budget: float | None = None) -> Vector:
    """Each customer's share of all sales, or of `budget` when one is to be divided by it (CL04).

    Negative sales count as 0; without any sales every share is 0.
    """
    sold = np.clip(np.asarray(values, dtype=np.float64), 0, None)
    total = float(sold.sum())
    share = sold / total if total > 0 else np.zeros_like(sold)
    return share if budget is None else share * budget
