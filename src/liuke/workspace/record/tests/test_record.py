"""Adding and changing a record: each scope its fields, duplicates before they arise, no change overwritten in silence."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import phonenumbers
import pytest
from django.utils import timezone

from liuke.customers.models import Contact, ContactPoint, Customer, Fact, StageChange
from liuke.customers.records.actions import edit
from liuke.customers.records.rules import PROFILE
from liuke.customers.wording.rules import country_code
from liuke.platform.audit.models import AuditEntry
from liuke.platform.kit.rules import country_text
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk

NEXT = {
    "grade": "gold",
    "next_by": "visit",
    "next_on": (timezone.localdate() + timedelta(days=3)).isoformat(),
}
NEW = {
    "name": "Harbour Gifts",
    "kind": "enterprise",
    "scope": "b2b",
    "phone": "13800138000",
    "country": "CN",
} | NEXT
EDIT = {"name": "Ann", "kind": "enterprise", "scope": "b2b", "country": "CN"}


@pytest.fixture
def ann(add: Add, alice: User) -> Customer:
    return add(alice, "Ann", phone="13900139000")


def test_a_new_customer_is_ones_own_and_opens_its_card(desk: Desk, alice: User) -> None:
    answer = desk(alice).post("/customers/new/", NEW | {"contact": "Ms Wang", "owner": alice.pk})
    made = Customer.objects.get(name="Harbour Gifts")
    assert answer["Location"] == f"/customers/{made.pk}/"
    assert (made.owner, made.team, made.stage) == (alice, alice.team, "lead")
    assert ContactPoint.objects.get(customer=made).value == "13800138000"
    assert Contact.objects.get(customer=made).name == "Ms Wang"
    assert Fact.objects.filter(customer=made, kind="registered", actor=alice).exists()


@pytest.mark.parametrize(
    ("field", "typed"),
    [("name", ""), ("phone", "12"), ("email", "not one"), ("country", "ZZ")],
)
def test_what_does_not_fit_is_said_beside_it_and_the_rest_is_kept(
    desk: Desk, alice: User, field: str, typed: str
) -> None:
    answer = desk(alice).post("/customers/new/", NEW | {"source": "kept words", field: typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "kept words" in page
    assert re.search(
        rf'name="{field}"[^>]*aria-invalid="true"|aria-invalid="true"[^>]*name="{field}"', page
    ), field
    assert not Customer.objects.exists()


def test_a_kind_that_does_not_exist_is_said_above_the_form(desk: Desk, alice: User) -> None:
    """The tabs ask it, so the field itself is not seen."""
    answer = desk(alice).post("/customers/new/", NEW | {"source": "kept words", "kind": "ghost"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "kept words" in page
    assert "ghost" in page.partition('class="form-errors')[2].partition("</div>")[0]
    assert not Customer.objects.exists()


def test_a_duplicate_is_shown_before_it_arises_and_may_be_saved_all_the_same(
    desk: Desk, ann: Customer, alice: User
) -> None:
    client, twin = desk(alice), NEW | {"name": "Ann", "phone": "139 0013 9000"}
    page = client.post("/customers/new/", twin).content.decode()
    assert ann.number in page
    assert Customer.objects.count() == 1
    client.post("/customers/new/", twin | {"phone": "", "anyway": "on"})
    assert Customer.objects.count() == 2


def test_pl02_anothers_duplicate_is_counted_but_not_shown(desk: Desk, ann: Customer, charlie: User) -> None:
    page = (
        desk(charlie).post("/customers/new/", NEW | {"name": "Ann", "phone": "13900139000"}).content.decode()
    )
    assert ann.number not in page
    assert Customer.objects.count() == 1  # he is warned all the same


def test_db20_one_that_is_nearly_the_same_is_shown_with_what_speaks_for_it(
    desk: Desk, add: Add, alice: User
) -> None:
    add(alice, "上海灯笼贸易有限公司", city="上海")
    twin = NEW | {"name": "Shanghai Denglong Maoyi Co., Ltd.", "city": "上海", "phone": ""}
    page = desk(alice).post("/customers/new/", twin).content.decode()
    assert "names 96% alike · same city" in page
    assert Customer.objects.count() == 1


def test_db20_of_another_teams_it_says_whom_to_ask_and_nothing_else(
    desk: Desk, add: Add, alice: User, bob: User, charlie: User
) -> None:
    add(charlie, "Secret Lantern Ltd", number="K-77", phone="13900139001")
    page = desk(alice).post("/customers/new/", NEW | {"name": "X", "phone": "139 0013 9001"}).content.decode()
    assert "is kept by another team already; ask your supervisor" in page
    assert not any(word in page for word in ("Secret", "K-77", "Charlie"))
    add(bob, "Bob's Lantern", number="K-78", phone="13900139002")
    page = desk(alice).post("/customers/new/", NEW | {"name": "X", "phone": "139 0013 9002"}).content.decode()
    assert not any(word in page for word in ("Bob's Lantern", "K-78"))
    assert "A customer like this is kept by" in page


def test_db20_a_persons_number_at_another_customer_is_told_before_it_is_saved(
    desk: Desk, ann: Customer, add: Add, alice: User
) -> None:
    other, client = add(alice, "Other"), desk(alice)
    typed = {"name": "Wang", "phone": "139 0013 9000"}
    page = client.post(f"/customers/{other.pk}/contacts/", typed)
    assert (page.status_code, ann.number in page.content.decode()) == (422, True)
    assert not other.contacts.exists()
    client.post(f"/customers/{other.pk}/contacts/", typed | {"anyway": "on"})
    assert other.contacts.get().name == "Wang"


@pytest.mark.parametrize("scope", ["consumer", "b2b", "channel", "internal"])
def test_sc07_each_scope_shows_fields_of_its_own(desk: Desk, add: Add, alice: User, scope: str) -> None:
    customer = add(alice, f"A {scope}", scope=scope)
    page = desk(alice).get(f"/customers/{customer.pk}/edit/").content.decode()
    shown = set(re.findall(r'name="profile_(\w+)"', page))
    assert shown == {one.name for one in PROFILE[scope]}
    assert shown


def test_an_edit_is_audited_with_old_and_new_and_raises_the_version(
    desk: Desk, ann: Customer, alice: User
) -> None:
    sent = EDIT | {"name": "Ann & Sons", "version": ann.version, "profile_industry": "Gifts"}
    assert desk(alice).post(f"/customers/{ann.pk}/edit/", sent)["Location"] == f"/customers/{ann.pk}/"
    changed = Customer.objects.get(pk=ann.pk)
    assert (changed.name, changed.profile, changed.version) == (
        "Ann & Sons",
        {"industry": "Gifts"},
        ann.version + 1,
    )
    entry = AuditEntry.objects.filter(actor=alice, changes__has_key="name").latest("id")
    assert entry.changes["name"] == ["Ann", "Ann & Sons"]


def test_two_who_edit_at_once_see_both_values_and_nothing_is_overwritten(
    desk: Desk, ann: Customer, alice: User, sue: User, moment: datetime
) -> None:
    read_at = ann.version
    edit(ann, {"city": "Hangzhou", "name": "By Sue"}, version=ann.version, by=sue, now=moment)
    client = desk(alice)
    answer = client.post(f"/customers/{ann.pk}/edit/", EDIT | {"name": "By Alice", "version": read_at})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "By Sue" in page
    assert "By Alice" in page
    assert Customer.objects.get(pk=ann.pk).name == "By Sue"
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    sent: dict[str, Any] = EDIT | {"name": "By Alice", "city": "Hangzhou", "version": version[1]}
    client.post(f"/customers/{ann.pk}/edit/", sent)
    assert Customer.objects.get(pk=ann.pk).name == "By Alice"


def test_a_stage_is_moved_with_a_reason_and_only_where_it_can_go(
    desk: Desk, ann: Customer, alice: User
) -> None:
    client = desk(alice)
    assert client.post(f"/customers/{ann.pk}/stage/", {"stage": "prospect", "reason": ""}).status_code == 422
    assert client.post(f"/customers/{ann.pk}/stage/", {"stage": "won_back", "reason": "x"}).status_code == 422
    client.post(f"/customers/{ann.pk}/stage/", {"stage": "prospect", "reason": "Has budget"})
    step = StageChange.objects.filter(customer=ann).latest("id")
    assert (step.from_stage, step.to_stage, step.reason) == ("lead", "prospect", "Has budget")


def test_persons_and_numbers_are_added_changed_and_taken_away(desk: Desk, ann: Customer, alice: User) -> None:
    client, card = desk(alice), f"/customers/{ann.pk}/"
    client.post(f"{card}contacts/", {"name": "Ms Wang", "phone": "13700137000", "primary": "on"})
    person = Contact.objects.get(customer=ann)
    client.post(f"{card}contacts/{person.pk}/", {"name": "Ms Wang", "title": "Buyer"})
    person.refresh_from_db()
    assert (person.title, person.is_primary) == ("Buyer", True)
    client.post(f"{card}points/", {"kind": "email", "value": "ann@mail.example"})
    point = ContactPoint.objects.get(customer=ann, kind="email")
    client.post(f"{card}points/{point.pk}/", {"value": "anna@mail.example"})
    point.refresh_from_db()
    assert point.value == "anna@mail.example"
    client.post(f"{card}points/{point.pk}/removal/")
    client.post(f"{card}contacts/{person.pk}/removal/")
    assert not ContactPoint.objects.filter(customer=ann, kind="email").exists()
    assert not Contact.objects.filter(customer=ann).exists()


def test_pl05_an_edited_number_is_audited_with_old_and_new(desk: Desk, ann: Customer, alice: User) -> None:
    point = ContactPoint.objects.get(customer=ann)
    desk(alice).post(f"/customers/{ann.pk}/points/{point.pk}/", {"value": "13600136000"})
    entry = AuditEntry.objects.filter(actor=alice).latest("id")
    assert "13900139000" in str(entry.changes)
    assert "13600136000" in str(entry.changes)


def test_quick_add_asks_for_the_customer_first_among_ones_own(
    desk: Desk, ann: Customer, add: Add, charlie: User, alice: User
) -> None:
    add(charlie, "Of Charlie")
    page = desk(alice).get("/new/?what=contact").content.decode()
    assert f"/customers/{ann.pk}/contacts-log/" in page
    assert "Of Charlie" not in page
    assert (
        f"/customers/{ann.pk}/followups/" in desk(alice).get("/new/?what=followup&for=ann").content.decode()
    )
    assert "Of Charlie" not in desk(alice).get("/new/?what=followup&for=charlie").content.decode()
    assert desk(alice).get("/new/")["Location"] == "/customers/new/"


def test_quick_add_tells_a_role_without_the_right_so(desk: Desk, anna: User) -> None:
    for what in ("contact", "followup"):
        assert desk(anna).get(f"/new/?what={what}").status_code == 403


def test_pl02_another_teams_record_does_not_exist(desk: Desk, ann: Customer, charlie: User) -> None:
    card = f"/customers/{ann.pk}/"
    for path in ("edit/", "stage/", "contacts/", "points/"):
        assert desk(charlie).get(card + path).status_code == 404
        assert desk(charlie).post(card + path, EDIT | {"version": ann.version}).status_code == 404
    assert Customer.objects.get(pk=ann.pk).version == ann.version


def test_who_may_only_read_is_not_offered_to_write(desk: Desk, ann: Customer, anna: User) -> None:
    page = desk(anna).get(f"/customers/{ann.pk}/").content.decode()
    assert "/edit/" not in page
    assert "/contacts-log/" not in page
    assert desk(anna).get(f"/customers/{ann.pk}/edit/").status_code == 403


def test_an_address_that_names_province_and_city_fills_them(desk: Desk, ann: Customer, alice: User) -> None:
    typed = EDIT | {"version": "1", "address": "浙江省杭州市西湖区文三路 90 号"}
    desk(alice).post(f"/customers/{ann.pk}/edit/", typed)
    ann.refresh_from_db()
    assert (ann.province, ann.city, ann.address) == ("浙江", "杭州市", "西湖区文三路 90 号")
    desk(alice).post(f"/customers/{ann.pk}/edit/", typed | {"version": "2", "province": "Zhejiang"})
    ann.refresh_from_db()
    assert (ann.province, ann.address) == (
        "Zhejiang",
        "浙江省杭州市西湖区文三路 90 号",
    )  # what is typed holds


def test_a_country_stands_in_the_form_by_its_name_and_reads_back(
    desk: Desk, ann: Customer, alice: User, moment: datetime
) -> None:
    client = desk(alice)
    client.post(f"/customers/{ann.pk}/edit/", EDIT | {"version": ann.version, "country": "Germany"})
    ann.refresh_from_db()
    assert ann.country == "DE"
    page = client.get(f"/customers/{ann.pk}/edit/").content.decode()
    assert 'name="country" value="Germany"' in page


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_every_country_reads_back_as_itself_from_its_name(language: str) -> None:
    for code in phonenumbers.SUPPORTED_REGIONS:
        assert country_code(country_text(code, language)) == code
