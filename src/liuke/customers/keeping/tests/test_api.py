from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from liuke.customers.models import Customer, FollowUp, KeepingPlan
from liuke.customers.records.actions import register
from liuke.platform.api.tests.calls import Program, problem_of
from liuke.platform.models import User


@pytest.fixture
def lantern(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Lantern Ltd")


def planned() -> dict[str, str]:
    soon = timezone.now() + timedelta(days=3)
    return {
        "goal": "All their orders",
        "review_on": (soon + timedelta(days=60)).date().isoformat(),
        "step": "Visit them",
        "step_due_at": soon.isoformat(),
    }


def test_sc03_a_program_opens_a_plan_goes_on_with_it_and_closes_it(alice: User, lantern: Customer) -> None:
    program, here = Program(alice), f"customers/{lantern.pk}/plans"
    made = program.post(here, planned()).json()
    assert (made["owner_id"], [step["title"] for step in made["steps"]]) == (alice.pk, ["Visit them"])
    problem_of(program.post(here, planned()), "invalid")  # one at a time
    later = (timezone.now() + timedelta(days=9)).isoformat()
    at = f"{here}/{made['id']}"
    more = program.post(f"{at}/steps", {"title": "Show the new range", "due_at": later}).json()
    assert [step["state"] for step in more["steps"]] == ["open", "open"]
    program.post(f"followups/{more['steps'][0]['followup_id']}/completion", {"note": "went well"})
    closed = program.post(f"{at}/closure", {"outcome": "reached", "note": "They stay"}).json()
    assert closed["outcome"] == "reached"
    assert [step["state"] for step in closed["steps"]] == ["done", "expired"]
    assert program.get(f"customers/{lantern.pk}/timeline?kind=noted").json()["items"][0]["data"] == {
        "note": "They stay"
    }
    problem_of(program.post(f"{at}/closure", {"outcome": "missed", "note": "again"}), "not-found")


def test_a_step_takes_the_scope_to_plan_something(alice: User, lantern: Customer) -> None:
    response = Program(alice, "customers:write").post(f"customers/{lantern.pk}/plans", planned())
    assert problem_of(response, "scope-missing")["scope"] == "followups:write"
    assert (KeepingPlan.objects.count(), FollowUp.objects.count()) == (0, 0)
