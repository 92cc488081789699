from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from liuke.customers.models import Customer, Fact, FollowUp
from liuke.platform.api.tests.calls import Program, problem_of
from liuke.platform.models import User

Add = Callable[..., Customer]


def later(days: int = 2) -> str:
    return (timezone.now() + timedelta(days=days)).isoformat()


def test_something_is_planned_put_off_and_done(alice: User, add: Add) -> None:
    program, here = Program(alice), f"customers/{add(alice, 'Lantern').pk}/followups"
    made = program.post(here, {"title": "Call back", "due_at": later()}).json()
    assert (made["kind"], made["assignee"]["name"], made["state"]) == ("task", "Alice", "open")
    one = f"followups/{made['id']}"
    moved = program.post(f"{one}/postponement", {"until": later(5), "reason": "on leave"}).json()
    assert moved["postponed_count"] == 1
    assert program.post(f"{one}/completion", {"note": "spoke"}).json()["state"] == "done"
    assert program.get("followups").json()["items"] == []
    assert [item["id"] for item in program.get("followups?state=done&mine=true").json()["items"]] == [
        made["id"]
    ]


def test_whoever_is_slower_is_told_who_was_quicker(alice: User, sue: User, add: Add) -> None:
    here = f"customers/{add(alice, 'Lantern').pk}/followups"
    one = Program(alice).post(here, {"title": "Call", "due_at": later()}).json()["id"]
    Program(sue).post(f"followups/{one}/dismissal", {"reason": "no matter"})
    told = problem_of(Program(alice).post(f"followups/{one}/completion", {}), "closed-already")
    assert (told["state"], told["by"]) == ("dismissed", "Sue")


def test_a_promise_is_a_fact_too(alice: User, add: Add) -> None:
    customer = add(alice, "Lantern")
    body = {"kind": "promise", "title": "Send the sample", "due_at": later()}
    only = Program(alice, "followups:write")
    problem_of(only.post(f"customers/{customer.pk}/followups", body), "not-allowed")
    assert not FollowUp.objects.exists()
    made = Program(alice).post(f"customers/{customer.pk}/followups", body).json()
    assert made["kind"] == "promise"
    assert Fact.objects.filter(customer=customer, kind="promised").count() == 1
    Program(alice).post(f"followups/{made['id']}/completion", {})
    assert Fact.objects.filter(customer=customer, kind="promise_kept").count() == 1


def test_a_complaint_is_done_by_its_answer(alice: User, add: Add) -> None:
    customer = add(alice, "Lantern")
    program = Program(alice)
    program.post(f"customers/{customer.pk}/complaints", {"text": "broken"})
    asked = program.get("followups").json()["items"]
    assert [item["kind"] for item in asked] == ["complaint"]
    done = program.post(f"followups/{asked[0]['id']}/completion", {"note": "a new one is sent"}).json()
    assert done["state"] != "open"
    assert Fact.objects.get(kind="resolved").data["text"] == "a new one is sent"


def test_it_is_given_to_a_colleague_in_reach(sue: User, bob: User, charlie: User, add: Add) -> None:
    here = f"customers/{add(bob, 'Lantern').pk}/followups"
    one = Program(sue).post(here, {"title": "Call", "due_at": later()}).json()["id"]
    program = Program(sue)
    assert (
        program.put(f"followups/{one}/assignee", {"assignee_id": bob.pk}).json()["assignee"]["name"] == "Bob"
    )
    problem_of(program.put(f"followups/{one}/assignee", {"assignee_id": charlie.pk}), "invalid")
