from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from liuke.customers.fields import actions
from liuke.customers.fields.actions import (
    add_field,
    archive_field,
    definitions,
    edit_field,
    erase_field,
    fields_of,
    fill,
    move_field,
    restore_field,
    values_of,
)
from liuke.customers.fields.models import CustomField, FieldValue
from liuke.customers.models import Customer
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import Denied
from liuke.platform.models import AuditEntry, User
from liuke.platform.preferences.actions import change

from .conftest import AddField


def test_db16_an_owner_adds_a_field_and_the_cards_of_its_kind_have_it(olga: User, now: datetime) -> None:
    names = {"zh-hans": "车辆数", "zh-hant": "車輛數", "en": "Number of trucks"}
    trucks = add_field(type="whole", names=names, kind="enterprise", block="business", by=olga, now=now)
    assert [one.label("en") for one in fields_of("enterprise", "b2b")] == ["Number of trucks"]
    assert fields_of("individual", "consumer") == ()
    entry = AuditEntry.objects.get(action="fields.add")
    assert (entry.actor, entry.changes["names"]) == (olga, [None, names])
    assert trucks.definition.label("zh-hant") == "車輛數"


def test_only_who_manages_the_settings_defines(alice: User, new_field: AddField, now: datetime) -> None:
    trucks = new_field("whole", "Trucks")
    for act in (
        lambda: add_field(type="text", names={"en": "Other"}, by=alice, now=now),
        lambda: edit_field(trucks, names={"en": "Other"}, by=alice, now=now),
        lambda: move_field(trucks, up=True, by=alice, now=now),
        lambda: archive_field(trucks, by=alice, now=now),
        lambda: restore_field(trucks, by=alice, now=now),
        lambda: erase_field(trucks, by=alice, now=now),
    ):
        with pytest.raises(Denied):
            act()
    assert CustomField.objects.get().names == {"en": "Trucks"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"names": {"en": " "}}, "names"),
        ({"names": {"en": "x" * 61}}, "names"),
        ({"names": {"en": "trucks"}}, "names"),
        ({"type": "blob"}, "type"),
        ({"kind": "ghost"}, "kind"),
        ({"scope": "ghost"}, "scope"),
        ({"block": "ghost"}, "block"),
        ({"type": "one", "options": []}, "options"),
        ({"type": "one", "options": [("", "red", False)]}, "options"),
        ({"type": "one", "options": [("", "red", True), ("", "Red", True)]}, "options"),
        ({"type": "one", "options": [("", f"n{n}", True) for n in range(101)]}, "options"),
    ],
)
def test_what_does_not_fit_is_refused(
    new_field: AddField, now: datetime, given: dict[str, Any], field: str
) -> None:
    new_field("whole", "Trucks")
    with pytest.raises(Unfit) as refused:
        add_field(**{"type": "text", "names": {"en": "Lorries"}, "by": None, "now": now} | given)
    assert refused.value.field == field
    assert CustomField.objects.count() == 1


def test_two_kinds_may_use_one_name(new_field: AddField) -> None:
    new_field("text", "Size", kind="enterprise")
    new_field("whole", "Size", kind="individual")
    with pytest.raises(Unfit):
        new_field("text", "Size")


def test_there_are_only_so_many(new_field: AddField, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_FIELDS", 1)
    new_field("text", "Size")
    with pytest.raises(Unfit):
        new_field("text", "Weight")


def test_a_choice_is_renamed_and_withdrawn_and_keeps_its_values(
    new_field: AddField, lantern: Customer, now: datetime
) -> None:
    colour = new_field("one", "Colour")
    fill(lantern, {f"f{colour.pk}": "green"}, by=None, now=now)
    edited = edit_field(
        colour, options=[("o001", "red", True), ("o002", "jade", False), ("", "blue", True)], by=None, now=now
    )
    assert [code for code, _name, _offered in edited.options] == ["o001", "o002", "o003"]
    assert definitions()[0].option(values_of([lantern.pk])[lantern.pk][f"f{colour.pk}"]) == "jade"


def test_money_keeps_the_currency_that_it_was_defined_in(
    new_field: AddField, olga: User, now: datetime
) -> None:
    budget = new_field("money", "Budget")
    change("company.currency", "USD", by=olga, now=now)
    edit_field(budget, names={"en": "Yearly budget"}, by=olga, now=now)
    assert definitions()[0].currency == "CNY"


def test_fields_are_moved_within_their_block(new_field: AddField, now: datetime) -> None:
    first, other, second = (
        new_field("text", "A"),
        new_field("text", "X", block="trading"),
        new_field("text", "B"),
    )
    move_field(second, up=True, by=None, now=now)
    assert [one.pk for one in definitions() if one.block == "basic"] == [second.pk, first.pk]
    move_field(second, up=True, by=None, now=now)  # it is the first: nothing happens
    move_field(other, up=False, by=None, now=now)
    assert AuditEntry.objects.filter(action="fields.move").count() == 1


def test_db16_archived_it_is_off_the_cards_and_its_values_come_back_with_it(
    new_field: AddField, lantern: Customer, now: datetime
) -> None:
    trucks = new_field("whole", "Trucks")
    fill(lantern, {f"f{trucks.pk}": 12}, by=None, now=now)
    archive_field(trucks, by=None, now=now)
    assert definitions() == ()
    assert values_of([lantern.pk]) == {}
    with pytest.raises(Unfit):
        fill(lantern, {f"f{trucks.pk}": 13}, by=None, now=now)
    restore_field(trucks, by=None, now=now + timedelta(days=1))
    assert values_of([lantern.pk]) == {lantern.pk: {f"f{trucks.pk}": 12}}


def test_db16_erased_on_purpose_field_and_values_are_gone(
    new_field: AddField, lantern: Customer, now: datetime
) -> None:
    trucks = new_field("whole", "Trucks")
    fill(lantern, {f"f{trucks.pk}": 12}, by=None, now=now)
    with pytest.raises(Unfit):
        erase_field(trucks, by=None, now=now)
    archive_field(trucks, by=None, now=now)
    assert erase_field(trucks, by=None, now=now) == 1
    assert not CustomField.objects.exists()
    assert not FieldValue.objects.exists()
    assert AuditEntry.objects.get(action="fields.erase").changes == {"values": [1, 0]}


def test_put_back_it_may_not_have_the_name_of_another(new_field: AddField, now: datetime) -> None:
    trucks = new_field("whole", "Trucks")
    archive_field(trucks, by=None, now=now)
    new_field("text", "Trucks")
    with pytest.raises(Unfit):
        restore_field(trucks, by=None, now=now)


def test_a_change_rolled_back_leaves_no_trace_in_the_process(new_field: AddField, now: datetime) -> None:
    trucks = new_field("whole", "Trucks")
    with transaction.atomic():
        edit_field(trucks, names={"en": "Lorries"}, by=None, now=now)
        assert definitions()[0].label("en") == "Lorries"
        transaction.set_rollback(True)
    assert definitions()[0].label("en") == "Trucks"
