"""The four blocks of a card (DB02), what every grade is owed (CL19), and what is repaired before anything is offered (SC13)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from liuke.customers.fields.actions import add_field, fill
from liuke.customers.models import Customer
from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine
from liuke.customers.timeline.actions import complain, resolve
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk, Judge


@pytest.fixture
def ann(add: Add, alice: User) -> Customer:
    return add(alice, "Ann's shop", phone="13800138000", city="Yiwu")


def card_of(desk: Desk, user: User, customer: Customer) -> str:
    page = desk(user).get(f"/customers/{customer.pk}/").content.decode()
    return re.sub(r"\s+", " ", page)


def panel(page: str, title: str) -> str:
    return page.split(f"<h2>{title}</h2>")[1].split("</section>")[0]


def test_db02_four_blocks_and_the_trading_is_the_sum_of_the_orders(
    desk: Desk, ann: Customer, alice: User, moment: datetime
) -> None:
    told = {"characteristics": "prefers mornings", "business": "40 people", "trading": "against payment"}
    for block, value in told.items():
        own = add_field(type="text", names={"en": block.title()}, block=block, by=None, now=moment)
        fill(ann, {own.definition.name: value}, by=alice, now=moment)
    for number, minor in enumerate((12_300, 45_600)):
        at = moment - timedelta(days=30 * number)
        record_purchase(
            ann, number=f"A-{number}", at=at, currency="CNY", lines=[NewLine(minor)], by=None, now=at
        )
    page = card_of(desk, alice, ann)
    assert "13800138000" in panel(page, "Basic data")
    assert "prefers mornings" in panel(page, "Characteristics")
    assert "40 people" in panel(page, "Business situation")
    trading = panel(page, "Trading")
    assert "against payment" in trading
    assert "¥579" in trading
    assert "2 orders" in trading


@pytest.mark.parametrize(("grade", "hours"), [("platinum", "1 hour"), ("lead", "8 hours")])
def test_cl19_everybody_is_answered_and_the_valuable_sooner(
    desk: Desk, ann: Customer, judge: Judge, alice: User, grade: str, hours: str
) -> None:
    judge(ann, grade=grade, band="low")
    owed = panel(card_of(desk, alice, ann), "Service for this grade")
    assert f"<dd>{hours}" in owed


def test_sc13_while_a_complaint_is_open_it_is_repaired_first_and_nothing_offered(
    desk: Desk, ann: Customer, judge: Judge, alice: User, moment: datetime
) -> None:
    judge(ann, grade="gold", band="low", about_now=True)
    offer, repair = "A good moment", "talk about the complaint first, not about offers"
    assert offer in card_of(desk, alice, ann)
    complaint = complain(ann, text="Two cups broken", by=alice, now=moment)
    page = card_of(desk, alice, ann)
    assert repair in page
    assert offer not in page
    resolve(complaint, text="Replaced", by=alice, now=moment + timedelta(seconds=1))
    assert offer in card_of(desk, alice, ann)
