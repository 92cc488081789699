"""No door stands open by oversight: every route × method × role × own or foreign object, from the URL table itself.

A refusal must come before anything is written: the whole database is compared around each refused call. And no answer
holds a word of a customer whom the reader may not see.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponseBase
from django.test import Client

from liuke.platform.audit.models import AuditEntry
from liuke.platform.models import User
from liuke.platform.users.actions import deactivate

from . import things  # noqa: F401 - it says what stands behind each route
from .routes import Route, routes
from .world import (
    BODIES,
    CHANGES_NOTHING,
    OBJECTS,
    OWNERS,
    Objects,
    World,
    build,
    canary,
    fingerprint,
    objects_of,
    reads,
    writes,
)

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
UNSAFE = ["POST", "PUT", "PATCH", "DELETE"]
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/"}

ROUTES = routes()
GUARDED = [route for route in ROUTES if route.door and not route.door.public]
WITH_RIGHT = [route for route in GUARDED if route.door and route.door.rights]
ON_OBJECTS = [route for route in GUARDED if route.parameters]

every = pytest.mark.parametrize("route", ROUTES, ids=str)
guarded = pytest.mark.parametrize("route", GUARDED, ids=str)
with_right = pytest.mark.parametrize("route", WITH_RIGHT, ids=str)
on_objects = pytest.mark.parametrize("route", ON_OBJECTS, ids=str)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None, now: datetime) -> World:
    return build(now)


def enter(user: User) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(user)
    return client


def behind(route: Route) -> Objects:
    found = objects_of(route.path)
    if found is None:
        if not route.parameters:
            return Objects(lambda world, owner: {}, "shared")
        pytest.fail(
            f"Nothing is known to stand behind {route.path} ({route.function}). Say in tests/doors/things.py what does:"
            f' @objects("{route.path}") def …(world, owner): return {{"{route.parameters[0]}": …}}'
        )
    return found


def url_of(route: Route, world: World, owner: User) -> str:
    values = behind(route).make(world, owner)
    missing = set(route.parameters) - set(values)
    assert not missing, (
        f"The @objects entry of {route.path} in tests/doors/things.py lacks {sorted(missing)}."
    )
    return route.url(values)


def body_of(route: Route, world: World, owner: User) -> Mapping[str, Any]:
    return BODIES[route.path](world, owner) if route.path in BODIES else {}


def call(client: Client, method: str, url: str, body: Mapping[str, Any], **extra: Any) -> HttpResponseBase:
    if method == "POST":
        return client.post(url, body, **extra)
    return client.generic(method, url, **extra)


def text_of(response: HttpResponseBase) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return content.decode("utf-8", "replace") + str(dict(response.items()))


def holders(route: Route, world: World) -> Iterator[User]:
    """Who has the route's rights."""
    assert route.door
    return (user for user in world.people.values() if all(user.may(right) for right in route.door.rights))


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


@every
def test_every_route_is_known_to_these_tests(route: Route) -> None:
    behind(route)
    assert not route.parameters or route.name, (
        f"{route.path} takes parameters and needs a name to be reversed by."
    )


def test_no_entry_of_the_world_is_left_over() -> None:
    paths = [route.path for route in ROUTES]
    assert [known for known in OBJECTS if not any(path.startswith(known) for path in paths)] == []
    assert [known for known in (*BODIES, *CHANGES_NOTHING) if known not in paths] == []


# --- nobody in particular ---


def assert_out(response: HttpResponseBase, where: str) -> None:
    if response.status_code == 302:
        assert urlsplit(response.headers["Location"]).path == "/sign-in/", where
    elif response.status_code == 401:
        assert urlsplit(response.headers["HX-Redirect"]).path == "/sign-in/", where
    else:
        assert response.status_code == 405, f"{where} answered {response.status_code}"


def knock(client: Client, route: Route, world: World, owner: User, who: str) -> None:
    """Every method, as a page and as htmx does it: refused, and nothing is written."""
    url, body = url_of(route, world, owner), body_of(route, world, owner)
    before, refused = fingerprint(), 0
    for method in METHODS:
        for headers in ({}, HTMX):
            response = call(client, method, url, body, headers=headers)
            where = f"{method} {url} for {who}"
            assert_out(response, where)
            assert "canary" not in text_of(response), f"{where} tells of a customer"
            assert fingerprint() == before, f"{where} was refused but has written"
            refused += response.status_code != 405
    assert refused, f"No method of {url} was refused for {who}: every one answered 405"


@guarded
def test_nobody_signed_in_gets_through(route: Route, world: World) -> None:
    knock(Client(), route, world, world.people["alice"], "a stranger")


@guarded
def test_a_deactivated_user_is_out_at_once(route: Route, world: World, now: datetime) -> None:
    """Olga could do everything a moment ago; her session is still in the browser."""
    olga, keeper = world.people["olga"], world.people["sam"]
    keeper.role = olga.role  # somebody must be left who manages colleagues
    keeper.save()
    client = enter(olga)
    assert client.post("/language/", {}).status_code == 302
    deactivate(olga, by=None, now=now)
    knock(client, route, world, world.people["alice"], "somebody deactivated")


@every
def test_a_public_route_tells_a_stranger_nothing(route: Route, world: World) -> None:
    if route.door and route.door.public:
        response = Client().get(url_of(route, world, world.people["alice"]))
        assert response.status_code < 500
        assert "canary" not in text_of(response)


# --- a role without the right ---


@with_right
def test_a_role_without_the_right_is_refused_and_noted(route: Route, world: World) -> None:
    allowed = set(holders(route, world))
    for user in set(world.people.values()) - allowed:
        owner = user if user.username in OWNERS else world.people["alice"]
        url, body, client, before = (
            url_of(route, world, owner),
            body_of(route, world, owner),
            enter(user),
            fingerprint(),
        )
        refused = 0
        for method in METHODS:
            noted = AuditEntry.objects.count()
            response = call(client, method, url, body)
            where = f"{method} {url} for {user.username} ({user.role.code})"
            assert response.status_code in {403, 405}, f"{where} answered {response.status_code}"
            assert "canary" not in text_of(response), f"{where} tells of a customer"
            assert fingerprint() == before, f"{where} was refused but has written"
            if response.status_code == 403:
                refused += 1
                entries = AuditEntry.objects.all()[: AuditEntry.objects.count() - noted]
                assert [(entry.action, entry.actor) for entry in entries] == [("access.denied", user)], where
        assert refused, f"No method of {url} answered 403 for {user.username} ({user.role.code})"


# --- an object of somebody else ---


@on_objects
def test_an_object_out_of_reach_is_not_there(route: Route, world: World) -> None:
    near = behind(route).near
    for actor in holders(route, world):
        for owner in world.owners:
            methods = [m for m in METHODS if not near(actor, owner, to_write=m in UNSAFE)]
            if not methods:
                continue
            url, body, client, before = (
                url_of(route, world, owner),
                body_of(route, world, owner),
                enter(actor),
                fingerprint(),
            )
            for method in methods:
                response = call(client, method, url, body)
                where = f"{method} {url} of {owner.username} for {actor.username} ({actor.role.code})"
                assert response.status_code in {403, 404, 405}, f"{where} answered {response.status_code}"
                assert reads(actor, owner) or canary(owner) not in text_of(response), (
                    f"{where} tells of a customer"
                )
                assert fingerprint() == before, f"{where} was refused but has written"


@on_objects
def test_a_part_of_somebody_elses_below_ones_own_is_not_there(route: Route, world: World) -> None:
    """/customers/<mine>/contacts/<another's>/: the first number is in reach, the second is not."""
    if len(route.parameters) < 2:
        return
    alice, charlie = world.people["alice"], world.people["charlie"]
    mine, others = behind(route).make(world, alice), behind(route).make(world, charlie)
    url = route.url({**others, route.parameters[0]: mine[route.parameters[0]]})
    for actor in holders(route, world):
        client, before = enter(actor), fingerprint()
        for method in METHODS:
            response = call(client, method, url, body_of(route, world, charlie))
            where = f"{method} {url} for {actor.username} ({actor.role.code})"
            assert response.status_code in {404, 405}, f"{where} answered {response.status_code}"
            assert fingerprint() == before, f"{where} was refused but has written"


@guarded
def test_ids_in_a_body_reach_no_further_than_those_in_the_address(route: Route, world: World) -> None:
    """Another's things named in the body of a route that is one's own to call."""
    if (
        route.parameters
        or route.path not in BODIES
        or "ids" not in BODIES[route.path](world, world.owners[0])
    ):
        return
    for actor in holders(route, world):
        for owner in world.owners:
            if reads(actor, owner) and writes(actor, owner):
                continue
            client, data = enter(actor), body_of(route, world, owner)
            before = fingerprint()
            response = call(client, "POST", f"/{route.path}", data)
            where = f"POST {route.path} about {owner.username}'s for {actor.username} ({actor.role.code})"
            assert reads(actor, owner) or canary(owner) not in text_of(response), (
                f"{where} tells of a customer"
            )
            assert fingerprint() == before, f"{where} has written"


@guarded
def test_a_post_that_is_allowed_does_something(route: Route, world: World) -> None:
    """The counter-check: a refusal shows something only if the same call does its work for who may."""
    near, seen = behind(route).near, []
    for actor in holders(route, world):
        owner = next((o for o in world.owners if near(actor, o, to_write=True)), None)
        if owner is None:
            continue
        url, data, client = url_of(route, world, owner), body_of(route, world, owner), enter(actor)
        before = fingerprint()
        response = client.post(url, data)
        if response.status_code == 405:
            return  # a page to read
        seen.append(response.status_code)
        if response.status_code < 400 and (fingerprint() != before or route.path in CHANGES_NOTHING):
            return
    pytest.fail(
        f"POST {route.path} ({route.function}) changed nothing for anybody who may; it answered {seen}. Give it a body in"
        f' tests/doors/things.py: @body("{route.path}") def …(world, owner): return {{…}}; or name it in CHANGES_NOTHING'
        " with the reason."
    )


# --- what a page shows ---


@guarded
def test_a_page_shows_only_what_its_reader_may_see(route: Route, world: World) -> None:
    near, opened = behind(route).near, 0
    for actor in holders(route, world):
        owner = next((o for o in world.owners if near(actor, o, to_write=False)), None)
        if owner is None:
            continue
        url = url_of(route, world, owner)
        for headers in ({}, HTMX):
            response = enter(actor).get(url, headers=headers)
            where = f"GET {url} for {actor.username} ({actor.role.code})"
            assert response.status_code < 500, f"{where} answered {response.status_code}"
            text = text_of(response)
            strangers = [o.username for o in world.owners if not reads(actor, o) and canary(o) in text]
            assert strangers == [], f"{where} tells of customers of {strangers}"
            opened += response.status_code not in {403, 404}
    assert opened, f"Nobody at all may open {route.path}: then it is no door"


ODD = ["²", "9" * 40, "-1", "\x00", "%", "'; --", "[]", "\ud800".encode("utf-8", "surrogatepass"), "x" * 3000]
ASKED = re.compile(r"""GET(?:\.get(?:list)?\(|\[)\s*"(\w+)\"""")
OFTEN = ["q", "after", "before", "sort", "columns", "owner", "grade", "stage", "band", "contact"]


@guarded
def test_a_spoilt_address_is_no_error(route: Route, world: World) -> None:
    client, url = enter(world.people["olga"]), url_of(route, world, world.people["alice"])
    if client.get(url).status_code == 405:
        return
    source = inspect.getsource(inspect.getmodule(inspect.unwrap(route.view)) or route.view)
    names = sorted({*ASKED.findall(source), *OFTEN})
    for odd in ODD:
        response = client.get(url, dict.fromkeys(names, odd))
        assert response.status_code < 500, f"{url}?{'&'.join(names)}={odd!r} answered {response.status_code}"
        for name in names if response.status_code == 400 else []:  # one that is refused hides the others
            response = client.get(url, {name: odd})
            assert response.status_code < 500, f"{url}?{name}={odd!r} answered {response.status_code}"
