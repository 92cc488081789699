"""The cast of our tests. Alice sells; Bob is her team-mate; Charlie sells in another team; Sue supervises Alice's team."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import TransactionTestCase
from hypothesis import settings

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
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
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
    with ledgers_open():
        _plain(case)


TransactionTestCase._fixture_teardown = empty_everything


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


# What brings what a machine may lack; tests that need it carry the marker.
BRINGS = {
    "browser": "make browser",
    "postgres": "make postgres",
    "java": "apt-get install openjdk-17-jre-headless",
    "shared": "the data sets of ../shared/data, which are not ours to ship",
}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Names what could not run here, with the one command that brings it."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons: dict[str, int] = {}
    for report in skipped:
        known = next((name for name in BRINGS if name in report.keywords), "")
        said = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
        told = f"{said.removeprefix('Skipped: ')}" + (f" - bring it with: {BRINGS[known]}" if known else "")
        reasons[told] = reasons.get(told, 0) + 1
    if reasons:
        terminalreporter.section("not run here")
        for told, count in sorted(reasons.items()):
            terminalreporter.line(f"{count:5d}  {told}")
