"""The people who work in the invented company, and the teams in which they do."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from liuke.demo import words
from liuke.platform.models import Role, Team, User
from liuke.platform.organisation.actions import create_owner
from liuke.platform.preferences.actions import change
from liuke.platform.users.actions import add_user

PASSWORD = "liuke demo 2026"  # noqa: S105 - of the invented people; the demo signs in by itself, on loopback only
TEAM_SIZE = 10
SEED = 20_263


def hire(*, currency: str, now: datetime) -> dict[str, User]:
    """The colleagues of words.py, by user name."""
    change("company.currency", currency, by=None, now=now)
    owner, *others = words.COLLEAGUES
    staff = {
        owner.username: create_owner(
            username=owner.username, name=owner.name, password=PASSWORD, company=words.COMPANY, now=now
        )
    }
    teams = {"公司": Team.objects.get(parent=None)}
    for name, parent in words.TEAMS.items():
        if parent:
            teams[name] = Team.objects.create(name=name, parent=teams[parent])
    for colleague in others:
        staff[colleague.username] = add_user(
            username=colleague.username,
            name=colleague.name,
            role=Role.objects.get(code=colleague.role),
            team=teams[colleague.team],
            by=None,
            now=now,
        )
    return staff


def hire_more(count: int, *, now: datetime) -> list[User]:
    """`count` more salespeople, in teams of ten below the sales department, for a company that has outgrown the first few."""
    rng = np.random.default_rng(SEED)
    sales, role = Team.objects.get(name="销售部"), Role.objects.get(code="salesperson")
    found = []
    for place in range(count):
        if place % TEAM_SIZE == 0:
            team = Team.objects.create(name=f"销售 {place // TEAM_SIZE + 1} 组", parent=sales)
        surname, given = rng.integers(0, len(words.SURNAMES)), rng.integers(0, len(words.GIVEN))
        found.append(
            add_user(
                username=f"seller{place + 1:03d}",
                name=f"{words.SURNAMES[surname]}{words.GIVEN[given]}",
                role=role,
                team=team,
                by=None,
                now=now,
            )
        )
    return found
