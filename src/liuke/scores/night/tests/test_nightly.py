"""The night by the clock, and the one that an import sets off."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import pytest

from liuke.customers.followups.actions import complete
from liuke.customers.imports.actions import choose, run, undo_in_background, upload
from liuke.customers.models import Fact, FollowUp, ImportBatch
from liuke.customers.records.actions import register
from liuke.platform.jobs.actions import enqueue, tick, work
from liuke.platform.models import Job, User
from liuke.scores.models import CurrentRun, Score, ScoreRun
from liuke.scores.plans.actions import ask_for_plans

HEAD = "order number,date,customer number,amount\n"


@pytest.fixture(autouse=True)
def no_look_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look back is a judgement of its own, and takes as long; track/tests looks back."""
    monkeypatch.setattr("liuke.scores.track.actions.look_back_days", lambda as_of: {})


@pytest.fixture
def orders(db: None, now: datetime) -> bytes:
    """Two who order every twenty days; the second has been silent for a hundred."""
    rows = [
        f"{name}-{place},{(now - timedelta(days=silent + 20 * place)).date()},{name},{amount}\n"
        for name, silent, amount in (("A", 5, 100), ("B", 100, 900))
        for place in range(9)
    ]
    return (HEAD + "".join(rows)).encode()


def bring(content: bytes, now: datetime) -> None:
    batch = upload(io.BytesIO(content), name="orders.csv", target="purchases", by=None, now=now)
    run(choose(batch, by=None, now=now, mapping={}, choices={}), by=None, now=now)


def test_an_import_sets_off_one_judgement_and_the_lists_of_the_day(orders: bytes, now: datetime) -> None:
    bring(orders, now)
    assert Job.objects.filter(name="scores.nightly").count() == 1
    (job,) = [job for job in work(now=now) if job.name == "scores.nightly"]
    assert job.state == "done", job.error
    assert job.result["customers"] == 2
    suggested = FollowUp.objects.filter(source__startswith="scores.")
    assert job.result["asked"] == suggested.count() == 1
    assert suggested.get().customer.number == "B"
    # Who is about to be lost stands once on the list; the plan for him is asked for when the call is made.
    called = FollowUp.objects.get()
    assert called == suggested.get()
    complete(called, by=None, now=now)
    ask_for_plans(now=now)
    assert FollowUp.objects.open().get().source == "accounts.plan"


def test_when_the_orders_are_taken_out_again_nothing_is_said_of_them_any_more(
    orders: bytes, now: datetime, alice: User
) -> None:
    held = register(by=alice, now=now, name="B's shop", number="B")
    bring(orders, now)
    work(now=now)
    assert Score.objects.current().get(customer=held).grade
    assert FollowUp.objects.open().filter(customer=held).exists()

    later = now + timedelta(minutes=1)
    undo_in_background(ImportBatch.objects.get(), by=None, now=later)
    (job,) = [job for job in work(now=later) if job.name == "scores.nightly"]
    assert (job.state, job.result) == ("done", {"customers": 0})
    assert ScoreRun.objects.first().state == "nothing"
    assert not Score.objects.exists()
    assert not FollowUp.objects.open().exists()
    told = Fact.objects.filter(customer=held, kind="graded", at=later)
    assert {fact.data["measure"]: fact.data["after"] for fact in told} == {"grade": "", "risk": ""}

    bring(orders.replace(b",900", b",901"), later)
    work(now=later)
    assert Score.objects.current().get(customer=held).grade


def test_pl04_the_clock_starts_it_once_a_night(orders: bytes, now: datetime) -> None:
    bring(orders, now)
    work(now=now)
    night = now + timedelta(days=1)
    tick(night)
    tick(night + timedelta(minutes=5))
    ran = [job for job in work(now=night + timedelta(minutes=5)) if job.name == "scores.nightly"]
    assert len(ran) == 1


def test_before_there_is_anything_to_judge_it_ends_quietly(now: datetime, db: None) -> None:
    enqueue("scores.nightly", {}, by=None, now=now)
    (job,) = work(now=now)
    assert (job.state, job.result) == ("done", {"customers": 0})
    assert not CurrentRun.objects.filter(run__isnull=False).exists()
    assert ScoreRun.objects.get().state == "nothing"


def test_a_night_that_fails_leaves_the_old_one_to_its_readers(
    orders: bytes, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(orders, now)
    work(now=now)
    old = CurrentRun.objects.get(pk=1).run
    before = sorted(Score.objects.current().values_list("customer_id", "risk"))

    def broken(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("liuke.scores.judging.actions.write_parquet", broken)
    enqueue("scores.nightly", {}, by=None, now=now)
    ran = work(now=now)
    assert ran[-1].state in {"failed", "waiting"}
    assert CurrentRun.objects.get(pk=1).run == old
    assert sorted(Score.objects.current().values_list("customer_id", "risk")) == before
    assert "disk full" in ScoreRun.objects.filter(state="failed").latest("id").error


def test_who_started_it_by_hand_is_named(orders: bytes, now: datetime, anna: User) -> None:
    bring(orders, now)
    Job.objects.all().delete()
    enqueue("scores.nightly", {}, by=anna, now=now)
    work(now=now)
    assert ScoreRun.objects.get(looked_back=False).by == anna
