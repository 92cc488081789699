"""Customers on two scales at once: profit against service cost (CL06), profit now against profit to come (CL07)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from liuke.insight.errors import BadFigure
from liuke.insight.figures import Floats, one_figure, with_absent
from liuke.insight.kinds import Vector

Split: TypeAlias = 'float | Literal["median"]'

MOST_PROFITABLE, PROFITABLE, LEAST_PROFITABLE = "most_profitable", "profitable", "least_profitable"
BEST, INVEST, KEEP, WORST = "best", "invest", "keep", "worst"
# what to do by default with each cell of now against future
ACTIONS: Final[dict[str, str]] = {
    BEST: "protect",
    INVEST: "investment_plan",
    KEEP: "retain_cheaply",
    WORST: "minimise_cost",
}


@dataclass(frozen=True)
class Matrix:
    """Where each of n customers stands on two scales.

    `cell`     the name of his cell (object array of str, None for customers without figures)
    `quadrant` "HH", "HL", "LH" or "LL", high or low on the first scale and on the second (None as above)
    `cuts`     from where on, or above what (the median), a figure is high
    """

    cell: Vector
    quadrant: Vector
    cuts: tuple[float, float]

    @property
    def counts(self) -> dict[str, int]:
        """Customers by quadrant, all four of them."""
        found = Counter(self.quadrant.tolist())
        return {quadrant: found[quadrant] for quadrant in ("HH", "HL", "LH", "LL")}

    def members(self, cell: str) -> Vector:
        """Rows (from 0) of the customers in a cell or a quadrant."""
        rows: Vector = np.flatnonzero((self.cell == cell) | (self.quadrant == cell))
        return rows


def matrix(
    first: Sequence[float | None] | Vector,
    second: Sequence[float | None] | Vector,
    *,
    names: dict[str, str],
    splits: tuple[Split, Split] = ("median", "median"),
    columns: tuple[str, str] = ("first", "second"),
) -> Matrix:
    """Every customer's cell by two figures, each high or low.

    A split that is a number makes figures from it on high; "median" makes those above the median of the customers high, so
    that nobody is where all are alike. `names` cell by quadrant ("HH" …). A customer whose one figure is None has no
    cell and doesn't count. The order of customers and the units of the figures (with fixed splits in the same unit) change
    nothing; who has more of a figure never stands lower on its scale.

    Errors: `BadFigure` naming column and row for figures that are none, columns that differ in length, or a bad split.
    Source: the matrices of CL06 and CL07 of the requirements, made general.
    """
    missing = {"HH", "HL", "LH", "LL"} - set(names)
    if missing:
        raise BadFigure(f"no name for {', '.join(sorted(missing))}", name="names")
    one, one_absent = with_absent(first, columns[0])
    two, two_absent = with_absent(second, columns[1])
    if len(one) != len(two):
        raise BadFigure(f"{len(two)} figures for {len(one)} customers", name=columns[1])
    known = ~(one_absent | two_absent)
    first_high, first_cut = _high(one, known, splits[0], columns[0])
    second_high, second_cut = _high(two, known, splits[1], columns[1])
    quadrant = np.full(len(one), None, dtype=object)
    for letters, where in (
        ("HH", first_high & second_high),
        ("HL", first_high & ~second_high),
        ("LH", ~first_high & second_high),
        ("LL", ~first_high & ~second_high),
    ):
        quadrant[where & known] = letters
    cell = np.array([None if q is None else names[q] for q in quadrant], dtype=object)
    return Matrix(cell, quadrant, (first_cut, second_cut))


def profit_cost_matrix(
    profit: Sequence[float | None] | Vector,
    service_cost: Sequence[float | None] | Vector,
    *,
    splits: tuple[Split, Split] = ("median", "median"),
) -> Matrix:
    """Profit now against what serving costs (CL06), both in money.

    High profit at low cost is most profitable, low profit at high cost least; the other two are profitable.

    Columns (n,), one figure per customer. Formula and errors: see `matrix`. Errors: `BadFigure`.
    """
    names = {"HH": PROFITABLE, "HL": MOST_PROFITABLE, "LH": LEAST_PROFITABLE, "LL": PROFITABLE}
    return matrix(profit, service_cost, names=names, splits=splits, columns=("profit", "service_cost"))


def now_future_matrix(
    now: Sequence[float | None] | Vector,
    future: Sequence[float | None] | Vector,
    *,
    splits: tuple[Split, Split] = ("median", "median"),
) -> Matrix:
    """Profit now against profit to come (CL07), both in money; `ACTIONS` says what to do with each cell.

    Best (high, high), invest (low now, high to come), keep (high now, low to come), worst (low, low). The future may be
    `clv`, or an estimate from open opportunities, replacement dates and surveys.

    Columns (n,), one figure per customer. Formula and errors: see `matrix`. Errors: `BadFigure`.
    """
    names = {"HH": BEST, "LH": INVEST, "HL": KEEP, "LL": WORST}
    return matrix(now, future, names=names, splits=splits, columns=("now", "future"))


def _high(values: Floats, known: Any, split: Split, name: str) -> tuple[Any, float]:
    if split == "median":
        cut = float(np.median(values[known])) if known.any() else 0.0
        return values > cut, cut
    cut = one_figure(split, f"split of {name}", least=-np.inf)
    return values >= cut, cut
