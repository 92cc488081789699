"""A delegate's reach begins and ends with the clock; nothing changes its owner (DB14)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from liuke.customers.facts.models import Fact
from liuke.customers.followups.actions import ask, complete
from liuke.customers.leave.actions import end_leave, give_back
from liuke.customers.models import Customer, FollowUp
from liuke.customers.records.actions import edit, register
from liuke.customers.timeline.actions import log_contact
from liuke.platform.absences.actions import arrange
from liuke.platform.models import Absence, User


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, now: datetime) -> list[datetime]:
    """What every clock shows: its last entry."""
    shown = [now]
    monkeypatch.setattr(timezone, "now", lambda: shown[-1])
    return shown


@pytest.fixture
def shop(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Shop")


@pytest.fixture
def promise(shop: Customer, alice: User, now: datetime) -> FollowUp:
    return ask(
        shop, kind="promise", title="samples", assignee=alice, due_at=now, source="person", by=alice, now=now
    )


@pytest.fixture
def leave(alice: User, bob: User, sue: User, now: datetime) -> Absence:
    day = (now + timedelta(days=3)).date()
    return arrange(alice, delegate=bob, starts_on=day, ends_on=day, by=sue, now=now)


def fresh(user: User) -> User:
    return User.objects.select_related("role", "team").get(pk=user.pk)


def test_db14_he_sees_and_works_them_on_the_days_and_on_no_other(
    clock: list[datetime], leave: Absence, shop: Customer, promise: FollowUp, alice: User, bob: User
) -> None:
    bob = fresh(bob)
    for at, reached in (
        (leave.starts_at - timedelta(seconds=1), False),
        (leave.starts_at, True),
        (leave.ends_at - timedelta(seconds=1), True),
        (leave.ends_at, False),
    ):
        clock.append(at)
        assert Customer.objects.for_user(bob).exists() is reached
        assert Customer.objects.writable_by(bob).exists() is reached
        assert FollowUp.objects.for_user(bob).exists() is reached
        assert FollowUp.objects.workable_by(bob).exists() is reached
        assert Fact.objects.for_user(bob).exists() is reached
        assert Customer.objects.for_user(fresh(alice)).exists()
    shop.refresh_from_db()
    promise.refresh_from_db()
    assert (shop.owner, promise.assignee) == (alice, alice)


def test_db14_what_he_does_stands_under_his_own_name(
    clock: list[datetime], leave: Absence, shop: Customer, promise: FollowUp, alice: User, bob: User
) -> None:
    bob = fresh(bob)
    clock.append(leave.starts_at)
    edit(shop, {"city": "Yiwu"}, version=1, by=bob, now=clock[-1])
    complete(promise, by=bob, now=clock[-1])
    log_contact(
        shop, channel="phone", direction="out", outcome="reached", note="spoke", by=bob, now=clock[-1]
    )
    assert set(Fact.objects.exclude(kind="registered").values_list("actor", flat=True)) == {bob.pk}
    shop.refresh_from_db()
    assert (shop.owner, shop.city) == (alice, "Yiwu")
    clock.append(leave.ends_at)
    with pytest.raises(Customer.DoesNotExist):
        edit(shop, {"city": "Ningbo"}, version=2, by=bob, now=clock[-1])


def test_db14_what_he_began_goes_to_the_owner_when_it_is_over(
    clock: list[datetime], leave: Absence, shop: Customer, alice: User, bob: User
) -> None:
    """Given a matter, one reaches its customer: left with the delegate it would be a door that never shuts."""
    bob = fresh(bob)
    clock.append(leave.starts_at)
    begun = ask(
        shop,
        kind="task",
        title="call",
        assignee=bob,
        due_at=clock[-1],
        source="person",
        by=bob,
        now=clock[-1],
    )
    assert give_back(now=clock[-1]) == 0
    clock.append(leave.ends_at)
    assert Customer.objects.for_user(bob).exists(), "by the matter that he began"
    assert give_back(now=clock[-1]) == 1
    assert give_back(now=clock[-1]) == 0
    begun.refresh_from_db()
    assert begun.assignee == alice
    assert not Customer.objects.for_user(bob).exists()


def test_db14_back_early_all_of_it_is_back_at_once(
    clock: list[datetime], leave: Absence, shop: Customer, alice: User, bob: User, sue: User
) -> None:
    bob = fresh(bob)
    clock.append(leave.starts_at + timedelta(hours=1))
    begun = ask(
        shop,
        kind="task",
        title="call",
        assignee=bob,
        due_at=clock[-1],
        source="person",
        by=bob,
        now=clock[-1],
    )
    clock.append(leave.starts_at + timedelta(hours=2))
    assert end_leave(leave, by=sue, now=clock[-1]) == 1
    begun.refresh_from_db()
    assert begun.assignee == alice
    assert not Customer.objects.for_user(fresh(bob)).exists()


def test_db14_of_whom_the_absent_one_was_given_a_matter_he_reaches_that_customer_too(
    clock: list[datetime], leave: Absence, alice: User, bob: User, sue: User, now: datetime
) -> None:
    sues = register(by=sue, now=now, name="Sue's own")
    ask(sues, kind="task", assignee=alice, due_at=now, source="person", by=sue, now=now)
    clock.append(leave.starts_at)
    assert list(Customer.objects.for_user(fresh(bob))) == [sues]
    clock.append(leave.ends_at)
    assert not Customer.objects.for_user(fresh(bob)).exists()
