"""Sums of money that come out the same to the last cent, in whatever order an engine adds."""

from __future__ import annotations

from typing import Final

from liuke.insight.kinds import Expression

PARTS: Final = 10_000  # whole ten-thousandths are added: finer than any price, and 9·10^14 still fits 64 bits


def money_sum(amount: Expression, *, where: Expression | None = None) -> Expression:
    """The sum as float64, null when nothing is added.

    Floating-point sums depend on their order, which several threads or machines choose anew each time.
    """
    parts = (amount * PARTS).round().cast("int64")
    return parts.sum(where=where).cast("float64") / PARTS
