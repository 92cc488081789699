"""One written number to an exact decimal: signs, separators, units of ten thousand, currencies."""

# mypy: disable-error-code="no-any-return"
# Arrow's functions are untyped for us, see arrow.py.
from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from liuke.tabular.arrow import Array, Column, compute, pa
from liuke.tabular.problems import Problem
from liuke.tabular.values import currencies
from liuke.tabular.values.parsing import folded, tidied
from liuke.tabular.values.writing import whole

SCALES: Final = {
    "千": 3,
    "仟": 3,
    "万": 4,
    "萬": 4,
    "百万": 6,
    "百萬": 6,
    "千万": 7,
    "千萬": 7,
    "亿": 8,
    "億": 8,
}
LONGEST: Final = 80  # characters of a number with its currency
_MINUS: Final = "-−–—﹣－"
_SCALE: Final = re.compile(r"\s*(百万|百萬|千万|千萬|[千仟万萬亿億])$")
_GROUPS: Final = re.compile(
    r"\d{1,3}(?:([,.'’  ])\d{3})(?:\1\d{3})*|\d{1,2}(?:,\d{2})+,\d{3}|\d{1,4}(?:,\d{4})+"
)
_PLAIN: Final = re.compile(r"\d{1,20}(?:\.\d{1,20})?(?:e[-+]?\d{1,2})?|\.\d{1,20}|\d{1,20}\.", re.IGNORECASE)
_EDGES: Final = re.compile(r"^([^\d.,+()\-−–—%‰]*)(.*?)([^\d.,+()\-−–—%‰ ]*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """Which decimal mark a column uses, with an example of each kind found: (row, text)."""

    point: tuple[int, str] | None = None
    comma: tuple[int, str] | None = None

    @property
    def mixed(self) -> bool:
        return self.point is not None and self.comma is not None

    @property
    def decimal_mark(self) -> str:
        return "," if self.comma is not None and self.point is None else "."

    def merge(self, later: NumberStyle) -> NumberStyle:
        return NumberStyle(self.point or later.point, self.comma or later.comma)

    def problem(self, field: str) -> Problem | None:
        """What to tell when the column can't be read in one style."""
        if self.point is None or self.comma is None:
            return None
        params: dict[str, str | int] = {
            "point_row": self.point[0],
            "point": self.point[1],
            "comma_row": self.comma[0],
            "comma": self.comma[1],
        }
        return Problem("number_styles_mixed", field=field, params=params)


_POINT_SEEN: Final = (
    r"^[^\d]*(?:[\d,' ]*\.(?:\d{1,2}|\d{4,})|0\.\d+|\d{1,3}(?:,\d{2,3})+\.\d+|\d{1,3}(?:,\d{3}){2,})[^\d.,]*$"
)
_COMMA_SEEN: Final = (
    r"^[^\d]*(?:[\d.' ]*,(?:\d{1,2}|\d{5,})|0,\d+|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,})[^\d.,]*$"
)


def detect_numbers(column: Column, *, rows: Array | None = None) -> NumberStyle:
    """The decimal mark of a column; merge the styles of all batches of a file before parsing any of them."""
    array = whole(column)
    if not pa.types.is_string(array.type):
        return NumberStyle()
    distinct = compute.drop_null(compute.unique(array))
    text = tidied(distinct)

    def example(pattern: str) -> tuple[int, str] | None:
        position = compute.index(
            compute.fill_null(compute.match_substring_regex(text, pattern), False), True
        ).as_py()
        if position < 0:
            return None
        first = compute.index(array, distinct[position]).as_py()
        return (rows[first].as_py() if rows is not None else first + 1), distinct[position].as_py()

    return NumberStyle(point=example(_POINT_SEEN), comma=example(_COMMA_SEEN))


class Number(NamedTuple):
    value: Decimal | None
    wrong: str | None  # "not_a_number" or "percent"
    currencies: tuple[str, ...] = ()  # that the text names; empty when it names none


_NOT_A_NUMBER: Final = Number(None, "not_a_number")


def read_number(text: str, *, decimal_mark: str = ".") -> Number:
    """The number in the text. `decimal_mark` decides only where the text leaves it open, as in 1,234 and 1.234."""
    if len(text) > LONGEST:
        return _NOT_A_NUMBER
    body = folded(text)
    if "%" in body or "‰" in body:
        return Number(None, "percent")
    negative = False
    if body.startswith("(") and body.endswith(")"):
        body, negative = body[1:-1].strip(), True
    body, sign = _without_sign(body)
    before, body, after = _edges(body)
    scale = _SCALE.search(f"{body}{after}") if after else None
    if after and not scale and after[0] in SCALES:  # 3.5万元: the unit stands before the currency
        after, exponent = _split_scale(after)
    else:
        exponent = SCALES[scale.group(1)] if scale else 0
        after = after[: -len(scale.group(1))] if scale else after
    body, inner_sign = _without_sign(body.strip())
    if body.startswith("(") and body.endswith(")"):
        body, negative = body[1:-1].strip(), True
    named: tuple[str, ...] = ()
    for mark in (before, after):
        meant = currencies.named(mark) if mark.strip() else ()
        if mark.strip() and not meant:
            return _NOT_A_NUMBER
        named = tuple(code for code in named if code in meant) or meant if meant else named
    if (sign and inner_sign) or (negative and (sign or inner_sign)):
        return _NOT_A_NUMBER
    value = _unsigned(body, decimal_mark)
    if value is None:
        return _NOT_A_NUMBER
    minus = negative or "-" in (sign, inner_sign)
    return Number((-value if minus else value).scaleb(exponent), None, named)


def _split_scale(after: str) -> tuple[str, int]:
    for length in (2, 1):
        if after[:length] in SCALES:
            return after[length:].strip(), SCALES[after[:length]]
    return after, 0


def _without_sign(text: str) -> tuple[str, str]:
    if text[:1] in _MINUS and text[:1]:
        return text[1:].strip(), "-"
    if text[:1] == "+":
        return text[1:].strip(), "+"
    if text[-1:] in _MINUS and text[-1:]:
        return text[:-1].strip(), "-"
    return text, ""


def _edges(text: str) -> tuple[str, str, str]:
    parts = _EDGES.match(text)
    if parts is None:
        return "", text, ""
    before, body, after = parts.groups()
    if re.search(r"\de[-+]?\d{1,2}$", body, re.IGNORECASE):
        return before.strip(), body, after.strip()
    return before.strip(), body.strip(), after.strip()


def _unsigned(body: str, decimal_mark: str) -> Decimal | None:
    if _PLAIN.fullmatch(body) and not (decimal_mark == "," and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", body)):
        return Decimal(body)
    marks = [c for c in body if c in ",."]
    if not marks:
        return _grouped(body)
    last = marks[-1]
    head, _, tail = body.rpartition(last)
    other_seen = any(mark != last for mark in marks)
    if marks.count(last) > 1:
        return None if other_seen else _grouped(body)
    if other_seen or last == decimal_mark or len(tail) != 3 or head.lstrip("0 ") == "" or len(head) > 3:
        if not re.fullmatch(r"\d{0,20}", tail):
            return None
        left = _grouped(head) if head else Decimal(0)
        return None if left is None or (not head and not tail) else Decimal(f"{left}.{tail or 0}")
    return _grouped(body)


def _grouped(body: str) -> Decimal | None:
    digits = re.sub(r"[,.'’  ]", "", body)
    if len(digits) > 20 or not digits.isascii() or not digits.isdigit():
        return None
    return Decimal(digits) if body == digits or _GROUPS.fullmatch(body) else None
