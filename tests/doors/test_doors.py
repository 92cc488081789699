"""No door stands open by oversight: every route × method × role × own or foreign object, from the URL table itself."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import transaction

from liuke.platform.access.tests.routes import Route, routes

from . import things  # noqa: F401 - it says what stands behind each route
from .calls import behind, enter, stranger, text_of, url_of
from .checks import CHECKS
from .world import BODIES, CHANGES_NOTHING, OBJECTS, World, build

ROUTES = routes()
# What programs enter by a token is tried in test_api_doors.
GUARDED = [route for route in ROUTES if route.door and not route.door.public and not route.door.token]
PAGES = [route for route in ROUTES if not (route.door and route.door.token)]

every = pytest.mark.parametrize("route", ROUTES, ids=str)
every_page = pytest.mark.parametrize("route", PAGES, ids=str)
guarded = pytest.mark.parametrize("route", GUARDED, ids=str)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None, now: datetime) -> World:
    return build(now)


# --- the table itself ---


@every
def test_every_route_is_classed(route: Route) -> None:
    assert route.door is not None, (
        f"{route.function} at {route.path} is a door that nobody classed. Put one of liuke.platform.access.views above it: "
        "@staff(Right.…) for whoever has a right, @signed_in for everybody at work, @public (with the reason in the "
        "docstring) for the world."
    )


@every
def test_a_public_route_says_why(route: Route) -> None:
    if route.door and route.door.public:
        why = (route.view.__doc__ or "").lower()
        assert "public" in why or "for everybody" in why, (
            f"{route.function} is @public: its docstring must say why."
        )


@every_page
def test_every_route_is_known_to_these_tests(route: Route) -> None:
    behind(route)
    assert not route.parameters or route.name, (
        f"{route.path} takes parameters and needs a name to be reversed by."
    )


def test_no_entry_of_the_world_is_left_over() -> None:
    paths = [route.path for route in ROUTES]
    assert [known for known in OBJECTS if not any(path.startswith(known) for path in paths)] == []
    assert [known for known in (*BODIES, *CHANGES_NOTHING) if known not in paths] == []


@every
def test_a_public_route_tells_a_stranger_nothing(route: Route, world: World) -> None:
    if route.door and route.door.public:
        response = stranger().get(url_of(route, world, world.people["alice"]))
        assert response.status_code < 500
        assert "canary" not in text_of(response)


def test_what_answers_a_get_answers_a_head_alike(world: World) -> None:
    """Link checkers and proxies ask so."""
    office = enter(world.people["olga"])
    for route in PAGES:
        if not route.parameters:
            asked, head = office.get(f"/{route.path}"), office.head(f"/{route.path}")
            assert head.status_code == asked.status_code, route.path


@guarded
def test_pl02_a_door_is_shut_to_all_but_those_who_may(route: Route, world: World) -> None:
    """All of checks.py on one route; the company is built once and each check leaves it as it was."""
    for check in CHECKS:
        with transaction.atomic():
            check(route, world)
            transaction.set_rollback(True)
        world.look_again()
