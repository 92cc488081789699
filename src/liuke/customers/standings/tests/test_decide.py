from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from liuke.customers.models import Customer, Fact, FollowUp, Standing
from liuke.customers.purchases.actions import record_purchases
from liuke.customers.purchases.rules import NewLine, NewPurchase
from liuke.customers.records.actions import register
from liuke.customers.records.rules import Unfit
from liuke.customers.standings.actions import decide, decide_for
from liuke.platform.access.rules import Denied
from liuke.platform.models import AuditEntry, User
from liuke.platform.preferences.actions import change

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.fixture
def harbour(alice: User) -> Customer:
    return register(by=alice, now=NOW, name="Harbour Gifts")


def sell(customer: Customer, *, days_ago: int = 0, number: str = "A-1") -> None:
    at = NOW - timedelta(days=days_ago)
    record_purchases([NewPurchase(customer.pk, number, at, "CNY", [NewLine(10_000)])], by=None, now=NOW)


def codes(customer: Customer) -> set[str]:
    return {row.reasons[0]["code"] for row in FollowUp.objects.open().filter(customer=customer)}


def test_cl11_turned_hostile_he_moves_to_that_series_and_care_is_asked_for(
    harbour: Customer, alice: User
) -> None:
    decide(harbour, "attitude", "favourable", by=alice, now=NOW)
    decide(harbour, "attitude", "hostile", reason="Late three times", by=alice, now=NOW)
    assert list(Customer.objects.filter(attitude="hostile")) == [harbour]
    todo = FollowUp.objects.open().get(customer=harbour)
    assert (todo.assignee, todo.reasons) == (alice, [{"code": "hostile", "reason": "Late three times"}])


def test_a_decision_is_a_row_with_who_when_and_why_and_a_fact(harbour: Customer, alice: User) -> None:
    decide(harbour, "level", "proactive", by=alice, now=NOW)
    later = NOW + timedelta(days=1)
    decide(harbour, "level", "partnership", reason="Common plan", by=alice, now=later)
    ended, current = Standing.objects.filter(customer=harbour, what="level")
    assert (ended.value, ended.ended_at) == ("proactive", later)
    assert (current.value, current.by, current.reason, current.ended_at) == (
        "partnership",
        alice,
        "Common plan",
        None,
    )
    told = [fact.data for fact in Fact.objects.filter(customer=harbour, kind="graded").order_by("id")]
    assert [(one["measure"], one["before"], one["after"]) for one in told] == [
        ("level", "", "proactive"),
        ("level", "proactive", "partnership"),
    ]
    assert AuditEntry.objects.filter(action="customers.standing").count() == 2


def test_deciding_the_same_again_leaves_no_trace(harbour: Customer, alice: User) -> None:
    decide(harbour, "level", "proactive", by=alice, now=NOW)
    decide(harbour, "level", "proactive", by=alice, now=NOW)
    assert Standing.objects.count() == 1
    assert AuditEntry.objects.filter(action="customers.standing").count() == 1


def test_cl09_accountable_and_a_sale_ask_for_the_call_with_the_three_questions(
    harbour: Customer, alice: User
) -> None:
    decide(harbour, "level", "accountable", by=alice, now=NOW)
    sell(harbour)
    assert codes(harbour) == {"level_fit", "level_questionnaire"}
    call = FollowUp.objects.get(source="standings.accountable", reasons__0__code="level_fit")
    assert (call.assignee, call.due_at) == (alice, NOW + timedelta(days=3))


@pytest.mark.parametrize("level", ["basic", ""])
def test_cl09_basic_or_undecided_and_a_sale_ask_for_nothing(
    harbour: Customer, alice: User, level: str
) -> None:
    decide(harbour, "level", level, by=alice, now=NOW)
    sell(harbour)
    assert not FollowUp.objects.filter(customer=harbour).exists()


def test_cl09_a_sale_of_long_ago_asks_for_nothing(harbour: Customer, alice: User) -> None:
    decide(harbour, "level", "accountable", by=alice, now=NOW)
    sell(harbour, days_ago=15)
    assert not FollowUp.objects.filter(customer=harbour).exists()


def test_cl09_a_second_sale_within_the_wait_asks_once(harbour: Customer, alice: User) -> None:
    decide(harbour, "level", "accountable", by=alice, now=NOW)
    sell(harbour)
    sell(harbour, number="A-2")
    assert FollowUp.objects.open().filter(customer=harbour).count() == 2


def test_cl09_a_step_set_to_0_days_is_left_out(harbour: Customer, alice: User) -> None:
    change("level.fit_days", 0, by=None, now=NOW)
    decide(harbour, "level", "accountable", by=alice, now=NOW)
    sell(harbour)
    assert codes(harbour) == {"level_questionnaire"}


def test_a_relationship_is_set_with_a_reason_only(harbour: Customer, alice: User) -> None:
    with pytest.raises(Unfit):
        decide(harbour, "relation", "partner", by=alice, now=NOW)
    assert not Standing.objects.exists()


def test_what_is_not_among_the_choices_is_refused(harbour: Customer, alice: User) -> None:
    for what, value in (("level", "enormous"), ("mood", "loyal")):
        with pytest.raises(Unfit):
            decide(harbour, what, value, reason="x", by=alice, now=NOW)


def test_pl02_nobody_decides_about_a_customer_out_of_reach(
    harbour: Customer, charlie: User, anna: User
) -> None:
    with pytest.raises(Customer.DoesNotExist):
        decide(harbour, "level", "basic", by=charlie, now=NOW)
    with pytest.raises(Customer.DoesNotExist):
        decide_for([harbour.pk], "level", "basic", by=charlie, now=NOW)
    with pytest.raises(Denied):
        decide(harbour, "level", "basic", by=anna, now=NOW)
    assert not Standing.objects.exists()


def test_many_are_decided_about_at_once_or_none(harbour: Customer, alice: User, charlie: User) -> None:
    other = register(by=charlie, now=NOW, name="Elsewhere")
    with pytest.raises(Customer.DoesNotExist):
        decide_for([harbour.pk, other.pk], "level", "basic", by=alice, now=NOW)
    assert decide_for([harbour.pk], "level", "basic", by=alice, now=NOW) == 1
    assert decide_for([harbour.pk], "level", "basic", by=alice, now=NOW) == 0
