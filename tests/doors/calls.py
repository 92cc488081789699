"""How a door is tried: who goes there, with what in hand, and what may come back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.test.client import ClientHandler

from liuke.platform.access.tests.routes import Route
from liuke.platform.models import User

from .world import BODIES, Objects, World, fingerprint, objects_of

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
UNSAFE = ["POST", "PUT", "PATCH", "DELETE"]
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/"}

# One chain of middleware for all clients: building it anew for each costs more than the calls themselves.
HANDLER = ClientHandler(enforce_csrf_checks=False)


def stranger() -> Client:
    client = Client()
    client.handler = HANDLER
    return client


def enter(user: User) -> Client:
    client = stranger()
    client.force_login(user)
    return client


def holders(route: Route, world: World) -> Iterator[User]:
    """Who has the route's rights."""
    assert route.door
    return (user for user in world.people.values() if all(user.may(right) for right in route.door.rights))


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
    assert not missing, f"The @objects of {route.path} in tests/doors/things.py lacks {sorted(missing)}."
    return route.url(values)


def body_of(route: Route, world: World, owner: User) -> Mapping[str, Any]:
    return BODIES[route.path](world, owner) if route.path in BODIES else {}


def call(client: Client, method: str, url: str, body: Mapping[str, Any], **extra: Any) -> HttpResponseBase:
    return client.post(url, body, **extra) if method == "POST" else client.generic(method, url, **extra)


def text_of(response: HttpResponseBase) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    return content.decode("utf-8", "replace") + str(dict(response.items()))


def knock(client: Client, route: Route, world: World, who: str) -> None:
    """Every method, as a page and as htmx does it: sent to the sign-in page, and nothing is written."""
    owner = world.people["alice"]
    url, body = url_of(route, world, owner), body_of(route, world, owner)
    before, refused = fingerprint(), 0
    for method, headers in [*((method, {}) for method in METHODS), ("GET", HTMX), ("POST", HTMX)]:
        response = call(client, method, url, body, headers=headers)
        where = f"{method} {url} for {who}"
        assert_out(response, where)
        assert "canary" not in text_of(response), f"{where} tells of a customer"
        assert fingerprint() == before, f"{where} was refused but has written"
        refused += response.status_code != 405
    assert refused, f"No method of {url} was refused for {who}: every one answered 405"


def assert_out(response: HttpResponseBase, where: str) -> None:
    if response.status_code == 302:
        assert urlsplit(response.headers["Location"]).path == "/sign-in/", where
    elif response.status_code == 401:
        assert urlsplit(response.headers["HX-Redirect"]).path == "/sign-in/", where
    else:
        assert response.status_code == 405, f"{where} answered {response.status_code}"
