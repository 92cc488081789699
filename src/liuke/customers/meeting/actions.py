"""How the rows of a staged customer list meet the records that are there."""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
from django.utils import timezone

from liuke.customers.comparing.actions import PIECE
from liuke.customers.comparing.rules import Outcome
from liuke.customers.fields.actions import imported_fields, packed_of
from liuke.customers.fields.rules import Packed, hides
from liuke.customers.former.actions import led_by_number
from liuke.customers.meeting.rules import (
    ALWAYS,
    OWN_FIELDS,
    PEOPLE,
    Change,
    Person,
    Record,
    change_of,
    person_from,
)
from liuke.customers.reading.actions import spooled
from liuke.customers.reading.rules import WRONG, Told
from liuke.customers.recognising.actions import recognised
from liuke.customers.records.models import Contact, ContactPoint, Customer, CustomerSearch
from liuke.customers.records.rules import name_key
from liuke.customers.sorting.actions import Pages, fetch, keep, workbench
from liuke.platform.access.rules import Right, Scope
from liuke.platform.bulk.rules import pieces
from liuke.platform.models import Team, User
from liuke.tabular.arrow import pa

LITTLE: Final = "150MB"  # of memory for comparing names; beyond it they go to the disk

PLAN: Final = pa.schema([("place", pa.int64())])


def wrong_row(
    row: int, column: str, code: str, value: str | None, params: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "row": row,
        "field": column,
        "code": code,
        "value": value,
        "params": json.dumps(params, ensure_ascii=False),
    }


# --- comparing ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row stays out, as only the database shows it."""

    code: str
    field: str
    value: str | None
    known: str = ""  # those whom it may mean


@dataclass(frozen=True, slots=True)
class Met:
    """A person of the list with the record that is his, if there is one, and what the row would change."""

    person: Person
    record: Record | None
    given: Mapping[str, Any] = field(default_factory=dict)
    change: Change | None = None
    faults: tuple[Fault, ...] = ()  # with one nothing is written


class People:
    """The staged list, and how its rows meet the database."""

    def __init__(self, folder: Path, by: User | None) -> None:
        held = json.loads((folder / "fields.json").read_text())
        self.folder, self.by = folder, by
        self.columns: dict[str, str] = held["columns"]
        self.fields = sorted(self.columns)
        self.clear_blanks: bool = held["clear_blanks"]
        self.key: list[str] = held.get("key", [])
        self.pages = Pages(folder / "people.arrow", held["sizes"])
        self._wanted = [name for name in PEOPLE.names if name in ALWAYS or name in self.columns]
        self.told: dict[str, Told] = {}
        self.own = {one.name: one for one in imported_fields() if one.name in self.columns}
        # What the importer does not see of others' customers: a row neither changes it nor tells whether it is so.
        self._unseen = {name for name, one in self.own.items() if by and hides(one, by.role.masked)}
        self._sees = set(by.acts_for(timezone.now())) if by and self._unseen else set()
        self._users: dict[str, User | str] = {}  # or why he is not to be had
        self._numbers: dict[str, list[int]] = {}  # where another key was chosen: whose they are
        self._teams: dict[str, Team | None] = {}
        everybody = by is None or by.role.write_scope == Scope.ALL
        self._mine = None if everybody else Customer.objects.writable_by(by)  # type: ignore[arg-type]

    def persons(self, places: Sequence[int]) -> list[Person]:
        return [person_from(row, self.fields) for row in self.pages.rows(places, self._wanted)]

    def meet(self, persons: Sequence[Person]) -> list[Met]:
        if self.key:
            ids = recognised(self.key, [person.parts(self.key) for person in persons], self.own)
            self._numbers = ids_by(
                Customer.objects.all(), "number", [p.number for p in persons if p.number], "pk"
            )
        else:
            ids = self._matches(persons)
        records = self._records({pk for found in ids for pk in found})
        return [self._met(person, found, records) for person, found in zip(persons, ids, strict=True)]

    def _met(self, person: Person, found: Sequence[int], records: Mapping[int, Record]) -> Met:
        given, faults = self._given(person)
        if len(found) > 1:
            several = self._several(person, [records[pk] for pk in found])
            return Met(person, None, faults=(several, *faults))
        record = records[found[0]] if found else None
        if self.key and person.number and (taken := self._numbers.get(person.number)) and taken != found:
            faults = (Fault("number_taken", "number", person.number), *faults)
        if record is None:
            if "name" in self.fields and not person.values.get("name"):
                faults = (Fault("blank_required", "name", person.sign), *faults)
            return Met(person, None, faults=faults) if faults else Met(person, None, given)
        if record.values["foreign"]:
            return Met(person, record, faults=(Fault("out_of_reach", "number", person.sign), *faults))
        if self.key and person.number and person.number != record.values["number"]:
            known = str(record.values["number"])
            faults = (Fault("number_differs", "number", person.number, known), *faults)
        if faults:
            return Met(person, record, faults=faults)
        person = self._without_unseen(person, record)
        if person.number and person.number != record.values["number"]:
            # The row is about a record that was merged into this one: it may add what is not known, not change the rest.
            blank = {name: value for name, value in person.values.items() if not record.values.get(name)}
            own = {name: rows for name, rows in person.own.items() if not record.own.get(name)}
            person, given = replace(person, values=blank, own=own), {}
        kind, scope = (person.values.get(name) or record.values[name] for name in ("kind", "scope"))
        person = replace(person, own=self.own_of(person, kind, scope))
        return Met(person, record, given, change_of(person, record, given, clear_blanks=self.clear_blanks))

    def _without_unseen(self, person: Person, record: Record) -> Person:
        if not self._unseen or record.values["owner_id"] in self._sees:
            return person
        if any(person.own.get(name) for name in self._unseen):
            self.told.setdefault("own_unseen", Told()).add(Told(1, rows=[person.row]))
        return replace(
            person, own={name: rows for name, rows in person.own.items() if name not in self._unseen}
        )

    def _several(self, person: Person, records: Sequence[Record]) -> Fault:
        """Named are only those whom the importer may write; of the others nothing is told but that they are."""
        known = ", ".join(str(one.values["number"]) for one in records[:5] if not one.values["foreign"])
        foreign = any(one.values["foreign"] for one in records)
        code = "matches_several_others" if foreign else "matches_several"
        return Fault(code, self.key[0] if self.key else "number", person.sign, known)

    def refusals(self, one: Met) -> list[dict[str, Any]]:
        """The rows for the rejects, each by the column that it is about."""
        first = next(iter(self.columns.values()))
        told = [
            wrong_row(
                one.person.row,
                self.columns.get(fault.field, first),
                fault.code,
                fault.value,
                {"known": fault.known, "number": ""},
            )
            for fault in one.faults
        ]
        column, params = self.columns.get("name", first), {"first_row": one.person.row}
        return told + [
            wrong_row(row, column, "first_row_out", one.person.name, params) for row in one.person.joined
        ]

    def _matches(self, persons: Sequence[Person]) -> list[list[int]]:
        """Who each is already: by number; without one by telephone or e-mail; without these by name.

        A name will also do for somebody who came without any way to reach him, such as a telephone number corrected since.
        """
        given = [p.number for p in persons if p.number]
        merged = {number: [pk] for number, pk in led_by_number(given).items()}
        numbers = merged | ids_by(Customer.objects.all(), "number", given, "pk")
        unnumbered = [p for p in persons if not p.number]
        normals = [point.normal for p in unnumbered for point in p.points]
        reached = ids_by(ContactPoint.objects.all(), "normal", normals, "customer_id")
        named = ids_by(Customer.objects.all(), "name", [p.name for p in unnumbered if not p.points], "pk")
        strangers = [p for p in unnumbered if not any(point.normal in reached for point in p.points)]
        unreached = ids_by(
            Customer.objects.filter(points=None), "name", [p.name for p in strangers if p.points], "pk"
        )
        found = []
        for person in persons:
            if person.number:
                found.append(numbers.get(person.number, []))
            elif person.points:
                by_points = {pk for point in person.points for pk in reached.get(point.normal, [])}
                found.append(sorted(by_points) or unreached.get(person.name, []))
            else:
                found.append(sorted(set(named.get(person.name, []))))
        return found

    def _records(self, ids: Iterable[int]) -> dict[int, Record]:
        records: dict[int, Record] = {}
        columns = ("pk", "number", *OWN_FIELDS, "stage", "owner_id", "team_id")
        for piece in pieces(sorted(ids), PIECE):
            mine = (
                None
                if self._mine is None
                else set(self._mine.filter(pk__among=piece).values_list("pk", flat=True))
            )
            for pk, *rest in Customer.objects.filter(pk__among=piece).values_list(*columns):
                found = dict(zip(columns[1:], rest, strict=True))
                records[pk] = Record(pk, found | {"foreign": mine is not None and pk not in mine})
            for pk, kind, normal in ContactPoint.objects.filter(customer__among=piece).values_list(
                "customer_id", "kind", "normal"
            ):
                records[pk].normals.add((kind, normal))
            persons = Contact.objects.filter(customer__among=piece).values_list("customer_id", "name", "pk")
            for pk, name, contact in persons:
                records[pk].contacts[name] = contact
            for pk, own in packed_of(piece, list(self.own.values())).items():
                records[pk].own = own
        return records

    def own_of(self, person: Person, kind: str, scope: str) -> dict[str, Packed]:
        """What the row says of the fields that such a customer has."""
        return {
            name: rows
            for name, rows in person.own.items()
            if name in self.own and self.own[name].of(kind, scope)
        }

    def _given(self, person: Person) -> tuple[dict[str, Any], tuple[Fault, ...]]:
        """Owner, team and stage as the database knows them. A customer of nobody, or of somebody else than the file says,

        would be a wrong one: whom nobody knows is a fault.
        """
        given: dict[str, Any] = {}
        faults = []
        if name := person.values.get("owner"):
            user = self._user(name)
            if isinstance(user, str):
                faults.append(Fault(user, "owner", name))
            else:
                given |= {"owner_id": user.pk, "team_id": user.team_id}
        if name := person.values.get("team"):
            if team := self._team(name):
                given["team_id"] = team.pk
            else:
                faults.append(Fault("team_unknown", "team", name))
        if stage := person.values.get("stage"):
            given["stage"] = stage
        return given, tuple(faults)

    def _user(self, name: str) -> User | str:
        if name not in self._users:
            reach = User.objects.active() if self.by is None else User.objects.active().visible_to(self.by)
            found = list(reach.filter(username__iexact=name)[:1]) or list(reach.filter(name=name)[:2])
            may = self.by is None or self.by.may(Right.ASSIGN_CUSTOMERS) or found == [self.by]
            if len(found) != 1:
                self._users[name] = "owner_of_several" if found else "owner_unknown"
            else:
                self._users[name] = found[0] if may else "owner_not_given"
        return self._users[name]

    def _team(self, name: str) -> Team | None:
        if name not in self._teams:
            reach = Team.objects.all()
            if self.by is not None and self.by.role.write_scope != Scope.ALL:
                reach = reach.filter(path__startswith=self.by.team.path) if self.by.team else reach.none()
            found = list(reach.filter(name=name)[:2])
            self._teams[name] = found[0] if len(found) == 1 else None
        return self._teams[name]


def ids_by(rows: Any, column: str, wanted: Sequence[str], key: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for piece in pieces(sorted(set(wanted)), PIECE):
        for value, pk in rows.filter(**{f"{column}__among": piece}).order_by("pk").values_list(column, key):
            found.setdefault(value, []).append(pk)
    return found


def compare_customers(folder: Path, by: User | None) -> dict[str, int]:
    """Compares the list with the records, leaves plan.arrow and gives the counts, in rows of the file."""
    people = People(folder, by)
    outcomes: Counter[Outcome] = Counter()
    todo = array("q")
    refused: list[dict[str, Any]] = []
    joined: Counter[bool] = Counter()  # rows with further persons of somebody, by whether he stays out
    shared = 0
    with workbench(folder, LITTLE) as bench:
        bench.execute(
            "CREATE TABLE fresh (row BIGINT, name VARCHAR, key VARCHAR); CREATE TABLE there (key VARCHAR)"
        )
        for places in pieces(range(len(people.pages)), PIECE):
            met = people.meet(people.persons(places))
            shared += _shared(met)
            _note_names(bench, met)
            for place, one in zip(places, met, strict=True):
                what = _outcome(one)
                outcomes[what] += 1
                joined[what is Outcome.OUT_OF_REACH] += len(one.person.joined)
                if what in {Outcome.NEW, Outcome.CHANGED}:
                    todo.append(place)
                elif what is Outcome.OUT_OF_REACH:
                    refused += people.refusals(one)
        if told := _named_twice(bench, people.columns.get("name", "")):
            people.told["alike_name"] = told
    if shared:
        people.told["shared_point"] = Told(shared)
    (folder / "remarks.json").write_text(
        json.dumps({code: told.to_dict() for code, told in people.told.items()})
    )
    for batch in spooled(folder / "faulty.arrow"):
        for rows in pieces(batch.to_pylist(), PIECE):
            persons = (person_from(row, people.fields) for row in rows)
            for one in people.meet([person for person in persons if person.name]):
                refused += people.refusals(one)
    keep(pa.table({"place": np.frombuffer(todo, dtype=np.int64)}, schema=PLAN), folder / "plan.arrow")
    keep(pa.Table.from_pylist(refused, schema=WRONG), folder / "out_of_reach.arrow")
    return {
        "created": outcomes[Outcome.NEW],
        "updated": outcomes[Outcome.CHANGED],
        "unchanged": outcomes[Outcome.UNCHANGED],
        "out_of_reach": outcomes[Outcome.OUT_OF_REACH] + joined[True],
        "customers_created": outcomes[Outcome.NEW],
        **({"joined": joined[False]} if joined[False] else {}),
    }


def _outcome(met: Met) -> Outcome:
    if met.faults:
        return Outcome.OUT_OF_REACH
    if met.record is None:
        return Outcome.NEW
    return Outcome.CHANGED if met.change else Outcome.UNCHANGED


def _note_names(bench: Any, met: Sequence[Met]) -> None:
    """Firms that would be new, by the name without its legal form: persons of one name are many."""
    firms = [
        one.person
        for one in met
        if one.record is None and not one.faults and one.person.values.get("kind") != "individual"
    ]
    keys = [name_key(person.name) for person in firms]
    _pour(bench, "fresh", {"row": [p.row for p in firms], "name": [p.name for p in firms], "key": keys})


def _named_twice(bench: Any, column: str) -> Told | None:
    """New firms of whose name somebody is there already, or stands further up in the file; of the others' only that."""
    if not fetch(bench, "SELECT 1 FROM fresh LIMIT 1").num_rows:
        return None
    lines = CustomerSearch.objects.order_by().values_list("text", flat=True)
    waiting = lines.iterator(chunk_size=5_000)
    while some := list(islice(waiting, 20_000)):
        _pour(bench, "there", {"key": [key for text in some for key in text.strip("\n").split("\n=")[1:]]})
    rows = fetch(bench, NAMED_TWICE).to_pylist()
    if not rows:
        return None
    told = Told(column=column)
    told.add(Told(rows[0]["all"], column, [row["name"] for row in rows], [row["row"] for row in rows]))
    return told


NAMED_TWICE: Final = """
    SELECT row, name, count(*) OVER () AS "all"
    FROM (SELECT *, row_number() OVER (PARTITION BY key ORDER BY row) AS place FROM fresh WHERE length(key) > 1)
    WHERE place > 1 OR key IN (SELECT key FROM there)
    ORDER BY row LIMIT 10
"""


def _pour(bench: Any, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
    bench.register("poured", pa.table({name: list(held) for name, held in columns.items()}))
    bench.execute(f"INSERT INTO {table} SELECT * FROM poured")  # noqa: S608 - one of our two
    bench.unregister("poured")


def _shared(met: Sequence[Met]) -> int:
    """New customers with a number or address that another customer has."""
    fresh = [one.person for one in met if one.record is None and not one.faults and one.person.number]
    taken = set(
        ids_by(
            ContactPoint.objects.all(),
            "normal",
            [p.normal for person in fresh for p in person.points],
            "customer_id",
        )
    )
    return sum(any(point.normal in taken for point in person.points) for person in fresh)
