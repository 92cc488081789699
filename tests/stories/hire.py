"""Two trading teams of one company, each with a supervisor and salespeople: run as a program on an empty instance."""

from __future__ import annotations

from liuke.cli.main import start_django

start_django()

from django.utils import timezone  # noqa: E402

from liuke.cli.database import bring_up_to_date  # noqa: E402
from liuke.platform.models import Role, Team  # noqa: E402
from liuke.platform.organisation.actions import create_owner  # noqa: E402
from liuke.platform.users.actions import add_user  # noqa: E402
from tests.stories.cast import PASSWORD, PEOPLE, TEAMS  # noqa: E402

bring_up_to_date()
now = timezone.now()
owner = create_owner(username="olga", name="Olga", password=PASSWORD, company="Liuke", language="en", now=now)
teams = {code: Team.objects.create(name=name, parent=owner.team) for code, name in TEAMS.items()}
for person in PEOPLE:
    add_user(
        username=person.username,
        name=person.name,
        role=Role.objects.get(code=person.role),
        team=teams[person.team],
        language=person.language,
        password=PASSWORD,
        by=None,
        now=now,
    )
