"""What a customer may owe and for how long, as it was agreed (DB05). No database."""

from __future__ import annotations

from collections.abc import Mapping

LONGEST_DAYS = 365
LARGEST_MINOR = 10**14


def guidance(grade: str, sales_12m_minor: int, months: Mapping[str, int]) -> int | None:
    """The limit that the company's rule gives: so many months of the customer's own sales. None where no grade is known."""
    if grade not in months:
        return None
    return max(0, sales_12m_minor) * months[grade] // 12


def leaning(limit_minor: int | None, guided_minor: int | None) -> str:
    """Whether the limit agrees with the rule: "above", "below" or "" (within a tenth, or one of them unknown)."""
    if limit_minor is None or guided_minor is None:
        return ""
    if limit_minor * 10 > guided_minor * 11:
        return "above"
    return "below" if limit_minor * 10 < guided_minor * 9 else ""
