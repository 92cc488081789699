"""Cells that a spreadsheet would run as a formula: made harmless in what we write, given back when it is read again."""

from __future__ import annotations

import re
from typing import Final

from liuke.tabular.arrow import Table, compute, pa
from liuke.tabular.values.writing import ROW

# What spreadsheets take for the beginning of a formula, and characters that look like it or are folded to it.
_STARTS: Final = "=+\\-@\t\r＝＋－＠﹦﹢﹣﹫−"
# Blanks and invisible characters that may stand before it.
_BEFORE: Final = "\x01-\x20\x7f\u0085\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2069\u3000\ufeff"
# Apostrophes too, so that a text that already begins with one gets one more, and taking one off is always right.
_FORMULA: Final = f"[{_BEFORE}']*[{_STARTS}]"
_IS_FORMULA: Final = re.compile(_FORMULA)
_PLAIN_NUMBER: Final = re.compile(r"-[0-9]+(?:[.,][0-9]+)*")
_NEUTRALISED: Final = f"(?s)^'({_FORMULA}.*)$"  # for Arrow's RE2, which knows the same classes


def neutralised(text: str) -> str:
    """The text so that no spreadsheet runs it; `restore_text` gives it back. Negative numbers are left as they are."""
    if _IS_FORMULA.match(text) and not _PLAIN_NUMBER.fullmatch(text):
        return "'" + text
    return text


def restore_text(text: str) -> str:
    return text[1:] if text.startswith("'") and _IS_FORMULA.match(text, 1) else text


def restored(table: Table) -> Table:
    """`restore_text` for every text column of a table."""
    for position, name in enumerate(table.column_names):
        column = table[name]
        if name == ROW or not pa.types.is_string(column.type):
            continue
        if compute.any(compute.starts_with(column, "'")).as_py():
            plain = compute.replace_substring_regex(column, _NEUTRALISED, r"\1")
            table = table.set_column(position, name, plain)
    return table
