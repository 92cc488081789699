"""Fields that a company adds to its customer cards (DB16): what each type takes, keeps and shows. No database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from liuke.customers.masking.rules import OF_FIELDS, is_hidden, veiled
from liuke.customers.records.rules import Unfit, gettext_noop, normal_point
from liuke.customers.spelling.rules import fold

TYPES: Mapping[str, str] = {
    "text": gettext_noop("text"),
    "long": gettext_noop("long text"),
    "whole": gettext_noop("whole number"),
    "decimal": gettext_noop("decimal number"),
    "money": gettext_noop("amount of money"),
    "date": gettext_noop("date"),
    "flag": gettext_noop("yes or no"),
    "one": gettext_noop("one of a list"),
    "several": gettext_noop("several of a list"),
    "link": gettext_noop("web address"),
    "phone": gettext_noop("telephone number"),
    "email": gettext_noop("e-mail address"),
    "identity": gettext_noop("identity number"),
    "customer": gettext_noop("another customer"),
}
LISTS = frozenset({"one", "several"})
# The column that a type is kept in, compared and sorted by.
COLUMN: Mapping[str, str] = {
    **dict.fromkeys(("text", "one", "several", "link", "phone", "email", "identity"), "text"),
    **dict.fromkeys(("whole", "decimal", "money", "flag"), "number"),
    "date": "day",
    "long": "long",
    "customer": "refers_id",
}
UNSORTED = frozenset({"long", "several", "customer"})
LANGUAGES = ("zh-hans", "zh-hant", "en")
BLOCKS: Mapping[str, str] = {
    "basic": gettext_noop("Basic data"),
    "characteristics": gettext_noop("Characteristics"),
    "business": gettext_noop("Business situation"),
    "trading": gettext_noop("Trading"),
}
PLACES: Mapping[str, str] = {
    "list": gettext_noop("column of the list"),
    "filter": gettext_noop("filter of the list"),
    "import": gettext_noop("column of an import"),
    "export": gettext_noop("export"),
}
TEXT_LIMIT, LONG_LIMIT = 240, 4000  # 240 fit an index of PostgreSQL in any script
NAME_LIMIT, HELP_LIMIT = 60, 200
LARGEST = 10**15
MOST_OPTIONS = 100
MOST_FIELDS = 100  # in use at a time: more is a questionnaire, no card


@dataclass(frozen=True)
class Option:
    """One of a list. Its code stays when it is renamed; one that is no longer offered still names old values."""

    code: str
    name: str
    offered: bool = True


@dataclass(frozen=True)
class Definition:
    """A field as the company has defined it."""

    pk: int
    type: str
    names: Mapping[str, str]
    helps: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""  # of which customers; blank is all
    scope: str = ""
    block: str = "basic"
    options: tuple[Option, ...] = ()
    decimals: int = 2
    currency: str = ""
    required: bool = False
    places: frozenset[str] = frozenset(PLACES)
    archived: bool = False

    @property
    def name(self) -> str:
        """As an address, a form and a saved view call it: nothing that anybody typed."""
        return f"f{self.pk}"

    @property
    def column(self) -> str:
        return COLUMN[self.type]

    @property
    def scale(self) -> int:
        """How many digits of the number kept stand behind the point."""
        return self.decimals if self.type in {"decimal", "money"} else 0

    @property
    def step(self) -> Decimal:
        return Decimal(1).scaleb(-self.scale)

    def label(self, language: str) -> str:
        return spoken(self.names, language)

    def help(self, language: str) -> str:
        return spoken(self.helps, language)

    def of(self, kind: str, scope: str) -> bool:
        return self.kind in ("", kind) and self.scope in ("", scope)

    def option(self, code: str) -> str:
        return next((one.name for one in self.options if one.code == code), code)


def spoken(words: Mapping[str, str], language: str) -> str:
    """In that language; else in the other Chinese, else in whichever it was written."""
    nearest = {"zh-hans": "zh-hant", "zh-hant": "zh-hans"}.get(language, "zh-hans")
    for wanted in (language, nearest, *LANGUAGES):
        if words.get(wanted):
            return words[wanted]
    return ""


@dataclass(frozen=True)
class Shown:
    """A field with its value as a card or a list shows it, by its type; None is blank."""

    label: str
    type: str
    value: Any
    currency: str = ""
    decimals: int = 0
    customer: str = ""  # the name of whom it refers to, where one may read him


def shown(
    known: Definition,
    value: Any,
    language: str,
    customers: Mapping[int, str | None] | None = None,
    hidden: Collection[str] = (),
) -> Shown:
    """A hint at what is `hidden` is text: there is nobody to call at it."""
    label = known.label(language)
    match known.type:
        case _ if value is None:
            return Shown(label, known.type, None)
        case _ if hides(known, hidden):
            return Shown(label, "text", value)
        case "identity":
            return Shown(label, "text", value)
        case "one":
            return Shown(label, "text", known.option(value))
        case "several":
            return Shown(label, "several", [known.option(code) for code in value])
        case "decimal":
            return Shown(label, "number", value, decimals=known.decimals)
        case "customer":
            return Shown(label, "customer", value, customer=(customers or {}).get(value) or "")
        case _:
            return Shown(label, known.type, value, known.currency)


class Row(NamedTuple):
    """A value as the database keeps it: one column of them is filled."""

    place: int = 0
    text: str | None = None
    number: int | None = None
    day: date | None = None
    long: str | None = None
    refers_id: int | None = None


def hides(known: Definition, hidden: Collection[str]) -> bool:
    """Whether somebody who does not see `hidden` (groups of MASKS) does not see this field."""
    return known.type in OF_FIELDS and is_hidden(known.type, hidden)


def veiled_values(
    values: Mapping[str, Any], among: Iterable[Definition], hidden: Collection[str]
) -> dict[str, Any]:
    """The values, those that are hidden as hints; for showing only."""
    hints = {
        one.name: veiled(one.type, str(values[one.name]))
        for one in among
        if values.get(one.name) is not None and hides(one, hidden)
    }
    return {**values, **hints}


# --- what a field takes -----------------------------------------------------------------------------


class Minor(int):
    """An amount that is clean already: so many of the smallest units. A plain number is one of whole ones still."""


def clean(known: Definition, value: Any) -> Any:
    """`value` in the field's own type, whether it was typed, chosen or read from a file; None is blank.

    Text stays text, whole numbers and amounts are int (an amount in minor units), decimals Decimal, days date, yes and
    no bool, several a list of codes, another customer his id.
    """
    if value is None or value in ("", [], ()):
        return None
    return CLEANED[known.type](known, value)


PARTS = re.compile(r"[;；,，、|\n]+")


def _text(known: Definition, value: Any) -> str | None:
    text = unicodedata.normalize("NFC", str(value)).replace("\r\n", "\n").replace("\r", "\n")
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text):
        raise Unfit(known.name, gettext_noop("There is a character in it that cannot be kept."))
    text = text.strip() if known.type == "long" else " ".join(text.split())
    if len(text) > (limit := LONG_LIMIT if known.type == "long" else TEXT_LIMIT):
        raise Unfit(known.name, gettext_noop("Please keep to %(limit)s characters."), limit=limit)
    return text or None


def _number(known: Definition, value: Any, decimals: int) -> Decimal:
    written = fold(str(value)).replace(",", "").replace(" ", "")
    if known.type == "money":
        written = written.strip("¥￥$€£元").removesuffix(known.currency.casefold())
    try:
        number = Decimal(written)
    except InvalidOperation:
        raise Unfit(known.name, gettext_noop("“%(value)s” is not a number."), value=value) from None
    if not number.is_finite() or abs(number) >= LARGEST / 10**decimals:
        raise Unfit(known.name, gettext_noop("“%(value)s” is not a number."), value=value)
    if number != (kept := number.quantize(Decimal(1).scaleb(-decimals))):
        if decimals == 0:
            raise Unfit(known.name, gettext_noop("Please give a whole number."))
        raise Unfit(known.name, gettext_noop("Please give at most %(limit)s decimals."), limit=decimals)
    return kept


def _money(known: Definition, value: Any) -> Minor:
    if isinstance(value, Minor):
        return value
    return Minor(_number(known, value, known.decimals).scaleb(known.decimals))


# As people write it; a spreadsheet adds the midnight to its dates.
WRITTEN_DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[t\s]+0?0:00(?::00(?:\.0+)?)?)?"
)


def _day(known: Definition, value: Any) -> date:
    if isinstance(value, date):
        return value
    written = fold(str(value)).strip()
    parts = WRITTEN_DAY.fullmatch(written) or re.fullmatch(r"(\d{4})(\d\d)(\d\d)", written)
    try:
        if parts and 1800 <= int(parts[1]) <= 2200:
            return date(*map(int, parts.groups()))
    except ValueError:
        pass
    raise Unfit(known.name, gettext_noop("Please give a date as 2026-11-22."))


YES = frozenset({"yes", "y", "true", "1", "是", "有", "对", "√", "on"})
NO = frozenset({"no", "n", "false", "0", "否", "无", "没有", "不", "×", "x", "off"})


def _flag(known: Definition, value: Any) -> bool:
    word = fold(str(value)).strip()
    if word in YES or word in NO:
        return word in YES
    raise Unfit(known.name, gettext_noop("Please say yes or no."))


def _codes(known: Definition, values: Sequence[Any]) -> list[str]:
    """By code or by name; in the list's own order, each once."""
    found = set()
    for value in values:
        if not (word := fold(str(value)).strip()):
            continue
        matches = [one.code for one in known.options if word in (one.code, fold(one.name).strip())]
        if not matches:
            raise Unfit(known.name, gettext_noop("“%(value)s” is not among the choices."), value=value)
        found.add(matches[0])
    if not found:
        raise Unfit(known.name, gettext_noop("Please choose from the list."))
    return [one.code for one in known.options if one.code in found]


def _link(known: Definition, value: Any) -> str:
    written = str(value).strip()
    if "://" not in written:
        written = f"https://{written}"
    try:
        parts = urlsplit(written)
        host = parts.hostname or ""
    except ValueError:
        host = ""
    fits = "." in host and parts.scheme in {"http", "https"} and not re.search(r"[\s<>\"'\\^`{|}]", written)
    if not fits or any(unicodedata.category(c) in ("Cc", "Cs", "Cf") for c in written):
        raise Unfit(known.name, gettext_noop("“%(value)s” is no web address."), value=value)
    if len(written) > TEXT_LIMIT:
        raise Unfit(known.name, gettext_noop("Please keep to %(limit)s characters."), limit=TEXT_LIMIT)
    return written


def _point(known: Definition, value: Any) -> str:
    """As it was given, if it is one: people know their numbers in the form they are printed in."""
    written = " ".join(unicodedata.normalize("NFC", str(value)).split())
    try:
        normal_point(known.type, written)
    except Unfit as error:
        raise Unfit(known.name, error.message, **error.params) from None
    if len(written) > 120:
        raise Unfit(known.name, gettext_noop("Please keep to %(limit)s characters."), limit=120)
    return written


def _identity(known: Definition, value: Any) -> str:
    """Of a person or a firm, in whichever country: letters and digits, as they are printed, in one width and case."""
    written = "".join(unicodedata.normalize("NFKC", str(value)).split()).upper()
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9()/.-]{3,39}", written):
        raise Unfit(known.name, gettext_noop("“%(value)s” is no identity number."), value=value)
    return written


def _customer(known: Definition, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unfit(known.name, gettext_noop("There is no such customer."))
    return value


CLEANED: Mapping[str, Callable[[Definition, Any], Any]] = {
    "text": _text,
    "long": _text,
    "whole": lambda known, value: int(_number(known, value, 0)),
    "decimal": lambda known, value: _number(known, value, known.decimals),
    "money": _money,
    "date": _day,
    "flag": _flag,
    "one": lambda known, value: _codes(known, [value])[0],
    "several": lambda known, value: _codes(
        known, value if isinstance(value, list | tuple) else PARTS.split(str(value))
    ),
    "link": _link,
    "phone": _point,
    "email": _point,
    "identity": _identity,
    "customer": _customer,
}


# --- in a file that is imported -------------------------------------------------------------------------

IMPORTED = frozenset(TYPES) - {"customer"}
Packed = list[list[Any]]  # rows as JSON keeps them


def packed(known: Definition, value: Any) -> Packed:
    """A clean value as JSON keeps it on its way from the file into the database."""
    return [
        [row.place, row.text, row.number, row.day and row.day.isoformat(), row.long]
        for row in rows_of(known, value)
    ]


def unpacked(rows: Packed) -> list[Row]:
    return [
        Row(place, text, number, day and date.fromisoformat(day), long)
        for place, text, number, day, long in rows
    ]


# --- as it is kept ------------------------------------------------------------------------------------


def rows_of(known: Definition, value: Any) -> list[Row]:
    """A clean value as rows: none for blank, one for each chosen of several."""
    if value is None:
        return []
    if known.type == "several":
        return [Row(place, text=code) for place, code in enumerate(value)]
    if known.type in {"decimal"}:
        value = int(value.scaleb(known.decimals))
    elif known.type == "flag":
        value = int(value)
    return [Row(**{known.column: value})]


def value_of(known: Definition, rows: Sequence[Mapping[str, Any]]) -> Any:
    """The clean value that these rows keep."""
    if not rows:
        return None
    if known.type == "several":
        return [row["text"] for row in sorted(rows, key=lambda row: row["place"])]
    kept = rows[0][known.column]
    match known.type:
        case "decimal":
            return Decimal(kept).scaleb(-known.decimals)
        case "money":
            return Minor(kept)
        case "flag":
            return bool(kept)
        case "date":
            return kept if isinstance(kept, date) else date.fromisoformat(kept)
        case _:
            return kept


def plain(known: Definition, value: Any) -> str:
    """For a file and the audit: figures with a point and without groups, choices by their names, blank for nothing."""
    match known.type:
        case _ if value is None:
            return ""
        case "money":
            return format(Decimal(value).scaleb(-known.decimals), "f")
        case "one":
            return known.option(value)
        case "several":
            return "; ".join(known.option(code) for code in value)
        case "date":
            return str(value.isoformat())
        case _:
            return str(value)
