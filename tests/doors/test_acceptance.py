"""The catalogue's own words for PL01 and PL02, on the product's real pages."""

from __future__ import annotations

from datetime import datetime

import pytest

from .calls import enter, stranger
from .world import World, build, canary

pytestmark = pytest.mark.django_db
ADMINISTRATION = ["colleagues", "teams", "roles", "company", "audit"]


@pytest.fixture
def world(db: None, now: datetime) -> World:
    return build(now)


@pytest.mark.parametrize("page", ADMINISTRATION)
def test_pl01_a_seller_opening_the_administration_gets_403(world: World, page: str) -> None:
    assert enter(world.people["alice"]).get(f"/settings/{page}/").status_code == 403
    assert enter(world.people["olga"]).get(f"/settings/{page}/").status_code == 200


def test_pl01_a_disabled_user_cannot_sign_in(world: World) -> None:
    alice = world.people["alice"]
    alice.is_active = False
    alice.save()
    client = stranger()
    client.post("/sign-in/", {"username": "alice", "password": "a password of some length"})
    assert "_auth_user_id" not in client.session


def test_pl02_seller_a_opens_no_customer_of_seller_b_by_url_and_the_supervisor_of_both_does(
    world: World,
) -> None:
    url = f"/customers/{world.customers['bob'].pk}/"
    for name, status in [("bob", 200), ("alice", 404), ("charlie", 404), ("sue", 200), ("olga", 200)]:
        response = enter(world.people[name]).get(url)
        assert response.status_code == status, name
        assert (canary("bob") in response.content.decode()) == (status == 200), name


def test_pl02_lists_and_search_show_each_his_own(world: World) -> None:
    for name, sees in [
        ("alice", ["alice"]),
        ("sue", ["alice", "bob"]),
        ("olga", ["alice", "bob", "charlie"]),
    ]:
        for url in ("/customers/", "/search/?q=canary", "/customers/export/"):
            response = enter(world.people[name]).get(
                url, follow=True
            )  # a single hit goes straight to the card
            if response.status_code == 403:  # exporting is a right of its own
                continue
            content = b"".join(response.streaming_content) if response.streaming else response.content
            seen = [owner for owner in ("alice", "bob", "charlie") if canary(owner) in content.decode()]
            assert seen == sees, (name, url)
