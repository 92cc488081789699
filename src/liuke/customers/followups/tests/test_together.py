"""Two at once, on real connections. Where the condition is left out of the statement both win: that is checked too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Barrier

import pytest

from liuke.customers.facts.models import Fact
from liuke.customers.followups.actions import ask, complete
from liuke.customers.followups.models import FollowUp
from liuke.customers.followups.rules import Closed
from liuke.customers.records.actions import register
from liuke.customers.records.models import Customer
from liuke.platform.models import User

AtOnce = Callable[[Callable[[], object], int], list[object]]


@pytest.fixture
def hampton(transactional_db: None, alice: User, now: datetime) -> Customer:
    return Customer.objects.create(number="C1", name="Hampton", owner=alice, team=alice.team)


def test_one_of_four_completes_it(hampton: Customer, alice: User, now: datetime, at_once: AtOnce) -> None:
    given = ask(hampton, kind="task", assignee=alice, due_at=now, source="person", by=alice, now=now)
    results = at_once(lambda: complete(given, by=alice, now=now), 4)
    assert sorted(type(result).__name__ for result in results) == ["Closed", "Closed", "Closed", "FollowUp"]
    assert all(result.by == "Alice" for result in results if isinstance(result, Closed))
    written = at_once(lambda: (given.changes.filter(what="done").count(), Fact.objects.count()), 1)
    assert written == [(1, 1)]


def test_four_asking_for_one_matter_get_one(
    hampton: Customer, alice: User, now: datetime, at_once: AtOnce
) -> None:
    matter = {
        "kind": "risk",
        "assignee": alice,
        "due_at": now,
        "source": "scores",
        "key": "risk:1",
        "by": None,
    }
    results = at_once(lambda: ask(hampton, **matter, now=now).pk, 4)  # type: ignore[arg-type]
    assert at_once(lambda: {followup.pk for followup in FollowUp.objects.all()}, 1) == [set(results)]
    assert len(set(results)) == 1


def test_four_registering_at_once_get_four_numbers(
    transactional_db: None, alice: User, now: datetime, at_once: AtOnce
) -> None:
    results = at_once(lambda: register(by=alice, now=now, name="Hampton").number, 4)
    assert len({number for number in results if isinstance(number, str)}) == 4


def test_the_test_would_notice(hampton: Customer, alice: User, now: datetime, at_once: AtOnce) -> None:
    """The same four with a look before the write instead of a condition in it."""
    given = ask(hampton, kind="task", assignee=alice, due_at=now, source="person", by=alice, now=now)
    looked = Barrier(4)

    def careless() -> bool:
        is_open = FollowUp.objects.get(pk=given.pk).state == "open"
        looked.wait(timeout=20)
        if is_open:
            FollowUp.objects.filter(pk=given.pk).update(state="done", closed_at=now)
        return is_open

    assert at_once(careless, 4) == [True] * 4
