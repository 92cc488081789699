"""The values of one column, checked: each function gives a typed Arrow array or says which row is bad."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from liuke import tabular
from liuke.insight.errors import gettext_noop
from liuke.insight.kinds import Column, pa, pc
from liuke.insight.reading.findings import Findings
from liuke.insight.reading.problems import Trouble, UnreadablePurchases
from liuke.insight.reading.source import Source

EARLIEST: Final = date(1900, 1, 1)
LATEST: Final = date(2199, 12, 31)
SHOWN: Final = 60  # characters of a bad value
LATE: Final = gettext_noop(
    "lies after {day}; correct it, or name the day to judge as of, which leaves later rows aside: “{value}”"
)
CURRENCIES: Final = gettext_noop("two currencies in one log ({kinds}); convert them to one first")
# What is told of a column as a whole, though some rows of it are fine.
OF_COLUMNS: Final = frozenset({"date_order_unknown"})
_ZONED: Final = r"\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)$"
_TIMED: Final = r"\d\d:\d\d"
_SIGN: Final = r"(?P<sign>[¥￥$€£₩₹])"


class Named:
    """One column of the log with what a message needs to name it, and where what is wrong with its cells is gathered."""

    def __init__(self, source: Source, name: str, findings: Findings | None = None) -> None:
        self.source = source
        self.name = name
        self.values = source.columns[name]
        self.findings = findings

    def is_text(self) -> bool:
        return bool(pa.types.is_string(self.values.type) or pa.types.is_large_string(self.values.type))

    def wrong(self, what: str, at: int | None = None, **known: Any) -> UnreadablePurchases:
        row = None if at is None else self._row(at)
        return UnreadablePurchases(what, table=self.source.table, column=self.name, row=row, **known)

    def _row(self, at: int) -> int:
        return int(self.source.rows[at].as_py())

    def unlike(self, others: Column, what: str, **known: Any) -> None:
        """Raise for the first true of `others`: rows that are fine by themselves, and don't go with the rest of the column."""
        at = pc.index(pc.fill_null(others, False), pa.scalar(True)).as_py()
        if at >= 0:
            raise self.wrong(what, at, value=self._shown(at), **known)

    def refuse(self, bad: Column, what: str, **known: Any) -> Column:
        """Gather the true ones of `bad`, with the value that stands there; `bad` without nulls."""

        def named(most: int) -> Iterable[Trouble]:
            for at in pc.indices_nonzero(pc.fill_null(bad, False)).slice(0, most).to_pylist():
                yield Trouble(what, {"value": self._shown(at), **known}, self.name, self._row(at))

        return self._gather(bad, named)

    def accept(self, parsed: tabular.Parsed) -> Column:
        """The parsed values, null where one was refused."""
        if parsed.clean:
            return parsed.values
        told = [code for code in pc.unique(parsed.codes).to_pylist() if code and not _refuses(code)]
        codes = pc.if_else(pc.is_in(parsed.codes, value_set=pa.array(told, pa.string())), None, parsed.codes)
        known = {"rows": self.source.rows, "field": self.name, "originals": self.values}
        for problem in parsed._replace(codes=codes).problems(**known, at_most=1):
            if problem.code in OF_COLUMNS:
                raise UnreadablePurchases.of(self.source.table, [_trouble(problem)], 1)

        def named(most: int) -> Iterable[Trouble]:
            return map(_trouble, parsed._replace(codes=codes).problems(**known, at_most=most))

        self._gather(pc.is_valid(codes), named)
        return parsed.values

    def required(self, found: Column, but: Column | None = None) -> Column:
        """Refuse a row without a value, except where another reason was given: every line of a customer needs one here."""
        missing = pc.is_null(found)
        self.refuse(missing if but is None else pc.and_not(missing, but), MISSING)
        return found

    def _gather(self, bad: Column, named: Any) -> Column:
        if self.findings is not None:
            return self.findings.add(bad, named)
        first = next(iter(named(1)), None)
        if first is not None:
            raise UnreadablePurchases.of(self.source.table, [first], 1)
        return pc.fill_null(bad, False)

    def _shown(self, at: int) -> str:
        return str(self.values[at].as_py())[:SHOWN]


MISSING: Final = gettext_noop("a purchase needs a value here")


def _refuses(code: str) -> bool:
    return tabular.CODES[code].severity is not tabular.Severity.TOLD


def _trouble(problem: tabular.Problem) -> Trouble:
    said = tabular.CODES[problem.code]
    return Trouble(said.what, problem.arguments, problem.field, problem.row, said.remedy)


def _sound(values: Column, bad: Column) -> Column:
    return pc.if_else(bad, None, values)


def customers(column: Named) -> Column:
    """Who bought: whole numbers stay numbers (also when kept as 17850.0), all else is trimmed text; blank is null."""
    values = column.values
    if pa.types.is_integer(values.type):
        return values.cast(pa.int64())
    if pa.types.is_floating(values.type):
        whole = pc.if_else(pc.is_nan(values), None, values)
        strange = pc.or_(pc.not_equal(pc.floor(whole), whole), pc.is_inf(whole))
        bad = column.refuse(strange, gettext_noop("a customer number is whole: “{value}”"))
        return _sound(whole, bad).cast(pa.int64())
    return texts(column)


def days(column: Named, *, timezone: str, not_after: date | None = None, required: bool = True) -> Column:
    """The calendar day of each line; dates, timestamps, and text in any order that the column makes plain.

    With `not_after` a later one is refused; where it is not `required`, a row may be without.
    """
    if not required and pa.types.is_null(column.values.type):
        return column.values.cast(pa.date32())
    found = _days(column, timezone=timezone, required=required)
    if not_after is not None:
        column.refuse(pc.greater(found, pa.scalar(not_after)), LATE, day=not_after)
    return found


def _days(column: Named, *, timezone: str, required: bool) -> Column:
    values = column.values
    if pa.types.is_integer(values.type):
        values = values.cast(pa.string())  # 19970131
    elif pa.types.is_timestamp(values.type) or pa.types.is_date(values.type):
        found = values.cast(pa.date32(), safe=False)
        strange = pc.or_(pc.less(found, pa.scalar(EARLIEST)), pc.greater(found, pa.scalar(LATEST)))
        years = gettext_noop("outside the years {first} to {last}: “{value}”")
        column.refuse(strange, years, first=EARLIEST.year, last=LATEST.year)
        return column.required(found) if required else found
    elif not column.is_text():
        raise column.wrong(gettext_noop("holds {kind}, not dates"), kind=values.type)
    _refuse_mixed_zones(column, values)
    style = tabular.detect_dates(values, rows=column.source.rows)
    problem = style.problem(column.name)
    if problem is not None:
        raise UnreadablePurchases.of(column.source.table, [_trouble(problem)], 1)
    instants = tabular.parse_instant(
        values, zone=timezone, style=style, epoch=column.source.epoch, earliest=EARLIEST, latest=LATEST
    )
    local = pc.local_timestamp(column.accept(instants).cast(pa.timestamp("us", tz=timezone)))
    found = local.cast(pa.date32(), safe=False)
    return column.required(found, but=pc.is_valid(instants.codes)) if required else found


def _refuse_mixed_zones(column: Named, values: Column) -> None:
    zoned = pc.match_substring_regex(values, _ZONED)
    timed = pc.match_substring_regex(values, _TIMED)
    if pc.any(zoned).as_py():
        column.unlike(
            pc.and_(timed, pc.invert(zoned)),
            gettext_noop("other rows name their time zone and this one doesn't; give all or none: “{value}”"),
        )


def numbers(column: Named, *, required: bool = False, counted: bool = False) -> Column:
    """Finite numbers as float64, in every row where they are `required`; what is `counted` is called a quantity.

    Text may carry a currency sign, full-width digits and thousands separators.
    """
    values = column.values
    if column.is_text():
        _refuse_mixed_signs(column)
        style = tabular.detect_numbers(values, rows=column.source.rows)
        problem = style.problem(column.name)
        if problem is not None:
            raise UnreadablePurchases.of(column.source.table, [_trouble(problem)], 1)
        parsed = tabular.parse_price(values, style=style)
        if counted and not parsed.clean:
            parsed = _as_quantities(parsed)
        found, bad = column.accept(parsed).cast(pa.float64()), pc.is_valid(parsed.codes)
        return column.required(found, but=bad) if required else found
    if (
        pa.types.is_boolean(values.type)
        or pa.types.is_temporal(values.type)
        or pa.types.is_nested(values.type)
    ):
        raise column.wrong(gettext_noop("holds {kind}, not numbers"), kind=values.type)
    found = values.cast(pa.float64())
    bad = column.refuse(pc.invert(pc.is_finite(found)), gettext_noop("not a finite number: “{value}”"))
    found = _sound(found, bad)
    return column.required(found, but=bad) if required else found


def _as_quantities(parsed: tabular.Parsed) -> tabular.Parsed:
    other = pc.equal(parsed.codes, "amount_not_a_number")
    return parsed._replace(codes=pc.if_else(other, "quantity_not_a_number", parsed.codes))


def _refuse_mixed_signs(column: Named) -> None:
    signs = pc.struct_field(pc.extract_regex(column.values.cast(pa.string()), _SIGN), "sign")
    signs = pc.replace_substring(signs, "￥", "¥")
    kinds = pc.unique(signs.drop_null()).to_pylist()
    if len(kinds) > 1:
        column.unlike(
            pc.equal(signs, kinds[1]),
            gettext_noop("amounts in {one} and in {other}; convert them to one: “{value}”"),
            one=kinds[0],
            other=kinds[1],
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
    """The code that all rows bear, None when all are blank: 人民币, RMB and ¥ are CNY, what we don't know stays as it is."""
    written = texts(column)
    text = pc.coalesce(tabular.parse_currency(written).values, pc.utf8_upper(written))
    kinds = sorted(kind for kind in pc.unique(text).to_pylist() if kind is not None)
    if len(kinds) > 1:
        column.unlike(pc.equal(text, kinds[1]), CURRENCIES, kinds=", ".join(kinds[:5]))
    return kinds[0] if kinds else None
