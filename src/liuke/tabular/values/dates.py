"""One written date and time to numbers: the many ways people and systems write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from liuke.tabular.problems import Problem
from liuke.tabular.values.parsing import folded

SERIAL_FIRST: Final = (
    10_000  # 1927-05-18; a smaller number in a column of dates is more likely a year or an age
)
LONGEST: Final = 80  # characters of the longest way to write a moment, zone and weekday included
SERIAL_LAST: Final = 80_000  # 2119
_BASE_1900: Final = datetime.fromisoformat("1899-12-30")  # wall time, as the serials are
_BASE_1904: Final = datetime.fromisoformat("1904-01-01")


class Order(StrEnum):
    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


@dataclass(frozen=True, slots=True)
class DateStyle:
    """How a column writes dates such as 1/3/2025, with an example of each order found: (row, text)."""

    day_first: tuple[int, str] | None = None
    month_first: tuple[int, str] | None = None
    open: tuple[int, str] | None = None  # a date that fits both

    @property
    def mixed(self) -> bool:
        return self.day_first is not None and self.month_first is not None

    @property
    def undecided(self) -> bool:
        return self.open is not None and self.day_first is None and self.month_first is None

    @property
    def order(self) -> Order | None:
        if self.mixed or (self.day_first is None and self.month_first is None):
            return None
        return Order.DAY_FIRST if self.day_first is not None else Order.MONTH_FIRST

    def merge(self, later: DateStyle) -> DateStyle:
        return DateStyle(
            self.day_first or later.day_first, self.month_first or later.month_first, self.open or later.open
        )

    def problem(self, field: str) -> Problem | None:
        """What to tell when the column can't be read in one order."""
        if self.day_first is not None and self.month_first is not None:
            params: dict[str, str | int] = {
                "day_row": self.day_first[0],
                "day_first": self.day_first[1],
                "month_row": self.month_first[0],
                "month_first": self.month_first[1],
            }
            return Problem("date_orders_mixed", field=field, params=params)
        if self.undecided and self.open is not None:
            return Problem("date_order_unknown", row=self.open[0], field=field, value=self.open[1])
        return None


class Moment(NamedTuple):
    """A wall time (naive) or an instant (aware), or the code of what is wrong."""

    at: datetime | None
    wrong: str | None = None


_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
            "sep sept september", "oct october", "nov november", "dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_DIGITS: Final = str.maketrans("〇零一二三四五六七八九", "00123456789")

_CLOCK: Final = (
    r"(?:[T,\s]*(?P<half1>上午|下午|中午|晚上|凌晨|早上|AM|PM)?\s*"
    r"(?P<hour>\d{1,2})(?:[:时點点h])(?P<minute>\d{1,2})?(?:[:分](?P<second>\d{1,2})?(?:[.,](?P<fraction>\d{1,9}))?秒?)?"
    r"\s*(?P<half2>[AaPp]\.?[Mm]\.?)?"
    r"(?P<zone>\s*(?:Z|UTC|GMT)?\s*(?:[+-]\d{1,2}:?(?:\d{2})?)?|\s*[A-Z][A-Za-z_]+/[A-Za-z_]+)?(?:\s*\[[^\]]*\])?)?"
)
_WEEKDAY: Final = r"(?:\s*\(?(?:星期|周|週)[一二三四五六日天]\)?)?"
_SHAPES: Final = tuple(
    re.compile(shape + _WEEKDAY + _CLOCK + "$", re.IGNORECASE)
    for shape in (
        r"(?P<year>\d{4})\s*[-/.]\s*(?P<month>\d{1,2})\s*[-/.]\s*(?P<day>\d{1,2})",
        r"(?P<year>\d{4})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号號]?",
        r"(?P<one>\d{1,2})(?P<mark>[-/.])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4})",
        r"(?P<one>\d{1,2})(?P<mark>[/.])(?P<two>\d{1,2})(?P=mark)(?P<short>\d{2})",
        r"(?:[A-Z]{3,9},?\s+)?(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s-]+(?P<name>[A-Z]{3,9})\.?[\s,-]+(?P<year>\d{4})",
        r"(?:[A-Z]{3,9},?\s+)?(?P<name>[A-Z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})",
        r"(?P<year>\d{4})[-\s](?P<name>[A-Z]{3,9})[-\s](?P<day>\d{1,2})",
    )
)
_COMPACT: Final = re.compile(
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
    r"(?:[T\s]?(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?)?"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2})?)?$"
)
_WEST: Final = re.compile(
    r"(?P<one>\d{1,2})(?P<mark>[-/])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2}(?!\d))"
)


def read_moment(text: str, *, order: Order | None, epoch: int = 1900) -> Moment:
    """The moment in the text. `order` decides dates such as 3/4/2025; without it they are refused."""
    if len(text) > LONGEST:
        return Moment(None, "date_unreadable")
    body = folded(text)
    number = re.fullmatch(r"\d{1,13}(?:\.\d+)?", body)
    if number is not None:
        moment = _from_number(body, epoch)
        if moment is not None:
            return moment
    if re.match(r"[〇零一二三四五六七八九]{4}\s*年", body):
        body = _from_chinese_digits(body)
    for shape in (*_SHAPES, _COMPACT):
        found = shape.match(body)
        if found is not None:
            return _from_parts(found, order)
    return Moment(None, "date_unreadable")


def _from_number(body: str, epoch: int) -> Moment | None:
    digits = body.partition(".")[0]
    if len(digits) in (10, 13):
        seconds = float(body) if len(digits) == 10 else float(body) / 1000
        return Moment(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
    if len(digits) == 5:
        return from_serial(float(body), epoch)
    if len(digits) < 8:
        return Moment(None, "date_unreadable")
    return None


def from_serial(serial: float, epoch: int) -> Moment:
    """A spreadsheet's day number. 1900 counts a 29 February 1900 that never was, hence the base two days early."""
    if not SERIAL_FIRST <= serial <= SERIAL_LAST:
        return Moment(None, "date_unreadable")
    base = _BASE_1904 if epoch == 1904 else _BASE_1900
    days = int(serial)
    # a day fraction of 15 digits is good to the millisecond; finer is noise of the float
    return Moment(base + timedelta(days=days, milliseconds=round((serial - days) * 86_400_000)))


def _from_chinese_digits(body: str) -> str:
    head, mark, rest = body.partition("年")
    spelt = re.sub(r"[〇零一二三四五六七八九十廿卅]+", lambda m: str(_small(m.group())), rest)
    return head.translate(_DIGITS) + mark + spelt


def _small(numeral: str) -> int:
    """A Chinese numeral below a hundred: 三, 十, 十二, 二十, 三十一, 廿五."""
    numeral = numeral.replace("廿", "二十").replace("卅", "三十")
    tens, ten, units = numeral.rpartition("十")
    unit = int(units.translate(_DIGITS) or 0)
    return (int(tens.translate(_DIGITS) or 1) if ten else 0) * 10 + unit


def _from_parts(found: re.Match[str], order: Order | None) -> Moment:
    parts = {name: value for name, value in found.groupdict().items() if value is not None}
    year = int(parts["year"]) if "year" in parts else _full_year(int(parts["short"]))
    if "one" in parts:
        one, two = int(parts["one"]), int(parts["two"])
        if parts["mark"] == ".":
            day, month = one, two
        elif one == two or order is not None or max(one, two) > 12:
            day, month = _day_and_month(one, two, order)
        else:
            return Moment(None, "date_order_unknown")
    else:
        day = int(parts["day"])
        month = int(parts["month"]) if "month" in parts else _MONTHS.get(parts["name"].lower(), 0)
        if not month and "name" in parts:
            return Moment(None, "date_unreadable")
    try:
        midnight = datetime.combine(date(year, month, day), datetime.min.time())
    except ValueError:
        return Moment(None, "date_impossible")
    return _with_clock(midnight, parts)


def _day_and_month(one: int, two: int, order: Order | None) -> tuple[int, int]:
    if order is None:
        return (one, two) if one > 12 else (two, one)
    return (one, two) if order is Order.DAY_FIRST else (two, one)


def _full_year(short: int) -> int:
    return 2000 + short if short < 70 else 1900 + short


def _with_clock(midnight: datetime, parts: dict[str, str]) -> Moment:
    if "hour" not in parts:
        return Moment(midnight)
    hour, minute, second = int(parts["hour"]), int(parts.get("minute", 0)), int(parts.get("second", 0))
    half = (parts.get("half1") or parts.get("half2") or "").lower().replace(".", "")
    if half in {"pm", "下午", "晚上", "中午"} and hour < 12 and not (half == "中午" and hour >= 10):
        hour += 12
    elif half in {"am", "上午", "凌晨", "早上"} and hour == 12:
        hour = 0
    next_day = hour == 24 and minute == 0 and second == 0
    if (hour > 23 and not next_day) or minute > 59 or second > 60:
        return Moment(None, "time_impossible")
    microseconds = int(f"{parts.get('fraction', '0'):0<6}"[:6])
    clock = timedelta(hours=hour, minutes=minute, seconds=second, microseconds=microseconds)
    at = midnight + clock
    zone = parts.get("zone", "").strip()
    if not zone:
        return Moment(at)
    return _in_zone(at, zone)


def _in_zone(at: datetime, zone: str) -> Moment:
    if "/" in zone:
        try:
            return Moment(at.replace(tzinfo=ZoneInfo(zone)))
        except (KeyError, ValueError, OSError):
            return Moment(None, "zone_unknown")
    offset = re.search(r"([+-])(\d{1,2}):?(\d{2})?$", zone)
    if offset is None:
        return Moment(at.replace(tzinfo=UTC))
    hours, minutes = int(offset[2]), int(offset[3] or 0)
    if hours > 15 or minutes > 59:
        return Moment(None, "zone_unknown")
    distance = timedelta(hours=hours, minutes=minutes)
    return Moment(at.replace(tzinfo=timezone(-distance if offset[1] == "-" else distance)))
