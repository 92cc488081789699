from __future__ import annotations

from datetime import datetime

import pytest
from django.http import HttpResponse

from liuke.customers.fields.actions import add_field, fill
from liuke.customers.merging.actions import merge
from liuke.customers.models import Customer
from liuke.customers.records.actions import add_point, edit, register
from liuke.platform.api.tests.calls import Program, problem_of
from liuke.platform.models import AuditEntry, User


@pytest.fixture
def lantern(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Lantern Ltd", city="Yiwu")


def test_a_customer_is_added_with_ways_to_reach_him(alice: User) -> None:
    body = {
        "name": "Harbour Gifts",
        "scope": "b2b",
        "country": "CN",
        "profile": {"industry": "gifts"},
        "points": [{"kind": "mobile", "value": "13800138000"}],
        "contact": {"name": "Ann", "title": "buyer"},
    }
    response = Program(alice, "customers:write").post("customers", body)
    made = response.json()
    assert response.status_code == 201, made
    customer = Customer.objects.get()
    assert response["Location"] == f"/api/v1/customers/{customer.pk}"
    assert (made["owner"]["name"], made["profile"]) == ("Alice", {"industry": "gifts"})
    assert [point.normal for point in customer.points.all()] == ["+8613800138000"]
    assert customer.contacts.get().name == "Ann"
    assert AuditEntry.objects.filter(action="customers.register", actor=alice).exists()


def test_somebody_like_him_is_asked_about_first(alice: User, bob: User, lantern: Customer) -> None:
    told = problem_of(Program(alice).post("customers", {"name": "Lantern"}), "duplicate")
    assert told["known"] == [{"id": lantern.pk, "number": lantern.number, "name": "Lantern Ltd"}]
    told = problem_of(Program(bob).post("customers", {"name": "Lantern"}), "duplicate")
    assert (told["total"], told["known"]) == (1, []), "of another's customer only that there is one"
    assert Program(bob).post("customers", {"name": "Lantern", "anyway": True}).status_code == 201


def test_db20_the_id_of_a_merged_customer_leads_to_who_stayed(
    alice: User, bob: User, sue: User, lantern: Customer, now: datetime
) -> None:
    twice = register(by=alice, now=now, name="Lantern Works")
    merge(lantern, [twice], by=sue, now=now)
    assert Program(alice).get(f"customers/{twice.pk}").json()["id"] == lantern.pk
    assert Program(alice).get(f"customers/{twice.pk}/contacts").status_code == 200
    assert Program(bob).get(f"customers/{twice.pk}").status_code == 404


def change(program: Program, lantern: Customer, body: object, version: str = '"1"') -> HttpResponse:
    return program.patch(f"customers/{lantern.pk}", body, If_Match=version)


def test_what_is_absent_stays(alice: User, lantern: Customer) -> None:
    response = change(Program(alice), lantern, {"note": "calls back"})
    assert (response.json()["note"], response.json()["city"]) == ("calls back", "Yiwu")
    assert response["ETag"] == '"2"'


def test_two_who_change_the_same_are_shown_both_values(alice: User, lantern: Customer, now: datetime) -> None:
    edit(lantern, {"city": "Leeds"}, version=1, by=alice, now=now)
    response = change(Program(alice), lantern, {"city": "York"})
    told = problem_of(response, "edit-conflict")
    assert told["conflicts"] == {"city": {"yours": "York", "theirs": "Leeds"}}
    assert response["ETag"] == '"2"'
    lantern.refresh_from_db()
    assert lantern.city == "Leeds"
    assert change(Program(alice), lantern, {"city": "York"}, 'W/"2"').status_code == 200


def test_nobody_overwrites_without_saying_what_he_has_read(alice: User, lantern: Customer) -> None:
    problem_of(Program(alice).patch(f"customers/{lantern.pk}", {"city": "York"}), "version-needed")
    problem_of(change(Program(alice), lantern, {"city": "York"}, '"abc"'), "invalid")
    assert change(Program(alice), lantern, {"city": "York"}, "*").status_code == 200


def test_db16_the_companys_own_fields_are_read_and_written(
    alice: User, lantern: Customer, now: datetime
) -> None:
    fields = {}
    for type in ("money", "decimal", "date", "flag", "whole", "text"):
        fields[type] = f"f{add_field(type=type, names={'en': type}, by=None, now=now).pk}"
    body = {
        fields["money"]: "1234.50",
        fields["decimal"]: "0.25",
        fields["date"]: "2026-11-22",
        fields["flag"]: True,
        fields["whole"]: 12,
        fields["text"]: "red",
    }
    response = change(Program(alice), lantern, {"fields": body})
    assert response.json()["fields"] == body
    assert Program(alice).get(f"customers/{lantern.pk}").json()["fields"] == body
    again = change(Program(alice), lantern, {"fields": body}, response["ETag"])
    assert again["ETag"] == response["ETag"], "the very same is no change"


def test_a_field_that_does_not_fit_is_named(alice: User, lantern: Customer, now: datetime) -> None:
    trucks = f"f{add_field(type='whole', names={'en': 'Trucks'}, by=None, now=now).pk}"
    told = problem_of(change(Program(alice), lantern, {"fields": {trucks: "many"}}), "invalid")
    assert told["errors"][0]["pointer"] == f"/fields/{trucks}"
    told = problem_of(change(Program(alice), lantern, {"fields": {"f99": 1}}), "invalid")
    assert told["errors"][0]["detail"] == "Customers of this kind have no such field."


def test_another_customer_in_a_field_is_told_only_to_who_may_read_him(
    alice: User, bob: User, lantern: Customer, now: datetime
) -> None:
    parent = f"f{add_field(type='customer', names={'en': 'Parent'}, by=None, now=now).pk}"
    his = register(by=bob, now=now, name="Bob's")
    fill(lantern, {parent: his.pk}, by=None, now=now)
    assert Program(alice).get(f"customers/{lantern.pk}").json()["fields"] == {parent: None}
    problem_of(change(Program(alice), lantern, {"fields": {parent: his.pk}}, "*"), "invalid")


def test_a_customer_is_given_to_a_colleague(sue: User, bob: User, charlie: User, lantern: Customer) -> None:
    program = Program(sue)
    response = program.put(f"customers/{lantern.pk}/owner", {"owner_id": bob.pk, "reason": "more time"})
    assert response.json()["owner"] == {"id": bob.pk, "name": "Bob"}
    problem_of(program.put(f"customers/{lantern.pk}/owner", {"owner_id": charlie.pk}), "invalid")


def test_stage_level_and_attitude_are_decided(alice: User, lantern: Customer) -> None:
    program, here = Program(alice), f"customers/{lantern.pk}"
    assert (
        program.put(f"{here}/stage", {"stage": "prospect", "reason": "asked"}).json()["stage"] == "prospect"
    )
    problem_of(program.put(f"{here}/stage", {"stage": "won_back", "reason": "x"}), "invalid")
    assert program.put(f"{here}/level", {"value": "proactive"}).json()["level"] == "proactive"
    assert program.put(f"{here}/attitude", {"value": "neutral"}).json()["attitude"] == "neutral"
    problem_of(program.put(f"{here}/attitude", {"value": "cold"}), "invalid")
    assert program.put(f"{here}/relation", {"value": "partner", "reason": "plans"}).status_code == 200


def test_what_is_hidden_from_a_role_is_neither_shown_nor_changed(
    sue: User, alice: User, lantern: Customer, now: datetime
) -> None:
    """Not by reading, not by writing over it, and not by what a conflict shows."""
    edit(lantern, {"address": "1 Canary Street"}, version=1, by=alice, now=now)
    point = add_point(lantern, kind="mobile", value="13800138000", by=alice, now=now)
    sue.role.masked = ["phone", "address"]
    sue.role.save()
    program, here = Program(sue), f"customers/{lantern.pk}"
    answers = [
        program.get(here),
        program.get(f"{here}/points"),
        program.get("customers"),
        change(program, lantern, {"address": "2 Other Street"}),
        change(program, lantern, {"address": "2 Other Street"}, "*"),
        program.patch(f"{here}/points/{point.pk}", {"is_preferred": True}),
        program.delete(f"{here}/points/{point.pk}"),
    ]
    assert [one.status_code for one in answers] == [200, 200, 200, 422, 422, 404, 404]
    told = "".join(one.content.decode() for one in answers)
    assert "Canary" not in told
    assert "138001" not in told
    assert Program(alice).get(here).json()["address"] == "1 Canary Street"
    assert lantern.points.get().value == "13800138000"
