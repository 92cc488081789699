from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from liuke.customers.followups.actions import complete, dismiss, postpone
from liuke.customers.followups.models import FollowUp, FollowUpChange
from liuke.customers.followups.rules import rank
from liuke.customers.records.actions import register
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit
from liuke.customers.scope import models as scope
from liuke.platform.access.rules import Denied
from liuke.platform.models import User
from liuke.platform.preferences.actions import change

Task = Callable[..., FollowUp]


def test_pl11_a_supervisor_gives_a_task_and_the_one_who_gets_it_is_told(
    task: Task, alice: User, sue: User, now: datetime
) -> None:
    given = task(
        title=" call  back ", due_at=now + timedelta(days=1), weight_minor=5000, reasons=[{"code": "x"}]
    )
    stored = FollowUp.objects.get()
    assert stored == given
    assert (stored.title, stored.state, stored.created_by, stored.created_at) == (
        "call back",
        "open",
        sue,
        now,
    )
    assert stored.rank == rank(5000, stored.due_at, "task", now)
    step = FollowUpChange.objects.get()
    assert (step.what, step.by, step.at, step.tells) == ("created", sue, now, alice)


def test_a_matter_with_a_key_is_asked_for_once(task: Task, now: datetime) -> None:
    night = {"kind": "risk", "key": "risk:1", "source": "scores.risk", "by": None}
    first = task(**night, weight_minor=100, reasons=[{"code": "silent", "days": 60}])
    later = now + timedelta(days=1)
    again = task(**night, weight_minor=300, reasons=[{"code": "silent", "days": 61}], due_at=later, now=later)
    assert again == first
    stored = FollowUp.objects.get()
    assert (stored.weight_minor, stored.reasons, stored.due_at) == (
        300,
        [{"code": "silent", "days": 61}],
        now,
    )
    assert FollowUpChange.objects.count() == 1


def test_what_somebody_postponed_stays_postponed(task: Task, alice: User, now: datetime) -> None:
    night = {"kind": "risk", "key": "risk:1", "source": "scores.risk", "by": None}
    until = now + timedelta(days=5)
    postpone(task(**night), until=until, reason="on holiday", by=alice, now=now)
    assert task(**night, due_at=now + timedelta(days=1)).due_at == until


@pytest.mark.parametrize("close", ["done", "dismissed"])
def test_what_somebody_closed_is_left_alone_for_a_while(
    task: Task, alice: User, olga: User, now: datetime, close: str
) -> None:
    change("followups.quiet_days", 10, by=olga, now=now)
    night = {"kind": "risk", "key": "risk:1", "source": "scores.risk", "by": None}
    first = task(**night)
    if close == "done":
        complete(first, by=alice, now=now)
    else:
        dismiss(first, reason="moved away", by=alice, now=now)
    assert task(**night, now=now + timedelta(days=9)) == first
    assert FollowUp.objects.open().count() == 0
    assert task(**night, now=now + timedelta(days=10)) != first


def test_the_database_keeps_one_open_matter_a_key(task: Task) -> None:
    first = task(key="k")
    with pytest.raises(IntegrityError), transaction.atomic():
        FollowUp.objects.create(
            customer=first.customer,
            kind="task",
            due_at=first.due_at,
            source="x",
            key="k",
            created_at=first.due_at,
        )


def test_for_others_only_with_the_right_and_within_ones_team(
    task: Task, alice: User, bob: User, charlie: User, sue: User, anna: User
) -> None:
    assert task(assignee=alice, by=alice).assignee == alice
    assert task(assignee=None, by=alice).assignee is None
    with pytest.raises(Denied):
        task(assignee=bob, by=alice)
    with pytest.raises(Unfit, match="not in your team"):
        task(assignee=charlie, by=sue)
    anna.team = sue.team
    anna.save()
    with pytest.raises(Unfit, match="does not work with customers"):
        task(assignee=anna, by=sue)
    alice.is_active = False
    with pytest.raises(Unfit, match="works here no longer"):
        task(assignee=alice, by=sue)


def test_pl02_a_stand_in_reaches_the_customer_as_long_as_the_matter_is_open(
    task: Task, alice: User, bob: User, charlie: User, sue: User, now: datetime
) -> None:
    """Hampton is Alice's; Sue gives the call to Bob while Alice is away."""
    given = task(assignee=bob, by=sue)
    assert list(Customer.objects.for_user(bob)) == list(Customer.objects.writable_by(bob)) == [given.customer]
    assert not Customer.objects.for_user(charlie).exists()
    complete(given, by=bob, now=now)
    assert not Customer.objects.for_user(bob).exists()
    assert Customer.objects.for_user(alice).get() == given.customer


def test_pl02_a_customer_out_of_reach_does_not_exist(task: Task, bob: User, anna: User) -> None:
    with pytest.raises(Customer.DoesNotExist):
        task(assignee=bob, by=bob)
    with pytest.raises(Denied):
        task(assignee=anna, by=anna)


def test_a_kind_that_is_none(task: Task) -> None:
    with pytest.raises(Unfit):
        task(kind="wish")


def test_what_was_done_rests_as_long_as_asked_and_what_was_dismissed_as_long_as_set(
    task: Task, alice: User, now: datetime
) -> None:
    night = {"kind": "risk", "key": "risk:1", "source": "scores.risk", "by": None, "rest_days": 14}
    first = task(**night)
    complete(first, by=alice, now=now)
    for days, asked_anew in ((13, False), (14, True)):
        later = now + timedelta(days=days)
        again = task(**night, due_at=later, now=later)
        assert (again != first) is asked_anew
    dismiss(again, reason="seasonal", by=alice, now=now + timedelta(days=14))
    later = now + timedelta(days=29)
    assert task(**night, due_at=later, now=later) == again  # followups.quiet_days is 30


@pytest.mark.parametrize("few", [0, 1, 10_000])
def test_what_is_summed_is_what_may_be_read(
    few: int,
    monkeypatch: pytest.MonkeyPatch,
    task: Task,
    alice: User,
    bob: User,
    charlie: User,
    sue: User,
    olga: User,
    anna: User,
    now: datetime,
) -> None:
    """The ways of sums turn the question round; the answer must be the same for everybody, stand-ins too, by either list."""
    monkeypatch.setattr(scope, "FEW", few)
    for number, owner in enumerate((alice, alice, bob, charlie, None)):
        register(by=None, now=now, name=f"c{number}", owner=owner)
    for assignee, owner in ((bob, alice), (sue, alice), (sue, charlie), (sue, None), (charlie, None)):
        task(assignee=assignee, customer=Customer.objects.filter(owner=owner)[0], by=None)
    for user in (alice, bob, charlie, sue, olga, anna):
        summed = Customer.objects.summed_for(user)
        mine = set(Customer.objects.for_user(user))
        assert set(summed) == mine
        assert sorted(row["pk"] for row in Customer.objects.ids_for(user)) == sorted(one.pk for one in mine)
        assert set(FollowUp.objects.summed_for(user)) == set(FollowUp.objects.for_user(user))
        user.is_active = False
        assert not Customer.objects.summed_for(user).exists()
        assert not Customer.objects.ids_for(user).exists()
        assert not FollowUp.objects.summed_for(user).exists()
