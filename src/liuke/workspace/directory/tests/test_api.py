from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from liuke.customers.models import Customer
from liuke.platform.api.tests.calls import Program, problem_of
from liuke.platform.lists.models import SavedView
from liuke.platform.models import User

Add = Callable[..., Customer]


def names(program: Program, query: str = "") -> list[str]:
    response = program.get(f"customers?{query}")
    assert response.status_code == 200, response.content
    return [one["name"] for one in response.json()["items"]]


def test_the_list_holds_whom_its_person_reads(alice: User, bob: User, sue: User, add: Add) -> None:
    add(alice, "Ann's")
    add(bob, "Ben's")
    assert names(Program(alice)) == ["Ann's"]
    assert names(Program(sue)) == ["Ann's", "Ben's"]


def test_it_is_walked_page_by_page_without_gap_or_repeat(alice: User, add: Add) -> None:
    for number in range(7):
        add(alice, f"Customer {number}")
    program, path, seen = Program(alice), "customers?limit=3&sort=-name", []
    while path:
        response = program.get(path)
        page = response.json()
        seen += [one["name"] for one in page["items"]]
        path = f"customers?limit=3&sort=-name&after={page['next']}" if page["next"] else ""
        assert ("Link" in response) == bool(page["next"])
    assert seen == [f"Customer {number}" for number in range(6, -1, -1)]


def test_a_token_of_another_order_is_refused_and_not_page_one(alice: User, add: Add) -> None:
    for number in range(3):
        add(alice, f"Customer {number}")
    program = Program(alice)
    following = program.get("customers?limit=1&sort=name").json()["next"]
    problem_of(program.get(f"customers?limit=1&sort=-name&after={following}"), "invalid")
    problem_of(program.get("customers?after=nonsense"), "invalid")


def test_filters_are_those_of_the_page(alice: User, add: Add) -> None:
    add(alice, "Ann's")
    Customer.objects.filter(name="Ann's").update(stage="loyal")
    add(alice, "Ben's")
    program = Program(alice)
    assert names(program, "stage=loyal") == ["Ann's"]
    assert names(program, "q=ben") == ["Ben's"]
    tree = {"any": [{"field": "stage", "op": "is", "values": ["loyal", "lead"]}]}
    assert names(program, f"filter={json.dumps(tree)}") == ["Ann's", "Ben's"]
    for wrong in ("colour=red", "stage=none_such", "filter={}x", 'filter={"all":[{"field":"x"}]}', "limit=0"):
        problem_of(program.get(f"customers?{wrong}"), "invalid")
    problem_of(program.get(f"customers?stage=loyal&filter={json.dumps(tree)}"), "invalid")


def test_a_saved_view_is_asked_by_its_id(alice: User, bob: User, add: Add) -> None:
    add(alice, "Ann's")
    Customer.objects.update(stage="loyal")
    add(alice, "Ben's")
    query = {"filter": {"all": [{"field": "stage", "op": "is", "values": ["loyal"]}]}}
    view = SavedView.objects.create(owner=alice, place="customers", name="Loyal", query=query)
    program = Program(alice)
    assert program.get("views").json()["items"][0]["id"] == view.pk
    assert names(program, f"view={view.pk}") == ["Ann's"]
    problem_of(Program(bob).get(f"customers?view={view.pk}"), "not-found")


def test_judgements_take_the_scope_that_reads_them(alice: User, add: Add, judge: Callable[..., Any]) -> None:
    """Whom a filter finds tells what he is: a token that may not read grades may not ask for them either."""
    judge(add(alice, "Ann's"), grade="gold")
    judge(add(alice, "Ben's"), grade="lead")
    assert names(Program(alice, "customers:read", "scores:read"), "grade=gold") == ["Ann's"]
    for asked in ("grade=gold", "sort=-value"):
        problem_of(Program(alice, "customers:read").get(f"customers?{asked}"), "invalid")
