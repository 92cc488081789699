"""A customer list as typed columns, and what a row would change of a record that is there already."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

import numpy as np

from liuke import tabular
from liuke.customers.fields.rules import Definition, Packed, clean, packed
from liuke.customers.reading.rules import FURTHER, Choices, Sieve, Styles, code_column, mask, name_column
from liuke.customers.recognising.rules import REACHED
from liuke.customers.records.rules import LIMITS, TELEPHONES, Unfit, normal_point
from liuke.customers.wording.rules import country_code, customer_kind, customer_scope, customer_stage
from liuke.tabular.arrow import Array, Batch, Table, compute, pa

POINTS: Final = ("mobile", "phone", "email", "wechat", "whatsapp")
MOST_POINTS: Final = 10  # of one kind in one cell
POINT_LIMIT: Final = 120
TEXTS: Final = ("source", "province", "city", "address", "note", "owner", "team", "contact_name", "title")
LIMIT_OF: Final[Mapping[str, int]] = {**LIMITS, "owner": 80, "team": 80, "contact_name": 80}
# What one cell may hold several of is parted by these; a slash or a blank may belong to a number.
_BETWEEN: Final = re.compile(r"[;；,，、|\n]+|\s*/\s*")
_HOME_MOBILE: Final = re.compile(r"1[3-9]\d{9}")

PEOPLE: Final = pa.schema(
    [("row", pa.int64())]
    + [
        (name, pa.string())
        for name in (
            "number",
            "name",
            "kind",
            "scope",
            "stage",
            "country",
            *TEXTS,
            "points",
            "more",
            "own",
            "joined",
        )
    ]
)
# what each row is read for, whichever columns the file has
ALWAYS: Final = frozenset(
    {"row", "number", "scope", "contact_name", "title", "points", "more", "own", "joined"}
)

Held: TypeAlias = list[tuple[str, str, str]]  # kind, value, normal: points as JSON keeps them


@dataclass(frozen=True, slots=True)
class Point:
    kind: str
    value: str
    normal: str


def points_in(cell: str, kind: str, country: str = "") -> tuple[list[Point], list[str]]:
    """The telephone numbers or addresses of one cell, and what in it is none."""
    found: dict[str, Point] = {}
    wrong = []
    parts = [part for piece in _BETWEEN.split(cell) if (part := piece.strip())]
    for part in parts[:MOST_POINTS]:
        try:
            point = Point(kind, part[:POINT_LIMIT], normal(kind, part, country))
        except Unfit:
            wrong.append(part)
        else:
            found[point.normal] = point
    return list(found.values()), wrong + parts[MOST_POINTS:]


def normal(kind: str, value: str, country: str = "") -> str:
    """As the records have it; the commonest shape without the detour through the world's numbering plans."""
    if kind in {"mobile", "phone", "whatsapp"} and country in {"", "CN"} and _HOME_MOBILE.fullmatch(value):
        return f"+86{value}"
    return normal_point(kind, value, country)


class CustomerBatch:
    """One batch of a customer list, column by column, then point by point."""

    def __init__(
        self,
        batch: Batch,
        columns: Mapping[str, str],
        styles: Styles,
        choices: Choices,
        own: Sequence[Definition] = (),
    ) -> None:
        """`own` are the company's own fields that the file may fill."""
        self._own = [one for one in own if one.name in columns]
        self._batch, self._columns, self._styles, self._choices = batch, columns, styles, choices
        self.sieve = Sieve(batch.column(tabular.ROW))

    def __len__(self) -> int:
        return int(self._batch.num_rows)

    def people(self) -> Table:
        """All rows; those that `sieve.bad` names are only looked through for what else is wrong with them."""
        country = self._word("country", lambda text: country_code(text) or None)
        columns: dict[str, Any] = {
            "row": compute.cast(self._batch.column(tabular.ROW), pa.int64()),
            "number": self._number(),
            "name": self._name(),
            "kind": self._word("kind", customer_kind),
            "scope": self._scope(),
            "stage": self._word("stage", customer_stage),
            "country": country,
        }
        columns |= {name: self._text(name) for name in TEXTS}
        countries = country.to_pylist()
        columns["points"] = self._points(countries)
        columns["more"] = self._more(countries)
        columns["own"] = self._own_values()
        columns["joined"] = self._nothing()
        table: Table = pa.Table.from_pydict(columns, schema=PEOPLE)
        return table

    def _raw(self, name: str) -> Array | None:
        return self._batch.column(self._columns[name]) if name in self._columns else None

    def _nothing(self) -> Array:
        nothing: Array = pa.nulls(len(self), pa.string())
        return nothing

    def _number(self) -> Array:
        values = self._raw("number")
        if values is None:
            return self._nothing()
        whole = self._styles.whole_floats.get("number", False)
        return code_column(
            self.sieve, values, column=self._columns["number"], limit=LIMITS["number"], whole_floats=whole
        )

    def _name(self) -> Array:
        values = self._raw("name")
        if values is None:
            return self._nothing()
        column, limit = self._columns["name"], LIMITS["name"]
        self.sieve.tell_where(
            compute.greater(compute.utf8_length(tabular.as_text(values)), limit), "name_cut", column, values
        )
        return name_column(self.sieve, values, column=column, limit=limit)

    def _text(self, name: str, limit: int | None = None) -> Array:
        values = self._raw(name)
        if values is None:
            return self._nothing()
        parsed = tabular.parse_text(values, limit=limit or LIMIT_OF[name], one_line=name != "note")
        return self.sieve.keep(parsed, column=self._columns[name], originals=values)

    def _word(self, name: str, meaning: Any) -> Array:
        """What the words mean. Who is of another kind than he is taken for would be another customer; a stage or a country
        that nobody knows is left out.
        """
        values = self._raw(name)
        if values is None:
            return self._nothing()
        text = tabular.parse_text(values, one_line=True).values
        coded = text.dictionary_encode()
        words = coded.dictionary.to_pylist()
        meant = pa.array([meaning(word) for word in words], pa.string()).take(coded.indices)
        lost = compute.and_(compute.is_null(meant), compute.is_valid(text))
        column = self._columns[name]
        if name in {"kind", "scope"}:
            self.sieve.reject(mask(lost), "kind_unknown", column=column, originals=text)
        else:
            told, cell = f"{name}_unknown", f"{name}_wrong"
            self.sieve.leave_out(mask(lost), told=told, cell=cell, column=column, originals=text)
        found: Array = meant
        return found

    def _scope(self) -> Array:
        """By its own column, else by what a customer's kind says: 经销商 is a channel, 个人 a consumer."""
        if "scope" in self._columns:
            return self._word("scope", customer_scope)
        values = self._raw("kind")
        if values is None:
            return self._nothing()
        coded = tabular.parse_text(values, one_line=True).values.dictionary_encode()
        meant = [customer_scope(word) if word else None for word in coded.dictionary.to_pylist()]
        found: Array = pa.array(meant, pa.string()).take(coded.indices)
        return found

    def _own_values(self) -> Array:
        """What the file says of the company's own fields, each by its type; what cannot be read is left out and told."""
        if not self._own:
            return self._nothing()
        found: list[dict[str, Packed]] = [{} for _ in range(len(self))]
        for one in self._own:
            column = self._columns[one.name]
            values = self._batch.column(column)
            read: dict[str | None, Packed | None] = {}
            wrong = np.zeros(len(self), dtype=bool)
            for place, cell in enumerate(tabular.as_text(values).to_pylist()):
                if cell not in read:
                    read[cell] = _packed(one, cell)
                if (kept := read[cell]) is None:
                    wrong[place] = True
                else:
                    found[place][one.name] = kept
            self.sieve.leave_out(
                wrong, told="own_unreadable", cell="own_wrong", column=column, originals=values
            )
        texts: Array = pa.array([json.dumps(values, ensure_ascii=False) for values in found], pa.string())
        return texts

    def _points(self, countries: Sequence[str | None]) -> Array:
        found: list[Held] = [[] for _ in range(len(self))]
        for kind in POINTS:
            for place, read in enumerate(self._reached(kind, kind, countries)):
                found[place] += read
        texts: Array = pa.array(
            [json.dumps(points, ensure_ascii=False) if points else None for points in found], pa.string()
        )
        return texts

    def _more(self, countries: Sequence[str | None]) -> Array:
        """Persons beside the first, each with what stands in his own columns."""
        found: list[list[Any]] = [[] for _ in range(len(self))]
        for n in FURTHER:
            held = [f"{name}_{n}" for name in ("contact_name", "title", "contact_phone", "contact_email")]
            if not any(name in self._columns for name in held):
                continue
            names, titles = (self._text(name, limit=80).to_pylist() for name in held[:2])
            phones = self._reached(held[2], "mobile", countries)
            for place, row in enumerate(
                zip(names, titles, phones, self._reached(held[3], "email", countries), strict=True)
            ):
                name, title, numbers, addresses = row
                if name or numbers or addresses:
                    found[place].append([name or "", title or "", [*numbers, *addresses]])
        texts: Array = pa.array(
            [json.dumps(persons, ensure_ascii=False) if persons else None for persons in found], pa.string()
        )
        return texts

    def _reached(self, name: str, kind: str, countries: Sequence[str | None]) -> list[Held]:
        """What the cells of a column hold of such ways to be reached; what is none is left out and told."""
        found: list[Held] = [[] for _ in range(len(self))]
        values = self._raw(name)
        if values is None:
            return found
        wrong: dict[int, str] = {}
        doubtful = np.zeros(len(self), dtype=bool)
        for place, cell in enumerate(tabular.parse_text(values, limit=500).values.to_pylist()):
            if not cell:
                continue
            read, unread = points_in(cell, kind, countries[place] or "")
            found[place] = [(point.kind, point.value, point.normal) for point in read]
            doubtful[place] = kind in TELEPHONES and any(not point.normal.startswith("+") for point in read)
            if unread:
                wrong[place] = "; ".join(unread)
        # A short number may be a service's, or digits are lost: it is kept, and told.
        self.sieve.tell_where(pa.array(doubtful), "phone_doubtful", self._columns[name], values)
        self._leave_out(name, kind, wrong)
        return found

    def _leave_out(self, name: str, kind: str, wrong: Mapping[int, str]) -> None:
        """Nobody stays out for a wrong way to reach him: he comes in with the others, and the cell is noted."""
        if not wrong:
            return
        where = np.zeros(len(self), dtype=bool)
        where[list(wrong)] = True
        what = "email" if kind == "email" else "phone" if kind in TELEPHONES else "account"
        self.sieve.leave_out(
            where, told=f"{what}_unreadable", cell=f"{what}_wrong", column=self._columns[name],
            originals=pa.array([wrong.get(place) for place in range(len(self))], pa.string()),
        )  # fmt: skip


def _packed(known: Definition, cell: str | None) -> Packed | None:
    """None where the cell cannot be read."""
    try:
        return packed(known, clean(known, " ".join(cell.split()) if cell and known.type != "long" else cell))
    except Unfit:
        return None


# --- one customer -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Another:
    """A further person at the customer; without a name only a further way to reach it."""

    name: str
    title: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the list as it would be kept."""

    row: int
    number: str | None
    values: Mapping[str, str | None]  # by field, only fields that the file has; None is blank
    points: tuple[Point, ...] = ()
    contact: tuple[str, str] | None = None  # name, position
    more: tuple[Another, ...] = ()
    own: Mapping[str, Packed] = field(
        default_factory=dict
    )  # of the company's own fields, none of rows is blank
    joined: tuple[int, ...] = ()  # rows of the file with further persons of his
    shared: frozenset[str] = frozenset()  # of the first person's points those that others have as well

    @property
    def shared_points(self) -> frozenset[str] | None:
        """None where one row says all: whose its points are goes by their kind then."""
        return self.shared if self.joined else None

    @property
    def name(self) -> str:
        return self.values.get("name") or self.number or ""

    def parts(self, key: Iterable[str]) -> dict[str, list[str]]:
        """What the row says of each field of a key."""
        found: dict[str, list[str]] = {}
        for name in key:
            if name in REACHED:
                found[name] = [point.normal for point in self.points if point.kind in REACHED[name]]
            elif name in self.own:
                found[name] = [
                    str(next(cell for cell in row[1:4] if cell is not None)) for row in self.own[name]
                ]
            else:
                value = self.number if name == "number" else self.values.get(name)
                found[name] = [value] if value else []
        return found

    @property
    def sign(self) -> str:
        """What a message calls him by."""
        return self.number or next((point.value for point in self.points), self.name)


def keys_of(number: str | None, points: str | None, name: str | None) -> tuple[str, ...]:
    """What tells two rows of one file apart: the number, else the ways to reach them, else the name."""
    if number:
        return (f"number:{number}",)
    if points:
        return tuple(f"point:{normal}" for _kind, _value, normal in json.loads(points))
    return (f"name:{name}",)


def person_from(row: Mapping[str, Any], fields: Iterable[str]) -> Person:
    held = set(fields)
    values: dict[str, str | None] = {
        name: row[name] for name in ("name", "kind", "scope", "country", *TEXTS) if name in held
    }
    if "kind" in held and row["scope"]:
        values["scope"] = row["scope"]
    if "stage" in held:
        values["stage"] = row["stage"]
    contact = (row["contact_name"], row["title"] or "") if row["contact_name"] else None
    points = tuple(Point(*point) for point in json.loads(row["points"])) if row["points"] else ()
    own = json.loads(row["own"]) if row["own"] else {}
    more = _others(json.loads(row["more"])) if row["more"] else ()
    also = json.loads(row["joined"]) if row["joined"] else {"rows": (), "shared": ()}
    return Person(
        *(row["row"], row["number"], values, points, contact, more, own),
        joined=tuple(also["rows"]),
        shared=frozenset(also["shared"]),
    )


def _others(held: Iterable[Any]) -> tuple[Another, ...]:
    return tuple(Another(name, title, tuple(Point(*one) for one in points)) for name, title, points in held)


OWN_FIELDS: Final = ("name", "kind", "scope", "source", "country", "province", "city", "address", "note")
EMPTIED: Final = frozenset(
    {"source", "country", "province", "city", "address", "note"}
)  # what a blank may clear


@dataclass(slots=True)
class Record:
    """A customer as the database has it."""

    pk: int
    values: dict[str, Any]
    normals: set[tuple[str, str]] = field(default_factory=set)
    contacts: dict[str, int] = field(default_factory=dict)  # name -> id
    own: dict[str, Packed] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What a row makes of a record: fields with old and new value, points and a person that are new."""

    fields: Mapping[str, tuple[Any, Any]]
    points: tuple[Point, ...]
    contact: tuple[str, str] | None
    own: Mapping[str, tuple[Packed, Packed]] = field(default_factory=dict)
    more: tuple[Another, ...] = ()
    shared: frozenset[str] | None = None  # where the list has a row for each person: points that several have
    first: str = ""  # the person whom the row names first, there already or not

    def __bool__(self) -> bool:
        return bool(self.fields or self.points or self.contact or self.own or self.more)


def change_of(person: Person, record: Record, given: Mapping[str, Any], *, clear_blanks: bool) -> Change:
    """`given` are the values that had to be looked up: owner_id, team_id, stage."""
    wanted: dict[str, Any] = {}
    for name in OWN_FIELDS:
        if name not in person.values:
            continue  # no such column: untouched
        value = person.values[name]
        if value is not None:
            wanted[name] = value
        elif clear_blanks and name in EMPTIED:
            wanted[name] = ""
    wanted |= given
    fields = {
        name: (record.values[name], value) for name, value in wanted.items() if record.values[name] != value
    }
    points = tuple(p for p in person.points if (p.kind, p.normal) not in record.normals)
    contact = person.contact if person.contact and person.contact[0] not in record.contacts else None
    own = {
        name: (record.own.get(name, []), rows)
        for name, rows in person.own.items()
        if (rows or clear_blanks) and rows != record.own.get(name, [])
    }
    more = unknown(person.more, record.normals, record.contacts)
    first = person.contact[0] if person.contact else ""
    return Change(fields, points, contact, own, more, person.shared_points, first)


def unknown(
    persons: Iterable[Another], normals: Container[tuple[str, str]], contacts: Container[str]
) -> tuple[Another, ...]:
    """Of further persons those who are not there yet, or whose number is not."""
    fresh = (
        replace(a, points=tuple(p for p in a.points if (p.kind, p.normal) not in normals)) for a in persons
    )
    return tuple(a for a in fresh if a.points or (a.name and a.name not in contacts))
