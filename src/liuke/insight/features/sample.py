"""A part of the customers with all of their purchases: enough to learn from, whatever the size of the log."""

from __future__ import annotations

from typing import Final

from liuke.insight.kinds import Expression

DIGITS: Final = 8  # of the hash that are looked at: one in four milliards


def in_sample(customer: Expression, *, share: float) -> Expression:
    """Whether a customer is among the about `share` that are looked at: the same ones every time, on every engine.

    Chosen by the MD5 of the customer as text, which all engines reckon alike; order and number of rows play no part.
    """
    bound = round(share * 16**DIGITS)
    if bound >= 16**DIGITS:
        return customer.notnull()
    return customer.cast("string").hexdigest("md5").lower() < f"{bound:0{DIGITS}x}"


def sampled(days: Expression, *, share: float) -> Expression:
    """The days of about `share` of the customers."""
    chosen = days.select("customer").distinct()
    chosen = chosen.filter(in_sample(chosen.customer, share=share))
    return days.semi_join(chosen, "customer")
