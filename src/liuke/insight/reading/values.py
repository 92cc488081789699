"""The values of one column, checked: each function gives a typed Arrow array or says which row is bad."""

from __future__ import annotations

from datetime import date
from typing import Final

from liuke import tabular
from liuke.insight.kinds import Column, pa, pc
from liuke.insight.reading.problems import UnreadablePurchases
from liuke.insight.reading.source import Source

EARLIEST: Final = date(1900, 1, 1)
LATEST: Final = date(2199, 12, 31)
LATE: Final = "lies after {day}; correct it, or name the day to judge as of, which leaves later rows aside"
_ZONED: Final = r"\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)$"
_TIMED: Final = r"\d\d:\d\d"
_SIGN: Final = r"(?P<sign>[¥￥$€£₩₹])"


class Named:
    """One column of the log with what a message needs to name it."""

    def __init__(self, source: Source, name: str) -> None:
        self.source = source
        self.name = name
        self.values = source.columns[name]

    def is_text(self) -> bool:
        return bool(pa.types.is_string(self.values.type) or pa.types.is_large_string(self.values.type))

    def wrong(self, what: str, at: int | None = None) -> UnreadablePurchases:
        row = None if at is None else int(self.source.rows[at].as_py())
        return UnreadablePurchases(what, table=self.source.table, column=self.name, row=row)

    def refuse(self, bad: Column, what: str) -> None:
        """Raise for the first true of `bad`, with the value that stands there."""
        at = pc.index(pc.fill_null(bad, False), pa.scalar(True)).as_py()
        if at >= 0:
            raise self.wrong(f"{what}: “{str(self.values[at].as_py())[:60]}”", at)

    def accept(self, parsed: tabular.Parsed) -> Column:
        """The parsed values, unless one was refused."""
        if not parsed.clean:
            for problem in parsed.problems(
                rows=self.source.rows, field=self.name, originals=self.values, at_most=50
            ):
                if problem.severity is not tabular.Severity.TOLD:
                    told = tabular.CODES[problem.code]
                    known = problem.arguments
                    raise UnreadablePurchases(
                        f"{told.what.format_map(known)} {told.remedy.format_map(known)}",
                        table=self.source.table,
                        column=self.name,
                        row=problem.row,
                    )
        return parsed.values

    def required(self, found: Column) -> Column:
        """Refuse a row without a value: every line of a customer needs one here."""
        at = pc.index(pc.is_null(found), pa.scalar(True)).as_py()
        if at >= 0:
            raise self.wrong("a purchase needs a value here", at)
        return found


def customers(column: Named) -> Column:
    """Who bought: whole numbers stay numbers (also when kept as 17850.0), all else is trimmed text; blank is null."""
    values = column.values
    if pa.types.is_integer(values.type):
        return values.cast(pa.int64())
    if pa.types.is_floating(values.type):
        whole = pc.if_else(pc.is_nan(values), None, values)
        column.refuse(pc.not_equal(pc.floor(whole), whole), "a customer number is whole")
        return whole.cast(pa.int64())
    return texts(column)


def days(column: Named, *, timezone: str, not_after: date | None = None) -> Column:
    """The calendar day of each line; dates, timestamps, and text in any order that the column makes plain.

    With `not_after` a later one is refused.
    """
    found = _days(column, timezone=timezone)
    if not_after is not None:
        column.refuse(
            pc.greater(found, pa.scalar(not_after)),
            LATE.format(day=not_after),
        )
    return found


def _days(column: Named, *, timezone: str) -> Column:
    values = column.values
    if pa.types.is_integer(values.type):
        values = values.cast(pa.string())  # 19970131
    elif pa.types.is_timestamp(values.type) or pa.types.is_date(values.type):
        found = values.cast(pa.date32(), safe=False)
        strange = pc.or_(pc.less(found, pa.scalar(EARLIEST)), pc.greater(found, pa.scalar(LATEST)))
        column.refuse(strange, f"outside the years {EARLIEST.year} to {LATEST.year}")
        return column.required(found)
    elif not column.is_text():
        raise column.wrong(f"holds {values.type}, not dates")
    _refuse_mixed_zones(column, values)
    style = tabular.detect_dates(values, rows=column.source.rows)
    problem = style.problem(column.name)
    if problem is not None:
        raise column.wrong(problem.message)
    instants = tabular.parse_instant(
        values, zone=timezone, style=style, epoch=column.source.epoch, earliest=EARLIEST, latest=LATEST
    )
    local = pc.local_timestamp(column.accept(instants).cast(pa.timestamp("us", tz=timezone)))
    return column.required(local.cast(pa.date32(), safe=False))


def _refuse_mixed_zones(column: Named, values: Column) -> None:
    zoned = pc.match_substring_regex(values, _ZONED)
    timed = pc.match_substring_regex(values, _TIMED)
    if pc.any(zoned).as_py():
        column.refuse(
            pc.and_(timed, pc.invert(zoned)),
            "other rows name their time zone and this one doesn't; give all or none",
        )


def numbers(column: Named) -> Column:
    """Finite numbers as float64; text may carry a currency sign, full-width digits and thousands separators."""
    values = column.values
    if column.is_text():
        _refuse_mixed_signs(column)
        style = tabular.detect_numbers(values, rows=column.source.rows)
        problem = style.problem(column.name)
        if problem is not None:
            raise column.wrong(problem.message)
        return column.accept(tabular.parse_price(values, style=style)).cast(pa.float64())
    if (
        pa.types.is_boolean(values.type)
        or pa.types.is_temporal(values.type)
        or pa.types.is_nested(values.type)
    ):
        raise column.wrong(f"holds {values.type}, not numbers")
    found = values.cast(pa.float64())
    column.refuse(pc.invert(pc.is_finite(found)), "not a finite number")
    return found


def _refuse_mixed_signs(column: Named) -> None:
    signs = pc.struct_field(pc.extract_regex(column.values.cast(pa.string()), _SIGN), "sign")
    signs = pc.replace_substring(signs, "￥", "¥")
    kinds = pc.unique(signs.drop_null()).to_pylist()
    if len(kinds) > 1:
        column.refuse(
            pc.equal(signs, kinds[1]), f"amounts in {kinds[0]} and in {kinds[1]}; convert them to one"
        )


def texts(column: Named) -> Column:
    """Trimmed text, blank as null; numbers as a person writes them (17850, not 17850.0)."""
    values = column.values
    if pa.types.is_floating(values.type):
        whole = pc.fill_null(pc.equal(pc.floor(values), values), False)
        number = pc.if_else(whole, values, None).cast(pa.int64()).cast(pa.string())
        return pc.coalesce(number, values.cast(pa.string()))
    text = pc.utf8_trim_whitespace(values.cast(pa.string()))
    return pc.if_else(pc.equal(text, ""), None, text)


def one_currency(column: Named) -> str | None:
    """The code that all rows bear, None when all are blank."""
    text = pc.utf8_upper(texts(column))
    kinds = sorted(kind for kind in pc.unique(text).to_pylist() if kind is not None)
    if len(kinds) > 1:
        column.refuse(
            pc.equal(text, kinds[1]),
            f"two currencies in one log ({', '.join(kinds[:5])}); convert them to one first",
        )
    return kinds[0] if kinds else None
