"""What a list offers: its columns and orders, its filters, its pages. Nothing that a person sends is taken as it is:

fields, operators, directions and columns come from what the list declares, values only ever become parameters.
"""

from __future__ import annotations

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
)

__all__ = [
    "Column",
    "Condition",
    "Field",
    "Group",
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
    EMPTY = "empty"
    FILLED = "filled"


EITHER = frozenset({Op.EMPTY, Op.FILLED})
OPERATORS: Mapping[Kind, frozenset[Op]] = {
    Kind.TEXT: EITHER | {Op.IS, Op.HAS, Op.BEGINS},
    Kind.CHOICE: EITHER | {Op.IS, Op.NOT},
    Kind.PERSON: EITHER | {Op.IS, Op.NOT},
    Kind.NUMBER: EITHER | {Op.IS, Op.LEAST, Op.MOST},
    Kind.DECIMAL: EITHER | {Op.LEAST, Op.MOST},
    Kind.DATE: EITHER | {Op.SINCE, Op.UNTIL, Op.WITHIN_DAYS, Op.OVER_DAYS, Op.IN_DAYS},
    Kind.INSTANT: EITHER | {Op.SINCE, Op.UNTIL, Op.WITHIN_DAYS, Op.OVER_DAYS, Op.IN_DAYS},
    Kind.FLAG: frozenset({Op.IS}),
}
DAYS = {Op.WITHIN_DAYS, Op.OVER_DAYS, Op.IN_DAYS}


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
    rows: Callable[[], Any] | None = None
    of: str = ""
    scale: int = 0  # of a DECIMAL that is kept as a whole number: its digits behind the point
    # Where `path` leads to many rows: what else the row must be. All that is asked of the field is asked of one row.
    among: Mapping[str, Any] | None = None

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
class Group:
    """`all` of its parts, `any` of them, or `none`."""

    how: str
    parts: tuple[Group | Condition, ...]

    def plain(self) -> dict[str, Any]:
        return {self.how: [part.plain() for part in self.parts]}

    def conditions(self) -> Iterator[Condition]:
        for part in self.parts:
            if isinstance(part, Condition):
                yield part
            else:
                yield from part.conditions()

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
        """As an address carries it; only the parts that `all` must hold fit into one."""
        pairs: list[tuple[str, str]] = [("q", self.search)] if self.search else []
        for part in self.filter.parts:
            if isinstance(part, Condition):
                name = part.field.name if part.op == Op.IS else f"{part.field.name}.{part.op}"
                shown = [str(int(value)) if isinstance(value, bool) else str(value) for value in part.values]
                pairs += [(name, value) for value in shown or ["1"]]
        pairs += [("sort", self.sort)] if self.sort else []
        return pairs + [("columns", name) for name in self.columns]


RESERVED = frozenset({"q", "sort", "columns", "after", "view", "limit"})


@dataclass(frozen=True)
class Listing:
    """The declaration of a list: what `place` it is, and all that may be asked of it."""

    place: str
    columns: tuple[Column, ...]
    fields: tuple[Field, ...]
    sort: str  # the order when nobody has chosen: a column's name, with "-" from the largest
    also: frozenset[str] = field(default=frozenset())  # further parameters of its address that are no filters

    def for_rights(self, may: Callable[[str], bool]) -> Listing:
        """What somebody may see is all that he may filter and sort by."""
        return replace(
            self,
            columns=tuple(column for column in self.columns if not column.right or may(column.right)),
            fields=tuple(one for one in self.fields if not one.right or may(one.right)),
        )

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
        parts = []
        for name, values in parameters.items():
            if name in RESERVED or name in self.also:
                continue
            of, _, op = name.partition(".")
            # A form sends its empty boxes too: they ask for nothing.
            if given := [value for value in values if value != ""]:
                parts.append(self._condition(of, op or Op.IS.value, given))
        if len(parts) > CONDITION_LIMIT:
            raise Unfit(gettext_noop("These are too many filters at once."))
        return Query(
            filter=Group("all", tuple(parts)),
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
        tree = self._tree(stored.get("filter") or {"all": []}, DEPTH_LIMIT)
        if not isinstance(tree, Group) or sum(1 for _ in tree.conditions()) > CONDITION_LIMIT:
            raise Unfit(gettext_noop("These are too many filters at once."))
        chosen = tuple(c.name for c in self.shown(columns)) if columns else ()
        return Query(filter=tree, search=_search(search), sort=self._sort(sort), columns=chosen)

    def _sort(self, sort: str) -> str:
        return self.order(sort).name if sort else ""

    def _condition(self, name: str, op: Any, values: Sequence[Any]) -> Condition:
        asked = self.field(name)
        try:
            operator = Op(op)
        except ValueError:
            raise Unfit(gettext_noop("“%(field)s” cannot be asked that."), field=name) from None
        return Condition(asked, operator, asked.check(operator, values))

    def _tree(self, raw: Any, depth: int) -> Group | Condition:
        if not isinstance(raw, Mapping) or depth <= 0:
            raise Unfit(gettext_noop("This is not a saved view."))
        if "field" in raw:
            values = raw.get("values", [])
            if set(raw) - {"field", "op", "values"} or not isinstance(values, list):
                raise Unfit(gettext_noop("This is not a saved view."))
            return self._condition(str(raw["field"]), raw.get("op"), values)
        (how, parts), *more = raw.items() if raw else ((None, None),)
        if more or how not in {"all", "any", "none"} or not isinstance(parts, list):
            raise Unfit(gettext_noop("This is not a saved view."))
        if len(parts) > CONDITION_LIMIT:
            raise Unfit(gettext_noop("These are too many filters at once."))
        return Group(how, tuple(self._tree(part, depth - 1) for part in parts))


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
