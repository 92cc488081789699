"""A leaver's customers and matters go on at once, survive a killed job, and come back when it was a mistake (DB14)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from liuke.customers.facts.models import Fact
from liuke.customers.followups.actions import ask, complete
from liuke.customers.handovers import actions
from liuke.customers.handovers.actions import Share, carry, hand_over, resume, take_back
from liuke.customers.models import Customer, FollowUp, Handover, HandoverItem
from liuke.customers.records.actions import assign, register
from liuke.customers.timeline.actions import log_contact
from liuke.platform.access.rules import Denied
from liuke.platform.jobs.actions import work
from liuke.platform.models import AuditEntry, Job, Team, User


@pytest.fixture
def shops(alice: User, now: datetime) -> list[Customer]:
    return [register(by=alice, now=now, name=f"Shop {place}") for place in range(25)]


def shares(customers: list[Customer], to: User) -> list[Share]:
    return [Share(one.pk, to.pk, 100 - place) for place, one in enumerate(customers)]


def fresh(user: User) -> User:
    return User.objects.select_related("role", "team").get(pk=user.pk)


def test_db14_25_customers_with_their_tasks_and_promises_go_to_b_and_a_is_out(
    shops: list[Customer], alice: User, bob: User, sue: User, now: datetime
) -> None:
    log_contact(shops[0], channel="phone", direction="out", outcome="reached", note="x", by=alice, now=now)
    for kind in ("task", "promise"):
        ask(shops[0], kind=kind, title="x", assignee=alice, due_at=now, source="person", by=alice, now=now)
    epoch = alice.epoch
    made = hand_over(alice, shares(shops, bob), leaves=True, reason="moves away", by=sue, now=now)
    alice = fresh(alice)
    assert (alice.is_active, alice.epoch > epoch) == (False, True), "before the first customer moves"
    assert not Customer.objects.for_user(alice).exists()
    work(now=now)
    made.refresh_from_db()
    assert (made.state, made.items.filter(state="moved").count()) == ("done", 25)
    assert Customer.objects.for_user(fresh(bob)).count() == 25
    assert Customer.objects.filter(owner=alice).count() == 0
    his = FollowUp.objects.open().filter(customer=shops[0]).exclude(source=actions.SOURCE)
    assert {one.assignee for one in his} == {bob}
    assert {one.kind for one in his} == {"task", "promise"}
    told = Fact.objects.filter(customer=shops[0]).order_by("id")
    assert [(one.kind, one.actor) for one in told] == [
        ("registered", alice),
        ("contacted", alice),
        ("assigned", sue),
    ], "history keeps the author"
    assert told.last().data["reason"] == "moves away"
    assert Fact.objects.filter(kind="assigned").count() == 25


def test_db14_the_successor_is_asked_to_introduce_himself_the_heaviest_first(
    shops: list[Customer], alice: User, bob: User, sue: User, now: datetime
) -> None:
    hand_over(alice, shares(shops, bob), leaves=True, by=sue, now=now)
    work(now=now)
    calls = FollowUp.objects.filter(source=actions.SOURCE).order_by("due_at", "-weight_minor")
    assert [one.customer for one in calls] == shops
    days = sorted({one.due_at.date() for one in calls})
    assert len(days) == 3, "ten a day"
    with translation.override("en"):
        assert calls[0].matter == "Introduce yourself: Alice looked after them until now"


def test_db14_taken_back_everything_is_as_before_but_for_what_went_on(
    shops: list[Customer], alice: User, bob: User, sue: User, teams: dict[str, Team], now: datetime
) -> None:
    Customer.objects.filter(pk=shops[3].pk).update(team=None)
    made = hand_over(alice, shares([s for s in shops if s != shops[3]], bob), leaves=True, by=sue, now=now)
    work(now=now)
    assign([shops[0].pk], owner=sue, by=sue, now=now)
    take_back(made, by=sue, now=now + timedelta(days=13))
    assert fresh(alice).is_active
    work(now=now + timedelta(days=13))
    made.refresh_from_db()
    assert made.state == "undone"
    assert Customer.objects.filter(owner=alice, team=alice.team).count() == 23
    assert Customer.objects.get(pk=shops[0].pk).owner == sue, "given on since: it stays"
    assert made.items.get(state="kept").customer == shops[0]
    left = FollowUp.objects.open().filter(source=actions.SOURCE)
    assert {one.customer for one in left} <= {shops[0]}, "calls that were not made are let go"
    with pytest.raises(ValidationError):
        take_back(made, by=sue, now=now)


def test_db14_after_the_period_it_stays(
    shops: list[Customer], alice: User, bob: User, sue: User, now: datetime
) -> None:
    made = hand_over(alice, shares(shops[:1], bob), leaves=False, by=sue, now=now)
    work(now=now)
    with pytest.raises(ValidationError):
        take_back(made, by=sue, now=now + timedelta(days=14))
    assert Customer.objects.get(pk=shops[0].pk).owner == bob
    assert fresh(alice).is_active, "she only gave customers away"


def test_db14_of_others_customers_his_matters_go_to_their_owners(
    alice: User, bob: User, sue: User, now: datetime
) -> None:
    bobs = register(by=bob, now=now, name="Bob's own")
    matter = ask(bobs, kind="task", assignee=alice, due_at=now, source="person", by=sue, now=now)
    assert Customer.objects.for_user(alice).exists()
    made = hand_over(alice, [], leaves=True, by=sue, now=now)
    work(now=now)
    matter.refresh_from_db()
    assert matter.assignee == bob
    take_back(made, by=sue, now=now)
    work(now=now)
    matter.refresh_from_db()
    assert matter.assignee == alice


def test_killed_anywhere_it_goes_on_and_does_nothing_twice(
    shops: list[Customer],
    alice: User,
    bob: User,
    sue: User,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The process dies before each commit in turn; the next one starts with what is there."""
    monkeypatch.setattr(actions, "PORTION", 4)
    made = hand_over(alice, shares(shops, bob), leaves=True, by=sue, now=now)

    class Killed(BaseException):
        pass

    def dies_at(step: int) -> object:
        left = [step]

        def guard(done: int | None = None) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Killed

        return guard

    for step in (0, 1, 0, 2, 1):
        with pytest.raises(Killed):
            carry(made.pk, by=sue, now=now, guard=dies_at(step))
        moved = set(made.items.filter(state="moved").values_list("customer", flat=True))
        assert moved == set(Customer.objects.filter(owner=bob).values_list("pk", flat=True))
    assert carry(made.pk, by=sue, now=now) == {"moved": 25}
    assert Fact.objects.filter(kind="assigned").count() == 25
    assert FollowUp.objects.filter(source=actions.SOURCE).count() == 25
    take_back(made, by=sue, now=now)
    with pytest.raises(Killed):
        carry(made.pk, by=sue, now=now, guard=dies_at(2))
    assert carry(made.pk, by=sue, now=now) == {"returned": 25}
    assert Customer.objects.filter(owner=alice).count() == 25
    assert Fact.objects.filter(kind="assigned").count() == 50


def test_a_customer_that_changed_hands_meanwhile_is_left_alone(
    shops: list[Customer], alice: User, bob: User, sue: User, now: datetime
) -> None:
    made = hand_over(alice, shares(shops[:3], bob), leaves=True, by=sue, now=now)
    assign([shops[1].pk], owner=sue, by=sue, now=now)
    work(now=now)
    assert made.items.get(state="kept").customer == shops[1]
    assert Customer.objects.get(pk=shops[1].pk).owner == sue


def test_a_job_that_failed_is_gone_on_with_by_somebody_else(
    shops: list[Customer], alice: User, bob: User, sue: User, olga: User, now: datetime
) -> None:
    made = hand_over(alice, shares(shops[:3], bob), leaves=True, by=sue, now=now)
    User.objects.filter(pk=sue.pk).update(is_active=False)
    work(now=now)
    made.refresh_from_db()
    assert (made.state, Job.objects.get(pk=made.job_id).state) == ("running", "failed")
    resume(made, by=olga, now=now)
    work(now=now)
    made.refresh_from_db()
    assert made.state == "done"


def test_nothing_is_planned_that_one_may_not_do(
    shops: list[Customer], alice: User, bob: User, charlie: User, sue: User, anna: User, now: datetime
) -> None:
    with pytest.raises(Denied):
        hand_over(bob, [], leaves=True, by=alice, now=now)
    with pytest.raises(User.DoesNotExist):
        hand_over(charlie, [], leaves=True, by=sue, now=now)
    wests = register(by=charlie, now=now, name="West")
    for to in (charlie, anna, alice):
        with pytest.raises(ValidationError):
            hand_over(alice, shares(shops, to), leaves=True, by=sue, now=now)
    with pytest.raises(Customer.DoesNotExist):
        hand_over(alice, [*shares(shops, bob), Share(wests.pk, bob.pk)], leaves=True, by=sue, now=now)
    with pytest.raises(ValidationError):
        hand_over(sue, [], leaves=True, by=sue, now=now)
    assert fresh(alice).is_active
    assert not Handover.objects.exists()
    assert not HandoverItem.objects.exists()
    assert not AuditEntry.objects.filter(action__startswith="handovers").exists()


def test_two_at_once_do_not_both_start(
    shops: list[Customer], alice: User, bob: User, sue: User, now: datetime
) -> None:
    hand_over(alice, shares(shops, bob), leaves=False, by=sue, now=now)
    with pytest.raises(ValidationError):
        hand_over(alice, shares(shops, sue), leaves=False, by=sue, now=now)


def test_a_call_that_was_made_stays_made(
    shops: list[Customer], alice: User, bob: User, sue: User, now: datetime
) -> None:
    made = hand_over(alice, shares(shops[:2], bob), leaves=True, by=sue, now=now)
    work(now=now)
    call = FollowUp.objects.get(customer=shops[0], source=actions.SOURCE)
    complete(call, by=fresh(bob), now=now)
    take_back(made, by=sue, now=now)
    work(now=now)
    call.refresh_from_db()
    assert call.state == "done"
