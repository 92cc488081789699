from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from liuke.customers.facts.rules import FactKind
from liuke.customers.followups.actions import ask, complete, dismiss, postpone
from liuke.customers.models import Contact, Customer, Fact, FollowUp
from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine
from liuke.customers.records.actions import add_contact, register
from liuke.customers.records.rules import NewContact, Unfit
from liuke.customers.timeline.actions import (
    add_note,
    complain,
    log_contact,
    open_complaints,
    promise,
    resolve,
)
from liuke.platform.access.rules import Denied
from liuke.platform.models import User


@pytest.fixture
def customer(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now - timedelta(days=9), name="Ann's shop")


def test_db07_a_call_an_order_and_a_complaint_by_three_people_stand_in_one_timeline(
    customer: Customer, alice: User, sue: User, olga: User, now: datetime
) -> None:
    log_contact(customer, channel="phone", outcome="reached", note="New shop in May", by=alice, now=now)
    at = now + timedelta(hours=1)
    record_purchase(customer, number="A-1", at=at, currency="CNY", lines=[NewLine(100)], by=sue, now=at)
    complain(customer, text="Two cups broken", number="A-1", by=olga, now=now + timedelta(hours=2))
    told = [(fact.kind, fact.actor) for fact in Fact.objects.timeline(customer, alice)]

    assert [pair for pair in told if pair[0] in ("complained", "purchased", "contacted")] == [
        ("complained", olga),
        ("purchased", sue),
        ("contacted", alice),
    ]


def test_a_contact_that_reached_somebody_closes_its_followup(
    customer: Customer, alice: User, now: datetime
) -> None:
    todo = ask(
        customer, kind="task", assignee=alice, due_at=now, title="Call", source="person", by=alice, now=now
    )
    log_contact(customer, channel="phone", outcome="reached", note="Fine", followup=todo, by=alice, now=now)
    todo.refresh_from_db()
    assert todo.state == "done"


def test_no_answer_leaves_it_open(customer: Customer, alice: User, now: datetime) -> None:
    todo = ask(
        customer, kind="task", assignee=alice, due_at=now, title="Call", source="person", by=alice, now=now
    )
    log_contact(customer, channel="phone", outcome="no_answer", followup=todo, by=alice, now=now)
    todo.refresh_from_db()
    customer.refresh_from_db()
    assert (todo.state, customer.last_contact_at) == ("open", None)


def test_the_next_contact_is_set_in_the_same_step(customer: Customer, alice: User, now: datetime) -> None:
    later = now + timedelta(days=7)
    log_contact(
        customer,
        channel="visit",
        outcome="will_order",
        next_at=later,
        next_title="Ask again",
        by=alice,
        now=now,
    )
    todo = FollowUp.objects.get()
    assert (todo.due_at, todo.title, todo.assignee) == (later, "Ask again", alice)
    assert Fact.objects.filter(kind=FactKind.VISITED).count() == 1


def test_nothing_is_half_written(customer: Customer, alice: User, now: datetime) -> None:
    with pytest.raises(Unfit):
        log_contact(customer, channel="phone", outcome="reached", next_at=now, by=alice, now=now)
    assert not Fact.objects.filter(kind=FactKind.CONTACTED).exists()


@pytest.mark.parametrize("wrong", [{"channel": "telepathy"}, {"outcome": "?"}, {"direction": "up"}])
def test_unknown_choices_are_refused(
    customer: Customer, alice: User, now: datetime, wrong: dict[str, str]
) -> None:
    given = {"channel": "phone", "outcome": "reached", **wrong}
    with pytest.raises(Unfit):
        log_contact(customer, **given, by=alice, now=now)


def test_a_complaint_is_open_until_it_is_answered_once(
    customer: Customer, alice: User, now: datetime
) -> None:
    complaint = complain(customer, text="Late", by=alice, now=now)
    assert open_complaints(customer) == [complaint]
    first = resolve(complaint, text="Refunded the freight", by=alice, now=now + timedelta(days=1))
    again = resolve(complaint, text="Again", by=alice, now=now + timedelta(days=2))
    assert again == first
    assert open_complaints(customer) == []


def test_a_call_that_brings_a_complaint_opens_it(customer: Customer, alice: User, now: datetime) -> None:
    log_contact(
        customer, channel="phone", direction="in", outcome="complaint", note="Broken", by=alice, now=now
    )
    assert [fact.data["text"] for fact in open_complaints(customer)] == ["Broken"]


def test_a_promise_is_a_fact_and_something_to_do(customer: Customer, alice: User, now: datetime) -> None:
    todo = promise(customer, text="Send twelve cups", due_at=now + timedelta(days=2), by=alice, now=now)
    assert (todo.kind, todo.assignee) == ("promise", alice)
    assert Fact.objects.get(kind=FactKind.PROMISED).data["followup_id"] == todo.pk


def test_pl02_nobody_writes_on_the_card_of_another_team(
    customer: Customer, charlie: User, anna: User, now: datetime
) -> None:
    with pytest.raises(Customer.DoesNotExist):
        add_note(customer, note="x", by=charlie, now=now)
    with pytest.raises(Denied):
        add_note(customer, note="x", by=anna, now=now)


def test_a_followup_of_another_customer_is_refused(customer: Customer, alice: User, now: datetime) -> None:
    other = register(by=alice, now=now, name="Other")
    todo = ask(other, kind="task", assignee=alice, due_at=now, source="person", by=alice, now=now)
    with pytest.raises(Unfit):
        log_contact(customer, channel="phone", outcome="reached", followup=todo, by=alice, now=now)


def test_mb01_the_same_contact_sent_twice_is_one(customer: Customer, alice: User, now: datetime) -> None:
    """A phone that was offline sends again what it is not sure of."""
    given = {"channel": "visit", "outcome": "complaint", "note": "Late", "next_at": now + timedelta(days=3)}
    first = log_contact(customer, **given, key="phone-7:1", by=alice, now=now)  # type: ignore[arg-type]
    again = log_contact(customer, **given, key="phone-7:1", by=alice, now=now + timedelta(minutes=5))  # type: ignore[arg-type]
    assert again == first
    assert Fact.objects.exclude(kind="registered").count() == 2  # the visit and the complaint
    assert FollowUp.objects.exclude(kind="complaint").count() == 1


def test_a_contact_is_kept_though_somebody_was_quicker_with_its_followup(
    customer: Customer, alice: User, sue: User, now: datetime
) -> None:
    todo = ask(customer, kind="task", assignee=alice, due_at=now, source="person", by=alice, now=now)
    seen = FollowUp.objects.get(pk=todo.pk)
    dismiss(todo, reason="closed down", by=sue, now=now)
    fact = log_contact(customer, channel="phone", outcome="reached", followup=seen, by=alice, now=now)
    assert fact.data["followup_id"] == todo.pk
    todo.refresh_from_db()
    assert todo.state == "dismissed"


def test_a_gap_that_is_answered_is_done_not_only_gone(customer: Customer, alice: User, now: datetime) -> None:
    gap = ask(
        customer, kind="gap", assignee=alice, due_at=now, source="scores", key="gap:1", by=None, now=now
    )
    log_contact(customer, channel="phone", outcome="reached", followup=gap, by=alice, now=now)
    gap.refresh_from_db()
    assert gap.state == "done"


def test_with_whom_and_only_with_somebody_of_this_customer(
    customer: Customer, alice: User, now: datetime
) -> None:
    reeve = add_contact(customer, NewContact("J. Reeve"), by=alice, now=now)
    fact = log_contact(customer, channel="phone", outcome="reached", contact=reeve, by=alice, now=now)
    assert (fact.data["contact"], fact.data["contact_id"]) == ("J. Reeve", reeve.pk)
    other = register(by=alice, now=now, name="Other")
    with pytest.raises(Contact.DoesNotExist):
        log_contact(other, channel="phone", outcome="reached", contact=reeve, by=alice, now=now)


def test_what_has_happened_is_not_in_the_future(customer: Customer, alice: User, now: datetime) -> None:
    with pytest.raises(Unfit) as caught:
        log_contact(
            customer, channel="phone", outcome="reached", at=now + timedelta(hours=1), by=alice, now=now
        )
    assert caught.value.field == "at"


@pytest.mark.parametrize(
    ("postponed", "after_days", "late"), [(False, 1, False), (False, 3, True), (True, 3, True)]
)
def test_a_promise_kept_is_told_as_such_and_late_is_later_than_first_promised(
    customer: Customer, alice: User, now: datetime, postponed: bool, after_days: int, late: bool
) -> None:
    todo = promise(customer, text="Send twelve cups", due_at=now + timedelta(days=2), by=alice, now=now)
    if postponed:
        postpone(todo, until=now + timedelta(days=9), reason="out of stock", by=alice, now=now)
    complete(todo, by=alice, now=now + timedelta(days=after_days))
    fact = Fact.objects.get(kind=FactKind.PROMISE_KEPT)
    assert fact.data == {"text": "Send twelve cups", "late": late, "followup_id": todo.pk}
    assert not Fact.objects.filter(kind=FactKind.FOLLOWED_UP, data__what="done").exists()


def test_only_a_complaint_is_answered(customer: Customer, alice: User, now: datetime) -> None:
    note = add_note(customer, note="x", by=alice, now=now)
    with pytest.raises(Unfit):
        resolve(note, text="y", by=alice, now=now)


def test_a_call_about_a_promise_does_not_keep_it(customer: Customer, alice: User, now: datetime) -> None:
    given = ask(
        customer, kind="promise", assignee=alice, due_at=now, title="send it", source="card", by=None, now=now
    )
    fact = log_contact(
        customer, channel="phone", outcome="reached", followup=given, settles=False, by=alice, now=now
    )
    given.refresh_from_db()
    assert (given.state, fact.data["followup_id"]) == ("open", given.pk)
    log_contact(customer, channel="phone", outcome="reached", followup=given, by=alice, now=now)
    given.refresh_from_db()
    assert given.state == "done"
