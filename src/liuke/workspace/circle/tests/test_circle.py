"""What surrounds a customer, beside the card: departments, relations, days, possessions, background."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from liuke.customers.background.actions import write_background
from liuke.customers.models import (
    Background,
    Customer,
    Department,
    FollowUp,
    Holding,
    ImportantDate,
    Relation,
)
from liuke.customers.occasions.actions import remind
from liuke.customers.relations.actions import relate
from liuke.platform.models import AuditEntry, User
from liuke.workspace.conftest import Add, Desk

HTMX = {"HX-Request": "true"}


@pytest.fixture
def finch(add: Add, alice: User) -> Customer:
    return add(alice, "Finch Trading")


def page_of(desk: Desk, user: User, customer: Customer, path: str = "circle/") -> str:
    return desk(user).get(f"/customers/{customer.pk}/{path}").content.decode()


def test_the_card_brings_it_and_without_scripts_a_link_leads_there(
    desk: Desk, alice: User, finch: Customer
) -> None:
    card = page_of(desk, alice, finch, "")
    assert f'hx-get="/customers/{finch.pk}/circle/" hx-trigger="load' in card
    for page in (card, page_of(desk, alice, finch)):  # whoever reads the card has its name in the tab
        assert 'hx-select="#circle" hx-swap="outerHTML ignoreTitle:true"' in page
    assert f'href="/customers/{finch.pk}/circle/"' in card


def test_cq04_departments_show_the_office_of_accounts_payable(
    desk: Desk, alice: User, finch: Customer
) -> None:
    typed = {"name": "Accounts payable", "office": "Building 3, room 402"}
    desk(alice).post(f"/customers/{finch.pk}/departments/", typed)
    page = page_of(desk, alice, finch)
    assert page.index("Accounts payable") < page.index("Building 3, room 402")
    held = Department.objects.get()
    answer = desk(alice).post(f"/customers/{finch.pk}/departments/{held.pk}/", {"name": ""})
    assert answer.status_code == 422
    desk(alice).post(f"/customers/{finch.pk}/departments/{held.pk}/removal/")
    assert not Department.objects.exists()


def test_ct05_a_relation_is_found_by_name_or_number_and_shows_on_both(
    desk: Desk, alice: User, add: Add, finch: Customer
) -> None:
    heron = add(alice, "Heron", number="H-1")
    client = desk(alice)
    client.post(f"/customers/{finch.pk}/relations/", {"whom": "H-1", "kind": "subsidiary"})
    assert "Subsidiary</dt>" in page_of(desk, alice, finch)
    assert "Heron" in page_of(desk, alice, finch)
    back = page_of(desk, alice, heron)
    assert "Parent firm</dt>" in back
    assert "Finch Trading" in back


def test_ct05_of_a_customer_out_of_reach_the_form_knows_nothing(
    desk: Desk, alice: User, bob: User, sue: User, add: Add, finch: Customer, moment: datetime
) -> None:
    other = add(bob, "Secret Ltd", number="S-1")
    for whom in ("Secret Ltd", "S-1", "Secret", "nobody at all"):
        answer = desk(alice).post(f"/customers/{finch.pk}/relations/", {"whom": whom, "kind": "friend"})
        assert answer.status_code == 422
        assert "You have no other customer of this name or number." in answer.content.decode()
    relate(finch, to=other, kind="friend", by=sue, now=moment)
    assert "Secret" not in page_of(desk, alice, finch)
    assert "Secret" in page_of(desk, sue, finch)
    relation = Relation.objects.get()
    assert desk(alice).post(f"/customers/{finch.pk}/relations/{relation.pk}/removal/").status_code == 404


def test_several_of_one_name_ask_for_the_number(desk: Desk, alice: User, add: Add, finch: Customer) -> None:
    add(alice, "Heron", number="H-1")
    add(alice, "Heron", number="H-2")
    answer = desk(alice).post(f"/customers/{finch.pk}/relations/", {"whom": "Heron", "kind": "friend"})
    assert "Heron (H-1), Heron (H-2)" in answer.content.decode()


def test_db21_a_birthday_is_typed_and_shows_up_on_today_in_time(
    desk: Desk, alice: User, finch: Customer, moment: datetime
) -> None:
    on = timezone.localdate() + timedelta(days=5)
    typed = {
        "kind": "birthday",
        "name": "Founder",
        "month": on.month,
        "day": on.day,
        "notice_days": 7,
        "is_yearly": "on",
    }
    client = desk(alice)
    client.post(f"/customers/{finch.pk}/dates/", typed)
    assert "Founder" in page_of(desk, alice, finch)
    remind(now=moment)
    assert "Founder of Finch Trading" in client.get("/").content.decode()
    wrong = client.post(
        f"/customers/{finch.pk}/dates/{ImportantDate.objects.get().pk}/", typed | {"month": 2, "day": 30}
    )
    assert "This month has no day 30." in wrong.content.decode()
    client.post(f"/customers/{finch.pk}/dates/", typed | {"kind": "birthday", "year": moment.year - 60})
    assert re.search(r"turns (60|61)<", page_of(desk, alice, finch))


def test_db22_a_car_shows_when_it_will_be_replaced(desk: Desk, alice: User, finch: Customer) -> None:
    typed = {
        "kind": "vehicle",
        "name": "Audi",
        "serial": "WAUZZZ8K9BA123456",
        "bought_on": "2018-01-01",
        "is_from_us": "on",
    }
    desk(alice).post(f"/customers/{finch.pk}/holdings/", typed)
    page = page_of(desk, alice, finch)
    assert 'datetime="2026-01-01"' in page
    assert "WAUZZZ8K9BA123456" in page
    assert "from us" in page
    car = Holding.objects.get()
    assert 'value="2018-01-01"' in page_of(desk, alice, finch, f"holdings/{car.pk}/")


def test_ct06_only_owner_and_supervisor_find_the_background(
    desk: Desk, alice: User, bob: User, sue: User, finch: Customer, moment: datetime
) -> None:
    write_background(finch, None, {"hobbies": "plays Go"}, consent="said so", by=alice, now=moment)
    assert "plays Go" not in page_of(desk, alice, finch)  # only when it is asked for
    for user in (alice, sue):
        assert "plays Go" in page_of(desk, user, finch, "background/")
    assert AuditEntry.objects.filter(action="background.read").count() == 2
    assert desk(bob).get(f"/customers/{finch.pk}/background/").status_code == 404
    # as an open follow-up lets him reach the customer, he still does not read them
    FollowUp.objects.create(
        customer=finch, assignee=bob, kind="task", due_at=moment, source="person", created_at=moment
    )
    assert "Background notes" not in page_of(desk, bob, finch)
    assert desk(bob).get(f"/customers/{finch.pk}/background/").status_code == 404


def test_ct06_the_export_leaves_them_out(
    desk: Desk, alice: User, sue: User, finch: Customer, moment: datetime
) -> None:
    write_background(finch, None, {"hobbies": "plays Go"}, consent="said so", by=alice, now=moment)
    answer = desk(sue).post("/customers/export/", {"all": "1"})
    told = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    assert "Finch" in told
    assert "plays Go" not in told


def test_ct06_the_form_wants_the_consent_and_erases_it(desk: Desk, alice: User, finch: Customer) -> None:
    client, path = desk(alice), f"/customers/{finch.pk}/background/"
    assert client.post(path, {"career": "teacher"}).status_code == 422
    client.post(path, {"career": "teacher", "consent": "said so"})
    assert Background.objects.get().career == "teacher"
    client.post(f"{path}removal/")
    assert not Background.objects.exists()


def test_persons_come_from_a_telephone_and_go_to_one(
    desk: Desk, alice: User, sue: User, finch: Customer
) -> None:
    card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ida Buyer\r\nTEL;TYPE=CELL:+447700900123\r\nEND:VCARD\r\n"
    answer = desk(alice).post(f"/customers/{finch.pk}/vcards/", {"file": SimpleUploadedFile("ida.vcf", card)})
    assert answer.status_code == 302
    assert finch.contacts.get().points.get().normal == "+447700900123"
    again = SimpleUploadedFile("ida.vcf", card)
    answer = desk(alice).post(f"/customers/{finch.pk}/vcards/", {"file": again}, follow=True)
    assert "Everything in it was known already." in answer.content.decode()
    wrong = desk(alice).post(f"/customers/{finch.pk}/vcards/", {"file": SimpleUploadedFile("a.vcf", b"a,b")})
    assert "There is no vCard in this file." in wrong.content.decode()
    taken = desk(sue).get(f"/customers/{finch.pk}/vcard/")
    assert taken["Content-Disposition"] == f'attachment; filename="{finch.number}.vcf"'
    assert "FN:Ida Buyer" in taken.content.decode()
    assert desk(alice).get(f"/customers/{finch.pk}/vcard/").status_code == 403


def test_ct05_a_new_relation_of_a_firm_is_nothing_until_somebody_chooses(
    desk: Desk, add: Add, alice: User
) -> None:
    finch = add(alice, "Finch")
    page = desk(alice).get(f"/customers/{finch.pk}/relations/").content.decode()
    choices = re.findall(
        r'<option value="(\w*)"( selected)?', page.partition('name="kind"')[2].partition("</select>")[0]
    )
    assert choices[0] == ("", " selected") or choices[0] == ("", "")
    assert choices[1][0] == ("referrer" if finch.kind == "enterprise" else "family")
    assert not any(chosen for value, chosen in choices if value)
