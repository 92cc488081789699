"""The values of one column, checked: each function gives a typed Arrow column or says which row is bad."""

from __future__ import annotations

from datetime import date
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from liuke.insight.reading.problems import UnreadablePurchases

EARLIEST: Final = date(1900, 1, 1)
LATEST: Final = date(2199, 12, 31)

CLOCKS: Final = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M:%S", "T%H:%M:%S.%f", " %I:%M %p")
YEAR_FIRST: Final = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日")
DAY_FIRST: Final = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d %b %Y", "%d-%b-%Y", "%d/%m/%y")
MONTH_FIRST: Final = ("%m/%d/%Y", "%m-%d-%Y", "%b %d, %Y", "%m/%d/%y")


class Column:
    """One column of the log with what a message needs to name it."""

    def __init__(self, values: pa.ChunkedArray, *, name: str, table: str) -> None:
        self.values = values
        self.name = name
        self.table = table

    def refuse(self, bad: pa.ChunkedArray, what: str) -> None:
        """Raise for the first true of `bad`, with the value that stands there."""
        at = pc.index(pc.fill_null(bad, False), pa.scalar(True)).as_py()
        if at >= 0:
            shown = str(self.values[at].as_py())[:60]
            raise UnreadablePurchases(f"{what}: “{shown}”", table=self.table, column=self.name, row=at + 1)

    def is_text(self) -> bool:
        return bool(pa.types.is_string(self.values.type) or pa.types.is_large_string(self.values.type))


def customers(column: Column) -> pa.ChunkedArray:
    """Who bought: whole numbers stay numbers (also when stored as 17850.0), all else is trimmed text; blank is null."""
    values = column.values
    if pa.types.is_integer(values.type):
        return values.cast(pa.int64())
    if pa.types.is_floating(values.type):
        blank = pc.is_nan(values)
        whole = pc.if_else(blank, None, values)
        column.refuse(pc.not_equal(pc.floor(whole), whole), "a customer number is whole")
        return whole.cast(pa.int64())
    text = pc.utf8_trim_whitespace(values.cast(pa.string()))
    return pc.if_else(pc.equal(text, ""), None, text)


def days(column: Column) -> pa.ChunkedArray:
    """The calendar day of each line; text, timestamps, dates and whole numbers as 19970131 are understood."""
    values = column.values
    kind = values.type
    if pa.types.is_integer(kind):
        values = values.cast(pa.string())
        found = _from_text(Column(values, name=column.name, table=column.table))
    elif column.is_text():
        found = _from_text(column)
    elif pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        found = values.cast(pa.date32(), safe=False)
    else:
        raise UnreadablePurchases(f"holds {kind}, not dates", table=column.table, column=column.name)
    strange = pc.or_(pc.less(found, pa.scalar(EARLIEST)), pc.greater(found, pa.scalar(LATEST)))
    column.refuse(strange, f"outside the years {EARLIEST.year} to {LATEST.year}")
    return found


def _from_text(column: Column) -> pa.ChunkedArray:
    """Parse by the first order of year, month and day that reads every value, refusing what two orders read apart."""
    text = pc.utf8_trim_whitespace(column.values.cast(pa.string()))
    text = pc.if_else(pc.equal(text, ""), None, text)
    readings = [_parsed(text, order) for order in (YEAR_FIRST, DAY_FIRST, MONTH_FIRST)]
    whole = [found for found in readings if found.null_count == text.null_count]
    if len(whole) > 1 and not whole[0].equals(whole[1]):
        column.refuse(
            pc.not_equal(whole[0], whole[1]),
            "day and month can't be told apart; give the dates as 2026-01-31",
        )
    if whole:
        return whole[0]
    best = min(readings, key=lambda found: int(found.null_count))
    column.refuse(pc.and_(pc.is_null(best), pc.is_valid(text)), "not a date that the other rows' order allows")
    return best


def _parsed(text: pa.ChunkedArray, order: tuple[str, ...]) -> pa.ChunkedArray:
    formats = [day + clock for clock in CLOCKS for day in order]
    incoming = pa.table({"text": text, "row": pa.array(range(len(text)), pa.int64())})
    connection = duckdb.connect()
    connection.register("incoming", incoming)
    found = connection.sql(
        "SELECT CAST(try_strptime(text, $formats) AS DATE) AS day FROM incoming ORDER BY row",
        params={"formats": formats},
    ).to_arrow_table()
    return found.column("day")


def numbers(column: Column) -> pa.ChunkedArray:
    """Finite numbers as float64; text may carry a currency sign, full-width digits and thousands separators."""
    values = column.values
    if column.is_text():
        try:
            values = values.cast(pa.float64())
        except pa.ArrowInvalid:
            values = _numbers_from_text(column)
    elif pa.types.is_boolean(values.type) or pa.types.is_temporal(values.type):
        raise UnreadablePurchases(f"holds {values.type}, not numbers", table=column.table, column=column.name)
    else:
        values = values.cast(pa.float64())
    column.refuse(pc.invert(pc.is_finite(values)), "not a finite number")
    return values


def _numbers_from_text(column: Column) -> pa.ChunkedArray:
    text = pc.utf8_normalize(pc.utf8_trim_whitespace(column.values), form="NFKC")
    text = pc.replace_substring_regex(text, r"[\s,¥$€£元]|^(CNY|RMB|USD|EUR|GBP)", "")
    text = pc.replace_substring_regex(text, r"^\((.*)\)$", r"-\1")
    text = pc.if_else(pc.equal(text, ""), None, text)
    good = pc.match_substring_regex(text, r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$")
    column.refuse(pc.invert(good), "not a number")
    return text.cast(pa.float64())


def texts(column: Column) -> pa.ChunkedArray:
    """Trimmed text, blank as null."""
    text = pc.utf8_trim_whitespace(column.values.cast(pa.string()))
    return pc.if_else(pc.equal(text, ""), None, text)


def required(column: Column, found: pa.ChunkedArray, *, of: pa.ChunkedArray) -> pa.ChunkedArray:
    """Refuse a row that has a customer (`of`) but no value here."""
    column.refuse(pc.and_(pc.is_valid(of), pc.is_null(found)), "a purchase needs a value here")
    return found
