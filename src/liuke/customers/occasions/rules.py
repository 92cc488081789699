"""When a day worth remembering comes again, by the sun or by the moon (DB21). No database.

Lunar days are those of the Chinese calendar; the table is borax's (docs/decisions/0010).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from borax.calendars.lunardate import LCalendars, LunarDate

from liuke.customers.records.rules import Unfit, gettext_noop

KINDS: Mapping[str, str] = {
    "birthday": gettext_noop("birthday"),
    "wedding": gettext_noop("wedding day"),
    "founding": gettext_noop("founding day"),
    "memorial": gettext_noop("day of remembrance"),
    "holiday": gettext_noop("holiday"),
    "other": gettext_noop("another day"),
}
SOLAR_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
LUNAR_DAYS = 30  # of the longest month
FIRST_YEAR, LAST_YEAR = 1901, 2099
MOST_NOTICE_DAYS = 90
MONTHS = "正二三四五六七八九十冬腊"
TENS = ("初", "十", "廿", "三")
UNITS = "十一二三四五六七八九"


@dataclass(frozen=True)
class Occasion:
    """A day of the year, solar or lunar; with a `year` it is known which one was the first, or the only one."""

    month: int
    day: int
    year: int | None = None
    is_lunar: bool = False
    is_leap_month: bool = False
    is_yearly: bool = True


def check(one: Occasion) -> None:
    """Raises Unfit for a day that no year has, or that the given year has not."""
    longest = LUNAR_DAYS if one.is_lunar else SOLAR_DAYS[one.month - 1] if 1 <= one.month <= 12 else 0
    if not 1 <= one.month <= 12:
        raise Unfit("month", gettext_noop("A month goes from 1 to 12."))
    if not 1 <= one.day <= longest:
        raise Unfit("day", gettext_noop("This month has no day %(day)s."), day=one.day)
    if one.is_leap_month and not one.is_lunar:
        raise Unfit("is_leap_month", gettext_noop("Only lunar months can be leap months."))
    if one.year is None:
        if not one.is_yearly:
            raise Unfit("year", gettext_noop("A day that comes only once needs its year."))
        return
    if not FIRST_YEAR <= one.year <= LAST_YEAR:
        raise Unfit("year", gettext_noop("Please give a year from 1901 to 2099."))
    longest = _length(one)
    if one.day > longest:
        raise Unfit("day", gettext_noop("This month has no day %(day)s."), day=one.day)


def _length(one: Occasion) -> int:
    """The days of its month in its year."""
    year = one.year or FIRST_YEAR
    if not one.is_lunar:
        return 28 if one.month == 2 and not _leap(year) else SOLAR_DAYS[one.month - 1]
    if one.is_leap_month and LCalendars.leap_month(year) != one.month:
        raise Unfit(
            "is_leap_month", gettext_noop("The lunar year %(year)s has no such leap month."), year=year
        )
    return int(LCalendars.ndays(year, one.month, int(one.is_leap_month)))


def next_on(one: Occasion, since: date) -> date | None:
    """The first time on `since` or later; None when it comes no more.

    29 February is kept on the 28th of other years; the 30th of a lunar month on its last day where it has 29. Who was born
    in a leap month keeps it in the leap month of years that have it, and else in the month of that number.
    """
    if not one.is_yearly:
        only = _on(one, one.year or since.year)
        return only if only >= since else None
    # A lunar year ends within the next solar one, so one may begin with the year before.
    for year in range(max(FIRST_YEAR, since.year - 1), min(LAST_YEAR, since.year + 1) + 1):
        if one.year is not None and year < one.year:
            continue
        if (on := _on(one, year)) >= since:
            return on
    if one.year is not None and one.year > since.year:
        return _on(one, one.year)
    return None


def _on(one: Occasion, year: int) -> date:
    """In the solar or lunar `year`."""
    if not one.is_lunar:
        return date(year, one.month, 28 if (one.month, one.day) == (2, 29) and not _leap(year) else one.day)
    leap = int(one.is_leap_month and LCalendars.leap_month(year) == one.month)
    day = min(one.day, LCalendars.ndays(year, one.month, leap))
    on: date = LunarDate(year, one.month, day, leap).to_solar_date()
    return on


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def anniversary(on: date, years: int) -> date:
    """The same day `years` later; 29 February becomes the 28th where there is none."""
    year = on.year + years
    return date(year, 2, 28) if (on.month, on.day) == (2, 29) and not _leap(year) else on.replace(year=year)


def turns(one: Occasion, on: date) -> int | None:
    """The how-manieth time it is: a 60th birthday. None where the year is not known."""
    if one.year is None:
        return None
    year = LunarDate.from_solar(on).year if one.is_lunar else on.year
    return year - one.year


def lunar_text(one: Occasion) -> str:
    """正月初一, as every almanac writes it; both scripts write these characters alike but 臘."""
    day = (
        "二十"
        if one.day == 20
        else "三十"
        if one.day == 30
        else "初十"
        if one.day == 10
        else (TENS[one.day // 10] + UNITS[one.day % 10])
    )
    return f"{'闰' if one.is_leap_month else ''}{MONTHS[one.month - 1]}月{day}"


def asks_from(on: date, notice_days: int) -> date:
    """The day from which it is to be done."""
    return on - timedelta(days=notice_days)
