"""What separates the columns of a text and which row holds their names, judged on the first records."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from liuke.tabular.columns import names
from liuke.tabular.columns.fields import CUSTOMER_FIELDS, PURCHASE_FIELDS
from liuke.tabular.files.records import Dialect, leading, split

SAMPLE_RECORDS: Final = 300
HEADER_SOUGHT: Final = 40  # rows among which the column names are looked for
BLANKS: Final = " "  # runs of blanks between columns, as in files of fixed width

# When two separate the rows equally well, the one that occurs less often inside cells is meant.
DELIMITERS: Final[dict[str, str]] = {
    "\t": "tab",
    "\x01": "control-A",
    ";": "semicolon",
    "|": "bar",
    ",": "comma",
}
CHOICES: Final[dict[str, str]] = {**DELIMITERS, BLANKS: "blanks"}
_CONSISTENT: Final = 0.9

_LOOKS_LIKE_DATA: Final = re.compile(
    r"[-+(]?[¥$€£]?\s?[\d,.' ]*\d[\d,.' ]*%?\)?|\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?.*|[^@\s]+@[^@\s]+\.[^@\s]+|\+?[\d -]{7,}"
)

_YEAR: Final = re.compile(r"(?:19|20)\d\d")  # names of columns as often as not


@dataclass(frozen=True, slots=True)
class Layout:
    """Rows are counted from 0 here."""

    header: int | None
    first_row: int  # of the data
    columns: int


def known_delimiter(name: str) -> str | None:
    """A delimiter by itself or by its name: ",", "\\t", "tab", "semicolon"."""
    if name in CHOICES:
        return name
    spelt = {
        **{word: mark for mark, word in CHOICES.items()},
        "\\t": "\t",
        "space": BLANKS,
        "spaces": BLANKS,
        "pipe": "|",
    }
    return spelt.get(name.strip().lower())


def collapse_blanks(block: bytes) -> bytes:
    """Rows of columns set apart by blanks, with one blank between columns and none around."""
    block = re.sub(rb"[ \t]+", b" ", block)
    return re.sub(rb"(?m)^ | $", b"", block)


def detect_delimiter(block: bytes) -> str:
    """The delimiter under which most records have the same number of columns, two at least; a comma when none does."""
    best, best_rank = ",", (0.0, 0)
    for mark in DELIMITERS:
        share, columns = _consistency(block, mark)
        if columns < 2:
            continue
        rank = (round(min(share, _CONSISTENT), 3), 0 if share >= _CONSISTENT else columns)
        if rank > best_rank:
            best, best_rank = mark, rank
    if best_rank[0] < 0.6:
        share, columns = _consistency(collapse_blanks(block), BLANKS)
        if columns >= 2 and share >= _CONSISTENT and best_rank[0] < share:
            return BLANKS
    return best


def _consistency(block: bytes, mark: str) -> tuple[float, int]:
    dialect = Dialect(mark.encode(), b'"' if mark != BLANKS else b"")
    counts = [
        len(split(r.rstrip(b"\n"), dialect)) for r in leading(block, dialect, SAMPLE_RECORDS) if r.strip()
    ]
    if not counts:
        return 0.0, 0
    # ties go to more columns: a title line and one row of data are one each
    columns, times = max(Counter(counts).items(), key=lambda item: (item[1] if item[0] > 1 else 0, item[0]))
    return times / len(counts), columns


def find_layout(rows: Sequence[Sequence[str]]) -> Layout:
    """Where the column names stand, below blank rows and titles, or that there are none."""
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    widths = Counter(len(row) for row, cells in zip(rows, filled, strict=True) if cells)
    if not widths:
        return Layout(None, len(rows), 0)
    columns = max(widths.items(), key=lambda item: (item[1] if item[0] > 1 else 0, item[0]))[0]
    wanted = 1 if columns == 1 else max(2, (columns + 1) // 2)
    dense = [i for i, row in enumerate(rows[:HEADER_SOUGHT]) if filled[i] >= wanted and len(row) == columns]
    if not dense:
        first = next(i for i, cells in enumerate(filled) if cells)
        return Layout(first, first + 1, max(len(rows[first]), columns))
    by_alias = [i for i in dense[:10] if _known_names(rows[i]) >= max(1, min(2, columns - 1))]
    first = by_alias[0] if by_alias else dense[0]
    if not by_alias and _is_data(rows, first, columns):
        return Layout(None, dense[0], columns)
    return Layout(first, first + 1, columns)


_ALIASES: Final = frozenset(
    names.key(alias)
    for field in (*CUSTOMER_FIELDS, *PURCHASE_FIELDS)
    for alias in (field.name, *field.aliases)
)


def _known_names(row: Sequence[str]) -> int:
    return sum(
        names.key(c) in _ALIASES or names.key_without_brackets(c) in _ALIASES for c in row if c.strip()
    )


def _is_data(rows: Sequence[Sequence[str]], first: int, columns: int) -> bool:
    """Whether the first full row is like the rows below it, values where they have values, and so holds no names."""
    head = rows[first]
    below = [row for row in rows[first + 1 : first + 30] if len(row) == columns]
    alike = [i for i, cell in enumerate(head) if _is_value(cell) and not _YEAR.fullmatch(cell.strip())]
    if not alike:
        return False
    if not below:
        return len(alike) * 2 >= columns
    if any(head[i].strip() and not _is_value(head[i]) and _mostly_values(below, i) for i in range(columns)):
        return False
    return sum(_mostly_values(below, i) for i in alike) * 2 >= len(alike)


def _is_value(cell: str) -> bool:
    return len(cell) < 60 and _LOOKS_LIKE_DATA.fullmatch(cell.strip()) is not None


def _mostly_values(rows: Sequence[Sequence[str]], column: int) -> bool:
    return sum(_is_value(row[column]) for row in rows) * 2 > len(rows)
