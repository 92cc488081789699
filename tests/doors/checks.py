"""The rules that every guarded door keeps, one function each. A refusal must come before anything is written: the whole
database is compared around each refused call. And no answer holds a word of a customer whom the reader may not see.
"""

from __future__ import annotations

import inspect
import re

import pytest

from liuke.platform.access.tests.routes import Route
from liuke.platform.audit.models import AuditEntry
from liuke.platform.users.actions import deactivate

from .calls import (
    HTMX,
    METHODS,
    UNSAFE,
    behind,
    body_of,
    call,
    enter,
    holders,
    knock,
    stranger,
    text_of,
    url_of,
)
from .world import BODIES, CHANGES_NOTHING, OWNERS, World, canary, fingerprint, reads, writes


def nobody_signed_in_gets_through(route: Route, world: World) -> None:
    knock(stranger(), route, world, "a stranger")


def a_deactivated_user_is_out_at_once(route: Route, world: World) -> None:
    """Olga could do everything a moment ago; her session is still in the browser."""
    olga, keeper = world.people["olga"], world.people["sam"]
    keeper.role = olga.role  # somebody must be left who manages colleagues
    keeper.save()
    client = enter(olga)
    assert client.get("/profile/").status_code == 200
    deactivate(olga, by=None, now=world.now)
    knock(client, route, world, "somebody deactivated")


def a_role_without_the_right_is_refused_and_noted(route: Route, world: World) -> None:
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


def an_object_out_of_reach_is_not_there(route: Route, world: World) -> None:
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


def a_part_of_somebody_elses_below_ones_own_is_not_there(route: Route, world: World) -> None:
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
            assert response.status_code in {403, 404, 405}, f"{where} answered {response.status_code}"
            assert fingerprint() == before, f"{where} was refused but has written"


def ids_in_a_body_reach_no_further_than_those_in_the_address(route: Route, world: World) -> None:
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


def a_post_that_is_allowed_does_something(route: Route, world: World) -> None:
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


def a_page_shows_only_what_its_reader_may_see(route: Route, world: World) -> None:
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


def a_spoilt_address_is_no_error(route: Route, world: World) -> None:
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


CHECKS = [
    nobody_signed_in_gets_through,
    a_deactivated_user_is_out_at_once,
    a_role_without_the_right_is_refused_and_noted,
    an_object_out_of_reach_is_not_there,
    a_part_of_somebody_elses_below_ones_own_is_not_there,
    ids_in_a_body_reach_no_further_than_those_in_the_address,
    a_post_that_is_allowed_does_something,
    a_page_shows_only_what_its_reader_may_see,
    a_spoilt_address_is_no_error,
]
