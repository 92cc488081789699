"""A key account: its plan, its reviews, and the people who reach the customer because they work on it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from liuke.customers.accounts.actions import (
    add_member,
    ask_for_reviews,
    begin,
    end,
    plan,
    remove_member,
    review,
)
from liuke.customers.accounts.rules import next_review
from liuke.customers.models import Contact, Customer, Fact, FollowUp, KeyAccount
from liuke.customers.records.actions import register
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import Denied, Scope
from liuke.platform.models import AuditEntry, Role, Team, User

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.fixture
def customer(alice: User) -> Customer:
    return register(by=alice, now=NOW, name="Harbour Gifts")


@pytest.fixture
def account(customer: Customer, alice: User) -> KeyAccount:
    return begin(customer, reason="a third of our sales", by=alice, now=NOW)


def reached(user: User) -> tuple[bool, bool, int]:
    """Whether he reads and writes the customer, and how many facts of his he reads."""
    user = User.objects.select_related("role", "team").get(pk=user.pk)
    reads = Customer.objects.for_user(user).exists()
    return reads, Customer.objects.writable_by(user).exists(), Fact.objects.for_user(user).count()


def test_cl14_it_has_goals_projects_a_target_and_a_day_of_review(account: KeyAccount, alice: User) -> None:
    assert begin(account.customer, by=alice, now=NOW) == account  # it is one already
    assert account.next_review_on == date(2026, 6, 1)  # ninety days on is a Sunday
    given = {
        "goals": "Two shops more\nby autumn",
        "projects": "A window",
        "target_minor": 500_000,
        "review_days": 30,
    }
    planned = plan(account, given, version=1, by=alice, now=NOW)
    assert (planned.goals, planned.target_minor, planned.version) == ("Two shops more\nby autumn", 500_000, 2)
    with pytest.raises(Unfit, match="meanwhile"):
        plan(account, {"goals": "Overwritten"}, version=1, by=alice, now=NOW)
    review(planned, note="They want blue ones", by=alice, now=NOW + timedelta(days=3))
    planned.refresh_from_db()
    assert planned.next_review_on == date(2026, 4, 6)
    assert Fact.objects.get(kind="noted").data == {"note": "They want blue ones"}
    assert AuditEntry.objects.filter(action__startswith="accounts.").count() == 3


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"review_days": 7}, "among the choices"),
        ({"target_minor": -1}, "below zero"),
        ({"goals": "x" * 2001}, "letters|characters"),
    ],
)
def test_what_is_no_plan_is_refused(
    account: KeyAccount, alice: User, given: dict[str, object], why: str
) -> None:
    with pytest.raises(Unfit, match=why):
        plan(account, given, version=1, by=alice, now=NOW)


def test_pl02_whoever_works_on_it_reaches_the_customer_as_long_as_he_does(
    account: KeyAccount, charlie: User, olga: User, alice: User
) -> None:
    assert reached(charlie) == (False, False, 0)
    member = add_member(account, charlie, "service", by=olga, now=NOW)
    assert reached(charlie) == (True, True, Fact.objects.count())
    assert Contact.objects.filter(Customer.objects.reach(charlie, "own", path="customer__")).count() == 0
    remove_member(member, by=olga, now=NOW)
    assert reached(charlie) == (False, False, 0)
    add_member(account, charlie, "service", by=olga, now=NOW)
    end(account, reason="too small", by=alice, now=NOW)
    assert reached(charlie) == (False, False, 0)


def test_pl02_a_part_on_an_account_gives_no_more_than_the_role_has(
    account: KeyAccount, charlie: User, olga: User
) -> None:
    add_member(account, charlie, "finance", by=olga, now=NOW)
    reader = Role.objects.create(
        code="reader", rights=charlie.role.rights, read_scope=Scope.OWN.value, write_scope=Scope.NONE.value
    )
    User.objects.filter(pk=charlie.pk).update(role=reader)
    assert reached(charlie)[:2] == (True, False)
    User.objects.filter(pk=charlie.pk).update(is_active=False)
    assert reached(charlie) == (False, False, 0)


def test_pl02_others_of_the_account_stay_out_of_reach(
    account: KeyAccount, alice: User, charlie: User, olga: User
) -> None:
    other = register(by=alice, now=NOW, name="Not his")
    add_member(account, charlie, "sales", by=olga, now=NOW)
    assert list(Customer.objects.for_user(charlie)) == [account.customer]
    assert other not in Customer.objects.writable_by(charlie)


def test_only_whoever_gives_customers_to_others_adds_people(
    account: KeyAccount, alice: User, bob: User, charlie: User, sue: User, teams: dict[str, Team]
) -> None:
    with pytest.raises(Denied):
        add_member(account, bob, "sales", by=alice, now=NOW)
    with pytest.raises(Unfit, match="no such colleague"):
        add_member(account, charlie, "sales", by=sue, now=NOW)  # not of her team
    add_member(account, bob, "sales", by=sue, now=NOW)
    with pytest.raises(Unfit, match="already"):
        add_member(account, bob, "lead", by=sue, now=NOW)
    with pytest.raises(Unfit, match="among the choices"):
        add_member(account, bob, "king", by=sue, now=NOW)
    foreign = begin(register(by=charlie, now=NOW, name="West"), by=charlie, now=NOW)
    with pytest.raises(Customer.DoesNotExist):
        add_member(foreign, sue, "sales", by=sue, now=NOW)


def test_cl14_the_review_is_asked_for_on_its_day_and_once(
    account: KeyAccount, alice: User, bob: User, sue: User
) -> None:
    assert ask_for_reviews(now=NOW) == 0
    later = NOW + timedelta(days=100)
    assert ask_for_reviews(now=later) == 1
    ask_for_reviews(now=later)
    assert FollowUp.objects.get(state="open").assignee == alice
    add_member(account, bob, "lead", by=sue, now=NOW)
    review(account, note="done", by=alice, now=later)
    assert not FollowUp.objects.filter(state="open").exists()
    ask_for_reviews(now=later + timedelta(days=100))
    assert FollowUp.objects.get(state="open").assignee == bob  # who leads it now


@pytest.mark.parametrize(
    ("on", "days", "expected"),
    [(date(2026, 3, 2), 30, date(2026, 4, 1)), (date(2026, 3, 6), 30, date(2026, 4, 6))],
)
def test_a_review_falls_on_a_working_day(on: date, days: int, expected: date) -> None:
    assert next_review(on, days) == expected
