"""A card completed, checked, returned and accepted, on the pages (DB09, DB10)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from liuke.customers.completeness.actions import refresh_all
from liuke.customers.completeness.models import Card
from liuke.customers.fields.actions import add_field
from liuke.customers.fields.models import FieldValue
from liuke.customers.models import Contact, ContactPoint, Customer, FollowUp
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk, Judge


@pytest.fixture
def ann(add: Add, alice: User) -> Customer:
    return add(alice, "Ann's shop", country="CN", city="Yiwu")


def test_db09_the_card_says_what_is_missing_and_one_form_fills_it(
    desk: Desk, ann: Customer, alice: User, moment: datetime
) -> None:
    trucks = add_field(type="whole", names={"en": "Trucks"}, required=True, by=None, now=moment)
    refresh_all()
    client = desk(alice)
    page = client.get(f"/customers/{ann.pk}/").content.decode()
    assert "Still missing: Telephone, Contact person, Address, Source, Provisional grade, Trucks" in page
    assert "25%" in page
    form = client.get(f"/customers/{ann.pk}/completion/").content.decode()
    for name in ("phone", "contact", "address", "source", f"f{trucks.pk}"):
        assert f'name="{name}"' in form, name
    assert 'name="city"' not in form
    filled = {
        "phone": "13800138000",
        "contact": "Ms Wang",
        "address": "1 Dock St",
        "source": "fair",
        "grade": "lead",
    }
    own = {"own": f"f{trucks.pk}", f"f{trucks.pk}": "3"}
    client.post(f"/customers/{ann.pk}/completion/", filled | own)
    assert Card.objects.get(customer=ann).percent == 100
    assert (Contact.objects.get().name, ContactPoint.objects.get().value) == ("Ms Wang", "13800138000")
    assert FieldValue.objects.get().number == 3
    assert "Everything that a card needs is there." in client.get(f"/customers/{ann.pk}/").content.decode()


def test_what_does_not_fit_writes_nothing(desk: Desk, ann: Customer, alice: User) -> None:
    answer = desk(alice).post(f"/customers/{ann.pk}/completion/", {"phone": "12", "address": "kept words"})
    assert answer.status_code == 422
    assert "kept words" in answer.content.decode()
    ann.refresh_from_db()
    assert ann.address == ""


def test_a_part_may_be_filled_and_the_rest_left(desk: Desk, ann: Customer, alice: User) -> None:
    desk(alice).post(f"/customers/{ann.pk}/completion/", {"address": "1 Dock St", "source": ""})
    assert Card.objects.get(customer=ann).missing == ["phone", "contact", "source", "grade"]


def test_db09_verifying_sets_today_and_the_stale_list_empties(
    desk: Desk, ann: Customer, alice: User, moment: datetime
) -> None:
    Card.objects.update(verified_at=moment - timedelta(days=190))
    client = desk(alice)
    stale = "/customers/?checked.over_days=180&sort=checked"
    assert [row.pk for row in client.get(stale).context["page"].rows] == [ann.pk]
    assert "to be checked again" in client.get(f"/customers/{ann.pk}/").content.decode()
    client.post(f"/customers/{ann.pk}/verification/")
    assert client.get(stale).context["page"].rows == []
    page = client.get(f"/customers/{ann.pk}/").content.decode()
    assert "to be checked again" not in page
    assert Card.objects.get(customer=ann).verified_by == alice


def test_db09_the_list_is_ordered_and_filtered_by_completeness(
    desk: Desk, ann: Customer, add: Add, alice: User
) -> None:
    full = {"country": "CN", "city": "Yiwu", "address": "1", "source": "fair"}
    better = add(alice, "Better", phone="13900139000", **full)
    client = desk(alice)
    found = client.get("/customers/?complete.most=99&sort=complete&columns=name&columns=complete")
    assert [row.pk for row in found.context["page"].rows] == [ann.pk, better.pk]
    assert "71%" in found.content.decode()
    found = client.get("/customers/?complete.most=50")
    assert [row.pk for row in found.context["page"].rows] == [ann.pk]


def test_db10_the_supervisor_returns_the_owner_is_asked_and_it_is_accepted(
    desk: Desk, ann: Customer, alice: User, sue: User
) -> None:
    leader, seller = desk(sue), desk(alice)
    assert leader.post(f"/customers/{ann.pk}/return/", {"note": ""}).status_code == 422
    leader.post(f"/customers/{ann.pk}/return/", {"note": "Who decides?"})
    assert FollowUp.objects.open().get().assignee == alice
    assert "Who decides?" in seller.get("/").content.decode()
    page = seller.get(f"/customers/{ann.pk}/").content.decode()
    assert "Sue asks to complete this card:" in page
    assert "Accept the card" not in page
    assert "Accept the card" in leader.get(f"/customers/{ann.pk}/").content.decode()
    leader.post(f"/customers/{ann.pk}/acceptance/")
    assert not FollowUp.objects.open().exists()
    assert "Who decides?" not in seller.get(f"/customers/{ann.pk}/").content.decode().split("timeline")[0]


def test_sc01_insight_shows_the_mean_and_opens_the_incomplete(
    desk: Desk, ann: Customer, alice: User, judge: Judge
) -> None:
    judge(ann, grade="gold")
    page = desk(alice).get("/insight/").content.decode()
    assert "Customer cards complete" in page
    assert "28%" in page


@pytest.fixture
def office(desk: Desk, olga: User) -> Client:
    return desk(olga)


def test_db09_what_is_needed_is_ticked_in_the_settings(office: Client, ann: Customer) -> None:
    page = office.get("/settings/company/").content.decode()
    assert "What a complete card of a firm holds" in page
    key = "card.required_enterprise"
    office.post("/settings/company/", {f"{key}-value": ["city"], f"{key}-asked": "1"})
    refresh_all()
    assert Card.objects.get(customer=ann).percent == 100
    office.post("/settings/company/", {f"{key}-asked": "1"})
    refresh_all()
    assert Card.objects.get(customer=ann).percent == 100
