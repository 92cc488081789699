from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from liuke.customers.facts.models import Fact
from liuke.customers.records.actions import assign, register
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import Denied
from liuke.platform.models import AuditEntry, User


def test_all_of_them_change_hands_with_one_entry(alice: User, bob: User, sue: User, now: datetime) -> None:
    customers = [register(by=alice, now=now, name=name) for name in ("A", "B")]
    already = register(by=bob, now=now, name="C")
    ids = [c.pk for c in (*customers, already)]
    assert assign(ids, owner=bob, by=sue, now=now, reason="Alice is on leave") == 2
    assert set(Customer.objects.values_list("owner", flat=True)) == {bob.pk}
    facts = Fact.objects.filter(kind="assigned")
    assert {fact.customer_id for fact in facts} == {c.pk for c in customers}
    assert facts[0].data == {
        "before_id": alice.pk,
        "before": "Alice",
        "after_id": bob.pk,
        "after": "Bob",
        "reason": "Alice is on leave",
    }
    entry = AuditEntry.objects.get(action="customers.assign")
    assert entry.changes == {"customers": [None, [c.number for c in customers]]}
    assert (entry.subject_id, entry.reason) == (bob.pk, "Alice is on leave")


def test_a_filtered_list_can_be_given_as_it_is(alice: User, bob: User, sue: User, now: datetime) -> None:
    for name in ("A", "B"):
        register(by=alice, now=now, name=name)
    chosen = Customer.objects.for_user(sue).search("b", by=None)
    assert assign(chosen, owner=bob, by=sue, now=now) == 1


def test_all_or_none(alice: User, bob: User, charlie: User, sue: User, now: datetime) -> None:
    mine, foreign = register(by=alice, now=now, name="A"), register(by=charlie, now=now, name="B")
    with pytest.raises(Customer.DoesNotExist):
        assign([mine.pk, foreign.pk], owner=bob, by=sue, now=now)
    assert Customer.objects.get(pk=mine.pk).owner == alice


def test_pl02_only_to_colleagues_of_ones_team_who_are_still_here(
    alice: User, bob: User, charlie: User, sue: User, now: datetime
) -> None:
    mine = register(by=alice, now=now, name="A")
    with pytest.raises(Unfit, match="not in your team"):
        assign([mine.pk], owner=charlie, by=sue, now=now)
    bob.is_active = False
    bob.save()
    with pytest.raises(Unfit, match="works here no longer"):
        assign([mine.pk], owner=bob, by=sue, now=now)


def test_only_with_the_right(alice: User, bob: User, now: datetime) -> None:
    mine = register(by=alice, now=now, name="A")
    with pytest.raises(Denied):
        assign([mine.pk], owner=bob, by=alice, now=now)


def test_statements_do_not_grow_with_the_customers(alice: User, bob: User, olga: User, now: datetime) -> None:
    def statements(count: int) -> int:
        start = Customer.objects.count()
        Customer.objects.bulk_create(
            Customer(number=f"N{start + n}", name="x", owner=alice, team=alice.team) for n in range(count)
        )
        with CaptureQueriesContext(connection) as caught:
            assert assign(Customer.objects.filter(owner=alice), owner=bob, by=olga, now=now) == count
        return len(caught)

    assert statements(2) == statements(400)
