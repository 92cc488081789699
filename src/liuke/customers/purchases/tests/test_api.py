from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from liuke.customers.models import Customer, Fact, Purchase
from liuke.customers.records.actions import register
from liuke.platform.api.tests.calls import Program, problem_of
from liuke.platform.models import User


@pytest.fixture
def lantern(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Lantern Ltd")


def order(customer: Customer, number: str, **more: Any) -> dict[str, Any]:
    lines = [
        {"amount_minor": 9_900, "quantity_milli": 3000, "product": {"code": "LAMP", "name": "Lamp"}},
        {"amount_minor": 1_000, "product": {"code": "POST", "kind": "charge"}},
    ]
    told = {
        "number": number,
        "customer_id": customer.pk,
        "at": "2026-01-05T09:00:00+08:00",
        "currency": "CNY",
    }
    return {**told, "lines": lines, **more}


def test_orders_are_recorded_together_and_told_to_the_ledger(alice: User, lantern: Customer) -> None:
    program = Program(alice, "purchases:write", "timeline:read")
    body = {"purchases": [order(lantern, "A-1", channel="shop"), order(lantern, "A-2")]}
    made = program.post("purchases", body).json()["items"]
    assert [(one["number"], one["amount_minor"], one["goods_minor"]) for one in made] == [
        ("A-1", 10_900, 9_900),
        ("A-2", 10_900, 9_900),
    ]
    assert Fact.objects.filter(kind="purchased", customer=lantern, actor=alice).count() == 2
    lantern.refresh_from_db()
    assert lantern.stage == "customer"
    whole = program.get(f"purchases/{made[0]['id']}").json()
    assert whole["lines"][0] == {
        "product": {"code": "LAMP", "name": "Lamp", "kind": "goods"},
        "quantity_milli": 3000,
        "amount_minor": 9_900,
    }
    assert [one["number"] for one in program.get(f"customers/{lantern.pk}/purchases").json()["items"]] == [
        "A-2",
        "A-1",
    ]


def test_what_takes_an_order_back_names_it(alice: User, lantern: Customer) -> None:
    program = Program(alice)
    program.post("purchases", {"purchases": [order(lantern, "A-1")]})
    refund = {"kind": "refund", "reverses": "A-1", "lines": [{"amount_minor": -9_900}]}
    made = program.post("purchases", {"purchases": [order(lantern, "R-1", **refund)]}).json()
    assert made["items"][0]["reverses"] == "A-1"
    told = problem_of(
        program.post("purchases", {"purchases": [order(lantern, "R-2", reverses="A-9")]}), "invalid"
    )
    assert told["errors"][0]["pointer"] == "/purchases/0/reverses"


def test_all_of_them_or_none_and_the_row_is_named(
    alice: User, bob: User, lantern: Customer, now: datetime
) -> None:
    his = register(by=bob, now=now, name="Bob's")
    program, good = Program(alice), order(lantern, "A-1")
    for wrong, where in (
        (order(lantern, "A-2", lines=[{"amount_minor": -5}]), "/purchases/1/lines"),
        (order(lantern, "A-2", at="2999-01-01T00:00:00Z"), "/purchases/1/at"),
        (order(lantern, "A-2", currency="yuan"), "/purchases/1/currency"),
        (order(his, "A-2"), "/purchases/1/customer_id"),
        (order(lantern, "A-2", lines=[]), "/purchases/1/lines"),
        (order(lantern, "A-2", lines=[{"amount_minor": 10**30}]), "/purchases/1/lines/0/amount_minor"),
    ):
        told = problem_of(program.post("purchases", {"purchases": [good, wrong]}), "invalid")
        assert told["errors"][0]["pointer"] == where
    told = problem_of(program.post("purchases", {"purchases": [good, good]}), "invalid")
    assert told["errors"][0]["detail"] == "The number A-1 is taken."
    assert not Purchase.objects.exists()


def test_others_orders_are_not_there(alice: User, bob: User, lantern: Customer) -> None:
    made = Program(alice).post("purchases", {"purchases": [order(lantern, "A-1")]}).json()["items"][0]
    problem_of(Program(bob).get(f"purchases/{made['id']}"), "not-found")
    problem_of(Program(bob).get(f"customers/{lantern.pk}/purchases"), "not-found")
