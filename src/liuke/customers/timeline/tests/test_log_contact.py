from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils.translation import override

from liuke.customers.facts.rules import FactKind
from liuke.customers.followups.actions import ask
from liuke.customers.models import Customer, Fact, FollowUp
from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine
from liuke.customers.records.actions import register
from liuke.customers.records.rules import Unfit
from liuke.customers.timeline.actions import (
    add_note,
    complain,
    log_contact,
    open_complaints,
    promise,
    resolve,
)
from liuke.customers.timeline.rules import entry
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


def test_every_kind_of_fact_is_told_in_each_language() -> None:
    examples = {
        "registered": {},
        "assigned": {"before": "", "after": "Bob", "before_id": None, "after_id": 1},
        "stage_changed": {"before": "lead", "after": "customer", "code": "first_order"},
        "lapsed": {"before": "customer", "after": "lost", "code": "silent_long"},
        "graded": {"measure": "grade", "before": "gold", "after": "iron"},
        "contacted": {"channel": "phone", "direction": "in", "outcome": "reached"},
        "visited": {"channel": "visit", "direction": "out", "outcome": "reached"},
        "noted": {"note": "n"},
        "followed_up": {"followup_id": 1, "what": "done", "kind": "risk"},
        "promised": {"text": "t"},
        "promise_kept": {"text": "t"},
        "quoted": {"number": "1"},
        "purchased": {"number": "1", "products": 3},
        "refunded": {"number": "1", "kind": "refund", "reverses": "0"},
        "paid": {},
        "serviced": {"text": "t"},
        "complained": {"text": "t"},
        "resolved": {"text": "t"},
        "answered": {"satisfied": False},
    }
    assert examples.keys() == {kind.value for kind in FactKind}
    for language in ("en", "zh-hans", "zh-hant"):
        with override(language):
            for kind, data in examples.items():
                title = entry(Fact(kind=kind, data=data)).title
                assert title
                assert language == "en" or any("一" <= letter <= "鿿" for letter in title), (kind, title)


def test_a_followup_of_another_customer_is_refused(customer: Customer, alice: User, now: datetime) -> None:
    other = register(by=alice, now=now, name="Other")
    todo = ask(other, kind="task", assignee=alice, due_at=now, source="person", by=alice, now=now)
    with pytest.raises(Unfit):
        log_contact(customer, channel="phone", outcome="reached", followup=todo, by=alice, now=now)
