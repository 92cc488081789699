from __future__ import annotations

from datetime import datetime

import pytest

from liuke.customers.followups.actions import ask
from liuke.customers.models import Customer, Fact, FollowUp
from liuke.customers.records.actions import register
from liuke.platform.api.tests.calls import Program, problem_of
from liuke.platform.models import User


@pytest.fixture
def lantern(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Lantern Ltd")


def test_what_is_noted_stands_on_the_timeline(alice: User, lantern: Customer) -> None:
    program, here = Program(alice), f"customers/{lantern.pk}"
    assert program.post(f"{here}/notes", {"note": "likes red"}).status_code == 201
    assert program.post(f"{here}/complaints", {"text": "broken", "number": "A-1"}).status_code == 201
    body = {
        "channel": "visit",
        "outcome": "reached",
        "note": "showed samples",
        "at": "2026-01-02T10:00:00+08:00",
    }
    visit = program.post(f"{here}/contacts-log", body).json()
    assert (visit["kind"], visit["data"]["note"], visit["actor"]["name"]) == (
        "visited",
        "showed samples",
        "Alice",
    )
    told = [fact["kind"] for fact in program.get(f"{here}/timeline").json()["items"]]
    assert told == ["complained", "noted", "registered", "visited"] or told[-2:] == ["registered", "visited"]
    only = program.get(f"{here}/timeline?kind=noted&kind=visited").json()["items"]
    assert {fact["kind"] for fact in only} == {"noted", "visited"}


def test_it_is_walked_page_by_page(alice: User, lantern: Customer) -> None:
    program, here = Program(alice), f"customers/{lantern.pk}"
    for number in range(5):
        program.post(f"{here}/notes", {"note": f"note {number}"})
    seen, after = [], ""
    while True:
        page = program.get(f"{here}/timeline?limit=2&after={after}").json()
        seen += [fact["id"] for fact in page["items"]]
        after = page["next"]
        if not after:
            break
    assert seen == list(Fact.objects.order_by("-at", "-id").values_list("pk", flat=True))


def test_a_complaint_is_answered_once(alice: User, lantern: Customer) -> None:
    program, here = Program(alice), f"customers/{lantern.pk}/complaints"
    complaint = program.post(here, {"text": "broken"}).json()["id"]
    first = program.post(f"{here}/{complaint}/resolution", {"text": "a new one"}).json()
    again = program.post(f"{here}/{complaint}/resolution", {"text": "another"}).json()
    assert (again["id"], again["data"]["text"]) == (first["id"], "a new one")


def test_a_contact_answers_a_follow_up_if_the_token_is_for_that_too(
    alice: User, lantern: Customer, now: datetime
) -> None:
    matter = ask(
        lantern, kind="task", assignee=alice, due_at=now, title="Call", source="person", by=alice, now=now
    )
    body = {"channel": "phone", "outcome": "reached", "followup_id": matter.pk, "settles": True}
    here = f"customers/{lantern.pk}/contacts-log"
    before = Fact.objects.count()
    problem_of(Program(alice, "timeline:write").post(here, body), "not-allowed")
    assert Fact.objects.count() == before, "nothing is half-written"
    assert Program(alice, "timeline:write", "followups:write").post(here, body).status_code == 201
    assert FollowUp.objects.get(pk=matter.pk).state == "done"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("channel", "pigeon"),
        ("at", "2999-01-01T00:00:00Z"),
        ("at", "2026-01-01T00:00:00"),
        ("at", 1767225600),
        ("next_at", "2019-12-31T00:00:00Z"),
        ("note", "x" * 4001),
        ("note", "a\x00b"),
    ],
)
def test_what_does_not_fit_writes_nothing(alice: User, lantern: Customer, field: str, value: object) -> None:
    body = {"channel": "phone", "outcome": "reached", field: value}
    problem_of(Program(alice).post(f"customers/{lantern.pk}/contacts-log", body), "invalid")
    assert [fact.kind for fact in Fact.objects.all()] == ["registered"]
