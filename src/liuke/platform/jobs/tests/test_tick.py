from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from liuke.platform.jobs.actions import run_now, tick, work
from liuke.platform.jobs.rules import JobRun, job
from liuke.platform.models import Job, Team, User
from liuke.platform.preferences.actions import change

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _routines() -> None:
    """A daily, a weekly and a monthly routine that greet each team once a day."""

    def greet(run: JobRun) -> dict[str, int]:
        _, is_new = Team.objects.get_or_create(name=f"greeted on {run.now:%Y-%m-%d}")
        return {"greeted": int(is_new)}

    for name, every in (("daily", "02:10"), ("weekly", "mon 02:20"), ("monthly", "day 1 02:30")):
        job(f"test.{name}", every=every, atomic=True)(greet)


def test_pl04_all_jobs_twice_on_one_day_create_nothing_more_and_the_log_shows_both_runs(
    olga: User, now: datetime
) -> None:
    tick(now)
    work(now=now)
    after_first = sorted(Team.objects.values_list("name", flat=True))
    for name in ("test.daily", "test.weekly", "test.monthly"):
        run_now(name, by=olga, now=now)
    work(now=now)
    assert sorted(Team.objects.values_list("name", flat=True)) == after_first
    log = [(run.name, run.originator, run.state) for run in Job.objects.order_by("name", "id")]
    assert log == [
        (f"test.{name}", who, "done") for name in ("daily", "monthly", "weekly") for who in (None, olga)
    ]


def test_pl04_the_clock_adds_each_slot_once_however_often_it_is_asked(now: datetime) -> None:
    assert [run.key for run in tick(now)] == [
        "test.daily@2026-03-02T02:10",
        "test.monthly@2026-03-01T02:30",
        "test.weekly@2026-03-02T02:20",
    ]
    assert tick(now) == []
    assert tick(now + timedelta(hours=12)) == []
    assert [run.name for run in tick(now + timedelta(days=1))] == ["test.daily"]
    assert Job.objects.count() == 4


def test_after_days_of_standstill_a_routine_runs_once_not_once_a_day(now: datetime) -> None:
    tick(now)
    assert len(tick(now + timedelta(days=5, hours=1))) == 1


def test_the_clock_is_the_companys(olga: User, now: datetime) -> None:
    change("company.zone", "America/New_York", by=olga, now=now)
    assert "test.daily@2026-03-01T02:10" in [run.key for run in tick(now)]
