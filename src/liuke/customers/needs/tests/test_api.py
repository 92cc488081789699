from __future__ import annotations

from datetime import datetime

import pytest

from liuke.catalog.models import Product
from liuke.customers.models import Customer
from liuke.customers.records.actions import register
from liuke.platform.api.tests.calls import Program, problem_of
from liuke.platform.models import User


@pytest.fixture
def lantern(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Lantern Ltd")


def test_sc06_a_program_raises_a_need_to_a_demand(alice: User, lantern: Customer) -> None:
    program, here = Program(alice), f"customers/{lantern.pk}/needs"
    lamp = Product.objects.create(code="LAMP", name="Lamp")
    made = program.post(here, {"what": "lamps that float", "product_id": lamp.pk}).json()
    assert (made["level"], made["offered"], made["product"]["code"]) == ("need", "want", "LAMP")
    at = f"{here}/{made['id']}"
    assert program.post(f"{at}/promotion").json()["level"] == "want"
    refused = program.post(f"{at}/promotion")
    assert problem_of(refused, "invalid")["errors"][0]["field"] == "level"
    known = program.patch(at, {"money": "yes", "strength": "large"}).json()
    assert (known["offered"], known["product"]["code"]) == ("demand", "LAMP")  # what is absent stays
    assert program.post(f"{at}/promotion").json()["level"] == "demand"
    ended = program.post(f"{at}/ending", {"how": "met", "reason": "bought ours"}).json()
    assert ended["ended_at"]
    assert [(step["what"], step["by"]) for step in ended["steps"]] == [
        (what, "Alice") for what in ("need", "want", "demand", "met")
    ]
    problem_of(program.patch(at, {"what": "something else"}), "not-found")
    assert [one["id"] for one in program.get(here).json()["items"]] == [made["id"]]


def test_a_product_that_is_not_there_serves_no_need(alice: User, lantern: Customer) -> None:
    response = Program(alice).post(f"customers/{lantern.pk}/needs", {"what": "lamps", "product_id": 4711})
    problem_of(response, "not-found")
    assert not lantern.needs.exists()
