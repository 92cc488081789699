from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.platform.jobs.rules import ClockTime, job, latest_slot, next_slot, pause_after, slot_key

ZONES = [ZoneInfo(name) for name in ("Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "UTC")]
SHANGHAI, BERLIN = ZONES[0], ZONES[1]
clock_times = st.one_of(
    st.times(),
    st.tuples(st.sampled_from(["mon", "sun"]), st.times()),
    st.tuples(st.integers(1, 28).map(lambda day: f"day {day}"), st.times()),
).map(lambda given: f"{given[0]} {given[1]:%H:%M}" if isinstance(given, tuple) else f"{given:%H:%M}")
instants = st.integers(946_684_800, 4_102_444_800).map(lambda second: datetime.fromtimestamp(second, UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("every", "now", "slot"),
    [
        ("02:10", "2026-11-22T02:10:00+08:00", "2026-11-22T02:10:00+08:00"),
        ("02:10", "2026-11-22T02:09:59+08:00", "2026-11-21T02:10:00+08:00"),
        ("02:10", "2026-11-22T23:59:00+08:00", "2026-11-22T02:10:00+08:00"),
        ("mon 07:30", "2026-11-22T12:00:00+08:00", "2026-11-16T07:30:00+08:00"),
        ("sun 07:30", "2026-11-22T12:00:00+08:00", "2026-11-22T07:30:00+08:00"),
        ("day 1 03:00", "2026-11-22T12:00:00+08:00", "2026-11-01T03:00:00+08:00"),
        ("day 28 03:00", "2026-03-01T12:00:00+08:00", "2026-02-28T03:00:00+08:00"),
    ],
)
def test_pl04_a_job_falls_due_by_the_companys_clock(every: str, now: str, slot: str) -> None:
    assert latest_slot(ClockTime.read(every), at(now), SHANGHAI) == at(slot)


def test_an_interval_counts_from_a_fixed_beginning() -> None:
    hour = timedelta(hours=1)
    assert latest_slot(hour, at("2026-11-22T02:59:59Z"), SHANGHAI) == at("2026-11-22T02:00:00Z")
    assert latest_slot(hour, at("2026-11-22T03:00:00Z"), SHANGHAI) == at("2026-11-22T03:00:00Z")


@given(
    every=clock_times,
    now=instants,
    zone=st.sampled_from(ZONES),
    later=st.timedeltas(timedelta(0), timedelta(400)),
)
def test_the_clock_never_goes_back_and_never_ahead(
    every: str, now: datetime, zone: ZoneInfo, later: timedelta
) -> None:
    clock = ClockTime.read(every)
    slot = latest_slot(clock, now, zone)
    assert slot <= now
    assert latest_slot(clock, slot, zone) == slot
    assert latest_slot(clock, now + later, zone) >= slot
    following = next_slot(clock, now, zone)
    assert now < following
    assert latest_slot(clock, following, zone) == following
    assert latest_slot(clock, following - timedelta(microseconds=1), zone) == slot
    assert ClockTime.read(str(clock)) == clock


def slots_of(day: str, every: str, zone: ZoneInfo) -> list[str]:
    """What the clock adds when it is asked every five minutes of a local day."""
    begins = datetime.fromisoformat(day).replace(tzinfo=zone).astimezone(UTC)
    keys = {}
    for minutes in range(0, 24 * 60, 5):
        slot = latest_slot(ClockTime.read(every), begins + timedelta(minutes=minutes), zone)
        if slot >= begins:
            keys[slot_key("j", slot, zone)] = slot
    return list(keys)


def test_a_night_in_which_the_clocks_change_has_one_slot_too() -> None:
    assert slots_of("2026-03-29", "02:30", BERLIN) == ["j@2026-03-29T03:30"]  # 02:30 does not exist
    assert len(slots_of("2026-10-25", "02:30", BERLIN)) == 1  # 02:30 comes twice
    assert slots_of("2026-10-26", "02:30", BERLIN) == ["j@2026-10-26T02:30"]


def test_hours_that_repeat_are_told_apart() -> None:
    first, second = at("2026-10-25T02:00:00+02:00"), at("2026-10-25T02:00:00+01:00")
    assert slot_key("j", first, BERLIN) != slot_key("j", second, BERLIN)
    assert slot_key("j", at("2026-11-22T02:10:00+08:00"), SHANGHAI) == "j@2026-11-22T02:10"


@pytest.mark.parametrize(
    "wrong", ["2:10", "24:00", "02:60", "day 29 02:00", "day 0 02:00", "Mon 02:00", "02:10 daily", ""]
)
def test_a_clock_time_that_cannot_be_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - two kinds: not a clock time, not a time
        ClockTime.read(wrong)


def test_the_clock_counts_whole_minutes() -> None:
    for wrong in (timedelta(seconds=30), timedelta(minutes=1, seconds=1), timedelta(0)):
        with pytest.raises(ValueError, match="whole minutes"):
            job("test.quick", every=wrong)


def test_two_jobs_cannot_have_one_name() -> None:
    job("test.one")(lambda run: None)
    with pytest.raises(ValueError, match="two jobs"):
        job("test.one")(test_the_clock_counts_whole_minutes)


@given(st.integers(1, 1000))
def test_a_pause_grows_up_to_an_hour(attempts: int) -> None:
    assert timedelta(seconds=30) <= pause_after(attempts) <= pause_after(attempts + 1) <= timedelta(hours=1)
