"""A visit from the look at the card to the written result: what was missed, and how late it was (DB08, DB12). No database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean

# Whoever forgets to say that he has left: the visit is taken to have ended so long after it began.
LONGEST = timedelta(hours=8)
PERIODS = (7, 30, 90)  # days of the report


def left_at(started_at: datetime, ended_at: datetime | None, now: datetime) -> datetime | None:
    """When it ended; None while it may still be going on."""
    if ended_at is not None:
        return ended_at
    latest = started_at + LONGEST
    return latest if latest <= now else None


def hours_to_write(started_at: datetime, ended_at: datetime | None, written_at: datetime) -> float:
    """Between the end of a visit and the entry on the card; one that is written before it ends takes none."""
    end = left_at(started_at, ended_at, written_at) or written_at
    return max(0.0, (written_at - end) / timedelta(hours=1))


def is_late(
    started_at: datetime, ended_at: datetime | None, written_at: datetime | None, *, hours: int, now: datetime
) -> bool:
    """Unwritten for longer than that since its end."""
    if written_at is not None:
        return False
    end = left_at(started_at, ended_at, now)
    return end is not None and end + timedelta(hours=hours) < now


@dataclass(frozen=True)
class Made:
    """One visit, as the report counts it."""

    who: int
    name: str
    looked: bool  # at the card beforehand
    late: bool  # still unwritten, and overdue
    hours: float | None  # from its end to the entry; None while unwritten


@dataclass(frozen=True)
class Line:
    """The visits of one person, or of all."""

    who: int | None
    name: str
    visits: int
    blind: int  # started without a look at the card
    late: int
    hours: float | None


def line(made: Iterable[Made], who: int | None = None, name: str = "") -> Line:
    rows = list(made)
    taken = [one.hours for one in rows if one.hours is not None]
    return Line(
        who,
        name,
        len(rows),
        sum(not one.looked for one in rows),
        sum(one.late for one in rows),
        fmean(taken) if taken else None,
    )


def by_person(made: Iterable[Made]) -> list[Line]:
    """Whoever has most to answer for comes first."""
    whose: dict[int, list[Made]] = {}
    for one in made:
        whose.setdefault(one.who, []).append(one)
    found = [line(rows, who, rows[0].name) for who, rows in whose.items()]
    return sorted(found, key=lambda one: (-one.late, -one.blind, -one.visits, one.name))
