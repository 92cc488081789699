from __future__ import annotations

import re
from collections.abc import Callable

from django.test import Client

from liuke.platform.api.tests.calls import Program
from liuke.platform.models import ApiToken, AuditEntry, User

Desk = Callable[[User], Client]
TYPED = {"name": "Web shop", "days": "90", "customers": "write", "scores": "read"}
PASSWORD = {"password": "a password of some length"}


def test_a_token_is_made_and_shown_once(alice: User, desk: Desk) -> None:
    client = desk(alice)
    page = client.post("/profile/tokens/", TYPED | PASSWORD).content.decode()
    secret = re.search(r"lk_[\w-]{43}", page)[0]  # type: ignore[index]  # it is there, else this fails
    token = ApiToken.objects.get()
    assert (token.user, token.scopes) == (alice, ["customers:write", "scores:read"])
    program = Program(None)
    assert program.get("customers", Authorization=f"Bearer {secret}").status_code == 200
    assert secret not in client.get("/profile/tokens/").content.decode()


def test_whoever_makes_one_shows_that_he_is_who_signed_in(alice: User, desk: Desk) -> None:
    response = desk(alice).post("/profile/tokens/", TYPED | {"password": "another one"})
    assert response.status_code == 422
    assert not ApiToken.objects.exists()


def test_a_token_for_nothing_is_refused(alice: User, desk: Desk) -> None:
    response = desk(alice).post("/profile/tokens/", {"name": "Shop", "days": "90"} | PASSWORD)
    assert "Choose what the token is for." in response.content.decode()
    assert not ApiToken.objects.exists()


def test_one_revokes_ones_own(alice: User, bob: User, desk: Desk) -> None:
    program = Program(alice)
    assert desk(bob).post(f"/profile/tokens/{program.token.pk}/revocation/").status_code == 404  # type: ignore[union-attr]
    assert program.get("customers").status_code == 200
    desk(alice).post(f"/profile/tokens/{program.token.pk}/revocation/")  # type: ignore[union-attr]
    assert program.get("customers").status_code == 401


def test_the_owner_sees_everybodys_and_shuts_one_out(alice: User, olga: User, desk: Desk) -> None:
    program = Program(alice, name="Web shop")
    page = desk(olga).get("/settings/tokens/").content.decode()
    assert "Web shop" in page
    assert "Alice" in page
    desk(olga).post(f"/settings/tokens/{program.token.pk}/revocation/")  # type: ignore[union-attr]
    assert program.get("customers").status_code == 401
    assert AuditEntry.objects.get(action="tokens.revoke").actor == olga


def test_why_a_token_is_dead_is_said(alice: User, desk: Desk) -> None:
    Program(alice, epoch=alice.epoch + 1)
    assert "ended by a new password or role" in desk(alice).get("/profile/tokens/").content.decode()


def test_no_more_than_twenty_live_at_once(alice: User, desk: Desk) -> None:
    for _ in range(20):
        Program(alice)
    response = desk(alice).post("/profile/tokens/", TYPED | PASSWORD)
    assert "You have twenty tokens already" in response.content.decode()
    assert ApiToken.objects.count() == 20
