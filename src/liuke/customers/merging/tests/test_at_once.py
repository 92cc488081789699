"""Two people at the same records, and a process that dies in the middle."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, connection

from liuke.customers.conftest import AtOnce
from liuke.customers.merging.actions import merge
from liuke.customers.models import Customer, Former, Merge
from liuke.customers.records.actions import add_point, register
from liuke.customers.timeline.actions import add_note

pytestmark = pytest.mark.django_db(transaction=True)


def firms(alice, now, *numbers: str) -> list[Customer]:
    return [register(by=alice, now=now, name=f"Firm {number}", number=number) for number in numbers]


def test_two_who_merge_the_same_pair_do_it_once(at_once: AtOnce, alice, now) -> None:
    here, gone = firms(alice, now, "K-1", "K-2")
    results = at_once(lambda: merge(here, [gone], by=None, now=now).pk, 2)
    assert sorted(type(one) is int for one in results) == [False, True]
    assert any(isinstance(one, Customer.DoesNotExist) for one in results)
    if connection.vendor == "postgresql":
        assert (Merge.objects.count(), Former.objects.count(), Customer.objects.count()) == (1, 1, 1)


def test_crosswise_one_of_the_two_stays(at_once: AtOnce, alice, now) -> None:
    """A into B while B goes into A: without one order of locks both would wait for ever, or both be gone."""
    here, there = firms(alice, now, "K-1", "K-2")
    turns = iter([(here, there), (there, here)])
    results = at_once(lambda: (lambda pair: merge(pair[0], [pair[1]], by=None, now=now).pk)(next(turns)), 2)
    assert sorted(type(one) is int for one in results) == [False, True]


def test_what_is_written_at_the_same_time_is_never_lost(at_once: AtOnce, alice, now) -> None:
    """Before the merge it goes along; after it, its writer is refused: at once, or by the database at his commit."""
    here, gone = firms(alice, now, "K-1", "K-2")
    acts = iter(
        [
            lambda: merge(here, [gone], by=None, now=now),
            lambda: add_note(gone, note="just now", by=None, now=now),
            lambda: add_point(gone, kind="wechat", value="just-now", by=None, now=now),
        ]
    )
    results = at_once(lambda: next(acts)(), 3)
    refusals = (Customer.DoesNotExist, IntegrityError)
    assert all(isinstance(one, refusals) for one in results if isinstance(one, Exception)), results
    if connection.vendor == "postgresql":
        noted = sum(not isinstance(one, Exception) for one in results) - 1
        there = (
            here.facts.filter(data__note="just now").count() + here.points.filter(value="just-now").count()
        )
        assert there == noted


DYING = """
import os, signal, sys
import django
from django.conf import settings
from django.db import connections
django.setup()
if sys.argv[1]:
    settings.DATABASES["default"]["NAME"] = connections.settings["default"]["NAME"] = sys.argv[1]
from django.utils import timezone
from liuke.customers.merging import actions
from liuke.customers.models import Customer, Merge
from liuke.customers.moving import actions as moving
steps, dies_at = [0], int(sys.argv[3])
def dying(step):
    def taken(*args, **held):
        steps[0] += 1
        if steps[0] == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return step(*args, **held)
    return taken
moving.Moving._note = dying(moving.Moving._note)
moving.UNDO.update({what: dying(step) for what, step in moving.UNDO.items()})
if sys.argv[2] == "merge":
    here, gone = Customer.objects.get(number="K-1"), Customer.objects.get(number="K-2")
    actions.merge(here, [gone], by=None, now=timezone.now())
else:
    actions.undo(Merge.objects.get(), by=None, now=timezone.now())
print("done")
"""
TABLES = (
    "customers_customer",
    "customers_merge",
    "customers_former",
    "customers_mergestep",
    "customers_fact",
)


def counts(file: str) -> dict[str, int]:
    """Rows of each table, of the copy that the other process had or of the database itself."""
    asked = {table: f"SELECT count(*) FROM {table}" for table in TABLES}
    if file:
        with sqlite3.connect(file) as held:
            return {table: held.execute(question).fetchone()[0] for table, question in asked.items()}
    found = {}
    with connection.cursor() as cursor:
        for table, question in asked.items():
            cursor.execute(question)
            found[table] = cursor.fetchone()[0]
    return found


@pytest.mark.parametrize(
    ("what", "step"), [("merge", 1), ("merge", 2), ("merge", 4), ("undo", 1), ("undo", 2), ("undo", 4)]
)
def test_killed_in_the_middle_nothing_has_happened(what: str, step: int, alice, now, tmp_path: Path) -> None:
    here, gone = firms(alice, now, "K-1", "K-2")
    for one in (here, gone):
        add_note(one, note="hello", by=alice, now=now)
        add_point(one, kind="wechat", value=f"we-{one.number}", by=alice, now=now)
    if what == "undo":
        merge(here, [gone], by=None, now=now)
    file = ""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "liuke.config.settings"}
    if connection.vendor == "sqlite":
        file = str(tmp_path / "copy.sqlite3")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [file])
    else:
        environment["DATABASE_URL"] = _address()
    before = counts(file)
    command = [sys.executable, "-c", DYING, file, what, str(step)]
    died = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert counts(file) == before
    command[-1] = "0"  # and nothing stands in the way of the next attempt
    again = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert (again.stdout, again.returncode) == ("done\n", 0), again.stderr
    assert counts(file)["customers_customer"] == (1 if what == "merge" else 2)


def _address() -> str:
    held = settings.DATABASES["default"]
    name = connection.settings_dict["NAME"]
    host = held.get("HOST") or ""
    return (
        f"postgresql://{held.get('USER', '')}:{held.get('PASSWORD', '')}@{host}:{held.get('PORT', '')}/{name}"
    )
