from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from liuke.customers.models import Customer, FollowUp, Visit
from liuke.customers.readings.actions import note
from liuke.customers.records.actions import register
from liuke.platform.api.tests.calls import Program, problem_of
from liuke.platform.models import User


@pytest.fixture
def lantern(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Lantern Ltd")


def test_db08_a_program_begins_no_visit_without_a_look_at_the_card_unless_it_insists(
    alice: User, lantern: Customer
) -> None:
    program, here = Program(alice), f"customers/{lantern.pk}/visits"
    program.get(f"customers/{lantern.pk}")  # that a program reads the record is no look of a person's
    problem_of(program.post(here), "not-looked")
    assert not Visit.objects.exists()
    blind = program.post(here, {"anyway": True}).json()
    assert (blind["by"]["name"], blind["card_viewed_at"]) == ("Alice", None)
    assert program.post(here).json()["id"] == blind["id"]  # it is going on


def test_db12_a_visit_is_written_up_and_what_planned_it_is_done(alice: User, lantern: Customer) -> None:
    program, here = Program(alice), f"customers/{lantern.pk}"
    due = (timezone.now() + timedelta(hours=2)).isoformat()
    planned = program.post(f"{here}/followups", {"title": "Visit them", "due_at": due}).json()["id"]
    note(alice, "card", [lantern.pk], now=timezone.now())
    made = program.post(f"{here}/visits", {"followup_id": planned}).json()
    assert made["card_viewed_at"]
    at = f"{here}/visits/{made['id']}"
    assert program.post(f"{at}/end").json()["ended_at"]
    told = {"outcome": "ordered", "note": "forty lamps", "is_right": True}
    narrow = Program(alice, "timeline:write")
    assert problem_of(narrow.post(f"{at}/closure", told), "scope-missing")["scope"] == "customers:write"
    assert program.post(f"{at}/closure", told).json()["outcome"] == "ordered"
    assert FollowUp.objects.get(pk=planned).state == "done"
    assert program.get(f"{here}/timeline?kind=visited").json()["items"][0]["data"]["note"] == "forty lamps"
    problem_of(program.post(f"{at}/closure", told), "not-found")
    assert [one["id"] for one in program.get(f"{here}/visits").json()["items"]] == [made["id"]]


def test_nobody_writes_up_anothers_visit(alice: User, sue: User, lantern: Customer) -> None:
    made = Program(alice).post(f"customers/{lantern.pk}/visits", {"anyway": True}).json()["id"]
    at = f"customers/{lantern.pk}/visits/{made}"
    problem_of(Program(sue).post(f"{at}/closure", {"outcome": "reached"}), "not-found")
    assert Program(sue).get(f"customers/{lantern.pk}/visits").json()["items"][0]["written_at"] is None
