from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from liuke.customers.facts.actions import record, record_many
from liuke.customers.facts.rules import FactKind, NewFact
from liuke.customers.followups.actions import complete, expire, rerank
from liuke.customers.followups.models import FollowUp, FollowUpChange
from liuke.customers.followups.rules import rank
from liuke.customers.records.models import Customer
from liuke.platform.models import User

Task = Callable[..., FollowUp]
CALL = {"channel": "phone", "direction": "out"}


def open_kinds() -> set[str]:
    return set(FollowUp.objects.open().values_list("kind", flat=True))


def test_by_keys_and_by_customers(task: Task, sue: User, now: datetime) -> None:
    first, second, third = task(key="a"), task(key="b"), task(kind="gap")
    assert expire(keys=["a", "zzz"], now=now) == 1
    assert expire(customers=[third.customer_id], kinds=["gap"], reason="contacted", now=now) == 1
    assert list(FollowUp.objects.open()) == [second]
    first.refresh_from_db()
    assert (first.state, first.closed_at) == ("expired", now)
    step = first.changes.get(what="expired")
    assert (step.by, step.reason, step.tells) == (None, "settled", sue)
    with pytest.raises(TypeError):
        expire(now=now)


def test_what_is_closed_stays_as_it_was(task: Task, alice: User, now: datetime) -> None:
    done = complete(task(key="a"), by=alice, now=now)
    assert expire(keys=["a"], now=now + timedelta(days=1)) == 0
    done.refresh_from_db()
    assert (done.state, done.closed_at) == ("done", now)


def test_an_order_ends_what_rests_on_silence(task: Task, hampton: Customer, now: datetime) -> None:
    for kind in ("risk", "rhythm", "gap", "promise", "task"):
        task(kind=kind)
    old = NewFact(FactKind.PURCHASED, hampton.pk, now - timedelta(days=40), data={"number": "1"})
    record_many([old], now=now)
    assert open_kinds() == {"risk", "rhythm", "gap", "promise", "task"}
    record(FactKind.PURCHASED, customer=hampton, at=now, by=None, now=now, data={"number": "2"})
    assert open_kinds() == {"gap", "promise", "task"}
    assert set(FollowUpChange.objects.filter(what="expired").values_list("reason", flat=True)) == {"ordered"}


def test_ch09_a_talk_ends_the_gap_an_unanswered_call_does_not(
    task: Task, hampton: Customer, now: datetime
) -> None:
    task(kind="gap")
    task(kind="task")
    for at, outcome in ((now, "no_answer"), (now - timedelta(days=2), "reached")):
        data = {**CALL, "outcome": outcome}
        record(FactKind.CONTACTED, customer=hampton, at=at, by=None, now=now, data=data)
    assert open_kinds() == {"gap", "task"}
    record(FactKind.VISITED, customer=hampton, at=now, by=None, now=now, data={**CALL, "outcome": "reached"})
    assert open_kinds() == {"task"}


def test_who_says_that_they_order_is_not_asked_whether_they_would(
    task: Task, hampton: Customer, now: datetime
) -> None:
    for kind in ("rhythm", "risk", "task"):
        task(kind=kind)
    for at, outcome in ((now, "reached"), (now - timedelta(days=20), "will_order")):
        data = {**CALL, "outcome": outcome}
        record(FactKind.CONTACTED, customer=hampton, at=at, by=None, now=now, data=data)
    assert open_kinds() == {
        "rhythm",
        "risk",
        "task",
    }  # too long ago to be believed: followups.word_days is 14
    data = {**CALL, "outcome": "will_order"}
    record(FactKind.VISITED, customer=hampton, at=now, by=None, now=now, data=data)
    assert open_kinds() == {"risk", "task"}
    assert FollowUpChange.objects.get(what="expired").reason == "will_order"


def test_the_order_of_the_day_is_made_anew(task: Task, now: datetime) -> None:
    early, late = task(due_at=now + timedelta(days=3)), task(due_at=now + timedelta(days=30))
    then = now + timedelta(days=10)
    assert rerank(now=then) == 1
    early.refresh_from_db()
    late.refresh_from_db()
    assert early.rank == rank(0, early.due_at, "task", then) > late.rank
    assert rerank(now=then) == 0


def test_statements_do_not_grow_with_the_matters(task: Task, now: datetime) -> None:
    def statements(count: int) -> int:
        keys = [task(key=f"k{n}", by=None).key or "" for n in range(count)]
        with CaptureQueriesContext(connection) as caught:
            assert expire(keys=keys, now=now) == count
        return len(caught)

    assert statements(1) == statements(40)
