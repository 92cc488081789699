"""Whatever is sent to the API within or beyond its description, nothing breaks: Schemathesis makes requests of every
operation from the description itself, and their answers are held to it.

Half of the requests meet real customers, or nearly all would end at "not found". LIUKE_EXAMPLES asks more of each operation.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, settings
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi_checks

from liuke.config.api import METHODS, api, document
from liuke.platform.api.rules import FORM
from liuke.platform.api.tests.calls import Program
from liuke.platform.models import User
from liuke.platform.preferences.actions import change

from .program_things import THINGS
from .world import World, build

pytestmark = [pytest.mark.django_db, pytest.mark.long]

EXAMPLES = int(os.environ.get("LIUKE_EXAMPLES", "5"))
HELD_TO = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.negative_data_rejection,
    openapi_checks.unsupported_method,
]
OF_TYPES = [openapi_checks.negative_data_rejection]
schema = schemathesis.openapi.from_dict(document())
schema.app = get_wsgi_application()


@pytest.fixture
def world(db: None, now: datetime) -> Iterator[World]:
    """The test's own connection lives through its requests, as with Django's own client."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    change("api.per_minute", 100_000, by=None, now=now)
    yield build(now)
    for signal in signals:
        signal.connect(close_old_connections)


@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def no_request_breaks_it(case: Any, world: World) -> None:
    program = Program(world.people["olga"])
    with transaction.atomic():
        if case.meta is None or case.meta.generation.mode.is_positive:  # what is meant to be wrong stays so
            meet(case, world, world.people["alice"])
        headers = {"Authorization": f"Bearer {program.secret}", "Accept-Encoding": "identity"}
        # in a form all is text or bytes: what is wrong of its types is right once it is sent
        held_to = [one for one in HELD_TO if case.media_type != FORM or one not in OF_TYPES]
        case.call_and_validate(headers=headers, checks=held_to)
        transaction.set_rollback(True)


# A test of its own for each operation: those that Schemathesis names alike would be one to workers side by side.
for name in api.needs:
    one = schema.include(operation_id=name)
    globals()[f"test_no_request_breaks_{name}"] = one.parametrize()(no_request_breaks_it)


def test_every_operation_is_tried() -> None:
    described = {
        methods[method]["operationId"]
        for methods in document()["paths"].values()
        for method in METHODS
        if method in methods
    }
    assert {name for name in globals() if name.startswith("test_no_request_breaks_")} == {
        f"test_no_request_breaks_{name}" for name in described
    }


def meet(case: Any, world: World, owner: User) -> None:
    """Even ids stay as they were made up; odd ones become those of somebody who is there."""
    known = max((path for path in THINGS if case.operation.path.startswith(path)), key=len, default="")
    if known and all(isinstance(value, int) and value % 2 for value in case.path_parameters.values()):
        case.path_parameters.update(THINGS[known](world, owner))
    ids = {
        "customer_id": world.customers[owner.username].pk,
        "contact_id": world.customers[owner.username].contacts.get().pk,
        "owner_id": world.people["bob"].pk,
        "assignee_id": world.people["bob"].pk,
    }
    case.body = with_ids(case.body, ids)


def with_ids(node: Any, ids: dict[str, int]) -> Any:
    if isinstance(node, dict):
        return {
            name: ids[name] if name in ids and type(value) is int and value % 2 else with_ids(value, ids)
            for name, value in node.items()
        }
    return [with_ids(value, ids) for value in node] if isinstance(node, list) else node
