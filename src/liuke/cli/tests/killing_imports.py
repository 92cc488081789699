"""A worker that brings in a list of customers and takes it back again, killed at many points of both.
`python -m liuke.cli.tests.killing_imports` on an empty instance prints one JSON object.

The list has a row for each person, a customer who is here already, rows to be left out and cells to be left out. Each time
the database and the files are put back as they were, one worker is killed at an event (a statement, a commit, a file of the
stage), a second one that goes on is killed as well, and a third one brings it to its end. What then stands there must be
what a worker leaves that nobody has disturbed.
"""

from __future__ import annotations

import io
import json
import random
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from liuke.cli.tests.killing import Killer, forked, take_all, wait

from django.conf import settings  # isort: skip - after killing, which starts Django
from django.db import connection, connections
from django.db.models import Model
from django.utils import timezone

import liuke.customers.imports.jobs  # noqa: F401 - killing imports no slice's jobs by itself
from liuke.cli.database import bring_up_to_date
from liuke.cli.tests.conftest import on_server
from liuke.customers.enrolment import actions as enrolment
from liuke.customers.gathering import actions as gathering
from liuke.customers.imports.actions import choose, start, undo_in_background, upload
from liuke.customers.models import (
    Contact,
    ContactPoint,
    Customer,
    CustomerSearch,
    Fact,
    ImportBatch,
    ImportReplacement,
)
from liuke.customers.reading import actions as reading
from liuke.customers.records.actions import add_point, register
from liuke.platform.models import Job, User
from liuke.platform.organisation.actions import create_owner

PLACES = 14  # at which each of the two is killed, spread over all events
TABLES: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (Customer, ("number", "name", "city", "stage", "version", "batch_id")),
    (Contact, ("customer__number", "name", "title", "is_primary")),
    (ContactPoint, ("customer__number", "contact__name", "kind", "normal")),
    (CustomerSearch, ("customer__number", "text")),
    (Fact, ("customer__number", "kind", "batch_id")),
    (ImportReplacement, ("batch_id", "subject_id", "before")),
)
HOME = Path(settings.HOME)
CURSOR_FIRST = "--cursor-first" in sys.argv  # the negative control: it must find fault


def listed() -> bytes:
    rows = ["客户编号,客户名称,城市,联系人,职务,手机,邮箱"]
    for n in range(16):
        rows.append(f"K{n},客户{n},义乌,人{n},采购,1380013{8000 + n},m{n}@example.com")
        if n % 3 == 0:
            rows.append(f"K{n},客户{n},杭州,又人{n},,1390013{9000 + n},")
    return "\n".join([*rows, "K2,客户2,义乌,,,,", ",,,没名,,,", ""]).encode()


def standing() -> dict[str, Any]:
    held: dict[str, Any] = {
        model.__name__: sorted(map(str, model._default_manager.values_list(*columns)))
        for model, columns in TABLES
    }
    batch = ImportBatch.objects.get()
    held["batch"] = [batch.state, batch.cursor, batch.counts]
    held["jobs"] = sorted(Job.objects.exclude(state="done").values_list("name", "state"))
    held["stages"] = sorted(path.name for path in (HOME / "imports").glob("*"))
    return held


# --- as it was ---


class Kept:
    """The database and the stages as they are now, to be put back."""

    def __init__(self, name: str) -> None:
        self.folder = HOME.parent / f"{HOME.name}.{name}"
        self.folder.mkdir()
        connections.close_all()
        self.name = str(connection.settings_dict["NAME"])
        self.copy = f"{self.name}_{name}"
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connections.close_all()
            shutil.copyfile(self.name, self.folder / "database")
        else:
            on_server(f'CREATE DATABASE "{self.copy}" TEMPLATE "{self.name}"')
        if (HOME / "imports").exists():
            shutil.copytree(HOME / "imports", self.folder / "imports")

    def put_back(self) -> None:
        connections.close_all()
        if connection.vendor == "sqlite":
            for ending in ("-wal", "-shm"):
                Path(self.name + ending).unlink(missing_ok=True)
            shutil.copyfile(self.folder / "database", self.name)
        else:
            on_server(f'DROP DATABASE "{self.name}" WITH (FORCE)')
            on_server(f'CREATE DATABASE "{self.name}" TEMPLATE "{self.copy}"')
        shutil.rmtree(HOME / "imports", ignore_errors=True)
        if (self.folder / "imports").exists():
            shutil.copytree(self.folder / "imports", HOME / "imports")

    def forget(self) -> None:
        shutil.rmtree(self.folder)
        if connection.vendor != "sqlite":
            on_server(f'DROP DATABASE "{self.copy}"')


# --- killed ---


class SmallPace:
    lines = 3 * enrolment.LINES_A_CUSTOMER  # three customers a portion

    def took(self, lines: int, seconds: float) -> None:
        """Stays as it is."""


def struck(killer: Killer, task: Callable[[], None]) -> None:
    """As in killing, and between the files of a stage as well."""
    killer.arm()
    for owner, name in (
        *((gathering, "keep"), (gathering.Parts, "part"), (gathering.Parts, "join"), (gathering, "_write")),
        *((reading, "_spool"), (shutil, "rmtree"), (Path, "rename"), (Path, "write_text")),
    ):
        setattr(owner, name, between(killer, getattr(owner, name)))
    task()
    (HOME / "events").write_text(str(killer.count))


def between(killer: Killer, act: Callable[..., Any]) -> Callable[..., Any]:
    def with_strikes(*arguments: Any, **more: Any) -> Any:
        killer.strike()
        done = act(*arguments, **more)
        killer.strike()
        return done

    return with_strikes


def worked(name: str, at: int = 0) -> bool:
    """Whether a worker that is to be killed at its event `at` came through."""
    Job.objects.release(f"before {name}", now=timezone.now())
    through = wait(forked(partial(struck, Killer(at), partial(take_all, name)))) == 0
    connections.close_all()
    return through


def disturbed(before: Kept, expected: dict[str, Any], events: int, what: str) -> tuple[int, list[str]]:
    chance, killed, wrong = random.Random(20260302), 0, []
    for place in range(PLACES):
        at = 1 + (events - 1) * place // (PLACES - 1)
        before.put_back()
        killed += not worked("first", at)
        Job.objects.release("first", now=timezone.now())
        killed += not worked("second", chance.randint(1, events))
        Job.objects.release("second", now=timezone.now())
        if not worked("third"):
            wrong.append(f"{what}, event {at}: does not go on")
        found = standing()
        wrong += [f"{what}, event {at}: {name} differs" for name in expected if found[name] != expected[name]]
        if wrong and CURSOR_FIRST:
            break
    return killed, wrong


def cursor_first() -> None:
    """How far an import got is committed before the rows that it tells of, instead of together with them."""
    from liuke.customers.imports import actions

    def portion(batch: ImportBatch, load: Any, first: int, last: int) -> None:
        ImportBatch.objects.filter(pk=batch.pk).update(cursor=last)
        connection.connection.commit()
        if connection.vendor == "sqlite":
            connection.connection.execute("BEGIN IMMEDIATE")
        load.book(first, last)

    actions._carry_portion = portion


def main() -> dict[str, Any]:
    from liuke.customers.imports import actions

    actions.Pace = SmallPace  # type: ignore[assignment,misc]
    now = timezone.now()
    owner: User = create_owner(username="olga", name="Olga", password="a password of some length", now=now)
    here = register(by=owner, now=now, name="客户4", number="K4")
    add_point(here, kind="mobile", value="13500135000", by=owner, now=now)
    empty = {model.__name__: sorted(map(str, model._default_manager.values_list(*c))) for model, c in TABLES}
    batch = upload(io.BytesIO(listed()), name="list.csv", target="customers", by=owner, now=now)
    start(choose(batch, by=owner, now=now, mapping={}), by=owner, now=now)
    before = Kept("before")
    if not worked("alone"):
        raise SystemExit("the import does not run")
    running, expected = int((HOME / "events").read_text()), standing()
    if CURSOR_FIRST:
        cursor_first()
    killed, wrong = disturbed(before, expected, running, "importing")
    before.forget()
    told: dict[str, Any] = {"events": running, "counts": expected["batch"][2]}
    if not CURSOR_FIRST:
        undo_in_background(ImportBatch.objects.get(), by=owner, now=timezone.now())
        before = Kept("undoing")
        if not worked("alone"):
            raise SystemExit("the undo does not run")
        undoing, expected = int((HOME / "events").read_text()), standing()
        wrong += [
            f"undone, {name} is not as before" for name in ("Contact", "ContactPoint", "CustomerSearch")
            if expected[name] != empty[name]
        ]  # fmt: skip
        more, faults = disturbed(before, expected, undoing, "undoing")
        before.forget()
        killed, wrong = killed + more, wrong + faults
        told["undoing"] = undoing
    return {**told, "killed": killed, "wrong": wrong}


if __name__ == "__main__":
    bring_up_to_date()
    print(json.dumps(main(), ensure_ascii=False))
