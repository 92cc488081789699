"""Many matters at once are what each would be by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from liuke.customers.asking.actions import Matter, ask_many
from liuke.customers.followups.actions import ask, complete
from liuke.customers.followups.models import FollowUp, FollowUpChange
from liuke.customers.records.actions import register
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit
from liuke.platform.models import User

STAMPED = {"id", "customer_id", "key"}


@pytest.fixture
def ann(alice: User, now: datetime) -> Customer:
    return register(by=None, now=now, name="Ann", owner=alice)


def matter(customer: Customer, assignee: User | None, now: datetime, **more: object) -> Matter:
    told = {
        "kind": "complaint",
        "title": " late  again ",
        "weight_minor": 700,
        "source": "complaint",
        "key": "complaint:1",
    }
    return Matter(customer=customer, assignee=assignee, due_at=now + timedelta(hours=4), **{**told, **more})  # type: ignore[arg-type]


def test_each_row_is_what_asking_for_it_alone_would_write(ann: Customer, alice: User, now: datetime) -> None:
    ask_many([matter(ann, alice, now), matter(ann, None, now, key="complaint:2")], now=now)
    for number, assignee in ((3, alice), (4, None)):
        ask(**matter(ann, assignee, now, key=f"complaint:{number}")._asdict(), by=None, now=now)
    rows = [
        {name: value for name, value in row.items() if name not in STAMPED}
        for row in FollowUp.objects.order_by("key").values()
    ]
    assert rows[:2] == rows[2:]
    steps = [
        {name: value for name, value in step.items() if name not in {"id", "followup_id"}}
        for step in FollowUpChange.objects.order_by("followup__key").values()
    ]
    assert len(steps) == 4
    assert all(step == steps[0] for step in steps)


def test_what_is_asked_already_or_was_answered_lately_stays_one(
    ann: Customer, alice: User, now: datetime
) -> None:
    ask_many([matter(ann, alice, now), matter(ann, alice, now, weight_minor=900)], now=now)
    assert FollowUp.objects.get().weight_minor == 900
    complete(FollowUp.objects.get(), by=alice, now=now)
    ask_many([matter(ann, alice, now), matter(ann, alice, now, key="complaint:2")], now=now)
    assert FollowUp.objects.filter(key="complaint:1").get().state == "done"
    assert FollowUp.objects.filter(key="complaint:2").get().state == "open"


def test_a_kind_that_there_is_not_writes_nothing(ann: Customer, alice: User, now: datetime) -> None:
    with pytest.raises(Unfit):
        ask_many([matter(ann, alice, now), matter(ann, alice, now, key="x", kind="nonsense")], now=now)
    assert not FollowUp.objects.exists()
