from __future__ import annotations

from datetime import datetime

import pytest
from django.db import transaction

from liuke.platform.access.rules import Denied
from liuke.platform.jobs.actions import attempt, cancel, claim, enqueue, retry, run_now, work
from liuke.platform.jobs.rules import GiveUp, JobRun, job
from liuke.platform.models import AuditEntry, Job, Team, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _jobs() -> None:
    job("test.noop", every="02:10")(lambda run: None)
    job("test.param")(lambda run, n: None)


def test_a_person_starts_one_of_the_clocks_jobs(olga: User, now: datetime) -> None:
    started = run_now("test.noop", by=olga, now=now)
    assert (started.key, started.originator) == (None, olga)
    assert AuditEntry.objects.get().action == "jobs.run"
    with pytest.raises(LookupError):
        run_now("test.param", by=olga, now=now)


def test_only_who_manages_jobs_may(alice: User, olga: User, now: datetime) -> None:
    waiting = enqueue("test.noop", by=olga, now=now)
    for denied in (
        lambda: run_now("test.noop", by=alice, now=now),
        lambda: cancel(waiting, by=alice, now=now),
        lambda: retry(waiting, by=alice, now=now),
    ):
        with pytest.raises(Denied):
            denied()
    assert Job.objects.get().state == "waiting"


def test_one_may_call_off_what_one_has_asked_for(alice: User, now: datetime) -> None:
    waiting = enqueue("test.param", {"n": 1}, by=alice, now=now)
    assert cancel(waiting, by=alice, now=now)
    assert (waiting.state, waiting.finished_at) == ("cancelled", now)
    assert work(now=now) == []
    assert not cancel(waiting, by=alice, now=now)


def test_a_running_job_that_is_called_off_commits_no_more(olga: User, now: datetime) -> None:
    @job("test.steps")
    def steps(run: JobRun) -> None:
        for n in range(3):
            with transaction.atomic():
                Team.objects.create(name=f"step {n}")
                run.guard(n + 1)
            if n == 0:
                cancel(Job.objects.get(name="test.steps"), by=olga, now=now)

    enqueue("test.steps", by=None, now=now)
    held = claim(worker="w", now=now)
    assert held is not None
    attempt(held, now=now)
    assert Job.objects.get().state == "cancelled"
    assert list(Team.objects.filter(name__startswith="step").values_list("name", flat=True)) == ["step 0"]


def test_a_failed_job_gets_all_its_attempts_again(olga: User, now: datetime) -> None:
    @job("test.hopeless")
    def hopeless(run: JobRun) -> None:
        raise GiveUp("no")

    enqueue("test.hopeless", by=None, now=now)
    work(now=now)
    failed = Job.objects.get()
    assert retry(failed, by=olga, now=now)
    assert (failed.state, failed.attempts, failed.error) == ("waiting", 0, "")
    assert not retry(failed, by=olga, now=now)


def test_what_is_done_is_not_done_again(olga: User, now: datetime) -> None:
    enqueue("test.noop", by=None, now=now)
    work(now=now)
    assert not retry(Job.objects.get(), by=olga, now=now)
