"""The cast of our tests. Alice sells; Bob is her team-mate; Charlie sells in another team; Sue supervises Alice's team."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from liuke.customers.readings.actions import forget
from liuke.platform.access.actions import ensure_starting_roles
from liuke.platform.models import Role, Team, User

# A machine that is busy is slow; a deadline would test the machine.
settings.register_profile("liuke", deadline=None)
settings.load_profile("liuke")

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@contextmanager
def ledgers_open() -> Iterator[None]:
    """Ledgers refuse to be emptied; between tests that commit they must be. Their triggers come back after."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
            tables = [table for (table,) in cursor.fetchall()]
            off = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables]
            on = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in tables]
        else:
            # Not those that keep the search box's index: what is emptied has to leave it as well.
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name <> 'customers_customersearch'"
            )
            triggers = cursor.fetchall()
            off = [f'DROP TRIGGER "{name}"' for name, _ in triggers]
            on = [sql for _, sql in triggers]
        for statement in off:
            cursor.execute(statement)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for statement in on:
                cursor.execute(statement)


def empty_everything(case: TransactionTestCase, _plain=TransactionTestCase._fixture_teardown) -> None:
    """Leaves the database as the migrations made it, so that any test may come next."""
    with ledgers_open():
        _plain(case)
    ensure_starting_roles()


TransactionTestCase._fixture_teardown = empty_everything


@pytest.fixture(autouse=True)
def nobody_has_read() -> None:
    """Each test has readers of its own: who read very much in another is not slowed down in this one."""
    forget()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def teams(db: None) -> dict[str, Team]:
    ensure_starting_roles()
    company = Team.objects.create(name="Company")
    return {
        "company": company,
        "east": Team.objects.create(name="East", parent=company),
        "west": Team.objects.create(name="West", parent=company),
    }


def person(username: str, role: str, team: Team) -> User:
    user = User(
        username=username, name=username.title(), role=Role.objects.get(code=role), team=team, language="en"
    )
    user.set_password("a password of some length")
    user.save()
    return user


@pytest.fixture
def alice(teams: dict[str, Team]) -> User:
    return person("alice", "salesperson", teams["east"])


@pytest.fixture
def bob(teams: dict[str, Team]) -> User:
    return person("bob", "salesperson", teams["east"])


@pytest.fixture
def charlie(teams: dict[str, Team]) -> User:
    return person("charlie", "salesperson", teams["west"])


@pytest.fixture
def sue(teams: dict[str, Team]) -> User:
    return person("sue", "supervisor", teams["east"])


@pytest.fixture
def olga(teams: dict[str, Team]) -> User:
    return person("olga", "owner", teams["company"])


@pytest.fixture
def anna(teams: dict[str, Team]) -> User:
    return person("anna", "analyst", teams["company"])


# Files whose tests share what is dear to build, beyond a file's own fixtures: the demo is played once.
TOGETHER = {"tests/stories/test_every_page.py": "tests/stories/test_demo.py"}


class ByFile(LoadScopeScheduling):
    """A worker takes a whole file, so that what its tests share is built once. (xdist's own groups are silently none
    with pytest 9.2.) The order is the workers'; see below.
    """

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return TOGETHER.get(file, file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """At random (pytest-randomly), but what takes long begins first: nobody waits at the end for one who has just begun."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


# What brings what a machine may lack; tests that need it carry the marker.
BRINGS = {
    "browser": "make browser",
    "postgres": "make postgres",
    "java": "apt-get install openjdk-17-jre-headless",
    "shared": "the data sets of ../shared/data, which are not ours to ship",
}


@dataclass(frozen=True, order=True)
class NotRun:
    lacks: str  # one of BRINGS, or ""
    told: str

    @classmethod
    def of(cls, report: pytest.TestReport) -> NotRun:
        lacks = next((name for name in reversed(BRINGS) if name in report.keywords), "")
        said = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
        return cls(lacks, said.removeprefix("Skipped: "))

    @property
    def line(self) -> str:
        return self.told + (f" - bring it with: {BRINGS[self.lacks]}" if self.lacks else "")


def not_run(reporter: Any) -> Counter[NotRun]:
    return Counter(NotRun.of(report) for report in reporter.stats.get("skipped", []))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI what is skipped has failed: but for data that isn't ours to ship, and for what the run on PostgreSQL is for."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if (
        "CI" in os.environ
        and reporter
        and {kind.lacks for kind in not_run(reporter)} - {"shared", "postgres"}
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Names what could not run here, with the one command that brings it; tools/run_tests.py repeats it at its own end."""
    found = not_run(terminalreporter)
    if found:
        terminalreporter.section("not run here")
        for kind, count in sorted(found.items()):
            terminalreporter.line(f"{count:5d}  {kind.line}")
    if file := os.environ.get("LIUKE_NOT_RUN"):
        rows = [[count, kind.lacks, kind.line] for kind, count in sorted(found.items())]
        Path(file).write_text(json.dumps(rows))
