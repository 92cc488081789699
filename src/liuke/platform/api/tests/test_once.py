"""An Idempotency-Key: the same request is done once, however often and however close together it comes."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from liuke.customers.conftest import AtOnce
from liuke.customers.models import Customer, Fact
from liuke.customers.records.actions import register
from liuke.platform.api.actions import forget
from liuke.platform.api.models import KeptAnswer
from liuke.platform.jobs.actions import run_now, work
from liuke.platform.models import AuditEntry, User

from .calls import Program, problem_of


@pytest.fixture
def lantern(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Lantern Ltd")


def notes() -> int:
    return Fact.objects.filter(kind="noted").count()


def test_sent_again_it_is_answered_as_before_and_not_done_twice(alice: User, lantern: Customer) -> None:
    program, here = Program(alice), f"customers/{lantern.pk}/notes"
    first = program.post(here, {"note": "likes red"}, Idempotency_Key="n-1")
    again = program.post(here, {"note": "likes red"}, Idempotency_Key="n-1")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert (again["Idempotency-Replayed"], "Idempotency-Replayed" in first) == ("true", False)
    assert again["Content-Type"] == first["Content-Type"]
    assert notes() == 1


def test_where_something_new_is_is_told_again_too(alice: User) -> None:
    program = Program(alice)
    first, again = (program.post("customers", {"name": "New"}, Idempotency_Key="c-1") for _ in range(2))
    assert first["Location"] == again["Location"]
    assert again["ETag"] == '"1"'
    assert Customer.objects.count() == 1


def test_another_body_under_the_same_key_is_refused(alice: User, lantern: Customer) -> None:
    program, here = Program(alice), f"customers/{lantern.pk}/notes"
    program.post(here, {"note": "likes red"}, Idempotency_Key="n-1")
    problem_of(program.post(here, {"note": "likes blue"}, Idempotency_Key="n-1"), "key-used")
    problem_of(
        program.post(f"customers/{lantern.pk}/complaints", {"text": "x"}, Idempotency_Key="n-1"), "key-used"
    )
    assert notes() == 1


def test_what_failed_may_be_put_right_under_its_key(alice: User, lantern: Customer) -> None:
    program, here = Program(alice), f"customers/{lantern.pk}/notes"
    problem_of(program.post(here, {"note": ""}, Idempotency_Key="n-1"), "invalid")
    assert not KeptAnswer.objects.exists()
    assert program.post(here, {"note": "likes red"}, Idempotency_Key="n-1").status_code == 201


def test_a_refusal_under_a_key_is_noted_all_the_same(anna: User, lantern: Customer) -> None:
    problem_of(
        Program(anna).post(f"customers/{lantern.pk}/notes", {"note": "x"}, Idempotency_Key="n"), "not-allowed"
    )
    assert AuditEntry.objects.filter(action="access.denied", actor=anna).count() == 1


def test_keys_are_each_tokens_own(alice: User, lantern: Customer) -> None:
    here = f"customers/{lantern.pk}/notes"
    for program in (Program(alice), Program(alice)):
        program.post(here, {"note": "likes red"}, Idempotency_Key="n-1")
    assert notes() == 2


@pytest.mark.parametrize("key", ["", "with space", "x" * 201, "\u4e2d"])
def test_a_key_that_is_none_is_told_so(alice: User, lantern: Customer, key: str) -> None:
    program = Program(alice)
    response = program.post(f"customers/{lantern.pk}/notes", {"note": "x"}, Idempotency_Key=key)
    problem_of(response, "invalid")
    assert notes() == 0


def test_answers_are_forgotten_after_a_day(alice: User, lantern: Customer, now: datetime) -> None:
    Program(alice).post(f"customers/{lantern.pk}/notes", {"note": "likes red"}, Idempotency_Key="n-1")
    assert forget(now=timezone.now()) == 0
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))
    run_now("api.forget_answers", by=None, now=timezone.now())
    work()
    assert not KeptAnswer.objects.exists()


@pytest.mark.parametrize("key", ["n-1", ""])
def test_four_at_once_are_done_once(
    transactional_db: None, alice: User, lantern: Customer, now: datetime, at_once: AtOnce, key: str
) -> None:
    """The negative control goes without a key: there all four are done."""

    program, headers = Program(alice), {"Idempotency_Key": key} if key else {}

    def send() -> Any:
        response = program.post(f"customers/{lantern.pk}/notes", {"note": "likes red"}, **headers)
        return response.status_code, response.json()["id"], response.get("Idempotency-Replayed", "")

    answers: list[Any] = at_once(send, 4)
    assert [answer[0] for answer in answers] == [201] * 4, answers
    assert len({answer[1] for answer in answers}) == (1 if key else 4)
    assert Counter(answer[2] for answer in answers) == ({"": 1, "true": 3} if key else {"": 4})
