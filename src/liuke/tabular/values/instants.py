"""Columns of dates and times as aware UTC instants, or as plain dates; whole columns at a time."""

# mypy: disable-error-code="no-any-return"
# Arrow's functions are untyped for us, see arrow.py.
from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from liuke.tabular.arrow import Array, Booleans, Column, Integers, compute, pa
from liuke.tabular.values.dates import DateStyle, Moment, Order, read_moment
from liuke.tabular.values.parsing import Parsed, no_codes, per_distinct, scattered, slow_rows, tidied
from liuke.tabular.values.writing import as_text, whole

INSTANT: Final = pa.timestamp("us", tz="UTC")
_WALL: Final = pa.timestamp("us")
EARLIEST: Final = date(1900, 1, 1)
LATEST: Final = date(2100, 12, 31)

_ISO: Final = r"^\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?$"
_ISO_ZONED: Final = r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)$"
_YMD: Final = r"^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?: +\d{1,2}:\d\d(?::\d\d)?)?$"
_YMD_PARTS: Final = (
    r"^(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?: +(?P<h>\d{1,2}):(?P<i>\d\d)(?::(?P<s>\d\d))?)?$"
)
_WEST: Final = r"^\d{1,2}[-/]\d{1,2}[-/](?:\d{4}|\d\d)(?:[ ,T].*)?$"
_WEST_FULL: Final = r"^\d{1,2}[-/.]\d{1,2}[-/.]\d{4}(?: +\d{1,2}:\d\d(?::\d\d)?)?$"
_WEST_PARTS: Final = (
    r"^(?P<one>\d{1,2})(?P<k>[-/.])(?P<two>\d{1,2})[-/.](?P<y>\d{4})"
    r"(?: +(?P<h>\d{1,2}):(?P<i>\d\d)(?::(?P<s>\d\d))?)?$"
)
_COMPACT: Final = r"^(?:19|20)\d{6}$"
_COMPACT_PARTS: Final = r"^(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)$"


def detect_dates(column: Column, *, rows: Array | None = None) -> DateStyle:
    """The order of day and month in a column; merge the styles of all batches of a file before parsing any of them."""
    array = whole(column)
    if not (pa.types.is_string(array.type) or pa.types.is_large_string(array.type)):
        return DateStyle()
    text = tidied(as_text(array))
    west = compute.fill_null(compute.match_substring_regex(text, _WEST), False)
    if not compute.any(west).as_py():
        return DateStyle()
    positions = np.flatnonzero(west.to_numpy(zero_copy_only=False))
    pairs = compute.extract_regex(text.take(pa.array(positions)), r"^(?P<one>\d{1,2})[-/](?P<two>\d{1,2})")
    one, two = (_integers(pairs.field(index)) for index in (0, 1))
    day_first, month_first = (one > 12) & (two <= 12), (two > 12) & (one <= 12)
    either = (one <= 12) & (two <= 12) & (one != two)

    def example(found: Booleans) -> tuple[int, str] | None:
        if not found.any():
            return None
        position = int(positions[int(np.argmax(found))])
        return (rows[position].as_py() if rows is not None else position + 1), text[position].as_py()

    return DateStyle(example(day_first), example(month_first), example(either))


def parse_instant(
    column: Column,
    *,
    zone: str = "UTC",
    style: DateStyle | None = None,
    order: Order | None = None,
    epoch: int = 1900,
    earliest: date = EARLIEST,
    latest: date = LATEST,
) -> Parsed:
    """Instants in UTC, to the microsecond. Times without a zone are taken to be of `zone`.

    `style` is that of the whole file (`detect_dates`, merged over its batches); without it this array alone decides.
    `order` is what the user chose and wins over both. Pass `latest` to refuse dates that can't have come yet.
    """
    array = whole(column)
    if pa.types.is_timestamp(array.type) or pa.types.is_date(array.type):
        return _bounded(_native(array, zone), no_codes(len(array)), zone, earliest, latest)
    text = as_text(array)
    order = order or (style or detect_dates(text)).order
    found = per_distinct(text, lambda distinct: _texts(tidied(distinct), zone, order, epoch))
    return _bounded(found.values, found.codes, zone, earliest, latest)


def parse_date(
    column: Column,
    *,
    style: DateStyle | None = None,
    order: Order | None = None,
    epoch: int = 1900,
    earliest: date = EARLIEST,
    latest: date = LATEST,
) -> Parsed:
    """Plain dates (date32), for birthdays and holidays: as written, in no zone."""
    array = whole(column)
    if pa.types.is_timestamp(array.type) and array.type.tz is not None:
        array = compute.local_timestamp(array)
    found = parse_instant(
        array, zone="UTC", style=style, order=order, epoch=epoch, earliest=earliest, latest=latest
    )
    return Parsed(
        compute.cast(compute.floor_temporal(found.values, unit="day"), pa.date32()), found.codes, found.params
    )


def _native(array: Array, zone: str) -> Array:
    if pa.types.is_timestamp(array.type) and array.type.tz is not None:
        return compute.cast(array, INSTANT, safe=False)
    return _located(compute.cast(array, _WALL, safe=False), zone)


def _located(wall: Array, zone: str) -> Array:
    """Wall times of a zone as instants: the earlier one when the clock went back, shifted when it went forward."""
    local = compute.assume_timezone(wall, zone, ambiguous="earliest", nonexistent="latest")
    return compute.cast(local, INSTANT)


def _bounded(values: Array, codes: Array, zone: str, earliest: date, latest: date) -> Parsed:
    low = datetime.combine(earliest, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC)
    high = datetime.combine(latest, datetime.max.time(), ZoneInfo(zone)).astimezone(UTC)
    early = compute.fill_null(compute.less(values, pa.scalar(low, INSTANT)), False)
    late = compute.fill_null(compute.greater(values, pa.scalar(high, INSTANT)), False)
    outside = compute.or_(early, late)
    if compute.any(outside).as_py():
        codes = compute.if_else(early, "date_too_early", compute.if_else(late, "date_too_late", codes))
        values = compute.if_else(outside, pa.scalar(None, INSTANT), values)
    return Parsed(values, codes, {"earliest": earliest.isoformat(), "latest": latest.isoformat()})


def _texts(text: Array, zone: str, order: Order | None, epoch: int) -> Parsed:
    iso = compute.fill_null(compute.match_substring_regex(text, _ISO), False)
    done, wall = _cast_or_parts(text, iso)
    if not compute.all(done).as_py():
        for shape, parts in ((_YMD, _YMD_PARTS), (_COMPACT, _COMPACT_PARTS), (_WEST_FULL, _WEST_PARTS)):
            if shape is _WEST_FULL and order is None:
                continue
            done, wall = _by_parts(text, shape, parts, done, wall, order)
    values = _located(wall, zone)
    moments: dict[int, Moment] = {}
    for position, value in slow_rows(text, done):
        moments[position] = read_moment(value, order=order, epoch=epoch)
    instants = {p: _in_utc(m.at, zone) for p, m in moments.items() if m.at is not None}
    codes = {p: m.wrong for p, m in moments.items() if m.wrong is not None}
    return Parsed(scattered(values, instants), scattered(no_codes(len(text)), codes))


def _in_utc(at: datetime, zone: str) -> datetime:
    return (at if at.tzinfo is not None else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)


def _cast_or_parts(text: Array, iso: Array) -> tuple[Array, Array]:
    """ISO texts by Arrow's own cast, which is the fastest; one impossible date fails it for the whole column."""
    try:
        return iso, compute.cast(compute.if_else(iso, text, pa.scalar(None, pa.string())), _WALL)
    except pa.ArrowInvalid:
        nothing = pa.array(np.zeros(len(text), dtype=bool))
        return nothing, pa.nulls(len(text), _WALL)


def _by_parts(
    text: Array, shape: str, parts: str, done: Array, wall: Array, order: Order | None
) -> tuple[Array, Array]:
    """Rows of one shape by arithmetic on their parts; rows with an impossible part stay open for the slow path."""
    fits = compute.and_(
        compute.fill_null(compute.match_substring_regex(text, shape), False), compute.invert(done)
    )
    positions = np.flatnonzero(fits.to_numpy(zero_copy_only=False))
    if not len(positions):
        return done, wall
    found = compute.extract_regex(text.take(pa.array(positions)), parts)
    names = [field.name for field in found.type]
    part = {name: _integers(found.field(i)) for i, name in enumerate(names) if name != "k"}
    if "one" in part:
        dotted = compute.equal(found.field(names.index("k")), ".").to_numpy(zero_copy_only=False)
        day_first = dotted | (order is Order.DAY_FIRST)
        part["d"] = np.where(day_first, part["one"], part["two"])
        part["m"] = np.where(day_first, part["two"], part["one"])
    zero = np.zeros(len(positions), dtype=np.int64)
    hour, minute, second = (part.get(name, zero) for name in "his")
    possible = _possible(part["y"], part["m"], part["d"]) & (hour < 24) & (minute < 60) & (second < 60)
    days = _days(part["y"], part["m"], part["d"])
    instants = ((days * 24 + hour) * 60 + minute) * 60 + second
    where = np.zeros(len(text), dtype=bool)
    where[positions[possible]] = True
    mask = pa.array(where)
    new = compute.cast(pa.array(instants[possible] * 1_000_000), _WALL)
    return compute.or_(done, mask), compute.replace_with_mask(wall, mask, new)


_MONTH_DAYS: Final = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=np.int64)


def _integers(text: Array) -> Integers:
    filled = compute.if_else(compute.equal(compute.fill_null(text, ""), ""), "0", text)
    numbers: Integers = compute.cast(filled, pa.int64()).to_numpy(zero_copy_only=False)
    return numbers


def _possible(year: Integers, month: Integers, day: Integers) -> Booleans:
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    inside = (month >= 1) & (month <= 12) & (year >= 1)
    last = _MONTH_DAYS[np.where(inside, month, 0)] + (leap & (month == 2))
    return inside & (day >= 1) & (day <= last)


def _days(year: Integers, month: Integers, day: Integers) -> Integers:
    """Days since 1970-01-01 in the Gregorian calendar, counting years from March so that leap days come last."""
    shifted = np.where(month <= 2, year - 1, year)
    since_march = (month + 9) % 12
    return (
        365 * shifted
        + shifted // 4
        - shifted // 100
        + shifted // 400
        + (153 * since_march + 2) // 5
        + day
        - 719_469
    )
