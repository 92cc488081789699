from __future__ import annotations

from datetime import datetime

import pytest
from django.utils import timezone

from liuke.customers.models import Customer, ExportRequest
from liuke.platform.api.tests.calls import Program, problem_of
from liuke.platform.jobs.actions import work
from liuke.platform.models import AuditEntry, User
from liuke.platform.preferences.actions import change
from liuke.workspace.conftest import Add


@pytest.fixture
def shops(add: Add, alice: User, bob: User, moment: datetime) -> list[Customer]:
    change("exports.approve_from", 3, by=None, now=moment)
    return [add(alice if place % 2 else bob, f"Shop {place}") for place in range(4)]


def test_few_are_written_at_once_and_taken_by_the_asker_alone(
    shops: list[Customer], sue: User, olga: User
) -> None:
    program = Program(sue)
    wanted = {"reason": "letters for the fair", "customer_ids": [shops[0].pk, shops[1].pk]}
    made = program.post("exports", wanted, Idempotency_Key="fair").json()
    assert (made["state"], made["rows"], made["decided_by"]) == ("approved", 2, "")
    assert program.post("exports", wanted, Idempotency_Key="fair").json()["id"] == made["id"]
    problem_of(program.get(f"exports/{made['id']}/file"), "not-found")  # it is not written yet
    work(now=timezone.now())
    assert program.get(f"exports/{made['id']}").json()["is_yours_to_take"]
    file = b"".join(program.get(f"exports/{made['id']}/file").streaming_content).decode()
    assert [name in file for name in ("Shop 0", "Shop 1", "Shop 2")] == [True, True, False]
    problem_of(Program(olga).get(f"exports/{made['id']}/file"), "not-found")
    assert AuditEntry.objects.filter(action="exports.take").count() == 1


def test_many_wait_until_somebody_else_approves_them(shops: list[Customer], sue: User, olga: User) -> None:
    tree = '{"all": [{"field": "name", "op": "is", "values": ["Shop"]}]}'
    asked = Program(sue).post("exports", {"reason": "letters for the fair"}).json()
    assert (asked["state"], asked["rows"]) == ("asked", 4)
    problem_of(Program(sue).post(f"exports/{asked['id']}/approval"), "not-allowed")
    assert Program(olga).post(f"exports/{asked['id']}/approval").json()["decided_by"] == "Olga"
    problem_of(Program(olga).post(f"exports/{asked['id']}/refusal", {"note": "late"}), "invalid")
    work(now=timezone.now())
    assert [one["state"] for one in Program(sue).get("exports").json()["items"]] == ["ready"]
    problem_of(Program(sue).post("exports", {"reason": "letters", "filter": tree}), "invalid")
    both = {"reason": "letters", "filter": tree, "customer_ids": [shops[0].pk]}
    problem_of(Program(sue).post("exports", both), "invalid")


def test_whom_one_does_not_reach_is_in_no_file(
    add: Add, shops: list[Customer], sue: User, charlie: User
) -> None:
    others = add(charlie, "Western shop")
    wanted = {"reason": "letters for the fair", "customer_ids": [shops[0].pk, others.pk]}
    problem_of(Program(sue).post("exports", wanted), "not-found")
    assert not ExportRequest.objects.exists()
