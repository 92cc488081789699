"""How much of the sales hangs on how few customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from liuke.insight.errors import BadFigure
from liuke.insight.figures import Floats, column, one_figure
from liuke.insight.grading.pyramid import ranked, tie_keys
from liuke.insight.kinds import Vector

# share of the customers -> share of the sales that is said of them
REFERENCES: Final[dict[float, float]] = {0.04: 0.30, 0.20: 0.80, 0.22: 0.78}


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

    Errors: `BadFigure` naming the row for a value that is no finite number, and for tops outside 0 to 1.
    Source: Gini (1912) and Lorenz (1905); CL13.
    """
    sold = np.sort(_sold(values))
    count, total = len(sold), float(sold.sum())
    for share in tops:
        one_figure(share, "tops", most=1.0, above=True)
    if count == 0 or total == 0:
        return Concentration(np.array([0.0, 1.0]), np.array([0.0, 1.0]), 0.0, dict.fromkeys(tops, 0.0))
    running = np.concatenate([[0.0], np.cumsum(sold) / total])
    ranks = np.arange(1, count + 1)
    gini = float(2 * (ranks * sold).sum() / (count * total) - (count + 1) / count)
    at = np.unique(np.linspace(0, count, min(points, count + 1)).round().astype(int))
    top = {share: float(1 - running[count - int(np.ceil(round(share * count, 9)))]) for share in tops}
    return Concentration(at / count, running[at], max(gini, 0.0), top)


@dataclass(frozen=True)
class Rule:
    """A rule of thumb, "the greatest `customers` make `sales`", against what was `found`, all shares of 1.

    `matched` whether they agree.
    """

    customers: float
    sales: float
    found: float
    matched: bool


def rules_of_thumb(
    values: Sequence[float] | Vector,
    *,
    references: dict[float, float] = REFERENCES,
    within: float = 0.02,
) -> list[Rule]:
    """4 = 30, 80 : 20 and 78 : 22 against the sales of these customers (CL13); `matched` within so many of 1.

    Errors: `BadFigure`.
    `values` one figure for each customer, in money.
    """
    near = one_figure(within, "within")
    found = concentration(values, tops=tuple(references)).top
    return [
        Rule(customers, sales, found[customers], abs(found[customers] - sales) <= near + 1e-12)
        for customers, sales in sorted(references.items())
    ]


def top_share(values: Sequence[float] | Vector, share: float) -> float:
    """The share of the sales of the greatest `share` of customers (both of 1), ceil(share · n) of them. Errors: `BadFigure`.

    `values` (n,), in money. Source: CL13.
    """
    return concentration(values, tops=(share,)).top[share]


def customers_for(values: Sequence[float] | Vector, share: float) -> int:
    """How few customers make `share` of the sales (0 to 1), the greatest first; 0 without sales. Errors: `BadFigure`.

    `values` (n,) in money. Formula: the least k with Σ of the k greatest ≥ share · Σ of all. Source: CL13.
    """
    wanted = one_figure(share, "share", most=1.0)
    sold = -np.sort(-_sold(values))
    total = float(sold.sum())
    if total == 0 or wanted == 0:
        return 0
    reached = np.cumsum(sold) / total
    return int(np.searchsorted(reached, wanted - 1e-12)) + 1


def abc(
    values: Sequence[float] | Vector,
    cuts: tuple[float, float] = (0.80, 0.95),
    *,
    last_on: Sequence[Any] | Vector | None = None,
    number: Sequence[Any] | Vector | None = None,
) -> Vector:
    """ "A" for the greatest customers who make the first 80 % of sales, "B" to 95 %, "C" for the rest (array of str) (CL12).

    A customer's class is that of the share of sales before him, so the one in whom a cut falls belongs to the better
    class; who bought nothing is "C". Equal sales go by `last_on` (later first), then `number` (lower first), then by who
    stands first, as in `grade`.

    Errors: `BadFigure` naming the row for a value that is no finite number, and unless 0 < cuts[0] < cuts[1] <= 1.
    """
    for cut in cuts:
        one_figure(cut, "cuts", most=1.0, above=True)
    if len(cuts) != 2 or any(later <= earlier for earlier, later in pairwise(cuts)):
        raise BadFigure(f"two growing shares are needed, not {tuple(cuts)}", name="cuts")
    sold = _sold(values)
    total = float(sold.sum())
    if total == 0:
        return np.full(len(sold), "C")
    keys = [tie_keys(given, name, len(sold)) for given, name in ((last_on, "last_on"), (number, "number"))]
    order = ranked(sold, *keys)
    before = np.concatenate([[0.0], np.cumsum(sold[order])[:-1]]) / total
    classes = np.where(before < cuts[0] - 1e-12, "A", np.where(before < cuts[1] - 1e-12, "B", "C"))
    classes[sold[order] == 0] = "C"
    found = np.empty_like(classes)
    found[order] = classes
    return found


def shares(values: Sequence[float] | Vector, *, budget: float | None = None) -> Vector:
    """Each customer's share of all sales, or of `budget` when one is to be divided by it (CL04).

    Negative sales count as 0; without any sales every share is 0. Errors: `BadFigure`.

    `values` and result (n,): one figure for each customer.
    """
    sold = _sold(values)
    total = float(sold.sum())
    share = sold / total if total > 0 else np.zeros_like(sold)
    return share if budget is None else share * one_figure(budget, "budget")


def _sold(values: Sequence[float] | Vector) -> Floats:
    sold: Floats = np.clip(column(values, "values", least=-np.inf), 0, None)
    return sold
