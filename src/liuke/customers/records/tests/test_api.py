from __future__ import annotations

from datetime import datetime

import pytest

from liuke.customers.models import Contact, Customer
from liuke.customers.records.actions import register
from liuke.platform.api.tests.calls import Program, problem_of
from liuke.platform.models import User


@pytest.fixture
def here(alice: User, now: datetime) -> str:
    return f"customers/{register(by=alice, now=now, name='Lantern Ltd').pk}"


def test_a_person_comes_changes_and_goes(alice: User, here: str) -> None:
    program = Program(alice)
    body = {
        "name": "Ann",
        "roles": ["purchasing"],
        "department": "Stores",
        "office": "Gate 2",
        "points": [{"kind": "email", "value": "ann@example.com"}],
    }
    response = program.post(f"{here}/contacts", body)
    ann = response.json()
    assert response.status_code == 201
    assert (ann["is_primary"], ann["department"], ann["office"]) == (True, "Stores", "Gate 2")
    changed = program.patch(f"{here}/contacts/{ann['id']}", {"influence": 4}).json()
    assert (changed["influence"], changed["roles"], changed["office"]) == (4, ["purchasing"], "Gate 2")
    assert [one["name"] for one in program.get(f"{here}/contacts").json()["items"]] == ["Ann"]
    assert program.delete(f"{here}/contacts/{ann['id']}").status_code == 204
    assert not Contact.objects.exists()


def test_a_number_comes_changes_and_goes(alice: User, here: str) -> None:
    program = Program(alice)
    point = program.post(f"{here}/points", {"kind": "mobile", "value": "138 0013 8000"}).json()
    assert (point["normal"], point["is_preferred"]) == ("+8613800138000", False)
    problem_of(program.post(f"{here}/points", {"kind": "mobile", "value": "13800138000"}), "invalid")
    changed = program.patch(f"{here}/points/{point['id']}", {"is_preferred": True}).json()
    assert (changed["value"], changed["is_preferred"]) == ("138 0013 8000", True)
    assert program.delete(f"{here}/points/{point['id']}").status_code == 204
    assert program.get(f"{here}/points").json() == {"items": [], "next": ""}


def test_an_address_is_told_with_its_place(alice: User, here: str) -> None:
    point = (
        Program(alice).post(f"{here}/points", {"kind": "address", "value": "浙江省义乌市稠州路1号"}).json()
    )
    assert point["place"]["province"]


def test_another_customers_person_is_not_there(alice: User, bob: User, here: str, now: datetime) -> None:
    other: Customer = register(by=alice, now=now, name="Other")
    theirs = Program(alice).post(f"customers/{other.pk}/contacts", {"name": "Zoe"}).json()["id"]
    problem_of(Program(alice).get(f"{here}/contacts/{theirs}"), "not-found")
    body = {"kind": "mobile", "value": "13800138001", "contact_id": theirs}
    problem_of(Program(alice).post(f"{here}/points", body), "not-found")
    problem_of(Program(bob).get(f"{here}/contacts"), "not-found")
