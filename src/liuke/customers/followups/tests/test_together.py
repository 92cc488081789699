"""Two at once, on real connections. Where the condition is left out of the statement both win: that is checked too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.db import connection, connections

from liuke.customers.facts.models import Fact
from liuke.customers.followups.actions import ask, complete
from liuke.customers.followups.models import FollowUp
from liuke.customers.followups.rules import Closed
from liuke.customers.records.actions import register
from liuke.customers.records.models import Customer
from liuke.platform.models import User

AtOnce = Callable[[Callable[[], object], int], list[object]]


@pytest.fixture
def at_once(tmp_path: Path) -> AtOnce:
    """Runs an act so many times at once, each on its own connection; gives what each came to, value or exception.

    The suite's SQLite lives in memory, where connections share their locks; there it is copied to a file first, and
    the last look is taken at that file.
    """

    def run(act: Callable[[], object], times: int) -> list[object]:
        start, results = Barrier(times), []

        def one() -> None:
            try:
                start.wait(timeout=20)
                results.append(act())
            except Exception as problem:  # it is what we look at
                results.append(problem)
            finally:
                connection.close()

        threads = [Thread(target=one) for _ in range(times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        return results

    def on_a_file(act: Callable[[], object], times: int) -> list[object]:
        file = tmp_path / "copy.sqlite3"
        if not file.exists():
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(file)])
        settings = connections.settings["default"]
        name, settings["NAME"] = settings["NAME"], str(file)
        try:
            return run(act, times)
        finally:
            settings["NAME"] = name

    return run if connection.vendor == "postgresql" else on_a_file


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
