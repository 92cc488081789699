from __future__ import annotations

from datetime import datetime

import pytest

from liuke.customers.models import Background, Customer
from liuke.customers.records.actions import register
from liuke.platform.api.tests.calls import Program, problem_of
from liuke.platform.models import AuditEntry, User

NOTES = {"hobbies": "plays Go", "taboos": "no white flowers", "consent": "said so on 1 March"}


@pytest.fixture
def ann(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Ann")


def test_ct06_a_program_reads_them_for_the_owner_and_the_supervisor_alone(
    ann: Customer, alice: User, bob: User, sue: User
) -> None:
    here = f"customers/{ann.pk}/background"
    problem_of(Program(alice).get(here), "not-found")  # there are none yet
    assert Program(alice).put(here, NOTES).json()["hobbies"] == "plays Go"
    for user in (alice, sue):
        assert Program(user).get(here).json()["taboos"] == "no white flowers"
    problem_of(Program(bob).get(here), "not-found")
    assert AuditEntry.objects.filter(action="background.read").count() == 2
    problem_of(Program(sue, "customers:write").get(here), "scope-missing")
    told = Program(sue, "customers:write").get(f"customers/{ann.pk}")
    assert "plays Go" not in told.content.decode()


def test_ct06_without_consent_nothing_is_kept_and_withdrawn_it_all_goes(ann: Customer, alice: User) -> None:
    program, here = Program(alice), f"customers/{ann.pk}/background"
    problem_of(program.put(here, {**NOTES, "consent": " "}), "invalid")
    assert not Background.objects.exists()
    program.put(here, NOTES)
    assert program.put(here, {"career": "trades in lamps", "consent": "again"}).json()["hobbies"] == ""
    assert program.delete(here).status_code == 204
    assert not Background.objects.exists()
