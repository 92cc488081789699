"""The description of the API: valid, whole, and the same for everybody."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator

from liuke.config.api import METHODS, api, document
from liuke.platform.api.rules import MESSAGES, PROBLEMS


def test_it_is_valid_openapi_3_1() -> None:
    made = document()
    assert made["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(made).iter_errors()) == []


def test_anybody_reads_it_and_it_holds_nobodys_data(db: None) -> None:
    response = Client().get("/api/v1/openapi.json")
    assert response.status_code == 200
    assert response.json() == document()


def test_the_page_for_people_names_every_operation_and_every_problem(db: None) -> None:
    page = Client().get("/api/v1/").content.decode()
    for path, operations in document()["paths"].items():
        for method in METHODS:
            if method in operations:
                assert f"{method.upper()} {path}" in page
    for name in PROBLEMS:
        assert f'id="{name}"' in page


def test_every_operation_says_its_scope_its_tag_and_how_it_refuses() -> None:
    for path, operations in document()["paths"].items():
        for method in (name for name in METHODS if name in operations):
            told = operations[method]
            where = f"{method} {path}"
            assert told["security"] == [{"token": api.needs[told["operationId"]].scopes}], where
            assert told["tags"], where
            assert {"401", "403", "404", "422", "429"} <= set(told["responses"]), where


def test_every_list_is_paged_and_bounded() -> None:
    for path, operations in document()["paths"].items():
        schema = str(operations.get("get", {}).get("responses", {}).get("200", ""))
        if "Rows" in schema:
            parameters = {one.get("name"): one for one in operations["get"]["parameters"]}
            assert "after" in parameters, path
            assert parameters["limit"]["schema"]["maximum"] == 200, path


def test_every_whole_number_is_bounded() -> None:
    """An integer without an end overflows a database."""

    def walk(node: object, where: str) -> None:
        if isinstance(node, dict):
            if node.get("type") == "integer":
                assert "maximum" in node, where
                assert "minimum" in node, where
            for name, below in node.items():
                walk(below, f"{where}/{name}")
        elif isinstance(node, list):
            for below in node:
                walk(below, where)

    made = document()
    for name in sent(made):
        walk(made["components"]["schemas"][name], name)
    for path, operations in made["paths"].items():
        for method in (name for name in METHODS if name in operations):
            walk(operations[method].get("parameters"), f"{method} {path}")


def sent(made: dict[str, Any]) -> set[str]:
    """The schemas of which bodies consist."""
    bodies = [str(one.get("requestBody")) for methods in made["paths"].values() for one in methods.values()]
    found: set[str] = set()
    waiting = set(re.findall(r"#/components/schemas/(\w+)", " ".join(bodies)))
    while waiting:
        found |= waiting
        below = " ".join(str(made["components"]["schemas"][name]) for name in waiting)
        waiting = set(re.findall(r"#/components/schemas/(\w+)", below)) - found
    assert len(found) > 10
    return found


def test_messages_take_only_what_their_error_brings() -> None:
    """A message that wants a figure which pydantic doesn't give would be an error while telling of one."""
    known = {"max_length", "ge", "le", "expected"}
    assert {name for text in MESSAGES.values() for name in re.findall(r"%\((\w+)\)s", text)} <= known
