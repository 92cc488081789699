"""The value pyramid: platinum, gold, iron, lead by rank."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Any, Final

import numpy as np

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
    Raises `ValueError` for a value that is not finite, cuts that don't grow within (0, 1], or names that aren't one
    more than the cuts.
    """
    shares = _checked(cuts, names)
    given = np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)
    absent = np.array([value is None for value in values], dtype=bool)
    if not np.isfinite(given[~absent]).all():
        raise ValueError("a value is not finite; customers without business have None")
    kept = np.flatnonzero(~absent)
    order = kept[
        _ranked(
            given[kept], _of(last_on, kept, "last_on", len(given)), _of(number, kept, "number", len(given))
        )
    ]
    grades = np.full(len(given), None, dtype=object)
    start = 0
    for name, share in zip(names, [*shares, Fraction(1)], strict=True):
        end = ceil(share * len(order))
        grades[order[start:end]] = name
        start = max(start, end)
    return grades


def cuts_of(percentages: Sequence[float | Decimal]) -> tuple[Fraction, ...]:
    """Cumulative cuts from the size of each grade in percent, as (1, 4, 15, 80).

    Raises `ValueError` unless every part is above 0 and together they make exactly 100.
    """
    parts = [_exact(part) for part in percentages]
    if any(part <= 0 for part in parts) or sum(parts) != 100:
        raise ValueError(f"the percentages must be above 0 and make 100 together, not {float(sum(parts)):g}")
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
        raise ValueError(f"cuts are growing shares above 0 and up to 1, not {tuple(map(float, shares))}")
    if len(names) != len(shares) + 1:
        raise ValueError(
            f"{len(shares)} cuts make {len(shares) + 1} grades, but {len(names)} names are given"
        )
    return shares


def _of(keys: Sequence[Any] | Vector | None, kept: Vector, name: str, length: int) -> Vector | None:
    if keys is None:
        return None
    if len(keys) != length:
        raise ValueError(f"{name} has {len(keys)} entries for {length} values")
    return np.asarray(keys)[kept]


def _ranked(values: Vector, last_on: Vector | None, number: Vector | None) -> Vector:
    """Positions from the greatest value down; `np.lexsort` takes the leading key last."""
    keys: list[Vector] = [np.arange(len(values))]
    if number is not None:
        keys.append(np.unique(number, return_inverse=True)[1])
    if last_on is not None:
        keys.append(-np.unique(last_on, return_inverse=True)[1])
    keys.append(-values)
    return np.lexsort(keys)
