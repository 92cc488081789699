"""A contact logged on the wrong customer: taken back at once, with all it set off; the ledger keeps both."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from liuke.customers.facts.rules import FactKind
from liuke.customers.followups.actions import ask, postpone
from liuke.customers.followups.rules import TooLate
from liuke.customers.models import Customer, Fact, FollowUp
from liuke.customers.records.actions import register
from liuke.customers.timeline.actions import log_contact, open_complaints, resolve
from liuke.customers.withdrawing.actions import withdraw
from liuke.platform.access.rules import Denied
from liuke.platform.models import User


@pytest.fixture
def customer(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now - timedelta(days=9), name="Ann's shop")


def logged(customer: Customer, by: User, now: datetime, **more: object) -> Fact:
    given = {"channel": "phone", "outcome": "reached", "by": by, "now": now, **more}
    return log_contact(customer, **given)  # type: ignore[arg-type]


def test_the_books_keep_both_and_the_last_contact_is_the_one_before(
    customer: Customer, alice: User, now: datetime
) -> None:
    logged(customer, alice, now - timedelta(days=3))
    slip = logged(customer, alice, now)
    withdraw(slip, by=alice, now=now + timedelta(minutes=14))
    customer.refresh_from_db()
    assert customer.last_contact_at == now - timedelta(days=3)
    kinds = [fact.kind for fact in Fact.objects.timeline(customer, alice)]
    assert kinds[:3] == [FactKind.WITHDRAWN, FactKind.CONTACTED, FactKind.CONTACTED]
    assert slip not in customer.facts.standing()


def test_the_only_contact_taken_back_there_was_none(customer: Customer, alice: User, now: datetime) -> None:
    withdraw(logged(customer, alice, now, channel="visit"), by=alice, now=now)
    customer.refresh_from_db()
    assert customer.last_contact_at is None


def test_what_it_closed_is_open_again(customer: Customer, alice: User, now: datetime) -> None:
    todo = ask(customer, kind="task", assignee=alice, due_at=now, title="Call", source="person", by=alice, now=now)  # fmt: skip
    slip = logged(customer, alice, now, followup=todo)
    withdraw(slip, by=alice, now=now)
    todo.refresh_from_db()
    assert (todo.state, todo.closed_at) == ("open", None)
    assert [step.what for step in todo.changes.all()] == ["created", "done", "taken_back"]


def test_a_gap_that_it_closed_by_itself_is_open_again(customer: Customer, alice: User, now: datetime) -> None:
    gap = ask(customer, kind="gap", assignee=alice, due_at=now, source="scores.gap", key="gap:1", by=None, now=now)  # fmt: skip
    slip = logged(customer, alice, now)
    gap.refresh_from_db()
    assert gap.state == "expired"
    withdraw(slip, by=alice, now=now)
    gap.refresh_from_db()
    assert (gap.state, gap.closed_at) == ("open", None)


def test_a_suggestion_that_the_given_word_closed_is_open_again(
    customer: Customer, alice: User, now: datetime
) -> None:
    rhythm = ask(customer, kind="rhythm", assignee=alice, due_at=now, source="scores.rhythm", key="rhythm:1", by=None, now=now)  # fmt: skip
    slip = logged(customer, alice, now, outcome="will_order")
    rhythm.refresh_from_db()
    assert rhythm.state == "expired"
    withdraw(slip, by=alice, now=now)
    rhythm.refresh_from_db()
    assert rhythm.state == "open"


def test_a_gap_that_was_asked_for_anew_stays_as_it_is(customer: Customer, alice: User, now: datetime) -> None:
    def gap() -> FollowUp:
        return ask(customer, kind="gap", assignee=alice, due_at=now, source="scores.gap", key="gap:1", by=None, now=now)  # fmt: skip

    first = gap()
    slip = logged(customer, alice, now)
    gap()
    withdraw(slip, by=alice, now=now)
    first.refresh_from_db()
    assert first.state == "expired"


def test_the_next_contact_that_it_set_is_let_go(customer: Customer, alice: User, now: datetime) -> None:
    slip = logged(customer, alice, now, next_at=now + timedelta(days=7), next_title="Ask again")
    withdraw(slip, by=alice, now=now)
    todo = FollowUp.objects.get(title="Ask again")
    assert (todo.state, todo.changes.last().reason) == ("expired", "withdrawn")  # type: ignore[union-attr]


def test_the_complaint_that_came_up_in_it_is_none(customer: Customer, alice: User, now: datetime) -> None:
    slip = logged(customer, alice, now, outcome="complaint", note="12 broken")
    assert [one.data["text"] for one in open_complaints(customer)] == ["12 broken"]
    withdraw(slip, by=alice, now=now)
    assert open_complaints(customer) == []
    assert FollowUp.objects.get(kind="complaint").state == "expired"
    assert not FollowUp.objects.settled(now - timedelta(days=1)).exists(), "nobody has answered it"
    assert not Fact.objects.standing().filter(kind=FactKind.COMPLAINED).exists()


def test_an_answered_complaint_has_no_way_back(customer: Customer, alice: User, now: datetime) -> None:
    slip = logged(customer, alice, now, outcome="complaint", note="12 broken")
    resolve(open_complaints(customer)[0], text="sent anew", by=alice, now=now)
    with pytest.raises(TooLate):
        withdraw(slip, by=alice, now=now)
    assert not Fact.objects.filter(kind=FactKind.WITHDRAWN).exists()


def test_too_late_is_after_a_quarter_of_an_hour_or_a_second_time(
    customer: Customer, alice: User, now: datetime
) -> None:
    slip = logged(customer, alice, now)
    with pytest.raises(TooLate):
        withdraw(slip, by=alice, now=now + timedelta(minutes=16))
    withdraw(slip, by=alice, now=now)
    with pytest.raises(TooLate):
        withdraw(slip, by=alice, now=now)
    assert Fact.objects.filter(kind=FactKind.WITHDRAWN).count() == 1


def test_a_followup_on_which_somebody_went_on_stays_as_it_is(
    customer: Customer, alice: User, now: datetime
) -> None:
    todo = ask(customer, kind="promise", assignee=alice, due_at=now, title="Samples", source="person", by=alice, now=now)  # fmt: skip
    slip = logged(customer, alice, now, followup=todo, settles=False)
    postpone(todo, until=now + timedelta(days=2), reason="later", by=alice, now=now)
    withdraw(slip, by=alice, now=now)
    todo.refresh_from_db()
    assert (todo.state, todo.due_at) == ("open", now + timedelta(days=2))


def test_pl02_nobody_takes_back_anothers_contact(
    customer: Customer, alice: User, sue: User, charlie: User, now: datetime
) -> None:
    slip = logged(customer, alice, now)
    with pytest.raises(TooLate):
        withdraw(slip, by=sue, now=now)
    with pytest.raises((Denied, Customer.DoesNotExist)):
        withdraw(slip, by=charlie, now=now)
    assert slip in customer.facts.standing()
