"""When a day comes again: leap days, leap months, short lunar months, and the almanac's own days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from borax.calendars.lunardate import LCalendars, LunarDate
from hypothesis import given
from hypothesis import strategies as st

from liuke.customers.occasions.rules import Occasion, anniversary, check, lunar_text, next_on, turns
from liuke.customers.records.rules import Unfit

# Spring Festival as the Purple Mountain Observatory's almanac has it; 2033/34 is where many tables go wrong.
SPRING = {
    1985: date(1985, 2, 20),
    2020: date(2020, 1, 25),
    2023: date(2023, 1, 22),
    2024: date(2024, 2, 10),
    2025: date(2025, 1, 29),
    2026: date(2026, 2, 17),
    2033: date(2033, 1, 31),
    2034: date(2034, 2, 19),
}
LEAP_MONTHS = {2020: 4, 2023: 2, 2025: 6, 2028: 5, 2031: 3, 2033: 11}


@pytest.mark.parametrize(("year", "on"), SPRING.items())
def test_db21_the_first_of_the_first_moon(year: int, on: date) -> None:
    assert next_on(Occasion(1, 1, is_lunar=True), date(year, 1, 1)) == on


@pytest.mark.parametrize(("year", "month"), LEAP_MONTHS.items())
def test_the_table_knows_the_leap_months(year: int, month: int) -> None:
    assert LCalendars.leap_month(year) == month


@pytest.mark.parametrize(
    ("one", "since", "on"),
    [
        (Occasion(2, 29), date(2027, 1, 1), date(2027, 2, 28)),
        (Occasion(2, 29), date(2028, 1, 1), date(2028, 2, 29)),
        (Occasion(3, 1), date(2026, 3, 1), date(2026, 3, 1)),  # today is still in time
        (Occasion(3, 1), date(2026, 3, 2), date(2027, 3, 1)),
        # born in the leap sixth moon: in 2025 in the leap month, else in the sixth
        (Occasion(6, 1, is_lunar=True, is_leap_month=True), date(2025, 1, 1), date(2025, 7, 25)),
        (Occasion(6, 1, is_lunar=True, is_leap_month=True), date(2026, 1, 1), date(2026, 7, 14)),
        (Occasion(6, 1, is_lunar=True), date(2025, 1, 1), date(2025, 6, 25)),
        # New Year's Eve of a twelfth moon with 29 days (2025) and with 30 (2024)
        (Occasion(12, 30, is_lunar=True), date(2025, 1, 1), date(2025, 1, 28)),
        (Occasion(12, 30, is_lunar=True), date(2024, 1, 1), date(2024, 2, 9)),
        (Occasion(5, 20, 2027, is_yearly=False), date(2026, 1, 1), date(2027, 5, 20)),
        (Occasion(5, 20, 2025, is_yearly=False), date(2026, 1, 1), None),
        (Occasion(5, 20, 2030), date(2026, 1, 1), date(2030, 5, 20)),  # it has not begun yet
    ],
)
def test_db21_the_next_time(one: Occasion, since: date, on: date | None) -> None:
    assert next_on(one, since) == on


@pytest.mark.parametrize(
    ("one", "field"),
    [
        (Occasion(13, 1), "month"),
        (Occasion(4, 31), "day"),
        (Occasion(2, 29, 2025), "day"),
        (Occasion(1, 31, is_lunar=True), "day"),
        (Occasion(6, 1, is_leap_month=True), "is_leap_month"),
        (Occasion(5, 1, 2025, is_lunar=True, is_leap_month=True), "is_leap_month"),
        (Occasion(12, 30, 2025, is_lunar=True), "day"),
        (Occasion(1, 1, 1850), "year"),
        (Occasion(1, 1, is_yearly=False), "year"),
    ],
)
def test_a_day_that_no_year_has_is_refused(one: Occasion, field: str) -> None:
    with pytest.raises(Unfit) as refused:
        check(one)
    assert refused.value.field == field


DAYS = st.builds(
    Occasion, st.integers(1, 12), st.integers(1, 29), is_lunar=st.booleans(), is_leap_month=st.just(False)
)


@given(DAYS, st.dates(date(1902, 1, 1), date(2097, 12, 31)))
def test_it_always_comes_within_thirteen_moons_and_on_its_day(one: Occasion, since: date) -> None:
    on = next_on(one, since)
    assert on is not None
    assert since <= on <= since + timedelta(days=385)
    if one.is_lunar:
        moon = LunarDate.from_solar(on)
        assert (moon.month, moon.day) == (one.month, one.day)
    else:
        assert (on.month, on.day) in {(one.month, one.day), (2, 28)}


@given(DAYS, st.dates(date(1902, 1, 1), date(2090, 12, 31)))
def test_from_time_to_time_about_a_year_goes_by(one: Occasion, since: date) -> None:
    first = next_on(one, since)
    assert first is not None
    second = next_on(one, first + timedelta(days=1))
    assert second is not None
    assert 353 <= (second - first).days <= 385


def test_a_sixtieth_birthday_is_known_as_one() -> None:
    assert turns(Occasion(3, 1, 1966), date(2026, 3, 1)) == 60
    assert turns(Occasion(12, 30, 1966, is_lunar=True), date(2027, 2, 5)) == 60  # still in the old lunar year
    assert turns(Occasion(3, 1), date(2026, 3, 1)) is None


def test_lunar_days_are_written_as_almanacs_do() -> None:
    written = [
        lunar_text(Occasion(m, d, is_lunar=True))
        for m, d in ((1, 1), (5, 10), (8, 15), (11, 20), (12, 23), (12, 30))
    ]
    assert written == ["正月初一", "五月初十", "八月十五", "冬月二十", "腊月廿三", "腊月三十"]
    assert lunar_text(Occasion(6, 1, is_lunar=True, is_leap_month=True)) == "闰六月初一"


def test_db22_eight_years_after_a_leap_day() -> None:
    assert anniversary(date(2018, 1, 1), 8) == date(2026, 1, 1)
    assert anniversary(date(2020, 2, 29), 6) == date(2026, 2, 28)
