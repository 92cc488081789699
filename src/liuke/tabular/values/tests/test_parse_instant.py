from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.tabular import DateStyle, Order, detect_dates, parse_date, parse_instant

SHANGHAI = "Asia/Shanghai"
WALL = dt.datetime.fromisoformat("2025-01-03")


def between(first: str, last: str) -> st.SearchStrategy[dt.datetime]:
    return st.datetimes(dt.datetime.fromisoformat(first), dt.datetime.fromisoformat(last))


def wall(text: str, **more: object) -> str | None:
    """The text's instant as a wall time of Shanghai, or the code of what is wrong with it."""
    found = parse_instant(pa.array([text]), zone=SHANGHAI, **more)
    at = found.values[0].as_py()
    code = found.codes[0].as_py()
    assert at is None or code is None
    if at is None:
        return code
    return (
        at.astimezone(dt.timezone(dt.timedelta(hours=8)))
        .strftime("%Y-%m-%d %H:%M:%S")
        .removesuffix(" 00:00:00")
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-01-03", "2025-01-03"),
        ("2025/1/3", "2025-01-03"),
        ("2025.1.3", "2025-01-03"),
        ("20250103", "2025-01-03"),
        ("03.01.2025", "2025-01-03"),
        ("13/1/2025", "2025-01-13"),
        ("1/13/2025", "2025-01-13"),
        ("5/5/2025", "2025-05-05"),
        ("31/12/24", "2024-12-31"),
        ("2025年1月3日", "2025-01-03"),
        ("2025 年 1 月 3 日", "2025-01-03"),
        ("二〇二五年一月三日", "2025-01-03"),
        ("二零二五年十二月三十一日", "2025-12-31"),
        ("２０２５／１／３", "2025-01-03"),
        ("3 Jan 2025", "2025-01-03"),
        ("Jan 3, 2025", "2025-01-03"),
        ("3rd January 2025", "2025-01-03"),
        ("03-Jan-2025", "2025-01-03"),
        ("2025-Jan-03", "2025-01-03"),
        ("2025-01-03 10:20:30", "2025-01-03 10:20:30"),
        ("2025-01-03 10:20", "2025-01-03 10:20:00"),
        ("2025-1-3 9:5:7", "2025-01-03 09:05:07"),
        ("2025/1/3 9:05", "2025-01-03 09:05:00"),
        ("2025-01-03T10:20:30Z", "2025-01-03 18:20:30"),
        ("2025-01-03T10:20:30+01:00", "2025-01-03 17:20:30"),
        ("2025-01-03T10:20:30.123456789+0100", "2025-01-03 17:20:30"),
        ("2025-01-03 10:20 UTC", "2025-01-03 18:20:00"),
        ("2025-01-03 10:20 Asia/Tokyo", "2025-01-03 09:20:00"),
        ("Fri, 03 Jan 2025 10:00:00 +0800", "2025-01-03 10:00:00"),
        ("1/13/2025 4:05 PM", "2025-01-13 16:05:00"),
        ("13/1/2025 12:05 am", "2025-01-13 00:05:00"),
        ("2025年1月3日 下午3:05", "2025-01-03 15:05:00"),
        ("2025年1月3日15时5分8秒", "2025-01-03 15:05:08"),
        ("2025-01-03 (周五) 10:20", "2025-01-03 10:20:00"),
        ("20250103102030", "2025-01-03 10:20:30"),
        ("20250103T102030Z", "2025-01-03 18:20:30"),
        ("2025-01-03 24:00", "2025-01-04"),
        ("45660", "2025-01-03"),
        ("45660.5", "2025-01-03 12:00:00"),
        ("45660.430902777781", "2025-01-03 10:20:30"),
        ("1735862400", "2025-01-03 08:00:00"),
        ("1735862400000", "2025-01-03 08:00:00"),
    ],
)
def test_a_moment_is_read_as_people_and_systems_write_it(text: str, expected: str) -> None:
    assert wall(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2025-02-30", "date_impossible"),
        ("2025-13-01", "date_impossible"),
        ("20250230", "date_impossible"),
        ("29.2.2025", "date_impossible"),
        ("2025年2月30日", "date_impossible"),
        ("32/1/2025", "date_impossible"),
        ("1899-12-31", "date_too_early"),
        ("2130-01-01", "date_too_late"),
        ("9999-12-31", "date_too_late"),
        ("2025-01-03 25:00", "time_impossible"),
        ("2025-01-03 10:61", "time_impossible"),
        ("2025-01-03 10:20 Mars/Olympus", "zone_unknown"),
        ("1/3/2025", "date_order_unknown"),
        ("2025", "date_unreadable"),
        ("5", "date_unreadable"),
        ("12:30", "date_unreadable"),
        ("昨天", "date_unreadable"),
        ("2025-01-03 " * 20, "date_unreadable"),
        ("2025-01", "date_unreadable"),
        ("3 Foo 2025", "date_unreadable"),
    ],
)
def test_what_is_no_moment_is_refused_with_its_reason(text: str, code: str) -> None:
    assert wall(text) == code


@pytest.mark.parametrize("blank", ["", " ", "N/A", "-", "　"])
def test_a_blank_moment_is_nothing(blank: str) -> None:
    assert wall(blank) is None


def test_the_order_of_day_and_month_is_found_in_the_whole_column() -> None:
    texts = pa.array(["3/4/2025", "13/4/2025", "3/4/2025 10:30"])
    found = parse_instant(texts)
    assert [at.strftime("%m-%d %H:%M") for at in found.values.to_pylist()] == [
        "04-03 00:00",
        "04-13 00:00",
        "04-03 10:30",
    ]
    texts = pa.array(["3/4/2025", "4/13/2025"])
    assert [at.strftime("%m-%d") for at in parse_instant(texts).values.to_pylist()] == ["03-04", "04-13"]


def test_the_order_found_in_another_batch_counts() -> None:
    style = detect_dates(pa.array(["3/4/2025"])).merge(detect_dates(pa.array(["1/13/2025"])))
    assert style.order is Order.MONTH_FIRST
    assert wall("3/4/2025", style=style) == "2025-03-04"
    assert wall("3/4/2025", style=style, order=Order.DAY_FIRST) == "2025-04-03"
    assert wall("1/13/2025", order=Order.DAY_FIRST) == "date_impossible"


def test_two_orders_in_one_column_are_told_with_example_rows() -> None:
    texts = pa.array(["2025-01-01", "1/13/2025", "13/4/2025", "1/3/2025"])
    style = detect_dates(texts, rows=pa.array([2, 3, 4, 5]))
    assert style.mixed
    problem = style.problem("下单日期")
    assert problem is not None
    assert problem.code == "date_orders_mixed"
    assert "row 4: 13/4/2025" in problem.message
    assert "row 3: 1/13/2025" in problem.message
    assert "year-month-day" in problem.message
    assert parse_instant(texts).codes.to_pylist() == [None, None, None, "date_order_unknown"]


def test_an_order_that_nothing_shows_is_asked_for() -> None:
    style = detect_dates(pa.array(["1/3/2025", "2/2/2025"]), rows=pa.array([2, 3]))
    assert style.undecided
    problem = style.problem("at")
    assert problem is not None
    assert (problem.code, problem.row) == ("date_order_unknown", 2)
    assert DateStyle().problem("at") is None


def test_dots_and_chinese_dates_leave_nothing_open() -> None:
    assert detect_dates(pa.array(["03.01.2025", "2025年1月3日", "2025-01-03"])) == DateStyle()


def test_times_without_a_zone_are_of_the_zone_named() -> None:
    found = parse_instant(pa.array(["2025-07-01 12:00", "2025-01-01 12:00"]), zone="Europe/London")
    assert [at.hour for at in found.values.to_pylist()] == [11, 12]


def test_hours_that_the_clock_skips_or_repeats_have_one_meaning() -> None:
    found = parse_instant(pa.array(["2025-03-30 01:30", "2025-10-26 01:30"]), zone="Europe/London")
    assert [at.strftime("%H:%M") for at in found.values.to_pylist()] == ["01:00", "00:30"]


def test_native_types_are_taken_as_they_are() -> None:
    days = pa.array([dt.date(2025, 1, 3), None])
    assert parse_instant(days, zone=SHANGHAI).values[0].as_py() == dt.datetime(2025, 1, 2, 16, tzinfo=dt.UTC)
    naive = pa.array([WALL], pa.timestamp("ns"))
    assert parse_instant(naive, zone=SHANGHAI).values[0].as_py() == dt.datetime(2025, 1, 2, 16, tzinfo=dt.UTC)
    aware = pa.array([dt.datetime(2025, 1, 3, tzinfo=dt.UTC)], pa.timestamp("ms", "Asia/Tokyo"))
    assert parse_instant(aware, zone=SHANGHAI).values[0].as_py() == dt.datetime(2025, 1, 3, tzinfo=dt.UTC)
    numbers = pa.array([45660, 20250103, 5, 1735862400])
    assert parse_instant(numbers).codes.to_pylist() == [None, None, "date_unreadable", None]
    assert parse_instant(pa.array([45660.25, None])).values[0].as_py() == dt.datetime(
        2025, 1, 3, 6, tzinfo=dt.UTC
    )
    assert parse_instant(pa.nulls(2)).values.to_pylist() == [None, None]


def test_workbooks_that_count_from_1904() -> None:
    assert wall("44198", epoch=1904) == wall("45660")


def test_dates_that_cannot_have_come_yet_are_refused_when_asked() -> None:
    texts = pa.array(["2026-11-22", "2026-11-24"])
    found = parse_instant(texts, latest=dt.date(2026, 11, 23))
    assert found.codes.to_pylist() == [None, "date_too_late"]
    (problem,) = found.problems(rows=[2, 3], field="at", originals=texts)
    assert "2026-11-23" in problem.message


def test_plain_dates() -> None:
    texts = pa.array(["1990-05-06", "31.12.1960", "1990-05-06 10:00", None, "x"])
    found = parse_date(texts)
    assert found.values.to_pylist() == [
        dt.date(1990, 5, 6),
        dt.date(1960, 12, 31),
        dt.date(1990, 5, 6),
        None,
        None,
    ]
    assert found.codes.to_pylist()[4] == "date_unreadable"
    assert parse_date(pa.array([dt.date(1990, 5, 6)])).values.to_pylist() == [dt.date(1990, 5, 6)]


FORMS = (
    "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y%m%d%H%M%S", "%d.%m.%Y %H:%M:%S", "%Y年%m月%d日 %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S", "%d %b %Y %H:%M:%S", "%Y年%m月%d日%H时%M分%S秒",
)  # fmt: skip


@given(
    between("1900-01-02", "2100-12-30"),
    st.sampled_from(FORMS),
    st.sampled_from([SHANGHAI, "UTC"]),
)
def test_a_moment_survives_being_written_and_read(at: dt.datetime, form: str, zone: str) -> None:
    at = at.replace(microsecond=0)
    written = at.strftime(form)
    found = parse_instant(pa.array([written, "2025-02-30"]), zone="UTC")
    assert found.values[0].as_py() == at.replace(tzinfo=dt.UTC)
    assert found.codes.to_pylist() == [None, "date_impossible"]


@given(st.lists(between("1950-01-01", "2099-12-30"), min_size=1), st.booleans())
def test_western_dates_are_never_read_in_the_wrong_order(moments: list[dt.datetime], day_first: bool) -> None:
    form = "%d/%m/%Y" if day_first else "%m/%d/%Y"
    found = parse_instant(pa.array([at.strftime(form) for at in moments]))
    for at, read in zip(moments, found.values.to_pylist(), strict=True):
        assert read is None or (read.month, read.day) == (at.month, at.day)


@given(
    st.lists(
        st.one_of(
            st.none(), st.text(max_size=24), st.from_regex(r"\d{1,4}[-/.年 ]\d{1,2}[-/.月 ]\d{1,4}.{0,9}")
        )
    )
)
def test_no_text_breaks_the_parsers(texts: list[str | None]) -> None:
    column = pa.array([t if t is None else t.encode("utf-8", "ignore").decode() for t in texts], pa.string())
    for found in (parse_instant(column, zone=SHANGHAI), parse_date(column)):
        for value, code in zip(found.values.to_pylist(), found.codes.to_pylist(), strict=True):
            assert value is None or code is None


@given(st.one_of(st.integers(-(2**63), 2**63 - 1), st.floats()))
def test_no_number_breaks_the_parsers(number: float) -> None:
    found = parse_instant(pa.array([number]))
    assert len(found.values) == 1
