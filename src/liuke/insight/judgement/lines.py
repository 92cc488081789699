"""Grades and RFM digits of any part of the customers, by lines that were drawn through all of them.

`grading.grade` and `grading.rfm` rank the customers they are given. Where these are too many for one machine, the lines
between the ranks are found by `places`, and each part of the customers is held against them: the result is the same to the
last customer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from liuke.insight.grading.pyramid import GRADES, grade
from liuke.insight.judgement.places import Place, name_at, places
from liuke.insight.kinds import Column, Expression, Vector, pa, pc

if TYPE_CHECKING:
    from liuke.insight.engines import Engine

GROUPS: Final = 5


@dataclass(frozen=True)
class GradeLine:
    """The last customer above a cut: his value, and where others have it too, his last day and his name."""

    value: int
    last_on: int | None
    customer: Any

    def reached(self, value: Vector, last_on: Vector, customer: Column) -> Vector:
        """Who stands on the line or above it."""
        above: Vector = value > self.value
        level: Vector = value == self.value
        if self.last_on is None:
            everyone: Vector = above | level
            return everyone
        before: Vector = level & (last_on > self.last_on)
        tied: Vector = level & (last_on == self.last_on)
        if self.customer is not None and tied.any():
            named = pc.less_equal(customer, pa.scalar(self.customer, customer.type))
            tied &= named.to_numpy(zero_copy_only=False)
        found: Vector = above | before | tied
        return found


@dataclass(frozen=True)
class GradeLines:
    """A line per cut; None where the cut lets nobody through."""

    lines: tuple[GradeLine | None, ...]
    names: tuple[str, ...] = GRADES

    def grades(self, value: Vector, *, current: Vector, last_on: Vector, customer: Column) -> Vector:
        """The grade of each customer (object array), None for those who do no business now (not `current`)."""
        found = np.full(len(value), self.names[-1], dtype=object)
        graded = np.zeros(len(value), dtype=bool)
        for name, line in zip(self.names, self.lines, strict=False):
            if line is not None:
                here = line.reached(value, last_on, customer) & ~graded
                found[here] = name
                graded |= here
        found[~current] = None
        return found


def grade_lines(
    engine: Engine,
    current: Expression,
    cuts: Sequence[float | Decimal | Fraction],
    *,
    names: Sequence[str] = GRADES,
) -> GradeLines:
    """The lines of `grading.grade` through the table `current`: customer, value and last_on (whole numbers).

    Ties go to the later last_on, then to the customer who stands first in the order of names.
    """
    grade([], cuts, names=names)  # refuses cuts that are none
    shares = [cut if isinstance(cut, Fraction) else Fraction(str(cut)) for cut in cuts]
    rows = int(engine.row(current.aggregate(rows=current.count()))["rows"])
    ends = [ceil(share * rows) for share in shares]
    through = sorted({end for end in ends if end > 0})
    found = places(engine, current, current.value, [rows - end for end in through])
    drawn = {
        end: _line(engine, current, place, wanted=end - (rows - place.upto))
        for end, place in zip(through, found, strict=True)
    }
    return GradeLines(tuple(drawn.get(end) for end in ends), tuple(names))


def _line(engine: Engine, current: Expression, place: Place, *, wanted: int) -> GradeLine:
    """The last of `wanted` customers among those who have the value of the place."""
    if wanted == place.upto - place.below:
        return GradeLine(place.value, None, None)
    tied = current.filter(current.value == place.value)
    count = place.upto - place.below
    day = places(engine, tied, tied.last_on, [count - wanted])[0]
    wanted -= count - day.upto
    if wanted == day.upto - day.below:
        return GradeLine(place.value, day.value, None)
    same = tied.filter(tied.last_on == day.value)
    if same.customer.type().is_string():
        return GradeLine(place.value, day.value, name_at(engine, same.select("customer"), wanted - 1))
    number = places(engine, same, same.customer.cast("int64"), [wanted - 1])[0]
    return GradeLine(place.value, day.value, number.value)


@dataclass(frozen=True)
class DigitLines:
    """From which figure on a customer has the second, third … digit, for recency, frequency and money."""

    recency: tuple[int, ...]
    frequency: tuple[int, ...]
    monetary: tuple[int, ...]

    def digits(self, *, recency: Vector, frequency: Vector, monetary: Vector) -> Vector:
        """As `rfm.rfm`: three digits for each customer. The figures are whole numbers, `recency` days."""
        given = ((self.recency, -recency), (self.frequency, frequency), (self.monetary, monetary))
        first, *others = (np.searchsorted(lines, figure, side="right") + 1 for lines, figure in given)
        joined: Vector = first.astype(str)
        for digit in others:
            joined = np.char.add(joined, digit.astype(str))
        return joined


def digit_lines(
    engine: Engine,
    table: Expression,
    *,
    recency: Expression,
    frequency: Expression,
    monetary: Expression,
    groups: int = GROUPS,
) -> DigitLines:
    """The lines of `rfm.rfm` through `table`; the figures are int64 columns of it, never null."""
    rows = int(engine.row(table.aggregate(rows=table.count()))["rows"])
    given = (-recency, frequency, monetary)
    return DigitLines(*(_digit_lines(engine, table, figure, rows, groups) for figure in given))


def _digit_lines(
    engine: Engine, table: Expression, figure: Expression, rows: int, groups: int
) -> tuple[int, ...]:
    """The digit is ceil(groups × middle rank / rows), which rises with the figure: each digit begins at or after the figure
    in whose rank its share falls."""
    digits = range(1, groups)
    found = places(engine, table, figure, [digit * rows // groups for digit in digits]) if rows else []
    lines = []
    for digit, place in zip(digits, found, strict=False):
        middle = (place.below + place.upto) / 2 / rows
        lines.append(place.value if np.ceil(groups * middle) > digit else place.value + 1)
    return tuple(lines)
