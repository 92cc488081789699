from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from liuke.customers.fields.actions import definitions, fill, save_card, values_of
from liuke.customers.fields.models import FieldValue
from liuke.customers.fields.rules import clean
from liuke.customers.models import Customer
from liuke.customers.records.actions import edit, register
from liuke.customers.records.rules import EditConflict, Unfit
from liuke.platform.access.rules import Denied
from liuke.platform.models import AuditEntry, User

from .conftest import AddField


def test_db15_a_changed_value_is_told_with_old_and_new(
    new_field: AddField, lantern: Customer, alice: User, now: datetime
) -> None:
    trucks = new_field("whole", "Trucks")
    fill(lantern, {f"f{trucks.pk}": "12"}, by=alice, now=now)
    fill(lantern, {f"f{trucks.pk}": "14"}, by=alice, now=now)
    fill(lantern, {f"f{trucks.pk}": "14"}, by=alice, now=now)  # the very same: nothing
    told = [entry.changes for entry in AuditEntry.objects.filter(action="customers.edit").order_by("id")]
    assert told == [{"Trucks": ["", "12"]}, {"Trucks": ["12", "14"]}]
    fill(lantern, {f"f{trucks.pk}": None}, by=alice, now=now)
    assert not FieldValue.objects.exists()
    lantern.refresh_from_db()
    assert lantern.version == 4


def test_several_are_kept_in_the_lists_order(new_field: AddField, lantern: Customer, now: datetime) -> None:
    colours = new_field("several", "Colours")
    fill(lantern, {f"f{colours.pk}": ["green", "red"]}, by=None, now=now)
    assert values_of([lantern.pk])[lantern.pk] == {f"f{colours.pk}": ["o001", "o002"]}
    fill(lantern, {f"f{colours.pk}": ["green"]}, by=None, now=now)
    assert values_of([lantern.pk])[lantern.pk] == {f"f{colours.pk}": ["o002"]}


def test_a_field_of_another_kind_is_not_filled(new_field: AddField, lantern: Customer, now: datetime) -> None:
    hobby = new_field("text", "Hobby", kind="individual")
    with pytest.raises(Unfit):
        fill(lantern, {f"f{hobby.pk}": "fishing"}, by=None, now=now)


def test_another_customer_must_be_within_reach(
    new_field: AddField, lantern: Customer, alice: User, charlie: User, now: datetime
) -> None:
    parent = new_field("customer", "Parent company")
    mine, foreign = (register(by=who, now=now, name="Group") for who in (alice, charlie))
    fill(lantern, {f"f{parent.pk}": mine.pk}, by=alice, now=now)
    assert values_of([lantern.pk])[lantern.pk] == {f"f{parent.pk}": mine.pk}
    for wrong in (foreign.pk, lantern.pk, 10**9):
        with pytest.raises(Unfit):
            fill(lantern, {f"f{parent.pk}": wrong}, by=alice, now=now)
    assert values_of([lantern.pk])[lantern.pk] == {f"f{parent.pk}": mine.pk}


def test_pl02_neither_without_the_right_nor_out_of_reach(
    new_field: AddField, lantern: Customer, charlie: User, anna: User, now: datetime
) -> None:
    trucks = new_field("whole", "Trucks")
    with pytest.raises(Customer.DoesNotExist):
        fill(lantern, {f"f{trucks.pk}": 1}, by=charlie, now=now)
    with pytest.raises(Denied):
        fill(lantern, {f"f{trucks.pk}": 1}, by=anna, now=now)
    assert not FieldValue.objects.exists()


def test_one_save_writes_record_and_own_fields_or_neither(
    new_field: AddField, lantern: Customer, alice: User, now: datetime
) -> None:
    trucks = new_field("whole", "Trucks")
    saved = save_card(lantern, {"city": "Yiwu"}, {f"f{trucks.pk}": "3"}, version=1, by=alice, now=now)
    assert (saved.city, saved.version) == ("Yiwu", 3)
    with pytest.raises(Unfit):
        save_card(saved, {"city": "Leeds"}, {f"f{trucks.pk}": "three"}, version=3, by=alice, now=now)
    saved.refresh_from_db()
    assert saved.city == "Yiwu"


def test_who_comes_second_sees_both_values_of_an_own_field_too(
    new_field: AddField, lantern: Customer, alice: User, now: datetime
) -> None:
    trucks = new_field("whole", "Trucks")
    name = f"f{trucks.pk}"
    fill(lantern, {name: 12}, by=alice, now=now)
    with pytest.raises(EditConflict) as caught:
        save_card(lantern, {"name": "Lantern Ltd"}, {name: "14"}, version=1, by=alice, now=now)
    assert caught.value.fields == {name: (14, 12)}
    edit(lantern, {"city": "Leeds"}, version=2, by=alice, now=now)
    with pytest.raises(EditConflict) as caught:
        save_card(lantern, {"city": "York"}, {name: "14"}, version=2, by=alice, now=now)
    assert caught.value.fields == {name: (14, 12), "city": ("York", "Leeds")}
    assert values_of([lantern.pk])[lantern.pk] == {name: 12}


def test_the_last_word_of_a_customer_who_goes_is_taken_along(
    new_field: AddField, lantern: Customer, alice: User, now: datetime
) -> None:
    parent = new_field("customer", "Parent company")
    group = Customer.objects.create(number="G1", name="Group", owner=alice)
    fill(lantern, {f"f{parent.pk}": group.pk}, by=None, now=now)
    group.delete()
    assert values_of([lantern.pk]) == {}


def test_an_amount_of_money_is_kept_as_it_was_given(
    new_field: AddField, lantern: Customer, alice: User, now: datetime
) -> None:
    """What is clean already is not taken for so many whole yuan once more on its way through the form and the card."""
    name = f"f{new_field('money', 'Budget').pk}"
    known = definitions()[0]
    fill(lantern, {name: clean(known, Decimal("123.45"))}, by=alice, now=now)
    assert values_of([lantern.pk])[lantern.pk][name] == 12_345
    save_card(lantern, {}, {name: clean(known, "678.9")}, version=2, by=alice, now=now)
    assert values_of([lantern.pk])[lantern.pk][name] == 67_890
