from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from liuke.customers.fields.actions import definitions
from liuke.customers.fields.models import FieldValue
from liuke.customers.models import Customer, CustomField
from liuke.platform.models import AuditEntry, User
from liuke.workspace.conftest import Add, Desk

PAGE = "/settings/fields/"
TRUCKS: dict[str, Any] = {
    "type": "whole",
    "name_zh_hans": "车辆数",
    "name_en": "Number of trucks",
    "help_en": "Their own, not hired ones",
    "kind": "enterprise",
    "block": "business",
    "required": "on",
    "places": ["list", "filter", "export"],
}


@pytest.fixture
def office(desk: Desk, olga: User) -> Client:
    return desk(olga)


def test_db16_number_of_trucks_is_in_the_form_and_on_the_card(
    office: Client, desk: Desk, add: Add, alice: User
) -> None:
    assert office.post(f"{PAGE}new/", TRUCKS)["Location"] == PAGE
    trucks = CustomField.objects.get()
    firm, person = add(alice, "Lantern Ltd"), add(alice, "Ann", kind="individual", scope="consumer")
    client = desk(alice)
    form = client.get(f"/customers/{firm.pk}/edit/").content.decode()
    assert "Number of trucks" in form
    assert "Their own, not hired ones" in form
    assert "Number of trucks" not in client.get(f"/customers/{person.pk}/edit/").content.decode()
    sent = {"name": "Lantern Ltd", "kind": "enterprise", "scope": "b2b", "version": "1"}
    own = {"own": f"f{trucks.pk}", f"f{trucks.pk}": "1250"}
    assert client.post(f"/customers/{firm.pk}/edit/", sent | own).status_code == 302
    card = client.get(f"/customers/{firm.pk}/").content.decode()
    assert "Business situation" in card
    assert "1,250" in card
    entry = AuditEntry.objects.filter(action="customers.edit").latest("id")
    assert entry.changes == {"车辆数": ["", "1250"]}


def test_it_is_called_in_the_readers_language(office: Client, add: Add, alice: User) -> None:
    office.post(f"{PAGE}new/", TRUCKS)
    firm = add(alice, "Lantern Ltd")
    for language, name in (("en", "Number of trucks"), ("zh-hans", "车辆数"), ("zh-hant", "车辆数")):
        alice.language = language
        alice.save()
        client = Client(headers={"Accept-Language": language})
        client.force_login(alice)
        assert name in client.get(f"/customers/{firm.pk}/edit/").content.decode(), language


def test_a_new_customer_is_asked_as_well(office: Client, desk: Desk, alice: User) -> None:
    office.post(f"{PAGE}new/", TRUCKS)
    name = definitions()[0].name
    client = desk(alice)
    assert "Number of trucks" in client.get("/customers/new/").content.decode()
    sent = {"name": "Harbour", "kind": "enterprise", "scope": "b2b", "owner": alice.pk, "own": name}
    sent |= {"grade": "gold", "next_by": "visit", "next_on": timezone.localdate().isoformat()}
    answer = client.post("/customers/new/", sent | {name: "many"})
    assert answer.status_code == 422
    assert not Customer.objects.exists()
    client.post("/customers/new/", sent | {name: "7"})
    assert FieldValue.objects.get(customer__name="Harbour").number == 7


def test_what_an_older_page_did_not_ask_stays(office: Client, desk: Desk, add: Add, alice: User) -> None:
    office.post(f"{PAGE}new/", TRUCKS)
    firm, client, name = add(alice, "Lantern"), desk(alice), definitions()[0].name
    sent = {"name": "Lantern", "kind": "enterprise", "scope": "b2b"}
    client.post(f"/customers/{firm.pk}/edit/", sent | {"version": "1", "own": name, name: "7"})
    client.post(f"/customers/{firm.pk}/edit/", sent | {"version": "2", "city": "Yiwu"})
    firm.refresh_from_db()
    assert (firm.city, FieldValue.objects.get().number) == ("Yiwu", 7)


def test_both_values_are_shown_where_two_wrote(office: Client, desk: Desk, add: Add, alice: User) -> None:
    office.post(f"{PAGE}new/", TRUCKS)
    firm, client, name = add(alice, "Lantern"), desk(alice), definitions()[0].name
    sent = {"name": "Lantern", "kind": "enterprise", "scope": "b2b", "version": "1", "own": name}
    client.post(f"/customers/{firm.pk}/edit/", sent | {name: "7"})
    page = client.post(f"/customers/{firm.pk}/edit/", sent | {name: "9"})
    assert page.status_code == 422
    assert "Somebody else has changed this" in page.content.decode()
    assert FieldValue.objects.get().number == 7


def test_another_customers_name_is_not_told_to_who_may_not_read_him(
    office: Client, desk: Desk, add: Add, alice: User, charlie: User, olga: User
) -> None:
    office.post(f"{PAGE}new/", {"type": "customer", "name_en": "Parent company", "block": "business"})
    firm, group = add(alice, "Lantern"), add(charlie, "Secret Group")
    name = definitions()[0].name
    sent = {"name": "Lantern", "kind": "enterprise", "scope": "b2b", "version": "1", "own": name}
    assert desk(alice).post(f"/customers/{firm.pk}/edit/", sent | {name: group.number}).status_code == 422
    assert office.post(f"/customers/{firm.pk}/edit/", sent | {name: group.number}).status_code == 302
    assert "Secret Group" in office.get(f"/customers/{firm.pk}/").content.decode()
    seen = desk(alice).get(f"/customers/{firm.pk}/").content.decode()
    assert "Secret Group" not in seen
    assert "a customer of others" in seen


@pytest.mark.parametrize("typed", [{"name_zh_hans": "", "name_en": ""}, {"type": "ghost"}, {"kind": "ghost"}])
def test_what_does_not_fit_is_said_and_kept(office: Client, typed: dict[str, str]) -> None:
    answer = office.post(f"{PAGE}new/", TRUCKS | typed)
    assert answer.status_code == 422
    assert "Their own, not hired ones" in answer.content.decode()
    assert not CustomField.objects.exists()


def test_choices_are_added_renamed_and_withdrawn(office: Client) -> None:
    colour = {"type": "one", "name_en": "Colour", "block": "characteristics"}
    assert office.post(f"{PAGE}new/", colour).status_code == 422  # a list without a choice
    office.post(f"{PAGE}new/", colour | {"more_options": "red\n\ngreen\n"})
    held = CustomField.objects.get()
    page = office.get(f"{PAGE}{held.pk}/").content.decode()
    assert 'name="option_o001"' in page
    edited = colour | {
        "option_o001": "crimson",
        "offered_o001": "on",
        "option_o002": "green",
        "more_options": "blue",
    }
    assert office.post(f"{PAGE}{held.pk}/", edited)["Location"] == PAGE
    held.refresh_from_db()
    assert held.options == [["o001", "crimson", True], ["o002", "green", False], ["o003", "blue", True]]


def test_archived_put_back_and_erased(office: Client) -> None:
    office.post(f"{PAGE}new/", TRUCKS)
    pk = CustomField.objects.get().pk
    office.post(f"{PAGE}{pk}/erasure/")
    assert CustomField.objects.exists()  # first archived, then erased
    office.post(f"{PAGE}{pk}/archive/")
    assert "Archived" in office.get(PAGE).content.decode()
    office.post(f"{PAGE}{pk}/restoration/")
    assert [one.pk for one in definitions()] == [pk]
    office.post(f"{PAGE}{pk}/archive/")
    office.post(f"{PAGE}{pk}/erasure/")
    assert not CustomField.objects.exists()


def test_an_empty_page_says_how_to_begin(office: Client) -> None:
    assert "No fields of your own yet" in office.get(PAGE).content.decode()
