"""What surrounds a customer, over the API: each comes, changes and goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from liuke.customers.fields.actions import add_field
from liuke.customers.models import Customer
from liuke.platform.api.tests.calls import Program, problem_of
from liuke.platform.models import User

Add = Callable[..., Customer]

PARTS = [
    ("departments", {"name": "Stores"}, {"office": "Gate 2"}),
    ("dates", {"kind": "birthday", "month": 2, "day": 29}, {"notice_days": 3}),
    ("dates", {"kind": "birthday", "month": 12, "day": 30, "is_lunar": True}, {"day": 29}),
    ("holdings", {"kind": "vehicle", "name": "Van", "bought_on": "2024-05-01"}, {"plate": "浙A12345"}),
]


@pytest.mark.parametrize(("what", "new", "changes"), PARTS)
def test_each_comes_changes_and_goes(
    alice: User, add: Add, what: str, new: dict[str, Any], changes: dict[str, Any]
) -> None:
    program, here = Program(alice), f"customers/{add(alice, 'Lantern').pk}/{what}"
    made = program.post(here, new)
    assert made.status_code == 201, made.content
    one = made.json()
    changed = program.patch(f"{here}/{one['id']}", changes).json()
    assert {**one, **changes, "next_on": 0} == {**changed, "next_on": 0}, "what is absent stays"
    assert [item["id"] for item in program.get(here).json()["items"]] == [one["id"]]
    assert program.delete(f"{here}/{one['id']}").status_code == 204
    assert program.get(here).json()["items"] == []


def test_a_day_that_there_is_not_is_refused(alice: User, add: Add) -> None:
    here = f"customers/{add(alice, 'Lantern').pk}/dates"
    problem_of(Program(alice).post(here, {"kind": "birthday", "month": 2, "day": 30}), "invalid")


def test_a_relation_is_read_from_both_sides_by_who_reads_both(
    alice: User, bob: User, sue: User, add: Add
) -> None:
    firm, mother, his = add(alice, "Daughter Ltd"), add(alice, "Mother Ltd"), add(bob, "Bob's")
    program = Program(alice)
    made = program.post(f"customers/{firm.pk}/relations", {"customer_id": mother.pk, "kind": "parent"}).json()
    assert (made["kind"], made["customer"]["name"]) == ("parent", "Mother Ltd")
    there = program.get(f"customers/{mother.pk}/relations").json()["items"]
    assert [(one["kind"], one["customer"]["name"]) for one in there] == [("subsidiary", "Daughter Ltd")]
    problem_of(
        program.post(f"customers/{firm.pk}/relations", {"customer_id": his.pk, "kind": "buyer"}), "not-found"
    )
    Program(sue).post(f"customers/{firm.pk}/relations", {"customer_id": his.pk, "kind": "buyer"})
    assert len(program.get(f"customers/{firm.pk}/relations").json()["items"]) == 1, (
        "Bob's is not Alice's to see"
    )
    assert program.delete(f"customers/{firm.pk}/relations/{made['id']}").status_code == 204


def test_products_colleagues_and_fields_are_named(alice: User, bob: User, sue: User, now: Any) -> None:
    add_field(type="one", names={"en": "Colour"}, options=[("", "red", True)], by=None, now=now)
    assert [one["name"] for one in Program(alice).get("colleagues").json()["items"]] == ["Alice"]
    assert [one["name"] for one in Program(sue).get("colleagues").json()["items"]] == ["Alice", "Bob", "Sue"]
    field = Program(alice).get("fields").json()["items"][0]
    assert (field["label"], field["type"], field["options"][0]["name"]) == ("Colour", "one", "red")
    assert Program(alice).get("products").json() == {"items": [], "next": ""}
