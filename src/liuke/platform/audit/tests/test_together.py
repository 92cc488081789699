"""Several at once, on a server: SQLite has one writer anyway, and its test database lives in this process alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from liuke.platform.audit import actions
from liuke.platform.audit.actions import record, verify_chain
from liuke.platform.audit.rules import seal
from liuke.platform.models import User
from liuke.platform.users.actions import deactivate

WRITERS, EACH = 4, 10

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgres,
    pytest.mark.skipif(
        "connection.vendor != 'postgresql'", reason="needs DATABASE_URL of a PostgreSQL server"
    ),
]


def together(*work: Callable[[], object]) -> list[BaseException]:
    """Starts all at the same moment; what went wrong in each."""
    wrong: list[BaseException] = []
    start = threading.Barrier(len(work))

    def run(one: Callable[[], object]) -> None:
        start.wait()
        try:
            one()
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[one]) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def test_writers_at_the_same_time_make_one_chain(olga: User, now: datetime) -> None:
    def write() -> None:
        for _n in range(EACH):
            record("edit", by=olga, now=now)

    assert together(*[write] * WRITERS) == []
    verdict = verify_chain()
    assert (verdict.intact, verdict.entries) == (True, WRITERS * EACH)


def test_without_the_lock_most_would_be_refused(
    olga: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The counter-check: everybody reads the same last entry, nobody waits, and the database lets one of them in."""
    meet = threading.Barrier(WRITERS)

    def seal_when_all_have_read(previous: str, values: dict[str, Any]) -> str:
        meet.wait()
        return seal(previous, values)

    writers = [partial(record, "edit", by=olga, now=now, reason=str(n)) for n in range(WRITERS)]
    with monkeypatch.context() as patch:
        patch.setattr(actions, "_wait_for_the_chain", lambda: None)
        patch.setattr(actions, "seal", seal_when_all_have_read)
        assert [type(error) for error in together(*writers)] == [IntegrityError] * (WRITERS - 1)
    assert verify_chain().intact


def test_two_owners_who_put_each_other_out_do_not_both_succeed(
    olga: User, alice: User, now: datetime
) -> None:
    alice.role = olga.role
    alice.save()
    wrong = together(
        lambda: deactivate(alice, by=olga, now=now),
        lambda: deactivate(olga, by=alice, now=now),
    )
    assert [type(error) for error in wrong] == [ValidationError]
    assert User.objects.active().count() == 1
