from __future__ import annotations

from typing import Any

from liuke.catalog.products.rules import NewProduct
from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine
from liuke.platform.api.tests.calls import Program, problem_of
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Judge


def test_db05_a_program_reads_the_credit_sheet_and_only_who_leads_agrees(
    add: Add, judge: Judge, alice: User, sue: User, moment: Any
) -> None:
    customer = add(alice, "Harbour Gifts")
    judge(customer, grade="gold", value_12m_minor=1_200_000)
    lines = [NewLine(345_600, 1000, NewProduct("L-1", "Lantern"))]
    record_purchase(customer, number="O-1", at=moment, currency="CNY", lines=lines, by=None, now=moment)
    here = f"customers/{customer.pk}/credit"
    wanted = {"limit_minor": 500_000, "days": 30, "note": "two good years"}
    problem_of(Program(alice).post(f"{here}/agreements", wanted), "not-allowed")
    made = Program(sue).post(f"{here}/agreements", wanted).json()
    assert Program(sue).post(f"{here}/agreements", wanted).json()["id"] == made["id"]
    told = Program(alice).get(here).json()
    assert [(one["limit_minor"], one["by"], one["ended_at"]) for one in told["agreed"]] == [
        (500_000, "Sue", None)
    ]
    assert (told["guided_minor"], told["sales_12m_minor"], told["orders_12m"]) == (200_000, 345_600, 1)


def test_without_the_scope_of_judgements_the_sheet_tells_none(add: Add, judge: Judge, alice: User) -> None:
    customer = add(alice, "Harbour Gifts")
    judge(customer, grade="gold", value_12m_minor=1_200_000)
    told = Program(alice, "credit:read").get(f"customers/{customer.pk}/credit").json()
    assert told["guided_minor"] is None
