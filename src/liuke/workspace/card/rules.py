"""What the card draws: the last orders for the rhythm strip, and the value of twelve months over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

STRIP_GAPS = 12  # usual gaps that the strip shows
FEWEST, MOST = 6, 24


def strip(orders: Sequence[tuple[date, int]]) -> list[tuple[date, int]]:
    """Orders of one day as one, oldest first; at most the last two dozen, as many as tell a rhythm."""
    by_day: dict[date, int] = {}
    for on, minor in orders:
        by_day[on] = by_day.get(on, 0) + minor
    return sorted(by_day.items())[-MOST:]


def month_ends(until: date, count: int) -> list[date]:
    """`until` and the same day of the months before it (the last of a shorter month), oldest first."""
    found = []
    for back in range(count - 1, -1, -1):
        months = until.year * 12 + until.month - 1 - back
        year, month = divmod(months, 12)
        found.append(_day_in(year, month + 1, until.day))
    return found


def _day_in(year: int, month: int, day: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    last = (following.toordinal()) - date(year, month, 1).toordinal()
    return date(year, month, min(day, last))


def rolling_year(
    purchases: Sequence[tuple[date, int]], until: date, *, months: int = 24
) -> list[tuple[date, int]]:
    """The sales of the twelve months up to the end of each of the last `months` months; refunds taken off."""
    ends = month_ends(until, months)
    if not purchases:
        return []
    first = min(on for on, _ in purchases)
    return [
        (end, sum(minor for on, minor in purchases if _year_before(end) < on <= end))
        for end in ends
        if end >= first
    ]


def _year_before(day: date) -> date:
    return _day_in(day.year - 1, day.month, day.day)
