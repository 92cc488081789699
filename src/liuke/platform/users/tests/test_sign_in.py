from __future__ import annotations

from datetime import datetime

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.test import Client

from liuke.platform.audit.models import AuditEntry
from liuke.platform.models import User
from liuke.platform.users.actions import deactivate

PASSWORD = "a password of some length"
WRONG = "wrong"


def attempt(client: Client, username: str = "alice", password: str = WRONG, **extra: object) -> object:
    return client.post("/sign-in/", {"username": username, "password": password}, **extra)


def inside(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_right_password_opens_and_is_noted(client: Client, alice: User) -> None:
    response = attempt(client, password=PASSWORD)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert inside(client)
    assert [(e.action, e.actor) for e in AuditEntry.objects.all()] == [("users.sign_in", alice)]


def test_a_session_gets_a_new_key_at_sign_in(client: Client, alice: User) -> None:
    client.get("/password/MQ/token/")  # an anonymous session that somebody may have planted
    planted = client.session.session_key
    attempt(client, password=PASSWORD)
    assert client.session.session_key != planted


@pytest.mark.parametrize("spelling", ["ALICE", " alice ", "ａｌｉｃｅ"])
def test_a_user_name_has_no_case_and_no_width(client: Client, alice: User, spelling: str) -> None:
    attempt(client, spelling, PASSWORD)
    assert inside(client)


def test_pl01_a_wrong_password_is_refused_and_counted(client: Client, alice: User) -> None:
    for count in (1, 2):
        page = attempt(client, REMOTE_ADDR="192.0.2.4").content.decode()
        assert "密码不对" in page or "Wrong user name or password" in page
        assert str(count) in page
    assert not inside(client)
    assert AccessAttempt.objects.get().failures_since_start == 2
    entry = AuditEntry.objects.first()
    assert (entry.action, entry.subject_id, entry.address) == ("users.sign_in_failed", alice.pk, "192.0.2.4")


def test_an_unknown_name_sounds_the_same(client: Client, alice: User) -> None:
    english = {"headers": {"Accept-Language": "en"}}
    known, unknown = attempt(client, "alice", **english), attempt(client, "nobody", **english)
    words = "Wrong user name or password. Attempt 1 of 8."
    assert words in known.content.decode()
    assert words in unknown.content.decode()


def test_pl01_too_many_attempts_close_the_door_even_to_the_right_password(
    client: Client, alice: User
) -> None:
    answers = [attempt(client).status_code for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert answers == [200] * (settings.AXES_FAILURE_LIMIT - 1) + [429]
    closed = attempt(client, password=PASSWORD, headers={"Accept-Language": "en"})
    assert closed.status_code == 429
    assert closed["Retry-After"] == "900"
    assert "closed for 15 minutes" in closed.content.decode()
    assert not inside(client)


def test_other_spellings_count_as_the_same_name(client: Client, alice: User) -> None:
    for spelling in ["alice", "ALICE", "Alice", " alice", "aLice", "alIce", "aliCe", "ａlice"]:
        answer = attempt(client, spelling)
    assert answer.status_code == 429


def test_the_lock_holds_for_one_name_from_one_address(client: Client, alice: User, bob: User) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        attempt(client, REMOTE_ADDR="192.0.2.4")
    assert attempt(client, "bob", PASSWORD, REMOTE_ADDR="192.0.2.4").status_code == 302
    client.post("/sign-out/")
    assert attempt(client, "alice", PASSWORD, REMOTE_ADDR="192.0.2.5").status_code == 302


def test_pl01_a_disabled_user_cannot_sign_in(client: Client, alice: User, olga: User, now: datetime) -> None:
    deactivate(alice, by=olga, now=now)
    assert attempt(client, password=PASSWORD).status_code == 200
    assert not inside(client)


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("/customers/7/?tab=timeline", "/customers/7/?tab=timeline"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_one_comes_back_to_where_one_was_and_never_elsewhere(
    client: Client, alice: User, wanted: str, given: str
) -> None:
    body = {"username": "alice", "password": PASSWORD, "next": wanted}
    assert client.post("/sign-in/", body)["Location"] == given
    assert client.get("/sign-in/", {"next": wanted})["Location"] == given


def test_signing_out_is_a_post_and_is_noted(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert not inside(client)
    assert AuditEntry.objects.get().action == "users.sign_out"


def test_with_nobody_there_the_way_leads_to_the_welcome_page(client: Client, db: None) -> None:
    assert client.get("/sign-in/")["Location"] == "/welcome/"


def test_what_was_typed_stays_but_the_password_does_not(client: Client, alice: User) -> None:
    page = attempt(client, password="my secret try").content.decode()
    assert 'value="alice"' in page
    assert "my secret try" not in page
