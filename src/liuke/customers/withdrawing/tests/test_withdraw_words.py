"""A note, a promise, a complaint written by mistake: taken back at once, they count for nothing, and the ledger keeps both."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from liuke.customers.facts.rules import FactKind
from liuke.customers.followups.actions import complete, postpone
from liuke.customers.followups.rules import TooLate
from liuke.customers.keeping.actions import close_plan, open_plan
from liuke.customers.models import Customer, Fact, FollowUp, FollowUpChange
from liuke.customers.records.actions import register
from liuke.customers.records.rules import Unfit
from liuke.customers.timeline.actions import (
    add_note,
    complain,
    log_contact,
    open_complaints,
    promise,
    promised_key,
    resolve,
)
from liuke.customers.withdrawing.actions import may_withdraw, withdraw
from liuke.platform.models import User

DAY = timedelta(days=1)


@pytest.fixture
def customer(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now - 9 * DAY, name="Ann's shop")


def promised(customer: Customer, now: datetime, *, by: User, to: User | None = None) -> tuple[Fact, FollowUp]:
    made = promise(customer, text="Samples", due_at=now + DAY, assignee=to, by=by, now=now)
    return Fact.objects.get(key=promised_key(made.pk)), made


def test_a_note_stands_beside_its_taking_back_and_counts_for_nothing(
    customer: Customer, alice: User, now: datetime
) -> None:
    slip = add_note(customer, note="Wrong shop", by=alice, now=now)
    withdraw(slip, by=alice, now=now + timedelta(minutes=1))
    newest, before = Fact.objects.timeline(customer, alice).marked()[:2]
    assert (newest.kind, newest.data) == (FactKind.WITHDRAWN, {"kind": "noted", "text": "Wrong shop"})
    assert (before.pk, before.withdrawn, newest.withdrawn) == (slip.pk, True, False)
    assert slip not in customer.facts.standing()


def test_a_promise_is_on_nobodys_list_and_was_neither_kept_nor_broken(
    customer: Customer, alice: User, now: datetime
) -> None:
    slip, todo = promised(customer, now, by=alice)
    withdraw(slip, by=alice, now=now)
    todo.refresh_from_db()
    assert todo.state == "expired"
    assert not FollowUp.objects.open().exists()
    assert not FollowUp.objects.settled(now - DAY).exists()
    assert not FollowUp.objects.overdue(now + 9 * DAY).exists()
    last = todo.changes.order_by("-id")[0]
    assert (last.what, last.reason, last.by) == ("expired", "withdrawn", alice)


def test_a_colleague_hears_of_no_promise_that_was_none_unless_he_has_read_of_it(
    customer: Customer, alice: User, sue: User, now: datetime
) -> None:
    slip, _todo = promised(customer, now, by=sue, to=alice)
    assert FollowUpChange.objects.unseen_by(alice).count() == 1
    withdraw(slip, by=sue, now=now)
    assert not FollowUpChange.objects.unseen_by(alice).exists()
    slip, todo = promised(customer, now, by=sue, to=alice)
    todo.changes.update(seen_at=now)
    withdraw(slip, by=sue, now=now)
    assert [one.what for one in FollowUpChange.objects.unseen_by(alice)] == ["expired"]


@pytest.mark.parametrize("step", ["kept", "put off by another"])
def test_a_promise_on_which_somebody_went_on_stands(
    customer: Customer, alice: User, sue: User, now: datetime, step: str
) -> None:
    slip, todo = promised(customer, now, by=alice)
    if step == "kept":
        complete(todo, by=alice, now=now)
    else:
        postpone(todo, until=now + 2 * DAY, reason="not before then", by=sue, now=now)
    with pytest.raises(TooLate):
        withdraw(slip, by=alice, now=now)
    assert slip in customer.facts.standing()
    assert not Fact.objects.filter(kind=FactKind.WITHDRAWN).exists()


def test_a_complaint_is_open_no_more_and_nobodys_to_answer(
    customer: Customer, alice: User, now: datetime
) -> None:
    slip = complain(customer, text="12 broken", by=alice, now=now)
    assert FollowUp.objects.open().filter(kind="complaint").count() == 1
    withdraw(slip, by=alice, now=now)
    assert open_complaints(customer) == []
    assert not FollowUp.objects.open().exists()
    assert not FollowUp.objects.settled(now - DAY).exists()


def test_a_complaint_that_was_taken_back_takes_no_answer(
    customer: Customer, alice: User, now: datetime
) -> None:
    slip = complain(customer, text="12 broken", by=alice, now=now)
    withdraw(slip, by=alice, now=now)
    with pytest.raises(Unfit, match="taken back"):
        resolve(slip, text="sent anew", by=alice, now=now)
    assert not Fact.objects.filter(kind=FactKind.RESOLVED).exists()


def test_an_answered_complaint_stands(customer: Customer, alice: User, now: datetime) -> None:
    slip = complain(customer, text="12 broken", by=alice, now=now)
    resolve(slip, text="sent anew", by=alice, now=now)
    with pytest.raises(TooLate):
        withdraw(slip, by=alice, now=now)


def test_a_complaint_out_of_a_contact_goes_with_the_contact(
    customer: Customer, alice: User, now: datetime
) -> None:
    contact = log_contact(customer, channel="phone", outcome="complaint", note="late", by=alice, now=now)
    complaint = customer.facts.get(kind=FactKind.COMPLAINED)
    assert not may_withdraw(complaint, by=alice, now=now)
    withdraw(contact, by=alice, now=now)
    assert open_complaints(customer) == []


def test_only_ones_own_words_once_and_soon(customer: Customer, alice: User, sue: User, now: datetime) -> None:
    slip = add_note(customer, note="Wrong shop", by=alice, now=now)
    late = now + timedelta(minutes=16)
    for who, when in ((sue, now), (alice, late)):
        with pytest.raises(TooLate):
            withdraw(slip, by=who, now=when)
    withdraw(slip, by=alice, now=now)
    with pytest.raises(TooLate):
        withdraw(slip, by=alice, now=now)
    assert Fact.objects.filter(kind=FactKind.WITHDRAWN).count() == 1


def test_what_a_closed_plan_tells_goes_by_no_single_press(
    customer: Customer, alice: User, now: datetime
) -> None:
    day = now + 9 * DAY
    plan = open_plan(
        customer,
        goal="Stay",
        owner=alice,
        review_on=day.date(),
        step="Call",
        step_due_at=day,
        by=alice,
        now=now,
    )
    close_plan(plan, "reached", note="Stayed", by=alice, now=now)
    assert not may_withdraw(customer.facts.get(kind=FactKind.NOTED), by=alice, now=now)
