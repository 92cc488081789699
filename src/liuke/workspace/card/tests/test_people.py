"""The persons of a customer on the card: the influence map, its table, and who decides."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from liuke.customers.models import Customer
from liuke.customers.records.actions import add_contact
from liuke.customers.records.rules import NewContact
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk

PEOPLE = [
    NewContact("Ida Buyer", roles=["purchasing"], influence=3, decision_power="advise", attitude="neutral"),
    NewContact("Max Owner", influence=5, decision_power="decide", attitude="opponent"),
    NewContact("Tom Clerk", roles=["payment"], influence=1, department="Finance", office="Room 402"),
]


@pytest.fixture
def hampton(add: Add, alice: User, moment: datetime) -> Customer:
    customer = add(alice, "Hampton")
    for place, person in enumerate(PEOPLE):
        add_contact(customer, person, primary=not place, by=alice, now=moment)
    return customer


def test_ct01_three_persons_make_a_map_by_influence_and_the_head_names_the_first(
    desk: Desk, alice: User, hampton: Customer
) -> None:
    page = desk(alice).get(f"/customers/{hampton.pk}/").content.decode()
    drawing = re.search(r'<svg class="ladder".*?</svg>', page, re.DOTALL)
    assert drawing
    names = re.findall(r'class="name"[^>]*>([^<]+)<', drawing[0])
    assert names == ["Max Owner", "★ Ida Buyer", "Tom Clerk"]
    assert "Max Owner: 5, decides · against us" in drawing[0]  # read aloud
    head = page[: page.index('id="card"')]
    assert "Ida Buyer" in head
    assert "Max Owner" not in head


def test_ct01_the_same_stands_in_a_table(desk: Desk, alice: User, hampton: Customer) -> None:
    page = desk(alice).get(f"/customers/{hampton.pk}/").content.decode()
    table = page[page.index('aria-label="Influence map"><table') :]
    rows = re.findall(r"<tr><td>(.*?)</td><td class=\"figure\">(.*?)</td><td>(.*?)</td>", table)
    assert rows[:3] == [
        ("Max Owner", "5", "decides · against us"),
        ("Ida Buyer", "3", "proposes and advises · neutral"),
        ("Tom Clerk", "1", "–"),
    ]


def test_ct02_roles_department_and_office_stand_beside_the_person(
    desk: Desk, alice: User, hampton: Customer
) -> None:
    page = desk(alice).get(f"/customers/{hampton.pk}/").content.decode()
    clerk = page[page.rindex("Tom Clerk") :][:400]
    assert "accounts payable" in clerk
    assert "Finance · Room 402" in clerk


def test_ct03_it_asks_who_decides_as_long_as_nobody_is_known(
    desk: Desk, alice: User, add: Add, hampton: Customer, moment: datetime
) -> None:
    client, asked = desk(alice), "Who can say yes here?"
    assert asked not in client.get(f"/customers/{hampton.pk}/").content.decode()
    other = add(alice, "Other")
    assert asked not in client.get(f"/customers/{other.pk}/").content.decode()
    add_contact(other, PEOPLE[0], by=alice, now=moment)
    assert asked in client.get(f"/customers/{other.pk}/").content.decode()


def test_ct04_the_form_of_a_person_asks_who_commands_the_spending(
    desk: Desk, alice: User, hampton: Customer
) -> None:
    page = desk(alice).get(f"/customers/{hampton.pk}/contacts/").content.decode()
    assert "Who can really command the spending?" in page
    assert '<option value="Finance">Room 402</option>' in page


def test_a_person_is_written_in_one_form(desk: Desk, alice: User, hampton: Customer) -> None:
    typed = {
        "name": "Eve",
        "department": "Stores",
        "office": "Gate 2",
        "influence": "4",
        "attitude": "supporter",
        "decision_power": "veto",
        "roles": ["gatekeeper", "user"],
    }
    assert desk(alice).post(f"/customers/{hampton.pk}/contacts/", typed).status_code == 302
    eve = hampton.contacts.select_related("department").get(name="Eve")
    assert (eve.influence, eve.attitude, eve.decision_power) == (4, "supporter", "veto")
    assert eve.roles == ["gatekeeper", "user"]
    assert str(eve.department) == "Stores"
    page = desk(alice).get(f"/customers/{hampton.pk}/contacts/{eve.pk}/").content.decode()
    for kept in ('value="Gate 2"', '<option value="4" selected>', '<option value="veto" selected>'):
        assert kept in page
