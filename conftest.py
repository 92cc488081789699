"""The cast of our tests. Alice sells; Bob is her team-mate; Charlie sells in another team; Sue supervises Alice's team."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from liuke.platform.access.actions import ensure_starting_roles
from liuke.platform.models import Role, Team, User

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


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
    user = User(username=username, name=username.title(), role=Role.objects.get(code=role), team=team, language="en")
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
