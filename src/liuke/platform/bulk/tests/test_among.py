"""One value in place of a thousand, with the same answer."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from liuke.platform.models import Team, User


@pytest.mark.parametrize("names", [["东区", "O'Brien", '"; DROP'], [], ["nobody"]])
def test_it_finds_what_in_finds(db: None, names: list[str]) -> None:
    for name in ("东区", "O'Brien", '"; DROP', "西区"):
        Team.objects.create(name=name)
    same = Team.objects.filter(name__in=names).order_by("pk")
    assert list(Team.objects.filter(name__among=names).order_by("pk")) == list(same)
    ids = [team.pk for team in same]
    assert list(Team.objects.filter(pk__among=ids).order_by("pk")) == list(same)


def test_a_key_of_another_table_is_asked_for_as_well(alice: User, bob: User) -> None:
    teams = [alice.team_id]
    assert set(User.objects.filter(team__among=teams)) == set(User.objects.filter(team__in=teams)) != set()


def test_it_takes_one_parameter_however_many_there_are(db: None) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        list(Team.objects.filter(pk__among=range(50_000)))
    assert len(asked) == 1
