from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from liuke.customers.completeness.actions import (
    accept_card,
    mean_percent,
    refresh_all,
    return_card,
    verify,
)
from liuke.customers.completeness.models import Card
from liuke.customers.fields.actions import add_field, edit_field, fill
from liuke.customers.models import Customer, FollowUp
from liuke.customers.records.actions import add_contact, add_point, edit, register, remove_point
from liuke.customers.records.rules import NewContact, Unfit
from liuke.customers.standings.actions import decide
from liuke.platform.access.rules import Denied
from liuke.platform.models import AuditEntry, User
from liuke.platform.preferences.actions import change


@pytest.fixture
def lantern(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Lantern Ltd", country="CN")


def card_of(customer: Customer) -> Card:
    return Card.objects.get(customer=customer)


def test_db09_every_change_of_a_card_is_counted_at_once(
    lantern: Customer, alice: User, now: datetime
) -> None:
    assert card_of(lantern).missing == ["phone", "contact", "city", "address", "source", "grade"]
    assert card_of(lantern).percent == 14
    edit(lantern, {"city": "Yiwu", "address": "1 Dock St"}, version=1, by=alice, now=now)
    point = add_point(lantern, kind="mobile", value="13800138000", by=alice, now=now)
    add_contact(lantern, NewContact("Ms Wang"), by=alice, now=now)
    assert (card_of(lantern).percent, card_of(lantern).missing) == (71, ["source", "grade"])
    remove_point(point, by=alice, now=now)
    assert card_of(lantern).missing == ["phone", "source", "grade"]


def test_db09_the_list_of_what_is_needed_is_each_kinds_own(
    lantern: Customer, alice: User, olga: User, now: datetime
) -> None:
    ann = register(by=alice, now=now, name="Ann", kind="individual", scope="consumer")
    change("card.required_enterprise", ["country"], by=olga, now=now)
    change("card.required_individual", ["household_size", "city"], by=olga, now=now)
    assert refresh_all() == 2
    assert card_of(lantern).percent == 100
    assert card_of(ann).missing == ["city", "household_size"]
    change("card.required_enterprise", [], by=olga, now=now)
    refresh_all()
    assert card_of(lantern).percent == 100


def test_db09_a_field_of_the_companys_own_may_be_needed(lantern: Customer, now: datetime) -> None:
    trucks = add_field(type="whole", names={"en": "Trucks"}, required=True, by=None, now=now)
    refresh_all()
    name = f"f{trucks.pk}"
    assert name in card_of(lantern).missing
    fill(lantern, {name: 0}, by=None, now=now)
    assert name not in card_of(lantern).missing  # none of them is an answer too
    fill(lantern, {name: None}, by=None, now=now)
    assert name in card_of(lantern).missing
    edit_field(trucks, kind="individual", by=None, now=now)
    refresh_all()
    assert name not in card_of(lantern).missing


def test_db09_checked_today_it_is_fresh_and_stays_so_when_it_changes(
    lantern: Customer, alice: User, now: datetime
) -> None:
    assert (
        card_of(lantern).verified_at == lantern.created_at
    )  # taken down on that day, so known to be right then
    later = now + timedelta(days=200)
    verify(lantern, by=alice, now=later)
    edit(lantern, {"city": "Yiwu"}, version=1, by=alice, now=later + timedelta(days=1))
    card = card_of(lantern)
    assert (card.verified_at, card.verified_by) == (later, alice)
    assert AuditEntry.objects.filter(action="customers.verify", actor=alice).exists()


def test_db10_returned_it_is_on_the_owners_list_until_the_supervisor_accepts(
    lantern: Customer, alice: User, sue: User, now: datetime
) -> None:
    return_card(lantern, note="Whom do they buy from?", by=sue, now=now)
    return_card(lantern, note="Whom do they buy from now?", by=sue, now=now)
    task = FollowUp.objects.open().get(customer=lantern)
    assert (task.assignee, task.kind, task.source) == (alice, "task", "customers.card")
    assert card_of(lantern).return_note == "Whom do they buy from now?"
    accept_card(lantern, by=sue, now=now + timedelta(days=2))
    card = card_of(lantern)
    assert (card.returned_at, card.return_note) == (None, "")
    assert not FollowUp.objects.open().filter(customer=lantern).exists()
    accept_card(lantern, by=sue, now=now + timedelta(days=2))
    assert AuditEntry.objects.filter(action="customers.accept").count() == 1


def test_db10_a_card_of_nobody_or_without_a_word_is_not_returned(
    lantern: Customer, sue: User, now: datetime
) -> None:
    with pytest.raises(Unfit):
        return_card(lantern, note="  ", by=sue, now=now)
    Customer.objects.filter(pk=lantern.pk).update(owner=None)
    with pytest.raises(Unfit):
        return_card(lantern, note="Complete it", by=sue, now=now)
    assert not FollowUp.objects.exists()


def test_pl02_neither_without_the_right_nor_out_of_reach(
    lantern: Customer, alice: User, charlie: User, anna: User, now: datetime
) -> None:
    with pytest.raises(Denied):
        return_card(lantern, note="Complete it", by=alice, now=now)
    with pytest.raises(Denied):
        verify(lantern, by=anna, now=now)
    with pytest.raises(Customer.DoesNotExist):
        verify(lantern, by=charlie, now=now)


def test_sc01_the_mean_is_of_the_cards_that_one_may_read(
    lantern: Customer, alice: User, charlie: User, olga: User, now: datetime
) -> None:
    assert mean_percent(charlie) is None
    register(by=charlie, now=now, name="Full", country="CN", city="Yiwu", address="1", source="fair")
    assert mean_percent(alice) == 14
    assert mean_percent(charlie) == 57
    assert mean_percent(olga) == 35.5


def test_the_nightly_run_works_out_cards_that_were_there_before(lantern: Customer) -> None:
    Card.objects.all().delete()
    assert refresh_all() == 1
    assert card_of(lantern).verified_at == lantern.created_at


def test_db04_a_card_without_a_grade_is_counted_as_missing_until_he_has_one_or_buys(
    lantern: Customer, alice: User, now: datetime
) -> None:
    assert "grade" in card_of(lantern).missing
    decide(lantern, "expected", "gold", by=alice, now=now)
    refresh_all()
    assert "grade" not in card_of(lantern).missing
    buyer = register(by=alice, now=now, name="Buyer")
    Customer.objects.filter(pk=buyer.pk).update(first_purchase_at=now)
    refresh_all()
    assert "grade" not in card_of(buyer).missing  # the night grades him by what he buys
