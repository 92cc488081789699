"""The value pyramid: platinum, gold, iron, lead by rank."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Any, Final

import numpy as np

from liuke.insight.errors import BadFigure
from liuke.insight.figures import with_absent
from liuke.insight.kinds import Vector

GRADES: Final = ("platinum", "gold", "iron", "lead")
CUTS: Final = (0.01, 0.05, 0.20)


def grade(
    values: Sequence[float | None] | Vector,
    cuts: Sequence[float | Decimal | Fraction] = CUTS,
    *,
    last_on: Sequence[Any] | Vector | None = None,
    number: Sequence[Any] | Vector | None = None,
    names: Sequence[str] = GRADES,
) -> Vector:
    """The grade of each value, in the order given (object array of `names`, None where the value is None).

    Of n values rank r (1 is the greatest) is platinum when r <= ceil(0.01 n), gold when r <= ceil(0.05 n), iron when
    r <= ceil(0.20 n), else lead. `cuts` are cumulative shares, reckoned as exact decimals: 0.05 of 100 is 5, never
    5.000000000000001. Ties go to the later `last_on`, then to the lower `number`, then to whoever stands first.

    Customers who do no business now have no value (None) and no grade, and don't count in n.
    Errors: `BadFigure` naming the row for a value that is no finite number; cuts that don't grow within (0, 1], names that
    aren't one more than the cuts, keys that aren't as many as the values.

    Source: the value pyramid of the requirements, CL01 and CL02.
    """
    shares = _checked(cuts, names)
    given, absent = with_absent(values, "values")
    keys = [tie_keys(key, name, len(given)) for key, name in ((last_on, "last_on"), (number, "number"))]
    kept = np.flatnonzero(~absent)
    order = kept[ranked(given[kept], *(None if key is None else key[kept] for key in keys))]
    grades = np.full(len(given), None, dtype=object)
    start = 0
    for name, share in zip(names, [*shares, Fraction(1)], strict=True):
        end = ceil(share * len(order))
        grades[order[start:end]] = name
        start = max(start, end)
    return grades


def cuts_of(percentages: Sequence[float | Decimal]) -> tuple[Fraction, ...]:
    """Cumulative cuts from the size of each grade in percent, as (1, 4, 15, 80).

    Errors: `BadFigure` unless every part is above 0 and together they make exactly 100.
    Shapes: k percentages give k - 1 cuts. Source: CL02.
    """
    parts = [_exact(part) for part in percentages]
    if any(part <= 0 for part in parts) or sum(parts) != 100:
        told = f"they must be above 0 and make 100 together, not {float(sum(parts)):g}"
        raise BadFigure(told, name="percentages")
    total = Fraction(0)
    cuts = []
    for part in parts[:-1]:
        total += part / 100
        cuts.append(total)
    return tuple(cuts)


def _exact(number: float | Decimal | Fraction) -> Fraction:
    return number if isinstance(number, Fraction) else Fraction(str(number))


def _checked(cuts: Sequence[float | Decimal | Fraction], names: Sequence[str]) -> list[Fraction]:
    shares = [_exact(cut) for cut in cuts]
    if any(not 0 < share <= 1 for share in shares) or any(b <= a for a, b in pairwise(shares)):
        told = f"cuts are growing shares above 0 and up to 1, not {tuple(map(float, shares))}"
        raise BadFigure(told, name="cuts")
    if len(names) != len(shares) + 1:
        told = f"{len(shares)} cuts make {len(shares) + 1} grades, but {len(names)} names are given"
        raise BadFigure(told, name="names")
    return shares


def tie_keys(keys: Sequence[Any] | Vector | None, name: str, length: int) -> Vector | None:
    """`keys` as an array, or `BadFigure` where they are not as many as the values."""
    if keys is None:
        return None
    if len(keys) != length:
        raise BadFigure(f"{len(keys)} entries for {length} values", name=name)
    return np.asarray(keys)


def ranked(values: Vector, last_on: Vector | None, number: Vector | None) -> Vector:
    """Positions from the greatest value down; `np.lexsort` takes the leading key last."""
    keys: list[Vector] = [np.arange(len(values))]
    if number is not None:
        keys.append(np.unique(number, return_inverse=True)[1])
    if last_on is not None:
        keys.append(-np.unique(last_on, return_inverse=True)[1])
    keys.append(-values)
    return np.lexsort(keys)
