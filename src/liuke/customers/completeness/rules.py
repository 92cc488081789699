"""How complete a card is, and when it was last found right (DB09). No database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from liuke.customers.fields.rules import Definition
from liuke.customers.records.rules import PROFILE, TELEPHONES

COLUMNS = ("country", "province", "city", "address", "source", "purpose")  # of the record itself
PROFILED = frozenset(one.name for fields in PROFILE.values() for one in fields)


def needed(asked: Sequence[str], own: Sequence[Definition], *, kind: str, scope: str) -> tuple[str, ...]:
    """The names of what such a card has to hold: of `asked`, what its scope has a place for, and own fields."""
    has = {one.name for one in PROFILE[scope]}
    standard = (name for name in asked if name not in PROFILED or name in has)
    return (*standard, *(one.name for one in own if one.required and one.of(kind, scope)))


def missing(wanted: Sequence[str], filled: Collection[str]) -> list[str]:
    return [name for name in wanted if name not in filled]


def percent(wanted: int, lacking: int) -> int:
    """15 of 20 are 75. Nearly complete is not complete: 100 only where nothing is missing."""
    return 100 * (wanted - lacking) // wanted if wanted else 100


def filled_by(columns: Mapping[str, str], profile: Mapping[str, object], points: Collection[str]) -> set[str]:
    """What the record itself holds; `points` are the kinds of ways to reach him."""
    found = {name for name, value in columns.items() if value}
    found |= {name for name in profile if name in PROFILED}
    found |= set(points)
    return found | ({"phone"} if found & set(TELEPHONES) else set())


def is_stale(verified_at: datetime, now: datetime, stale_days: int) -> bool:
    return verified_at < now - timedelta(days=stale_days)
