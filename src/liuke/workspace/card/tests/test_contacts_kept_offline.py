"""What a device that was offline sends later: once, at the time it was written (MB01)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from liuke.customers.followups.actions import ask
from liuke.customers.models import Fact
from liuke.customers.records.actions import register
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk

KEY = "0d8f4f0e-8f0a-4d6c-9f3e-0a1b2c3d4e5f"


def sent(**change: str) -> dict[str, str]:
    return {
        "channel": "visit",
        "direction": "out",
        "outcome": "reached",
        "note": "量了货架",
        "key": KEY,
        **change,
    }


def contacts() -> list[Fact]:
    return list(Fact.objects.filter(kind__in=("contacted", "visited")))


def test_mb01_sent_twice_is_noted_once_at_the_time_it_was_written(
    desk: Desk, alice: User, add: Add, moment: datetime
) -> None:
    page = f"/customers/{add(alice, 'Ann').pk}/contacts-log/"
    at = moment - timedelta(hours=3)
    for _attempt in range(2):
        answer = desk(alice).post(page, sent(at=at.isoformat()))
        assert answer.status_code == 302
    (fact,) = contacts()
    assert (fact.at, fact.data["note"], fact.actor) == (at, "量了货架", alice)


def test_the_same_key_of_somebody_else_is_another_contact(
    desk: Desk, alice: User, bob: User, add: Add
) -> None:
    desk(alice).post(f"/customers/{add(alice, 'Ann').pk}/contacts-log/", sent())
    desk(bob).post(f"/customers/{add(bob, 'Ben').pk}/contacts-log/", sent())
    assert {fact.actor for fact in contacts()} == {alice, bob}


def test_a_clock_a_little_fast_counts_as_now(desk: Desk, alice: User, add: Add, moment: datetime) -> None:
    page = f"/customers/{add(alice, 'Ann').pk}/contacts-log/"
    desk(alice).post(page, sent(at=(moment + timedelta(minutes=5)).isoformat()))
    (fact,) = contacts()
    assert moment <= fact.at < moment + timedelta(minutes=5)


@pytest.mark.parametrize(
    "change", [{"at": "2001-01-01T00:00:00Z"}, {"at": "2999-01-01T00:00:00Z"}, {"key": "' OR 1=1"}]
)
def test_what_cannot_be_is_refused(desk: Desk, alice: User, add: Add, change: dict[str, str]) -> None:
    page = f"/customers/{add(alice, 'Ann').pk}/contacts-log/"
    assert desk(alice).post(page, sent(**change)).status_code == 422
    assert contacts() == []


def test_what_was_refused_can_be_looked_at_again(desk: Desk, alice: User, moment: datetime) -> None:
    customer = register(by=None, now=moment, name="Ann", owner=alice)
    page = desk(alice).get(f"/customers/{customer.pk}/contacts-log/", {"note": "量了<货架>"}).content.decode()
    assert "量了&lt;货架&gt;" in page


def test_logging_a_call_keeps_a_promise_only_when_said_so(
    desk: Desk, alice: User, add: Add, moment: datetime
) -> None:
    customer = add(alice, "Ann")
    given = ask(
        customer, kind="promise", assignee=alice, due_at=moment, title="x", source="card", by=None, now=moment
    )
    page = f"/customers/{customer.pk}/contacts-log/?followup={given.pk}"
    assert 'name="settles"' in desk(alice).get(page).content.decode()
    desk(alice).post(page, sent())
    given.refresh_from_db()
    assert given.state == "open"
    desk(alice).post(page, sent(key="", settles="on"))
    given.refresh_from_db()
    assert given.state == "done"
