"""Rows that repeat one customer, a row for each of his persons, made one. No database."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from liuke.customers.records.rules import name_key

Row: TypeAlias = Mapping[str, Any]  # of a staged list: the columns of meeting.rules.PEOPLE
Points: TypeAlias = list[list[str]]  # kind, value, normal

OF_CUSTOMER: Final = (
    *("name", "kind", "scope", "stage", "country", "source", "province", "city", "address", "note"),
    *("owner", "team"),
)


@dataclass(frozen=True, slots=True)
class Differing:
    """A cell that says something else of the customer than his first row."""

    row: int
    field: str


@dataclass(slots=True)
class Joined:
    """The first row with the persons of the others. `again` say nothing that the rows above them have not said."""

    row: dict[str, Any]
    differing: list[Differing] = field(default_factory=list)
    again: list[int] = field(default_factory=list)


def may_be_one(first: str | None, other: str | None) -> bool:
    """Whether two rows with one key are about one customer: of two names one number is a slip, to be looked at."""
    return not first or not other or name_key(first) == name_key(other)


def join(first: Row, others: Iterable[Row], fields: Collection[str]) -> Joined:
    """`fields` are those that the file has columns for. What the first row leaves blank, the next that says it says."""
    made = Joined(dict(first))
    own: dict[str, Any] = json.loads(first["own"] or "{}")
    his = {normal for _kind, _value, normal in _points(first)}
    persons, held = _persons(first), set(his)
    further: list[list[Any]] = json.loads(first["more"] or "[]")
    rows: list[int] = []
    shared: set[str] = set()
    held |= {point[2] for _name, _title, points in further for point in points}
    for other in others:
        theirs = [*_persons(other), *json.loads(other["more"] or "[]")]
        known = {name for name, _title, _points in (*persons, *further)}
        if not any(name not in known or any(p[2] not in held for p in points) for name, _, points in theirs):
            made.again.append(other["row"])
            continue
        rows.append(other["row"])
        for name, title, points in theirs:
            shared |= his & {point[2] for point in points}
            fresh = [point for point in points if point[2] not in held]
            held |= {point[2] for point in fresh}
            _note(persons, further, name, title, fresh)
        made.differing += _take(made.row, own, other, fields)
    made.row["own"] = json.dumps(own, ensure_ascii=False) if first["own"] or own else first["own"]
    made.row["title"] = persons[0][1] if persons else first["title"]
    made.row["more"] = json.dumps(further, ensure_ascii=False) if further else None
    if rows:
        made.row["joined"] = json.dumps({"rows": rows, "shared": sorted(shared)})
    return made


def _persons(row: Row) -> list[list[Any]]:
    """Whom the row names first, with the ways to be reached that stand in it."""
    return [[row["contact_name"], row["title"] or "", _points(row)]] if row["contact_name"] else []


def _points(row: Row) -> Points:
    found: Points = json.loads(row["points"]) if row["points"] else []
    return found


def _note(
    persons: Sequence[list[Any]], further: list[list[Any]], name: str, title: str, points: Points
) -> None:
    """The first person's new points go to him as a further person of his name: who is noted by name is one."""
    same = next((one for one in further if one[0] == name), None)
    of_first = bool(persons) and persons[0][0] == name
    if of_first:
        persons[0][1] = persons[0][1] or title
    if same is not None:
        same[1] = same[1] or title
        same[2] += points
    elif points or not of_first:
        further.append([name, title, points])


def _take(row: dict[str, Any], own: dict[str, Any], other: Row, fields: Collection[str]) -> list[Differing]:
    found = []
    for name in OF_CUSTOMER:
        if name not in fields or not other[name]:
            continue
        if not row[name]:
            row[name] = other[name]
        elif row[name] != other[name]:
            found.append(Differing(other["row"], name))
    row["scope"] = row["scope"] or other["scope"]
    for name, packed in json.loads(other["own"] or "{}").items():
        if packed and not own.get(name):
            own[name] = packed
        elif packed and packed != own[name]:
            found.append(Differing(other["row"], name))
    return found
