"""No operation of the API stands open by oversight: every one × role × scope × own or foreign object, read from its own
description. As for pages, the whole database is compared around each refused call, and no answer holds a word of a
customer whom its reader may not see."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse

from liuke.config.api import METHODS, api, document
from liuke.platform.access.tests.routes import routes
from liuke.platform.api.tests.calls import Program
from liuke.platform.api.views import Need
from liuke.platform.models import AuditEntry, User
from liuke.platform.tokens.rules import SCOPES, grants

from .program_things import BODIES, EVERYBODYS, NEAR, QUERIES, THINGS
from .world import World, build, canary, fingerprint, reads, writes

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Operation:
    method: str
    path: str  # as in the description: /api/v1/customers/{pk}
    need: Need

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def parts(self) -> int:
        return self.path.count("{")


def operations() -> Iterator[Operation]:
    for path, methods in document()["paths"].items():
        for method in METHODS:
            if method in methods:
                yield Operation(method.upper(), path, api.needs[methods[method]["operationId"]])


OPERATIONS = list(operations())
every = pytest.mark.parametrize("operation", OPERATIONS, ids=str)


@pytest.fixture
def world(db: None, now: datetime) -> World:
    return build(now)


def values_of(operation: Operation, world: World, owner: User) -> Mapping[str, Any]:
    if not operation.parts:
        return {}
    known = max((path for path in THINGS if operation.path.startswith(path)), key=len, default="")
    assert known, (
        f"Nothing is known to stand behind {operation.path}: say in tests/doors/program_things.py what does."
    )
    return THINGS[known](world, owner)


def url_of(operation: Operation, world: World, owner: User) -> str:
    asked = QUERIES.get(str(operation), lambda world, owner: "")
    return operation.path.format(**values_of(operation, world, owner)) + asked(world, owner)


def body_of(operation: Operation, world: World, owner: User) -> Any:
    if operation.method in {"GET", "DELETE"}:
        return None
    assert str(operation) in BODIES, f"What does {operation} send? Say so in tests/doors/program_things.py."
    return BODIES[str(operation)](world, owner)


def call(program: Program, operation: Operation, world: World, owner: User) -> HttpResponse:
    url, body = url_of(operation, world, owner), body_of(operation, world, owner)
    return program.call(operation.method, url, body, If_Match="*")


def state() -> dict[str, str]:
    """All but the tokens' own row of use."""
    return {table: told for table, told in fingerprint().items() if table != "platform_apitoken"}


def text_of(response: HttpResponse) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode() + str(dict(response.items()))


def nobody_without_a_living_token_gets_through(operation: Operation, world: World) -> None:
    alice = world.people["alice"]
    url, body, before = url_of(operation, world, alice), body_of(operation, world, alice), state()
    for program in (
        Program(None),
        Program(alice, epoch=alice.epoch + 1),
        Program(alice, revoked_at=world.now),
    ):
        response = program.call(operation.method, url, body)
        assert response.status_code == 401, f"{operation} answered {response.status_code}"
        assert "canary" not in text_of(response)
        assert state() == before, f"{operation} was refused but has written"


def a_token_without_the_scope_is_refused_and_noted(operation: Operation, world: World) -> None:
    olga, alice = world.people["olga"], world.people["alice"]
    url, body, before = url_of(operation, world, alice), body_of(operation, world, alice), state()
    for needed in operation.need.scopes:
        others = [scope for scope in SCOPES if not grants([scope], needed)]
        refused(Program(olga, *others).call(operation.method, url, body, If_Match="*"), operation, olga)
    assert state() == before, f"{operation} was refused but has written"


def a_role_without_the_right_is_refused_and_noted(operation: Operation, world: World) -> None:
    without = [user for user in world.people.values() if not user.may(operation.need.right)]
    assert without, "nobody lacks the right: the check would show nothing"
    for user in without:
        owner = user if user.username in world.customers else world.people["alice"]
        url, body, program = url_of(operation, world, owner), body_of(operation, world, owner), Program(user)
        before = state()
        refused(program.call(operation.method, url, body, If_Match="*"), operation, user)
        assert state() == before, f"{operation} was refused but has written"


def refused(response: HttpResponse, operation: Operation, user: User) -> None:
    assert response.status_code == 403, f"{operation} for {user.username} answered {response.status_code}"
    assert "canary" not in text_of(response)
    newest = AuditEntry.objects.first()
    assert newest
    assert (newest.action, newest.actor) == ("access.denied", user)


def holders(operation: Operation, world: World) -> list[User]:
    return [user for user in world.people.values() if user.may(operation.need.right)]


def near(operation: Operation, actor: User, owner: User) -> bool:
    within = writes(actor, owner) if operation.writes else reads(actor, owner)
    known = max((path for path in NEAR if operation.path.startswith(path)), key=len, default="")
    return NEAR[known](actor, owner, within) if known else within


def an_object_out_of_reach_is_not_there(operation: Operation, world: World) -> None:
    for actor in holders(operation, world) if operation.parts else []:
        for owner in world.owners:
            if near(operation, actor, owner) or operation.path in EVERYBODYS:
                continue
            program = Program(actor)
            url, body, before = url_of(operation, world, owner), body_of(operation, world, owner), state()
            response = program.call(operation.method, url, body, If_Match="*")
            where = f"{operation} of {owner.username} for {actor.username}"
            assert response.status_code in {403, 404}, f"{where} answered {response.status_code}"
            assert reads(actor, owner) or canary(owner) not in text_of(response), (
                f"{where} tells of a customer"
            )
            assert state() == before, f"{where} was refused but has written"


def a_part_of_somebody_elses_below_ones_own_is_not_there(operation: Operation, world: World) -> None:
    if operation.parts < 2:
        return
    alice, charlie = world.people["alice"], world.people["charlie"]
    mine, others = values_of(operation, world, alice), values_of(operation, world, charlie)
    first = next(iter(mine))
    url = operation.path.format(**{**others, first: mine[first]})
    for actor in holders(operation, world):
        program, before = Program(actor), state()
        body = body_of(operation, world, charlie)
        response = program.call(operation.method, url, body, If_Match="*")
        where = f"{operation} ({url}) for {actor.username}"
        assert response.status_code in {403, 404, 422}, f"{where} answered {response.status_code}"
        assert state() == before, f"{where} was refused but has written"


def anothers_things_named_in_a_body_are_out_of_reach(operation: Operation, world: World) -> None:
    """One's own address, another's ids in what is sent."""
    alice, charlie = world.people["alice"], world.people["charlie"]
    mine, his = body_of(operation, world, alice), body_of(operation, world, charlie)
    if "_id" not in json.dumps(his, default=str) or mine == his:
        return
    url, program, before = url_of(operation, world, alice), Program(alice), state()
    response = program.call(operation.method, url, his, If_Match="*")
    assert 400 <= response.status_code < 500, f"{operation} answered {response.status_code}"
    assert canary(charlie) not in text_of(response), f"{operation} tells of a customer"
    assert state() == before, f"{operation} was refused but has written"


def what_is_allowed_does_something(operation: Operation, world: World) -> None:
    """The counter-check: a refusal shows something only if the same call does its work for who may."""
    seen: list[Any] = []
    for actor in holders(operation, world):
        owner = next((one for one in world.owners if near(operation, actor, one)), None)
        if owner is None:
            continue
        program = Program(actor, *operation.need.scopes)
        url, body = url_of(operation, world, owner), body_of(operation, world, owner)
        before = state()
        response = program.call(operation.method, url, body, If_Match="*")
        seen.append((response.status_code, text_of(response)[:300]))
        if response.status_code < 300 and (not operation.writes or state() != before):
            return
    pytest.fail(f"{operation} did nothing for anybody who may: {seen}")


def nobody_reads_of_customers_beyond_his_own(operation: Operation, world: World) -> None:
    if operation.writes:
        return
    for actor in holders(operation, world):
        owner = next((one for one in world.owners if near(operation, actor, one)), None)
        if owner is None:
            continue
        response = call(Program(actor), operation, world, owner)
        assert response.status_code == 200, f"{operation} for {actor.username}"
        strangers = [
            o.username for o in world.owners if not reads(actor, o) and canary(o) in text_of(response)
        ]
        assert strangers == [], f"{operation} for {actor.username} tells of customers of {strangers}"


CHECKS: list[Callable[[Operation, World], None]] = [
    nobody_without_a_living_token_gets_through,
    a_token_without_the_scope_is_refused_and_noted,
    a_role_without_the_right_is_refused_and_noted,
    an_object_out_of_reach_is_not_there,
    a_part_of_somebody_elses_below_ones_own_is_not_there,
    anothers_things_named_in_a_body_are_out_of_reach,
    what_is_allowed_does_something,
    nobody_reads_of_customers_beyond_his_own,
]


@every
def test_pl02_an_operation_is_shut_to_all_but_those_who_may(operation: Operation, world: World) -> None:
    for check in CHECKS:
        with transaction.atomic():
            check(operation, world)
            transaction.set_rollback(True)
        world.look_again()


def test_every_door_by_token_is_in_the_description() -> None:
    """What is not described is not tried here either."""
    described = {operation.path.replace("{", "<int:").replace("}", ">") for operation in OPERATIONS}
    doors = {f"/{route.path}" for route in routes() if route.door and route.door.token}
    assert doors == described


def test_no_entry_is_left_over() -> None:
    known = {str(operation) for operation in OPERATIONS}
    assert set(BODIES) <= known
    assert set(EVERYBODYS) <= {operation.path for operation in OPERATIONS}
    assert [
        path for path in (*THINGS, *NEAR) if not any(str(o.path).startswith(path) for o in OPERATIONS)
    ] == []
