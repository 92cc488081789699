from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from liuke.platform.access.rules import Right
from liuke.platform.audit.models import AuditEntry
from liuke.platform.models import Team, User
from liuke.platform.organisation.actions import (
    check_welcome_code,
    create_owner,
    offer_welcome_code,
    welcome_file,
)
from liuke.platform.preferences.actions import get
from liuke.platform.users.rules import WELCOME_LASTS, WELCOME_TRIES

PASSWORD = "quite a good one 9"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, settings: object) -> None:
    settings.HOME = tmp_path  # type: ignore[attr-defined]


def body(code: str | None, **changes: str) -> dict[str, str]:
    given = {
        "company": "Yiwu Gifts",
        "name": "Olga",
        "username": "olga",
        "password": PASSWORD,
        "again": PASSWORD,
    }
    return given | {"code": code or ""} | changes


def test_pl01_the_first_one_in_needs_the_code_and_becomes_the_owner(client: Client) -> None:
    code = offer_welcome_code(timezone.now())
    assert code
    assert client.get("/welcome/").status_code == 200
    assert client.post("/welcome/", body(code.lower()))["Location"] == "/"
    owner = User.objects.get()
    assert (owner.username, owner.role.code, owner.team) == (
        "olga",
        "owner",
        Team.objects.get(name="Yiwu Gifts"),
    )
    assert all(owner.may(right) for right in Right)
    assert get("company.name") == "Yiwu Gifts"
    assert client.session["_auth_user_id"] == str(owner.pk)
    assert {e.action for e in AuditEntry.objects.all()} >= {"users.add", "teams.add", "preferences.change"}
    assert not list(welcome_file().parent.iterdir())


def test_with_an_owner_there_is_no_welcome(client: Client, olga: User) -> None:
    assert client.get("/welcome/").status_code == 404
    assert client.post("/welcome/", body("x")).status_code == 404
    assert offer_welcome_code(timezone.now()) is None


@pytest.mark.parametrize("code", ["", "AAAA-AAAA-AAAA"])
def test_a_false_code_makes_nobody(client: Client, code: str) -> None:
    offer_welcome_code(timezone.now())
    assert client.post("/welcome/", body(code)).status_code == 200
    assert not User.objects.exists()


def test_the_code_is_kept_as_a_hash_and_for_the_owner_of_the_machine_only(now: datetime) -> None:
    code = offer_welcome_code(now) or ""
    assert code.replace("-", "") not in welcome_file().read_text().replace("-", "")
    assert welcome_file().stat().st_mode & 0o077 == 0


def test_ten_false_tries_spend_it(now: datetime) -> None:
    code = offer_welcome_code(now) or ""
    for _ in range(WELCOME_TRIES):
        with pytest.raises(ValidationError):
            check_welcome_code("AAAA", now)
    with pytest.raises(ValidationError):
        check_welcome_code(code, now)


def test_it_expires(now: datetime) -> None:
    code = offer_welcome_code(now) or ""
    check_welcome_code(code, now + WELCOME_LASTS)
    with pytest.raises(ValidationError):
        check_welcome_code(code, now + WELCOME_LASTS + timedelta(seconds=1))


def test_a_new_start_makes_the_old_code_worthless(now: datetime) -> None:
    old, new = offer_welcome_code(now) or "", offer_welcome_code(now) or ""
    with pytest.raises(ValidationError):
        check_welcome_code(old, now)
    check_welcome_code(new, now)


def test_a_weak_password_does_not_spend_the_code(client: Client) -> None:
    code = offer_welcome_code(timezone.now())
    page = client.post("/welcome/", body(code, password="12345678", again="12345678"))
    assert page.status_code == 200
    assert "Yiwu Gifts" in page.content.decode()  # what was typed is still there
    assert not User.objects.exists()
    assert client.post("/welcome/", body(code))["Location"] == "/"


def test_it_is_used_once(client: Client) -> None:
    code = offer_welcome_code(timezone.now())
    client.post("/welcome/", body(code))
    User.objects.update(is_active=False)
    assert Client().post("/welcome/", body(code, username="eve")).status_code == 404
    with pytest.raises(ValidationError):
        check_welcome_code(code or "", timezone.now())


def test_a_second_owner_from_the_terminal_joins_the_same_tree(olga: User, now: datetime) -> None:
    second = create_owner(username="otto", name="Otto", password=PASSWORD, now=now)
    assert (second.team, second.role.code) == (olga.team, "owner")
