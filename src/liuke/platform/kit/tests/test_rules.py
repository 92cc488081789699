from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.platform.kit import rules
from liuke.platform.kit.rules import Distance, Form, day_text, distance, money_text, percent_text

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "shown"),
    [("zh-hans", "¥68,300"), ("zh-hant", "¥68,300"), ("en", "CN¥68,300")],
)
def test_sc11_money_follows_the_language(language: str, shown: str) -> None:
    assert money_text(6_830_000, "CNY", language) == shown


def test_money_shows_cents_only_when_asked() -> None:
    assert money_text(6_830_050, "CNY", "zh-hans") == "¥68,301"
    assert money_text(6_830_050, "CNY", "zh-hans", exact=True) == "¥68,300.50"


def test_money_that_would_round_to_nothing_shows_its_cents() -> None:
    assert money_text(30, "CNY", "zh-hans") == "¥0.30"
    assert money_text(-49, "CNY", "en", short=True) == "−CN¥0.49"
    assert money_text(50, "CNY", "zh-hans") == "¥1"
    assert money_text(0, "CNY", "zh-hans") == "¥0"


def test_money_of_a_currency_without_cents() -> None:
    assert money_text(120_000, "JPY", "en", exact=True) == "¥120,000"


def test_large_money_is_short_in_the_unit_of_the_language() -> None:
    assert money_text(41_290_000, "CNY", "zh-hans", short=True) == "¥41.3万"
    assert money_text(41_290_000, "USD", "en", short=True) == "$412.9K"


def test_less_than_nothing_has_a_minus_not_a_hyphen() -> None:
    assert money_text(-500, "CNY", "zh-hans", exact=True) == "−¥5.00"
    assert percent_text(-0.04, "en", decimals=1, signed=True) == "−4.0%"


@given(
    st.integers(-(10**15), 10**15),
    st.sampled_from(["CNY", "USD", "JPY", "KWD", ""]),
    st.sampled_from(list(rules.LOCALES)),
)
def test_exact_money_loses_no_digit(minor: int, currency: str, language: str) -> None:
    digits = "".join(c for c in money_text(minor, currency, language, exact=True) if c.isdigit())
    assert int(digits) == abs(minor)


def test_a_day_of_another_year_says_so() -> None:
    assert day_text(TODAY, "zh-hans", today=TODAY) == "11月22日"
    assert day_text(date(2025, 11, 22), "zh-hans", today=TODAY) == "2025年11月22日"
    assert day_text(date(2025, 11, 22), "en", today=TODAY) == "Nov 22, 2025"


def test_the_weekday_stands_apart_in_chinese() -> None:
    assert day_text(TODAY, "zh-hans", today=TODAY, form=Form.WEEKDAY) == "11月22日 星期日"
    assert day_text(TODAY, "zh-hant", today=TODAY, form=Form.LONG) == "2026年11月22日 星期日"
    assert day_text(TODAY, "en", today=TODAY, form=Form.WEEKDAY) == "Sun, Nov 22"


def test_last_night_is_yesterday_at_nine_in_the_morning() -> None:
    assert distance(NOW - timedelta(hours=11), NOW) == Distance("days", -1)
    assert distance(NOW - timedelta(hours=3), NOW) == Distance("hours", -3)
    assert distance(NOW - timedelta(minutes=7), NOW) == Distance("minutes", -7)
    assert distance(NOW + timedelta(days=9), NOW) == Distance("days", 9)
    assert distance(NOW - timedelta(days=900), NOW) == Distance("years", -2)


@given(st.timedeltas(timedelta(days=-5000), timedelta(days=5000)))
def test_a_distance_never_points_the_wrong_way(apart: timedelta) -> None:
    far = distance(NOW + apart, NOW)
    assert far.unit == "now" or (far.count < 0) == (apart < timedelta()) or far.count == 0


def test_an_avatar_shows_the_given_name() -> None:
    assert [rules.initials(name) for name in ("陈晓雨", "周敏", "Amy Wong", "Bob", " ")] == [
        "晓雨",
        "敏",
        "AW",
        "B",
        "?",
    ]


def test_the_rhythm_keeps_orders_and_today_within_its_frame() -> None:
    orders = [(TODAY - timedelta(days=84 + 31 * i), 1000 * (i + 1), "") for i in range(7)]
    drawing = rules.rhythm_of(orders, today=TODAY, usual_gap_days=31)
    assert drawing is not None
    assert len(drawing.bars) == 7
    assert max(bar.height for bar in drawing.bars) == rules.RHYTHM_BASE - rules.RHYTHM_TOP
    assert drawing.last_x < (drawing.usual_x or 0) < drawing.today_x <= rules.RHYTHM_WIDTH


@given(
    st.lists(
        st.tuples(st.dates(date(2015, 1, 1), TODAY), st.integers(-(10**9), 10**9), st.just("")),
        min_size=1,
        max_size=40,
    ),
    st.one_of(st.none(), st.floats(0.5, 4000)),
)
def test_any_history_can_be_drawn(orders: list[tuple[date, int, str]], gap: float | None) -> None:
    drawing = rules.rhythm_of(orders, today=TODAY, usual_gap_days=gap)
    assert drawing is not None
    assert drawing.bars
    for bar in drawing.bars:
        assert 0 <= bar.x <= rules.RHYTHM_WIDTH
        assert 0 < bar.height <= rules.RHYTHM_BASE
        assert bar.y >= 0


def test_nobody_without_orders_has_a_rhythm() -> None:
    assert rules.rhythm_of([], today=TODAY) is None


def test_a_line_needs_two_points() -> None:
    assert rules.polyline([1.0]) == ""
    assert rules.polyline([None, 3.0]) == ""
    assert len(rules.polyline([1, None, 2]).split()) == 2


def test_the_yen_is_told_from_the_yuan_in_both_scripts() -> None:
    for language in ("zh-hans", "zh-hant"):
        assert money_text(1_200, "JPY", language) == "JP¥1,200"


def test_thousands_of_ten_thousands_are_grouped() -> None:
    assert money_text(3_103_500_000, "CNY", "zh-hans", short=True) == "¥3,103.5万"
    assert money_text(3_103_500_000, "CNY", "zh-hant", short=True) == "¥3,103.5萬"


def test_letters_are_as_wide_as_they_are_drawn() -> None:
    assert rules.letters_width("天没有订单", 11) == 55
    assert rules.letters_width("day", 10) == pytest.approx(17.4)
