"""Pages of a list by the key of its last row, and the values that come in an address."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from math import isfinite
from typing import Any, Generic, TypeVar

Row = TypeVar("Row")

LARGEST = 2**63 - 1
TOKEN_LIMIT = 1500


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues; whoever shows it translates it."""
    return message


class Unfit(ValueError):
    """A filter, order, column or selection that the list does not offer. `message` is a msgid for `params`."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(message % params)
        self.message = message
        self.params = params


class Kind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    PERSON = "person"  # or anything else that is told by its id
    NUMBER = "number"
    DECIMAL = "decimal"
    DATE = "date"
    INSTANT = "instant"
    FLAG = "flag"


def has_surrogate(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def wrong(name: str, value: Any) -> Unfit:
    return Unfit(gettext_noop("“%(field)s” cannot be “%(value)s”."), field=name, value=value)


def whole(name: str, value: Any, low: int, high: int) -> int:
    """ASCII digits only: int() would also read "１２" and "1_000", which nobody means in an address."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"-?[0-9]{1,19}", text) or not low <= int(text) <= high:
        raise wrong(name, value)
    return int(text)


def decimal(name: str, value: Any) -> Decimal:
    text = (
        str(value) if isinstance(value, str | int | float | Decimal) and not isinstance(value, bool) else ""
    )
    if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,8})?", text):
        raise wrong(name, value)
    return Decimal(text)


def day(name: str, value: Any) -> date:
    try:
        if isinstance(value, str) and re.fullmatch(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise wrong(name, value)


def flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool | str) or value not in {True, False, "1", "0", "true", "false"}:
        raise wrong(name, value)
    return value in {True, "1", "true"}


@dataclass(frozen=True)
class Column:
    """A column to show and, with a `sort` path, to order by. An index should serve (path, id)."""

    name: str
    label: Any
    sort: str = ""
    kind: Kind = Kind.TEXT
    nullable: bool = False
    figure: bool = False
    spare: bool = False  # goes first where the window is narrow
    standard: bool = True  # shown when nobody has chosen
    right: str = ""


@dataclass(frozen=True)
class Keyset:
    """An order with the place in it where a page begins: as quick on page 1,000 as on the first, and rows that are
    added meanwhile neither repeat nor skip others. What has no value comes last, whichever the direction."""

    column: Column
    descending: bool

    @property
    def name(self) -> str:
        return f"-{self.column.name}" if self.descending else self.column.name

    def token(self, value: Any, pk: int) -> str:
        """The place after the row that has this value and id, for an address."""
        if isinstance(value, datetime | date):
            value = value.isoformat()
        elif isinstance(value, Decimal):
            value = str(value)
        packed = json.dumps([self.name, value, pk], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(packed.encode()).rstrip(b"=").decode()

    def place(self, token: str) -> Place | None:
        """Where `token` points to; None for a token of another order or one that somebody has changed: page one."""
        try:
            padded = token[:TOKEN_LIMIT] + "=" * (-len(token[:TOKEN_LIMIT]) % 4)
            packed = base64.b64decode(padded, altchars=b"-_", validate=True)
            name, value, pk = json.loads(packed)
            if name != self.name or not isinstance(pk, int) or isinstance(pk, bool) or abs(pk) > LARGEST:
                return None
            return Place(self._typed(value), pk)
        except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
            return None

    def _typed(self, value: Any) -> Any:
        if value is None:
            if not self.column.nullable:
                raise ValueError("no value where there always is one")
            return None
        match self.column.kind:
            case Kind.INSTANT:
                at = datetime.fromisoformat(value)
                if at.tzinfo is None:
                    raise ValueError("an instant without a zone")
                return at
            case Kind.DATE:
                return date.fromisoformat(value)
            case Kind.DECIMAL:
                # A database's real comes as a float and goes back as one: it must compare equal.
                return (
                    value
                    if isinstance(value, float) and isfinite(value)
                    else decimal(self.column.name, value)
                )
            case Kind.NUMBER | Kind.PERSON:
                return whole(self.column.name, value, -LARGEST, LARGEST)
            case Kind.FLAG:
                return flag(self.column.name, value)
            case _:
                if not isinstance(value, str) or "\x00" in value or has_surrogate(value):
                    raise ValueError("not a text")
                return value


@dataclass(frozen=True)
class Place:
    value: Any
    pk: int


@dataclass(frozen=True)
class Page(Generic[Row]):
    """`after` is the token of the next page, empty on the last; `total` a count where one was asked for."""

    rows: Sequence[Row]
    after: str = ""
    total: int | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)
