from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from liuke.customers.facts.actions import record_many
from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind, NewFact
from liuke.customers.records.models import Customer
from liuke.platform.models import User


def a_customer(owner: User) -> Customer:
    return Customer.objects.create(number="C1", name="Hampton", owner=owner, team=owner.team)


def test_pages_follow_each_other_without_gap_or_double(alice: User, now: datetime) -> None:
    customer = a_customer(alice)
    rows = [
        NewFact(FactKind.NOTED, customer.pk, now - timedelta(days=n // 3), data={"note": str(n)})
        for n in range(10)
    ]
    record_many(rows, now=now)  # three at each instant: the id decides
    seen: list[Fact] = []
    place = None
    while page := list(Fact.objects.timeline(customer, alice, before=place, limit=4)):
        seen += page
        place = (page[-1].at, page[-1].pk)
    assert seen == sorted(Fact.objects.all(), key=lambda fact: (fact.at, fact.pk), reverse=True)


def test_kinds_narrow_it(alice: User, now: datetime) -> None:
    customer = a_customer(alice)
    record_many(
        [
            NewFact(FactKind.NOTED, customer.pk, now, data={"note": "a"}),
            NewFact(FactKind.COMPLAINED, customer.pk, now, data={"text": "b"}),
        ],
        now=now,
    )
    assert [fact.kind for fact in Fact.objects.timeline(customer, alice, kinds=["complained"])] == [
        "complained"
    ]


def test_pl02_only_for_those_who_may_read_the_customer(
    alice: User, bob: User, charlie: User, sue: User, now: datetime
) -> None:
    customer = a_customer(alice)
    record_many([NewFact(FactKind.NOTED, customer.pk, now, data={"note": "a"})], now=now)
    readers = [user.username for user in (alice, bob, charlie, sue) if Fact.objects.timeline(customer, user)]
    assert readers == ["alice", "sue"]


def test_one_statement_however_many_people_wrote(alice: User, bob: User, sue: User, now: datetime) -> None:
    customer = a_customer(alice)
    record_many(
        [
            NewFact(FactKind.NOTED, customer.pk, now, actor_id=user.pk, data={"note": "a"})
            for user in (alice, bob, sue)
        ],
        now=now,
    )
    reader = User.objects.select_related("role", "team").get(pk=alice.pk)
    with CaptureQueriesContext(connection) as caught:
        assert {fact.actor.name for fact in Fact.objects.timeline(customer, reader) if fact.actor} == {
            "Alice",
            "Bob",
            "Sue",
        }
    assert len(caught) == 1
