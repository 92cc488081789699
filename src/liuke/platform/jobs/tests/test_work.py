from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from liuke.platform.jobs.actions import Attempt, attempt, claim, declared, enqueue, work
from liuke.platform.jobs.rules import ORIGINATOR_LEFT, WORKER_DIED, GiveUp, JobRun, LeaseLost, Stopping, job
from liuke.platform.models import Job, Team, User

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def test_a_job_runs_with_its_params_and_keeps_its_result(alice: User, now: datetime) -> None:
    @job("test.add")
    def add(run: JobRun, a: int, b: int) -> dict[str, Any]:
        return {"sum": a + b, "by": run.originator.username if run.originator else None, "at": run.now}

    enqueue("test.add", {"a": 2, "b": 3}, by=alice, now=now)
    (ran,) = work(now=now)
    assert (ran.state, ran.attempts, ran.lease_until) == ("done", 1, None)
    assert ran.result == {"sum": 5, "by": "alice", "at": "2026-03-02T01:30:00Z"}
    assert (ran.started_at, ran.finished_at) == (now, now)
    assert work(now=now) == []


def test_a_job_is_there_exactly_if_what_asked_for_it_is(now: datetime) -> None:
    job("test.noop")(lambda run: None)
    with transaction.atomic():
        enqueue("test.noop", by=None, now=now)
        transaction.set_rollback(True)
    assert not Job.objects.exists()


def test_a_key_is_never_added_twice(now: datetime) -> None:
    job("test.noop")(lambda run: None)
    first = enqueue("test.noop", by=None, now=now, key="only once")
    assert enqueue("test.noop", by=None, now=now, key="only once") == first
    work(now=now)
    assert enqueue("test.noop", by=None, now=now, key="only once").state == "done"


def test_a_name_that_nobody_declared_is_named(now: datetime) -> None:
    with pytest.raises(LookupError, match=r"test\.unknown"):
        enqueue("test.unknown", by=None, now=now)


def test_a_job_of_a_newer_release_waits(now: datetime) -> None:
    Job.objects.create(name="newer.release", run_at=now, created_at=now)
    assert work(now=now) == []


def test_due_ones_first_and_none_before_its_time(now: datetime) -> None:
    order: list[int] = []
    job("test.note")(lambda run, n: order.append(n))
    for n, minutes in enumerate([2, 0, 1, 60]):
        enqueue("test.note", {"n": n}, by=None, now=now, run_at=now + minutes * MINUTE)
    work(now=now + 5 * MINUTE)
    assert order == [1, 2, 0]


def test_a_failure_is_tried_again_later_and_later_and_then_no_more(now: datetime) -> None:
    tried_at: list[datetime] = []

    @job("test.fail", max_attempts=4)
    def fail(run: JobRun) -> None:
        tried_at.append(run.now)
        raise RuntimeError("the gateway is away")

    enqueue("test.fail", by=None, now=now)
    ran = work(now=now, once=False)
    assert [(at - now).total_seconds() for at in tried_at] == [0, 30, 150, 630]
    assert ran[-1].state == "failed"
    assert ran[-1].error.startswith("RuntimeError: the gateway is away (")
    assert "test_work.py" in ran[-1].error


def test_what_another_attempt_cannot_help_is_not_tried_again(now: datetime) -> None:
    @job("test.hopeless")
    def hopeless(run: JobRun) -> None:
        raise GiveUp("the file is empty")

    enqueue("test.hopeless", by=None, now=now)
    (ran,) = work(now=now, once=False)
    assert (ran.state, ran.error, ran.attempts) == ("failed", "the file is empty", 1)


def test_who_has_left_has_nothing_done_in_his_name(alice: User, now: datetime) -> None:
    job("test.noop")(lambda run: None)
    enqueue("test.noop", by=alice, now=now)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    (ran,) = work(now=now)
    assert (ran.state, ran.error) == ("failed", ORIGINATOR_LEFT)


def test_an_atomic_job_commits_all_or_nothing(now: datetime) -> None:
    @job("test.atomic", atomic=True, max_attempts=2)
    def half(run: JobRun) -> None:
        Team.objects.create(name="made")
        if Job.objects.get().attempts == 1:
            raise RuntimeError

    enqueue("test.atomic", by=None, now=now)
    work(now=now)
    assert Team.objects.count() == 0
    work(now=now, once=False)
    assert (Team.objects.count(), Job.objects.get().state) == (1, "done")


def test_a_lease_that_ran_out_is_taken_over_and_the_first_worker_commits_nothing_more(now: datetime) -> None:
    job("test.slow")(lambda run: None)
    enqueue("test.slow", by=None, now=now)
    held = claim(worker="first", now=now)
    assert held is not None
    assert claim(worker="second", now=now + MINUTE) is None  # the lease lasts that long
    # As PostgreSQL would have it: the second worker's claim is committed although the first one's work is not.
    run = Attempt(held, declared()["test.slow"], now, clock=lambda: now)
    Job.objects.filter(pk=held.pk).update(worker="second", attempts=2)

    def commit() -> None:
        with transaction.atomic():
            Team.objects.create(name="by the first worker")
            run.guard()

    with pytest.raises(LeaseLost):
        commit()
    assert not Team.objects.exists()
    with pytest.raises(LeaseLost):
        run.finish({})
    assert Job.objects.get().state == "running"


def test_the_same_worker_cannot_finish_its_own_earlier_attempt(now: datetime) -> None:
    job("test.noop")(lambda run: None)
    enqueue("test.noop", by=None, now=now)
    first = claim(worker="w", now=now)
    assert first is not None
    second = claim(worker="w", now=now + 2 * MINUTE)
    assert second is not None
    assert not Attempt(first, declared()["test.noop"], now).renew()
    assert Attempt(second, declared()["test.noop"], now).renew()


def test_work_goes_on_where_the_last_attempt_was_guarded(now: datetime) -> None:
    @job("test.steps")
    def steps(run: JobRun) -> dict[str, int]:
        began = run.done
        for n in range(began, 5):
            with transaction.atomic():
                Team.objects.create(name=f"step {n}")
                run.guard(n + 1)
            if n == 2 and began == 0:
                raise RuntimeError
        return {"began": began}

    enqueue("test.steps", by=None, now=now)
    ran = work(now=now, once=False)
    assert ran[-1].result == {"began": 3}
    assert list(Team.objects.order_by("name").values_list("name", flat=True)) == [
        f"step {n}" for n in range(5)
    ]


def test_progress_is_told_and_holds_the_lease(now: datetime) -> None:
    later = now + 10 * MINUTE
    seen: list[Job] = []

    @job("test.count")
    def count(run: JobRun) -> None:
        run.progress(1, 4, "reading")
        seen.append(Job.objects.get())

    enqueue("test.count", by=None, now=now)
    held = claim(worker="w", now=now)
    assert held is not None
    attempt(held, now=now, clock=lambda: later)
    (during,) = seen
    assert (during.progress_done, during.progress_total, during.progress_note) == (1, 4, "reading")
    assert during.lease_until == later + MINUTE


def test_a_job_that_takes_its_worker_down_is_given_up(now: datetime) -> None:
    job("test.poison", max_attempts=2)(lambda run: None)
    enqueue("test.poison", by=None, now=now)
    for n in range(2):
        assert claim(worker="w", now=now + 5 * n * MINUTE)
    assert claim(worker="w", now=now + 10 * MINUTE) is None
    assert (Job.objects.get().state, Job.objects.get().error) == ("failed", WORKER_DIED)


def test_a_worker_asked_to_end_leaves_its_job_to_the_next_at_no_cost(now: datetime) -> None:
    @job("test.long", atomic=True)
    def long(run: JobRun) -> None:
        Team.objects.create(name="half done")
        run.progress(1, 2)

    enqueue("test.long", by=None, now=now)
    held = claim(worker="w", now=now)
    assert held is not None
    attempt(held, now=now, is_stopping=lambda: True)
    waiting = Job.objects.get()
    assert (waiting.state, waiting.attempts) == ("waiting", 0)
    assert not Team.objects.exists()


def test_catching_exceptions_does_not_catch_the_end() -> None:
    assert not issubclass(Stopping, Exception)


def test_of_one_lane_one_runs_at_a_time(now: datetime) -> None:
    job("test.alone", alone=True)(lambda run: None)
    job("test.other")(lambda run: None)
    for name in ("test.alone", "test.alone", "test.other"):
        enqueue(name, by=None, now=now)
    claimed = [claim(worker=f"w{n}", now=now) for n in range(3)]
    assert [held.name if held else None for held in claimed] == ["test.alone", "test.other", None]
    Job.objects.filter(pk=claimed[0].pk).update(state="done", lease_until=None)  # type: ignore[union-attr]
    assert claim(worker="w3", now=now)


def test_what_a_dead_worker_held_is_free_at_once(now: datetime) -> None:
    job("test.noop")(lambda run: None)
    enqueue("test.noop", by=None, now=now)
    claim(worker="dead", now=now)
    assert claim(worker="next", now=now) is None
    assert Job.objects.release("dead", now=now) == 1
    assert claim(worker="next", now=now)
