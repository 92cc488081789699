"""What a list offers: its columns and orders, its filters, its pages. Nothing that a person sends is taken as it is:

fields, operators, directions and columns come from what the list declares, values only ever become parameters.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, ROUND_FLOOR
from enum import StrEnum
from typing import Any

from liuke.platform.paging.rules import (
    LARGEST,
    Column,
    Keyset,
    Kind,
    Page,
    Unfit,
    day,
    decimal,
    flag,
    gettext_noop,
    has_surrogate,
    whole,
    wrong,
)

__all__ = [
    "Column",
    "Condition",
    "Event",
    "Field",
    "Group",
    "Happened",
    "Keyset",
    "Kind",
    "Listing",
    "Op",
    "Page",
    "Query",
    "Selection",
    "Unfit",
]

DEPTH_LIMIT = 5
CONDITION_LIMIT = 40
VALUE_LIMIT = 100
SELECTION_LIMIT = 1000
TEXT_LIMIT = 200
TIMES_LIMIT = 10_000
WHERE_LIMIT = 4000  # letters of a tree that an address carries
NOBODY = "none"  # among the values of a choice or a person: has none
ME = "me"  # among the persons: whoever looks, so that a shared view is everybody's own


class Op(StrEnum):
    IS = "is"  # any of the values
    NOT = "not"  # none of the values
    HAS = "has"
    BEGINS = "begins"
    LEAST = "least"
    MOST = "most"
    SINCE = "since"  # on that day or later
    UNTIL = "until"  # on that day or earlier
    WITHIN_DAYS = "within_days"  # in the days past
    OVER_DAYS = "over_days"  # longer ago than that
    IN_DAYS = "in_days"  # in the days to come
    THIS = "this"  # since this week, month, quarter or year began
    BEFORE_THIS = "before_this"
    EMPTY = "empty"
    FILLED = "filled"


EITHER = frozenset({Op.EMPTY, Op.FILLED})
DAYS = {Op.WITHIN_DAYS, Op.OVER_DAYS, Op.IN_DAYS}
SPANS = frozenset(DAYS | {Op.SINCE, Op.UNTIL, Op.THIS, Op.BEFORE_THIS})
PERIODS = ("week", "month", "quarter", "year")  # the values of THIS and BEFORE_THIS
OPERATORS: Mapping[Kind, frozenset[Op]] = {
    Kind.TEXT: EITHER | {Op.IS, Op.HAS, Op.BEGINS},
    Kind.CHOICE: EITHER | {Op.IS, Op.NOT},
    Kind.PERSON: EITHER | {Op.IS, Op.NOT},
    Kind.NUMBER: EITHER | {Op.IS, Op.LEAST, Op.MOST},
    Kind.DECIMAL: EITHER | {Op.LEAST, Op.MOST},
    Kind.DATE: EITHER | SPANS,
    Kind.INSTANT: EITHER | SPANS,
    Kind.FLAG: frozenset({Op.IS}),
}


@dataclass(frozen=True)
class Field:
    """Something to filter by. `path` is the way to it in the database and never leaves the code."""

    name: str
    label: Any
    kind: Kind
    path: str
    values: Sequence[tuple[str, Any]] | None = None  # of a choice; None takes any short text
    right: str = ""  # whoever lacks it can't filter by the field either
    # Where it stands in rows of their own that hang on the list's: these rows, of which `of` leads to the list's row.
    # A flag without a `path` is whether there are any.
    rows: Callable[[], Any] | None = None
    of: str = ""
    scale: int = 0  # of a DECIMAL that is kept as a whole number: its digits behind the point
    # Where `path` leads to many rows: what else the row must be. All that is asked of the field is asked of one row.
    among: Mapping[str, Any] | None = None
    unit: str = ""  # "money": minor units; "percent": a share of one. Told and asked for as such

    def check(self, op: Op, given: Sequence[Any]) -> tuple[Any, ...]:
        """The values in their own type; Unfit when the field does not take them."""
        if op not in OPERATORS[self.kind]:
            raise Unfit(gettext_noop("“%(field)s” cannot be asked that."), field=self.name)
        if op in EITHER:
            return ()
        if not given or len(given) > VALUE_LIMIT or (op not in {Op.IS, Op.NOT} and len(given) > 1):
            raise Unfit(gettext_noop("“%(field)s” needs another number of values."), field=self.name)
        return tuple(self._value(op, value) for value in given)

    def kept(self, op: Op, value: Any) -> Any:
        """`value` as the column keeps it: between two whole numbers, towards the inside of what is asked for."""
        if not self.scale:
            return value
        way = ROUND_CEILING if op == Op.LEAST else ROUND_FLOOR
        return int(value.scaleb(self.scale).to_integral_value(way))

    def _value(self, op: Op, value: Any) -> Any:
        if op in DAYS:
            return whole(self.name, value, 0, 36_500)
        if op in {Op.THIS, Op.BEFORE_THIS}:
            if value not in PERIODS:
                raise wrong(self.name, value)
            return value
        match self.kind:
            case Kind.NUMBER:
                return whole(self.name, value, -LARGEST, LARGEST)
            case Kind.PERSON:
                return value if value in (NOBODY, ME) else whole(self.name, value, 1, LARGEST)
            case Kind.DECIMAL:
                return decimal(self.name, value)
            case Kind.DATE | Kind.INSTANT:
                return day(self.name, value)
            case Kind.FLAG:
                return flag(self.name, value)
            case _:
                return self._word(value)

    def _word(self, value: Any) -> str:
        text = value if isinstance(value, str) else None
        known = self.values is None or text == NOBODY or text in {code for code, _ in self.values}
        if text is None or not known or len(text) > TEXT_LIMIT or "\x00" in text or has_surrogate(text):
            raise Unfit(gettext_noop("“%(field)s” cannot be “%(value)s”."), field=self.name, value=value)
        return text


# Filters


@dataclass(frozen=True)
class Condition:
    field: Field
    op: Op
    values: tuple[Any, ...]

    def plain(self) -> dict[str, Any]:
        values = [value if isinstance(value, bool | int | str) else str(value) for value in self.values]
        return {"field": self.field.name, "op": self.op.value, "values": values}


@dataclass(frozen=True)
class Event:
    """Something that happens with a list's row, told in rows of its own: how often, when, about what, for how much."""

    name: str
    label: Any
    rows: Callable[[], Any]
    of: str  # the way from such a row to the list's row; never empty in `rows`
    fields: tuple[Field, ...]  # what may be asked of one of them
    once: str = "pk"  # what counts as one time: of lines their order
    sums: str = ""  # what may be summed, in minor units
    right: str = ""
    # The same in more detail, where something is asked that only the details know.
    detailed: Event | None = None

    def asked_for(self, names: set[str]) -> Event:
        if names <= {one.name for one in self.fields}:
            return self
        if self.detailed is not None:
            return self.detailed.asked_for(names)
        raise Unfit(gettext_noop("This list has no filter “%(field)s”."), field=sorted(names)[0])

    @property
    def all_fields(self) -> tuple[Field, ...]:
        return self.detailed.all_fields if self.detailed else self.fields


@dataclass(frozen=True)
class Happened:
    """That an event took place at least so many times, or at most; each time with all of `where`."""

    event: Event
    op: Op  # LEAST or MOST
    times: int
    where: tuple[Condition, ...] = ()
    total: tuple[Op, int] | None = None  # what the times come to, in minor units

    def plain(self) -> dict[str, Any]:
        told: dict[str, Any] = {"event": self.event.name, "op": self.op.value, "times": self.times}
        if self.where:
            told["where"] = [one.plain() for one in self.where]
        if self.total:
            told["total"] = [self.total[0].value, self.total[1]]
        return told


@dataclass(frozen=True)
class Group:
    """`all` of its parts, `any` of them, or `none`."""

    how: str
    parts: tuple[Group | Condition | Happened, ...]

    def plain(self) -> dict[str, Any]:
        return {self.how: [part.plain() for part in self.parts]}

    def conditions(self) -> Iterator[Condition]:
        for part in self.parts:
            if isinstance(part, Condition):
                yield part
            elif isinstance(part, Group):
                yield from part.conditions()

    def size(self) -> int:
        """How many things are asked, those of an event counted one by one."""
        sizes = (
            part.size()
            if isinstance(part, Group)
            else 1 + (len(part.where) if isinstance(part, Happened) else 0)
            for part in self.parts
        )
        return sum(sizes)

    def without(self, name: str) -> Group:
        """All but what is asked of one field: a facet counts what the other filters leave."""
        kept = (part for part in self.parts if not (isinstance(part, Condition) and part.field.name == name))
        return Group(self.how, tuple(kept))


EVERYTHING = Group("all", ())


@dataclass(frozen=True)
class Query:
    """What a person has asked a list for. The same from an address, a saved view and a bulk form."""

    filter: Group = EVERYTHING
    search: str = ""
    sort: str = ""
    columns: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        return {
            "filter": self.filter.plain(),
            "search": self.search,
            "sort": self.sort,
            "columns": list(self.columns),
        }

    def parameters(self) -> list[tuple[str, str]]:
        """As an address carries it: what all must hold one by one, the rest as a tree."""
        pairs: list[tuple[str, str]] = [("q", self.search)] if self.search else []
        for part in self.filter.parts:
            if isinstance(part, Condition):
                name = part.field.name if part.op == Op.IS else f"{part.field.name}.{part.op}"
                shown = [str(int(value)) if isinstance(value, bool) else str(value) for value in part.values]
                pairs += [(name, value) for value in shown or ["1"]]
        if rest := [part.plain() for part in self.filter.parts if not isinstance(part, Condition)]:
            pairs.append(("where", json.dumps(rest, ensure_ascii=False, separators=(",", ":"))))
        pairs += [("sort", self.sort)] if self.sort else []
        return pairs + [("columns", name) for name in self.columns]


RESERVED = frozenset({"q", "sort", "columns", "after", "view", "limit", "where"})


@dataclass(frozen=True)
class Listing:
    """The declaration of a list: what `place` it is, and all that may be asked of it."""

    place: str
    columns: tuple[Column, ...]
    fields: tuple[Field, ...]
    sort: str  # the order when nobody has chosen: a column's name, with "-" from the largest
    events: tuple[Event, ...] = ()
    also: frozenset[str] = field(default=frozenset())  # further parameters of its address that are no filters

    def for_rights(self, may: Callable[[str], bool]) -> Listing:
        """What somebody may see is all that he may filter and sort by."""
        return replace(
            self,
            columns=tuple(column for column in self.columns if not column.right or may(column.right)),
            fields=tuple(one for one in self.fields if not one.right or may(one.right)),
            events=tuple(one for one in self.events if not one.right or may(one.right)),
        )

    def event(self, name: str) -> Event:
        for one in self.events:
            if one.name == name:
                return one
        raise Unfit(gettext_noop("This list has no filter “%(field)s”."), field=name)

    def field(self, name: str) -> Field:
        for one in self.fields:
            if one.name == name:
                return one
        raise Unfit(gettext_noop("This list has no filter “%(field)s”."), field=name)

    def order(self, sort: str = "") -> Keyset:
        name = sort or self.sort
        column = next((c for c in self.columns if c.sort and c.name == name.removeprefix("-")), None)
        if column is None:
            raise Unfit(gettext_noop("This list has no order “%(sort)s”."), sort=name)
        return Keyset(column, descending=name.startswith("-"))

    def shown(self, names: Sequence[str] = ()) -> tuple[Column, ...]:
        """The columns to show, in the list's own order."""
        known = {column.name for column in self.columns}
        if unknown := set(names) - known:
            raise Unfit(gettext_noop("This list has no column “%(name)s”."), name=sorted(unknown)[0])
        return tuple(
            column for column in self.columns if column.name in names or (not names and column.standard)
        )

    def from_address(self, parameters: Mapping[str, Sequence[str]]) -> Query:
        """Reads `?grade=gold&grade=iron&last_contact.over_days=30&sort=-value`.

        What it doesn't know is refused, not passed over: a filter that silently did nothing would let "all that
        match" act on everybody.
        """
        parts: list[Group | Condition | Happened] = []
        for name, values in parameters.items():
            if name in RESERVED or name in self.also:
                continue
            of, _, op = name.partition(".")
            # A form sends its empty boxes too: they ask for nothing.
            if given := [value for value in values if value != ""]:
                parts.append(self._condition(of, op or Op.IS.value, given))
        parts += self._where(_last(parameters, "where"))
        asked = Group("all", tuple(parts))
        if asked.size() > CONDITION_LIMIT:
            raise Unfit(gettext_noop("These are too many filters at once."))
        return Query(
            filter=asked,
            search=_search(_last(parameters, "q")),
            sort=self._sort(_last(parameters, "sort")),
            columns=tuple(c.name for c in self.shown(names))
            if (names := [name for name in parameters.get("columns", ()) if name])
            else (),
        )

    def from_plain(self, stored: Any) -> Query:
        """Reads what a saved view keeps, as strictly as an address: it may be old, or from a doctored backup."""
        if not isinstance(stored, Mapping) or set(stored) - {"filter", "search", "sort", "columns"}:
            raise Unfit(gettext_noop("This is not a saved view."))
        columns = stored.get("columns") or []
        search, sort = stored.get("search") or "", stored.get("sort") or ""
        texts = isinstance(search, str) and isinstance(sort, str) and isinstance(columns, list)
        if not texts or not all(isinstance(name, str) for name in columns):
            raise Unfit(gettext_noop("This is not a saved view."))
        tree = self.tree(stored.get("filter") or {"all": []})
        chosen = tuple(c.name for c in self.shown(columns)) if columns else ()
        return Query(filter=tree, search=_search(search), sort=self._sort(sort), columns=chosen)

    def tree(self, raw: Any) -> Group:
        """Reads a filter as it is kept."""
        tree = self._tree(raw, DEPTH_LIMIT)
        if not isinstance(tree, Group) or tree.size() > CONDITION_LIMIT:
            raise Unfit(gettext_noop("These are too many filters at once."))
        return tree

    def _where(self, text: str) -> tuple[Group | Condition | Happened, ...]:
        """The parts of an address that are no single conditions."""
        if not text:
            return ()
        try:
            raw = json.loads(text) if len(text) <= WHERE_LIMIT else None
        except (ValueError, RecursionError):
            raw = None
        if not isinstance(raw, list):
            raise Unfit(gettext_noop("This is not a saved view."))
        return self.tree({"all": raw}).parts

    def _sort(self, sort: str) -> str:
        return self.order(sort).name if sort else ""

    def _condition(self, name: str, op: Any, values: Sequence[Any]) -> Condition:
        return condition(self.field(name), op, values)

    def _happened(self, raw: Mapping[str, Any]) -> Happened:
        where, total = raw.get("where", []), raw.get("total")
        if set(raw) - {"event", "op", "times", "where", "total"} or not isinstance(where, list):
            raise Unfit(gettext_noop("This is not a saved view."))
        event = self.event(str(raw["event"]))
        if raw.get("op") not in {Op.LEAST, Op.MOST} or not all(_is_condition(one) for one in where):
            raise Unfit(gettext_noop("“%(field)s” cannot be asked that."), field=event.name)
        of_one = {one.name: one for one in event.asked_for({str(one["field"]) for one in where}).fields}
        op = Op(raw["op"])
        return Happened(
            event,
            op,
            whole(event.name, raw.get("times"), 1 if op == Op.LEAST else 0, TIMES_LIMIT),
            tuple(condition(of_one[str(o["field"])], o.get("op"), o.get("values", [])) for o in where),
            self._total(event, op, total) if total else None,
        )

    def _total(self, event: Event, op: Op, raw: Any) -> tuple[Op, int]:
        """Whoever did it at most so often may not have done it at all: there is nothing to sum."""
        fits = isinstance(raw, list) and len(raw) == 2 and raw[0] in {Op.LEAST, Op.MOST}
        if not fits or not event.sums or op != Op.LEAST:
            raise Unfit(gettext_noop("“%(field)s” cannot be asked that."), field=event.name)
        return Op(raw[0]), whole(event.name, raw[1], 0, LARGEST)

    def _tree(self, raw: Any, depth: int) -> Group | Condition | Happened:
        if not isinstance(raw, Mapping) or depth <= 0:
            raise Unfit(gettext_noop("This is not a saved view."))
        if "event" in raw:
            return self._happened(raw)
        if "field" in raw:
            if not _is_condition(raw):
                raise Unfit(gettext_noop("This is not a saved view."))
            return self._condition(str(raw["field"]), raw.get("op"), raw.get("values", []))
        (how, parts), *more = raw.items() if raw else ((None, None),)
        if more or how not in {"all", "any", "none"} or not isinstance(parts, list):
            raise Unfit(gettext_noop("This is not a saved view."))
        if len(parts) > CONDITION_LIMIT:
            raise Unfit(gettext_noop("These are too many filters at once."))
        return Group(how, tuple(self._tree(part, depth - 1) for part in parts))


def condition(asked: Field, op: Any, values: Sequence[Any]) -> Condition:
    try:
        operator = Op(op)
    except ValueError:
        raise Unfit(gettext_noop("“%(field)s” cannot be asked that."), field=asked.name) from None
    return Condition(asked, operator, asked.check(operator, values))


def _is_condition(raw: Any) -> bool:
    return (
        isinstance(raw, Mapping)
        and "field" in raw
        and not set(raw) - {"field", "op", "values"}
        and isinstance(raw.get("values", []), list)
    )


def _last(parameters: Mapping[str, Sequence[str]], name: str) -> str:
    values = parameters.get(name) or [""]
    return values[-1]


def _search(text: str) -> str:
    cleaned = " ".join(text.replace("\x00", " ").split())[:TEXT_LIMIT]
    return "".join(letter for letter in cleaned if not "\ud800" <= letter <= "\udfff")


# Selections


@dataclass(frozen=True)
class Selection:
    """What a bulk action is about: the ticked rows, or all that match the list's query."""

    ids: frozenset[int] = frozenset()
    everything: bool = False

    @classmethod
    def read(cls, parameters: Mapping[str, Sequence[str]]) -> Selection:
        """From a form: `all=1`, or `ids` once per row."""
        if _last(parameters, "all") == "1":
            return cls(everything=True)
        given = parameters.get("ids") or []
        if not given:
            raise Unfit(gettext_noop("Nothing is selected."))
        if len(given) > SELECTION_LIMIT:
            raise Unfit(
                gettext_noop("Select at most %(limit)s rows, or all that match."), limit=SELECTION_LIMIT
            )
        return cls(ids=frozenset(whole("ids", value, 1, LARGEST) for value in given))
