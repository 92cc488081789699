"""Who may do what to an import when, and how it runs in the background."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import pytest

from liuke.customers.imports import actions
from liuke.customers.imports.actions import check, choose, discard, run, start, try_out, undo, upload
from liuke.customers.imports.rules import NotNow
from liuke.customers.imports.tests.conftest import Bring, content, row_counts, told_of
from liuke.customers.models import Customer, ImportBatch, Purchase
from liuke.customers.records.actions import register
from liuke.platform.access.rules import Denied
from liuke.platform.jobs.actions import work
from liuke.platform.models import StoredFile, User

HEAD = "订单号,日期,客户编号,金额\n"
LOG = HEAD + "A1,2026-01-05,C1,5\nA2,2026-01-06,C2,7\n"


def uploaded(text: str, now: datetime, *, by: User | None = None, target: str = "purchases") -> ImportBatch:
    return upload(io.BytesIO(text.encode()), name="log.csv", target=target, by=by, now=now)


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "Pace", lambda: SmallPace())


class SmallPace:
    lines = 1

    def took(self, lines: int, seconds: float) -> None:
        """Stays as it is."""


@pytest.mark.django_db
def test_a_dry_run_counts_and_writes_nothing(now: datetime) -> None:
    batch = check(uploaded(LOG + "A3,never,C1,1\n", now), by=None, now=now)
    assert (batch.state, batch.counts["created"], batch.counts["rejected"], batch.counts["customers_created"]) == (
        "checked", 2, 1, 2,
    )  # fmt: skip
    assert not any(row_counts().values())
    assert run(batch, by=None, now=now).counts == batch.counts


@pytest.mark.django_db
def test_the_stage_of_the_dry_run_serves_the_run(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = check(uploaded(LOG, now), by=None, now=now)
    monkeypatch.setattr(actions, "stage", None)  # not needed again
    assert run(batch, by=None, now=now).counts["created"] == 2


@pytest.mark.django_db
def test_other_choices_make_another_stage(now: datetime) -> None:
    batch = check(uploaded(LOG, now), by=None, now=now)
    batch = choose(batch, by=None, now=now, choices={"currency": "USD"})
    assert (batch.state, batch.counts) == ("uploaded", {})
    run(batch, by=None, now=now)
    assert set(Purchase.objects.values_list("currency", flat=True)) == {"USD"}


@pytest.mark.django_db
def test_a_dry_run_of_a_bad_file_says_why_and_can_be_corrected(now: datetime) -> None:
    batch = check(uploaded(HEAD + "A1,01/02/2026,C1,5\n", now), by=None, now=now)
    assert (batch.state, batch.problems[0]["code"]) == ("failed", "date_order_unknown")
    batch = choose(batch, by=None, now=now, choices={"date_order": "mdy"})
    assert check(batch, by=None, now=now).counts["created"] == 1


def test_it_runs_in_the_background_and_is_undone_there(olga: User, now: datetime) -> None:
    batch = uploaded(LOG, now, by=olga)
    try_out(batch, by=olga, now=now)
    work(now=now)
    batch.refresh_from_db()
    assert batch.state == "checked"
    job = start(batch, by=olga, now=now)
    assert start(batch, by=olga, now=now) == job  # pressed twice
    work(now=now)
    batch.refresh_from_db()
    assert (batch.state, batch.finished_at, Purchase.objects.count()) == ("done", now, 2)
    actions.undo_in_background(batch, by=olga, now=now)
    work(now=now)
    batch.refresh_from_db()
    assert (batch.state, batch.undone_by, Purchase.objects.count()) == ("undone", olga, 0)


@pytest.mark.django_db
def test_a_run_that_stopped_goes_on_where_it_was(now: datetime, small_portions: None) -> None:
    log = HEAD + "".join(f"A{n},2026-01-{n + 1:02d},C{n % 3},5\n" for n in range(9))
    batch = uploaded(log, now)
    with pytest.raises(RuntimeError):
        run(batch, by=None, now=now, guard=stop_after(4))
    batch.refresh_from_db()
    assert (batch.state, batch.cursor, Purchase.objects.count()) == ("running", 4, 4)
    done = run(batch, by=None, now=now)
    assert (done.state, done.counts["created"], Purchase.objects.count()) == ("done", 9, 9)


@pytest.mark.django_db
def test_a_run_that_lost_its_stage_makes_it_again(now: datetime, small_portions: None) -> None:
    log = HEAD + "".join(f"A{n},2026-01-{n + 1:02d},C{n % 3},5\n" for n in range(9))
    batch = uploaded(log, now)
    with pytest.raises(RuntimeError):
        run(batch, by=None, now=now, guard=stop_after(4))
    actions.forget_stage(batch)
    done = run(batch, by=None, now=now)
    assert (done.counts["created"], Purchase.objects.count()) == (9, 9)


@pytest.mark.django_db
def test_an_undo_that_stopped_goes_on(bring: Bring, now: datetime) -> None:
    batch = undo(bring(LOG), by=None, now=now)
    with pytest.raises(RuntimeError):
        actions.take_back(batch, now=now, guard=stop_after(2))
    batch.refresh_from_db()
    assert batch.state == "undoing"
    actions.take_back(undo(batch, by=None, now=now), now=now)
    assert not any(row_counts().values())


def stop_after(portions: int) -> Any:
    """A guard that lets so many transactions through and breaks the next one before it is committed."""
    left = [portions]

    def guard(done: int | None) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise RuntimeError("killed")

    return guard


@pytest.mark.django_db
def test_two_processes_cannot_carry_the_same_portion(now: datetime, small_portions: None) -> None:
    batch = uploaded(LOG, now)
    other = ImportBatch.objects.get(pk=batch.pk)

    def meanwhile(done: int, total: int | None, note: str = "") -> None:
        if note == "writing" and done == 1:
            run(other, by=None, now=now)

    with pytest.raises(NotNow):
        run(batch, by=None, now=now, progress=meanwhile)
    assert Purchase.objects.count() == 2


@pytest.mark.django_db
def test_what_never_ran_is_thrown_away_with_its_file(now: datetime) -> None:
    batch = check(uploaded(LOG + "A3,never,C1,1\n", now), by=None, now=now)
    discard(batch, by=None, now=now)
    assert not ImportBatch.objects.exists()
    assert not StoredFile.objects.exists()
    assert not actions.stage_folder(batch).exists()


def test_what_has_run_is_undone_and_not_thrown_away(bring: Bring, now: datetime) -> None:
    batch = bring(LOG)
    with pytest.raises(NotNow):
        discard(batch, by=None, now=now)
    with pytest.raises(NotNow):
        run(batch, by=None, now=now)
    with pytest.raises(NotNow):
        choose(batch, by=None, now=now, mapping={})


def test_the_right_to_import_is_asked_for_at_every_step(alice: User, bring: Bring, now: datetime) -> None:
    batch = bring(LOG)
    for attempt in (
        lambda: uploaded(LOG, now, by=alice),
        lambda: choose(batch, by=alice, now=now),
        lambda: check(batch, by=alice, now=now),
        lambda: start(batch, by=alice, now=now),
        lambda: run(batch, by=alice, now=now),
        lambda: undo(batch, by=alice, now=now),
        lambda: discard(batch, by=alice, now=now),
    ):
        with pytest.raises(Denied):
            attempt()


def test_another_persons_import_does_not_exist_for_a_supervisor(sue: User, olga: User, now: datetime) -> None:
    batch = uploaded(LOG, now, by=olga)
    assert list(ImportBatch.objects.for_user(sue)) == []
    for attempt in (start, undo, discard, check):
        with pytest.raises(ImportBatch.DoesNotExist):
            attempt(batch, by=sue, now=now)
    assert list(ImportBatch.objects.for_user(olga)) == [batch]


def test_a_supervisor_brings_nothing_onto_other_teams_customers(
    bring: Bring, sue: User, alice: User, charlie: User, now: datetime
) -> None:
    theirs = register(by=None, now=now, name="西区客户", number="W1", owner=charlie)
    register(by=None, now=now, name="东区客户", number="E1", owner=alice)
    before = content()
    batch = bring(HEAD + "A1,2026-01-05,W1,5\nA2,2026-01-05,E1,7\nA3,2026-01-05,N1,9\n", by=sue)
    assert (batch.counts["created"], batch.counts["rejected"]) == (2, 1)
    assert [(p["row"], p["code"]) for p in told_of(batch)] == [(2, "out_of_reach")]
    assert not theirs.purchases.exists()
    assert Customer.objects.get(number="N1").team == sue.team  # her team sees whom she brought
    people = bring("客户编号,客户名称\nW1,改名\nE1,东区新名\n", "customers", by=sue)
    assert (people.counts["updated"], people.counts["rejected"]) == (1, 1)
    theirs.refresh_from_db()
    assert theirs.name == "西区客户"
    assert content() != before


def test_orders_of_other_teams_are_not_overwritten(
    bring: Bring, sue: User, charlie: User, now: datetime
) -> None:
    register(by=None, now=now, name="西区客户", number="W1", owner=charlie)
    bring(HEAD + "A1,2026-01-05,W1,5\nA9,2026-01-05,,5\n")
    batch = bring(HEAD + "A1,2026-01-05,E9,99\nA9,2026-01-05,E9,99\n", by=sue)
    assert batch.counts["rejected"] == 2
    assert set(Purchase.objects.values_list("number", "amount_minor")) == {("A1", 500), ("A9", 500)}


def test_the_job_of_somebody_who_left_writes_nothing(olga: User, now: datetime) -> None:
    batch = uploaded(LOG, now, by=olga)
    start(batch, by=olga, now=now)
    User.objects.filter(pk=olga.pk).update(is_active=False)
    work(now=now)
    assert not any(row_counts().values())
