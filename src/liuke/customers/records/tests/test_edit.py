from __future__ import annotations

from datetime import datetime

import pytest

from liuke.customers.records.actions import edit, register
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import EditConflict, Unfit
from liuke.platform.access.rules import Denied
from liuke.platform.models import AuditEntry, User


@pytest.fixture
def hampton(alice: User, now: datetime) -> Customer:
    return register(
        by=alice, now=now, name="Hampton", city="London", scope="b2b", profile={"industry": "gifts"}
    )


def test_an_edit_is_kept_with_who_and_what(hampton: Customer, alice: User, now: datetime) -> None:
    edited = edit(hampton, {"name": "Hampton Gifts", "city": "London"}, version=1, by=alice, now=now)
    edited.refresh_from_db()
    assert (edited.name, edited.version) == ("Hampton Gifts", 2)
    entry = AuditEntry.objects.get(action="customers.edit")
    assert (entry.actor, entry.changes) == (alice, {"name": ["Hampton", "Hampton Gifts"]})
    assert list(Customer.objects.search("gifts", by=None)) == [edited]


def test_who_comes_second_sees_both_values(hampton: Customer, alice: User, sue: User, now: datetime) -> None:
    edit(hampton, {"city": "Leeds", "address": "1 Dock St"}, version=1, by=sue, now=now)
    with pytest.raises(EditConflict) as caught:
        edit(hampton, {"city": "York", "address": ""}, version=1, by=alice, now=now)
    assert caught.value.fields == {"city": ("York", "Leeds"), "address": ("", "1 Dock St")}
    assert caught.value.version == 2
    hampton.refresh_from_db()
    assert hampton.city == "Leeds"
    assert edit(hampton, {"city": "York"}, version=2, by=alice, now=now).version == 3


def test_the_same_edit_sent_twice_is_one(hampton: Customer, alice: User, now: datetime) -> None:
    for _ in range(2):
        edited = edit(hampton, {"city": "Leeds"}, version=1, by=alice, now=now)
    assert edited.version == 2
    assert AuditEntry.objects.filter(action="customers.edit").count() == 1


def test_another_scope_drops_the_fields_of_the_old_one(hampton: Customer, alice: User, now: datetime) -> None:
    edited = edit(hampton, {"scope": "consumer"}, version=1, by=alice, now=now)
    assert edited.profile == {}
    with pytest.raises(Unfit):
        edit(hampton, {"profile": {"industry": "gifts"}}, version=2, by=alice, now=now)


def test_pl02_a_customer_out_of_reach_does_not_exist(
    hampton: Customer, bob: User, charlie: User, now: datetime
) -> None:
    for user in (bob, charlie):
        with pytest.raises(Customer.DoesNotExist):
            edit(hampton, {"city": "Leeds"}, version=1, by=user, now=now)


def test_only_with_the_right(hampton: Customer, anna: User, now: datetime) -> None:
    with pytest.raises(Denied):
        edit(hampton, {"city": "Leeds"}, version=1, by=anna, now=now)


@pytest.mark.parametrize("field", ["owner", "team", "stage", "number", "version"])
def test_fields_with_an_action_of_their_own_are_not_edited(
    hampton: Customer, alice: User, now: datetime, field: str
) -> None:
    with pytest.raises(TypeError, match=field):
        edit(hampton, {field: 1}, version=1, by=alice, now=now)
