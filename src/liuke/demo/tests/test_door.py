from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings as SettingsWrapper

from liuke.platform.models import User


@pytest.fixture
def demo(settings: SettingsWrapper) -> None:
    settings.DEMO = True


def test_pl09_the_demo_signs_in_by_itself_and_stays_signed_in(client: Client, demo: None, sue: User) -> None:
    assert client.get("/demo/").headers["Location"] == "/"
    assert client.get("/").status_code == 200
    assert client.session["_auth_user_id"] == str(sue.pk)


def test_one_can_step_into_each_roles_shoes(client: Client, demo: None, sue: User, alice: User) -> None:
    client.get("/demo/")
    assert (
        client.post("/demo/shoes/", {"user": alice.pk, "next": "/customers/"}).headers["Location"]
        == "/customers/"
    )
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_from_another_machine_there_is_no_such_door(client: Client, demo: None, sue: User) -> None:
    assert client.get("/demo/", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.post("/demo/shoes/", {"user": sue.pk}, REMOTE_ADDR="203.0.113.9").status_code == 404
    assert "_auth_user_id" not in client.session


def test_a_real_company_has_no_such_door(client: Client, sue: User) -> None:
    assert client.get("/demo/").status_code == 404
    assert client.post("/demo/shoes/", {"user": sue.pk}).status_code == 404


@pytest.mark.parametrize("user", ["", "0", "x", "９", "99999"])
def test_only_somebodys_shoes(client: Client, demo: None, sue: User, user: str) -> None:
    assert client.post("/demo/shoes/", {"user": user}).status_code == 404


def test_shoes_lead_nowhere_else(client: Client, demo: None, sue: User) -> None:
    answer = client.post("/demo/shoes/", {"user": sue.pk, "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


def test_the_sign_in_page_shows_the_door_where_there_is_one(client: Client, demo: None, sue: User) -> None:
    assert 'href="/demo/"' in client.get("/sign-in/").content.decode()
    assert 'href="/demo/"' not in client.get("/sign-in/", REMOTE_ADDR="203.0.113.9").content.decode()


def test_a_real_companys_sign_in_page_shows_none(client: Client, sue: User) -> None:
    assert "/demo/" not in client.get("/sign-in/").content.decode()
