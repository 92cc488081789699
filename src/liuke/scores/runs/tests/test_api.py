from __future__ import annotations

from datetime import date, datetime

import pytest

from liuke.customers.models import Customer
from liuke.customers.records.actions import register
from liuke.platform.api.tests.calls import Program, problem_of
from liuke.platform.models import User
from liuke.scores.models import CurrentRun, Score, ScoreRun
from liuke.scores.runs.actions import BLANK, COLUMNS


@pytest.fixture
def judged(alice: User, bob: User, now: datetime) -> list[Customer]:
    run = ScoreRun.objects.create(
        as_of=date(2026, 3, 1), state="done", started_at=now, finished_at=now, currency="CNY"
    )
    figures = dict.fromkeys((name for name in COLUMNS if name not in BLANK and "_id" not in name), 0)
    found = []
    for owner, name in ((alice, "Ann's"), (alice, "Anna's"), (bob, "Ben's")):
        customer = register(by=owner, now=now, name=name)
        reasons = [{"code": "bought_once", "days": 90}]
        told = {**BLANK, **figures, "grade": "gold", "band": "high", "risk": 71, "reasons": reasons}
        Score.objects.create(run=run, customer=customer, **told)
        found.append(customer)
    CurrentRun.objects.update_or_create(pk=1, defaults={"run": run})
    return found


def test_last_nights_judgement_is_told_with_its_reasons(alice: User, judged: list[Customer]) -> None:
    told = Program(alice, "scores:read").get(f"customers/{judged[0].pk}/score").json()
    assert (told["grade"], told["risk"], told["as_of"], told["currency"]) == ("gold", 71, "2026-03-01", "CNY")
    assert told["reasons"]
    assert told["reasons"][0] != "bought_once"


def test_all_are_walked_by_customer_within_reach(alice: User, judged: list[Customer]) -> None:
    program = Program(alice)
    first = program.get("scores?limit=1").json()
    second = program.get(f"scores?limit=1&after={first['next']}").json()
    assert [one["items"][0]["customer_id"] for one in (first, second)] == [judged[0].pk, judged[1].pk]
    assert second["next"] == ""
    problem_of(program.get(f"customers/{judged[2].pk}/score"), "not-found")


def test_before_the_first_night_there_is_none(alice: User) -> None:
    assert Program(alice).get("scores").json() == {"items": [], "next": ""}
