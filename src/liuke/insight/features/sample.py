"""A part of the customers with all of their purchases: enough to learn from, whatever the size of the log."""

from __future__ import annotations

from typing import Final

from liuke.insight.kinds import Expression

PARTS: Final = 10_000


def sampled(days: Expression, *, share: float) -> Expression:
    """The days of about `share` of the customers, the same ones every time: chosen by the hash of the customer.

    Order and number of rows don't change who is chosen. Engines hash differently, so they choose different customers.
    """
    return days.filter(days.customer.cast("string").hash().abs() % PARTS < round(share * PARTS))
