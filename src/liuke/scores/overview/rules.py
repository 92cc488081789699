"""Retention by cohort, from who bought in which month. Plain arrays, no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

LONGEST = 24  # months that a cohort is followed


@dataclass(frozen=True)
class Cohort:
    """Customers who first bought in `month` (months since year 0); `active[k]` of them bought k months later."""

    month: int
    size: int
    active: list[int]

    @property
    def label(self) -> str:
        return f"{self.month // 12}-{self.month % 12 + 1:02d}"

    @property
    def first_day(self) -> date:
        return first_day(self.month)

    @property
    def last_day(self) -> date:
        return last_day(self.month)

    @property
    def shares(self) -> list[float]:
        return [count / self.size for count in self.active]


def cohorts(customers: np.ndarray[Any, Any], months: np.ndarray[Any, Any], *, until: int) -> list[Cohort]:
    """Cohorts, oldest first, from one row per customer and month with a purchase, sorted by customer and month.

    `until` is the last month that the log knows whole; a cohort has as many columns as months have passed for it.
    """
    if not len(customers):
        return []
    opens = np.concatenate([[True], customers[1:] != customers[:-1]])
    first = months[opens][np.cumsum(opens) - 1]
    since = months - first
    width = LONGEST + 1
    inside = since < width
    base = int(first.min())
    flat = (first[inside] - base) * width + since[inside]
    table = np.bincount(flat, minlength=(int(first.max()) - base + 1) * width).reshape(-1, width)
    return [
        Cohort(base + place, int(row[0]), [int(n) for n in row[: min(until - base - place, LONGEST) + 1]])
        for place, row in enumerate(table)
        if row[0] and base + place <= until
    ]


@dataclass(frozen=True)
class Stayed:
    """Of the customers who bought in twelve months, how many have bought since: `since` is the first month after these."""

    before: int
    stayed: int
    since: int

    @property
    def share(self) -> float | None:
        return self.stayed / self.before if self.before else None


YEAR = 12


def who_stayed(customers: np.ndarray[Any, Any], months: np.ndarray[Any, Any], *, until: int) -> Stayed:
    """From the same rows as `cohorts`. The year that counts is the one before the last twelve whole months."""
    since = until - YEAR + 1
    if not len(customers):
        return Stayed(0, 0, since)
    opens = np.flatnonzero(np.concatenate([[True], customers[1:] != customers[:-1]]))
    before = np.logical_or.reduceat((months >= since - YEAR) & (months < since), opens)
    after = np.logical_or.reduceat(months >= since, opens)
    return Stayed(int(before.sum()), int((before & after).sum()), since)


def first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> date:
    return first_day(month + 1) - timedelta(days=1)


def last_whole_month(day: date) -> int:
    """The month that `day` ends, else the one before: a month under way would look like a loss."""
    ends = (day + timedelta(days=1)).day == 1
    return month_of(day.year, day.month) - (0 if ends else 1)


def month_of(year: int, month: int) -> int:
    return year * 12 + month - 1
