from __future__ import annotations

from collections.abc import Callable

from liuke.customers.models import Customer
from liuke.platform.api.tests.calls import Program, problem_of
from liuke.platform.models import User

Add = Callable[..., Customer]


def test_the_box_finds_by_pinyin_and_within_reach_only(alice: User, bob: User, add: Add) -> None:
    add(alice, "义乌灯具")
    add(bob, "义乌灯饰")
    found = Program(alice, "customers:read").get("search?q=ywdj").json()
    assert [one["name"] for one in found["items"]] == ["义乌灯具"]
    assert [one["name"] for one in Program(alice).get("search?q=义乌").json()["items"]] == ["义乌灯具"]


def test_it_says_that_there_are_more(alice: User, add: Add) -> None:
    for number in range(3):
        add(alice, f"Lantern {number}")
    found = Program(alice).get("search?q=lantern&limit=2").json()
    assert (len(found["items"]), found["more"]) == (2, True)
    problem_of(Program(alice).get("search"), "invalid")


def test_names_with_a_slip_are_told_apart_from_hits(alice: User, bob: User, add: Add) -> None:
    add(alice, "Lantern")
    add(bob, "Lantern of Bob")
    found = Program(alice, "customers:read").get("search?q=latnern").json()
    assert found["items"] == []
    assert [one["name"] for one in found["similar"]] == ["Lantern"]


def test_questions_are_answered_to_a_token_that_may_read_what_they_tell(alice: User, add: Add) -> None:
    add(alice, "Lantern", phone="13800138000")
    asked = "search?q=phone of Lantern"
    assert Program(alice).get(asked).json()["answers"][0]["value"] == "13800138000"
    assert Program(alice, "customers:read").get(asked).json()["answers"] == []
