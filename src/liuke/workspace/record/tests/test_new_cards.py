"""Two kinds of cards, each with its questions; both ask what comes next (DB03), and none is opened without a grade (DB04)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from liuke.customers.models import Customer, FollowUp, ImportantDate, Standing
from liuke.customers.records.actions import register
from liuke.platform.models import User
from liuke.platform.preferences.actions import change
from liuke.workspace.conftest import Desk

SOON = timezone.localdate() + timedelta(days=3)
NEXT = {"grade": "gold", "next_by": "visit", "next_on": SOON.isoformat()}
FIRM = {"name": "Harbour Gifts", "kind": "enterprise", "scope": "b2b"} | NEXT
PERSON = {"name": "Ann", "kind": "individual", "scope": "consumer"} | NEXT


def asked(page: str) -> set[str]:
    return set(re.findall(r'name="([a-z_]+)"', page))


def test_db03_a_firms_card_asks_legal_name_industry_and_contact_a_persons_birthday_and_household(
    desk: Desk, alice: User
) -> None:
    firm = asked(desk(alice).get("/customers/new/").content.decode())
    person = asked(desk(alice).get("/customers/new/?kind=individual").content.decode())
    assert firm >= {"profile_legal_name", "profile_industry", "contact"}
    assert not firm & {"birthday", "profile_household_size"}
    assert person >= {"birthday", "profile_household_size"}
    assert not person & {"profile_legal_name", "profile_industry"}
    assert firm & person >= {"next_by", "next_on", "grade"}


@pytest.mark.parametrize("card", [FIRM, PERSON])
def test_db03_both_demand_what_comes_next(desk: Desk, alice: User, card: dict[str, str]) -> None:
    without = {name: value for name, value in card.items() if name != "next_on"}
    assert desk(alice).post("/customers/new/", without).status_code == 422
    past = card | {"next_on": (SOON - timedelta(days=9)).isoformat()}
    assert "a day that is still to come" in desk(alice).post("/customers/new/", past).content.decode()
    assert not Customer.objects.exists()
    desk(alice).post("/customers/new/", card | {"owner": alice.pk})
    todo = FollowUp.objects.get()
    assert (todo.kind, todo.assignee, todo.title) == ("task", alice, "First contact: Visit")
    assert timezone.localdate(todo.due_at) == SOON


def test_db03_what_a_person_tells_is_kept(desk: Desk, alice: User) -> None:
    told = {"birthday": "1984-05-20", "profile_household_size": "4", "owner": alice.pk}
    desk(alice).post("/customers/new/", PERSON | told)
    ann = Customer.objects.get()
    assert (ann.kind, ann.scope, ann.profile) == ("individual", "consumer", {"household_size": 4})
    birthday = ImportantDate.objects.get(customer=ann)
    assert (birthday.year, birthday.month, birthday.day) == (1984, 5, 20)


def test_db04_a_new_card_gets_the_next_number_and_none_is_saved_without_a_grade(
    desk: Desk, alice: User, olga: User
) -> None:
    before = register(by=alice, now=timezone.now(), name="Before")
    bare = {name: value for name, value in FIRM.items() if name != "grade"}
    assert desk(alice).post("/customers/new/", bare).status_code == 422
    assert desk(alice).post("/customers/new/", FIRM | {"scope": ""}).status_code == 422  # nor without a class
    assert Customer.objects.count() == 1
    desk(alice).post("/customers/new/", FIRM | {"owner": alice.pk})
    made = Customer.objects.get(name="Harbour Gifts")
    assert int(made.number[1:]) == int(before.number[1:]) + 1
    assert Standing.objects.current("expected").get(customer=made).value == "gold"
    page = desk(alice).get(f"/customers/{made.pk}/").content.decode()
    assert "provisional" in page
    change("card.required_enterprise", ["phone"], by=olga, now=timezone.now())
    desk(alice).post("/customers/new/", bare | {"name": "Without", "owner": alice.pk})
    assert Customer.objects.filter(name="Without").exists()


@pytest.mark.parametrize("kind", ["enterprise", "individual"])
def test_db04_a_name_is_enough_as_the_form_has_chosen_grade_and_next_contact_already(
    desk: Desk, alice: User, olga: User, kind: str
) -> None:
    """A visiting card or a call: nobody knows more of a stranger yet, and nobody has to guess."""
    page = f"/customers/new/?kind={kind}"
    form = desk(alice).get(page).context["form"]
    shown = {bound.name: bound.value() for bound in form if bound.value() not in (None, "")}
    sent = desk(alice).post("/customers/new/", shown | {"name": "Ann"})
    assert sent.status_code == 302, sent.context["form"].errors
    made = Customer.objects.get()
    assert (made.kind, Standing.objects.current("expected").get().value) == (kind, "lead")
    assert timezone.localdate(FollowUp.objects.get().due_at) == SOON
    change("card.first_grade", "ask", by=olga, now=timezone.now())
    change("card.first_contact_days", 10, by=olga, now=timezone.now())
    form = desk(alice).get(page).context["form"]
    assert not form["grade"].value()
    assert form["next_on"].value() == SOON + timedelta(days=7)


def test_db04_what_an_import_left_open_is_filled_in_from_the_card(desk: Desk, alice: User) -> None:
    ann = register(by=alice, now=timezone.now(), name="Ann")
    page = f"/customers/{ann.pk}/completion/"
    assert "grade" in asked(desk(alice).get(page).content.decode())
    desk(alice).post(page, {"grade": "iron"})
    ann.card.refresh_from_db()
    assert "grade" not in ann.card.missing
    assert Standing.objects.current("expected").get(customer=ann).value == "iron"


def test_db11_no_owner_is_taken_away_without_a_successor(
    desk: Desk, alice: User, sue: User, olga: User
) -> None:
    """Neither the form of the card, nor giving customers to others, nor a departure leaves one without an owner."""
    ann = register(by=alice, now=timezone.now(), name="Ann")
    edited = {"name": "Ann", "kind": "enterprise", "scope": "b2b", "version": "1", "owner": ""}
    desk(alice).post(f"/customers/{ann.pk}/edit/", edited)
    desk(sue).post("/customers/assignment/", {"ids": [ann.pk], "owner": ""})
    desk(olga).post(f"/settings/colleagues/{alice.pk}/deactivation/", {})
    ann.refresh_from_db()
    assert ann.owner == alice
