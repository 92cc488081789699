from __future__ import annotations

import pytest
from django.test import Client

from liuke.platform.models import User

OLD, NEW = "a password of some length", "quite another one 9"


@pytest.fixture
def mine(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def test_language_looks_and_zone_are_ones_own(mine: Client, alice: User) -> None:
    given = {"name": "Alice", "email": "", "language": "zh-hant", "theme": "dark", "zone": "Europe/Paris"}
    assert mine.post("/profile/", given)["Location"] == "/profile/"
    alice.refresh_from_db()
    assert (alice.language, alice.theme, alice.zone) == ("zh-hant", "dark", "Europe/Paris")
    page = mine.get("/profile/").content.decode()
    assert '<html lang="zh-Hant" data-theme="dark"' in page


@pytest.mark.parametrize(
    "wrong", [{"zone": "Mars/Olympus"}, {"language": "tlh"}, {"theme": "pink"}, {"name": ""}]
)
def test_what_there_is_not_cannot_be_chosen(mine: Client, alice: User, wrong: dict[str, str]) -> None:
    given = {"name": "Alicia", "email": "", "language": "en", "theme": "auto", "zone": ""} | wrong
    assert mine.post("/profile/", given).status_code == 422
    assert User.objects.get(pk=alice.pk).name == "Alice"


def test_nobody_gives_himself_a_role_by_the_form(mine: Client, alice: User, olga: User) -> None:
    given = {"name": "Alice", "email": "", "language": "en", "theme": "auto", "zone": ""}
    mine.post(
        "/profile/",
        given | {"role": olga.role_id, "team": olga.team_id, "is_active": "1", "username": "root"},
    )
    changed = User.objects.get(pk=alice.pk)
    assert (changed.role, changed.team, changed.username) == (alice.role, alice.team, "alice")


def test_pl01_a_changed_password_keeps_this_session_and_ends_the_others(mine: Client, alice: User) -> None:
    elsewhere = Client()
    elsewhere.force_login(alice)
    assert elsewhere.get("/profile/").status_code == 200
    assert (
        mine.post("/profile/password/", {"old": OLD, "password": NEW, "again": NEW})["Location"]
        == "/profile/"
    )
    assert mine.get("/profile/").status_code == 200
    assert elsewhere.get("/profile/").status_code == 302


@pytest.mark.parametrize(
    "typed", [("wrong", NEW, NEW), (OLD, NEW, "other"), (OLD, "alice", "alice"), ("", NEW, NEW)]
)
def test_a_wrong_password_changes_nothing(mine: Client, alice: User, typed: tuple[str, str, str]) -> None:
    old, new, again = typed
    assert mine.post("/profile/password/", {"old": old, "password": new, "again": again}).status_code == 422
    assert User.objects.get(pk=alice.pk).check_password(OLD)
