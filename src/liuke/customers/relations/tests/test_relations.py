"""Told once, it stands on both cards; of a customer one may not see, not even that there is a relation (CT05)."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.customers.models import Contact, Customer, Relation
from liuke.customers.records.actions import add_contact, register
from liuke.customers.records.rules import NewContact, Unfit
from liuke.customers.relations.actions import kin_of, relate, unrelate
from liuke.customers.relations.rules import KINDS, OPPOSITES, kept, seen_from
from liuke.platform.models import User


@pytest.fixture
def ann(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Ann")


@pytest.fixture
def ben(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Ben")


@pytest.fixture
def bobs(bob: User, now: datetime) -> Customer:
    return register(by=bob, now=now, name="Bob's customer")


def seen(customer: Customer, user: User) -> list[tuple[str, str]]:
    return [(one.customer.name, one.kind) for one in kin_of(customer, user=user)]


def test_ct05_two_relatives_stand_on_both_cards(
    ann: Customer, ben: Customer, alice: User, now: datetime
) -> None:
    relate(ann, to=ben, kind="relative", by=alice, now=now)
    assert seen(ann, alice) == [("Ben", "relative")]
    assert seen(ben, alice) == [("Ann", "relative")]


@pytest.mark.parametrize(("told", "back"), OPPOSITES.items())
def test_ct05_from_the_other_side_it_reads_the_other_way(
    ann: Customer, ben: Customer, alice: User, now: datetime, told: str, back: str
) -> None:
    relate(ann, to=ben, kind=told, by=alice, now=now)
    assert (seen(ann, alice), seen(ben, alice)) == ([("Ben", told)], [("Ann", back)])
    relate(ben, to=ann, kind=back, by=alice, now=now)  # the same, told from there
    assert Relation.objects.count() == 1


def test_ct05_persons_of_both_are_named_each_on_his_side(
    ann: Customer, ben: Customer, alice: User, now: datetime
) -> None:
    here = add_contact(ann, NewContact("Eve"), by=alice, now=now)
    there = add_contact(ben, NewContact("Tom"), by=alice, now=now)
    relate(ben, to=ann, kind="alumnus", contact=there, their_contact=here, by=alice, now=now)
    one, other = kin_of(ann, user=alice)[0], kin_of(ben, user=alice)[0]
    assert (one.own_contact, one.contact) == (here, there)
    assert (other.own_contact, other.contact) == (there, here)
    with pytest.raises(Contact.DoesNotExist):
        relate(ann, to=ben, kind="friend", contact=there, by=alice, now=now)


def test_pl02_a_relation_to_whom_one_may_not_see_is_not_there(
    ann: Customer, bobs: Customer, alice: User, bob: User, sue: User, now: datetime
) -> None:
    relation = relate(ann, to=bobs, kind="supplier", by=sue, now=now)  # she leads both
    assert seen(ann, sue) == [("Bob's customer", "supplier")]
    assert seen(ann, alice) == []
    assert seen(bobs, bob) == []
    for user in (alice, bob):
        with pytest.raises(Relation.DoesNotExist):
            unrelate(relation, by=user, now=now)
    with pytest.raises(Customer.DoesNotExist):
        relate(ann, to=bobs, kind="friend", by=alice, now=now)
    unrelate(relation, by=sue, now=now)
    assert not Relation.objects.exists()


def test_nobody_is_related_to_himself_nor_in_an_unknown_way(
    ann: Customer, ben: Customer, alice: User, now: datetime
) -> None:
    for to, kind in ((ann, "friend"), (ben, "enemy")):
        with pytest.raises(Unfit):
            relate(ann, to=to, kind=kind, by=alice, now=now)


@given(st.integers(1, 99), st.integers(100, 199), st.sampled_from(sorted(KINDS)), st.booleans())
def test_whoever_it_is_told_of_it_is_one_row_and_reads_as_told(
    one: int, two: int, kind: str, turned: bool
) -> None:
    first, second = (two, one) if turned else (one, two)
    whose, who, name = kept(first, second, kind)
    assert {whose, who} == {first, second}
    assert seen_from(first, whose, name) == kind
    assert kept(second, first, seen_from(second, whose, name)) == (whose, who, name)
