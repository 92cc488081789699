from __future__ import annotations

import random
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


CITIES = ["London", "Leeds", "York", "Bath"]
NOTES = ["", "a", "b"]


def interleaved(
    customer: Customer, people: list[User], *, steps: int, seed: int, honest: bool, now: datetime
) -> tuple[int, int, int]:
    """Several people read and save in any order. How many saves were kept, how many told of a conflict, and how many wrote
    over a value that their author had never read. Who is not `honest` sends the newest version with what he read long ago.
    """
    chance = random.Random(seed)
    truth: dict[str, str] = {"city": customer.city, "note": customer.note}
    read: dict[User, tuple[dict[str, str], int]] = {}
    version, kept, told, lost = customer.version, 0, 0, 0
    for _step in range(steps):
        who = chance.choice(people)
        if who not in read or chance.random() < 0.4:
            read[who] = (dict(truth), version)
            continue
        seen, at = read[who]
        mine = {"city": chance.choice(CITIES), "note": chance.choice(NOTES)}
        mine = {name: mine[name] for name in chance.sample(sorted(mine), chance.choice((1, 2)))}
        differing = {name: (value, truth[name]) for name, value in mine.items() if value != truth[name]}
        conflict = None
        try:
            held = edit(customer, mine, version=at if honest else version, by=who, now=now)
        except EditConflict as error:
            conflict = error
        if conflict:
            told += 1
            assert at != version
            assert (conflict.fields, conflict.version) == (differing, version)
            continue
        lost += sum(truth[name] != seen[name] for name in differing)
        kept += bool(differing)
        truth, version = truth | mine, version + bool(differing)
        assert (held.city, held.note, held.version) == (truth["city"], truth["note"], version)
        read[who] = (dict(truth), version)
    customer.refresh_from_db()
    assert {"city": customer.city, "note": customer.note} == truth
    assert customer.version == version
    assert AuditEntry.objects.filter(action="customers.edit").count() == kept
    return kept, told, lost


@pytest.mark.long
def test_ten_thousand_interleavings_never_write_over_in_silence(
    hampton: Customer, alice: User, sue: User, olga: User, now: datetime
) -> None:
    kept, told, lost = interleaved(
        hampton, [alice, sue, olga], steps=10_000, seed=20_261_130, honest=True, now=now
    )
    assert lost == 0
    assert kept > 1_000
    assert told > 1_000


def test_the_same_without_versions_loses_what_others_wrote(
    hampton: Customer, alice: User, sue: User, olga: User, now: datetime
) -> None:
    """The control: if saves did not say what they had read, the test above would see values go."""
    _kept, told, lost = interleaved(hampton, [alice, sue, olga], steps=300, seed=1, honest=False, now=now)
    assert told == 0
    assert lost > 10
