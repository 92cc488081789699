"""What a segment may be made of, and what became of it: no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from liuke.platform.lists.rules import ME, Condition, Group, Kind, Unfit
from liuke.platform.paging.rules import gettext_noop

FIELD = "segment"  # the filter by a segment
NAME_LIMIT, NOTE_LIMIT = 60, 200
MOST_SEGMENTS = 200
MOST_PICKED = 10_000  # in one segment by hand


def asked_segments(tree: Group) -> set[int]:
    """The segments that a tree is made of."""
    return {
        value
        for one in tree.conditions()
        if one.field.name == FIELD
        for value in one.values
        if isinstance(value, int)
    }


def check(tree: Group) -> None:
    """A segment is the same for everybody, so it knows no “me”; and it must ask something."""
    for one in tree.conditions():
        if one.field.kind == Kind.PERSON and ME in one.values:
            raise Unfit(gettext_noop("A segment is the same for everybody: say the person instead of “me”."))
    if not tree.size():
        raise Unfit(gettext_noop("Say at least one thing that holds for the customers of this segment."))


def replaced(tree: Group, groups: Mapping[int, Group]) -> Group:
    """The tree with each question for segments replaced by what these ask."""
    return Group(tree.how, tuple(_replaced(part, groups) for part in tree.parts))


def _replaced(part: object, groups: Mapping[int, Group]) -> Group:
    if isinstance(part, Group):
        return replaced(part, groups)
    if not isinstance(part, Condition) or part.field.name != FIELD:
        return part  # type: ignore[return-value]  # what is no group stays as it is
    wanted = tuple(groups[value] for value in part.values if value in groups)
    if len(wanted) != len(part.values):
        raise Unfit(gettext_noop("This segment is gone, or is not yours to see."))
    return Group("none" if part.op == "not" else "any", wanted)


@dataclass(frozen=True)
class Day:
    """How a segment stood on a day."""

    on: date
    members: int
    entered: int
    left: int


def days(first: date, last: date, entered: Mapping[date, int], left: Mapping[date, int]) -> Iterator[Day]:
    """Day by day. Who was there on the first has not entered on it: that is when the counting began."""
    members, on = 0, first
    while on <= last:
        came, went = entered.get(on, 0), left.get(on, 0)
        members += came - went
        yield Day(on, members, came if on != first else 0, went)
        on += timedelta(days=1)
