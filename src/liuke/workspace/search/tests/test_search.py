"""One box for everything: name, pinyin, initials, number, phone digits, e-mail, order number; within one's own rows."""

from __future__ import annotations

from datetime import datetime

import pytest

from liuke.customers.models import Customer
from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk

HTMX = {"HX-Request": "true"}


@pytest.fixture
def mingda(add: Add, alice: User) -> Customer:
    return add(alice, "义乌明达礼品有限公司", phone="13800138000", number="C-778")


@pytest.mark.parametrize(
    "typed",
    [
        "明达",
        "義烏",
        "yiwu",
        "mingdalipin",
        "ywmdlp",
        "c-778",
        "C-778",
        "0138000",
        "138 0013 8000",
        " 明达 \x00",
    ],
)
def test_a_single_hit_goes_straight_to_the_card(
    desk: Desk, mingda: Customer, add: Add, alice: User, typed: str
) -> None:
    add(alice, "杭州锦绣")
    answer = desk(alice).get("/search/", {"q": typed})
    assert answer.headers.get("Location") == f"/customers/{mingda.pk}/", answer.content.decode()


def test_while_typing_the_first_few_are_suggested(desk: Desk, add: Add, alice: User) -> None:
    for place in range(12):
        add(alice, f"明达 {place}")
    page = desk(alice).get("/search/", {"q": "mingda"}, headers=HTMX).content.decode()
    assert page.count('role="option"') == 9  # eight of them, and the way to all
    assert "/customers/?q=mingda" in page
    assert "<html" not in page


def test_pl02_nobody_elses_customer_is_found_nor_suggested(
    desk: Desk, mingda: Customer, bob: User, charlie: User
) -> None:
    for user in (bob, charlie):
        for typed in ("明达", "C-778", "13800138000"):
            for headers in ({}, HTMX):
                answer = desk(user).get("/search/", {"q": typed}, headers=headers)
                assert answer.status_code == 200
                assert "义乌明达" not in answer.content.decode()


def test_an_order_is_found_by_its_number_by_who_may_see_its_customer(
    desk: Desk, mingda: Customer, alice: User, charlie: User, moment: datetime
) -> None:
    order = record_purchase(
        mingda, number="SO-2026-7", at=moment, currency="CNY", lines=[NewLine(100)], by=None, now=moment
    )
    page = f"/purchases/{order.pk}/"
    assert desk(alice).get("/search/", {"q": "SO-2026-7"})["Location"] == page
    assert page in desk(alice).get("/search/", {"q": "SO-2026-7"}, headers=HTMX).content.decode()
    assert page not in desk(charlie).get("/search/", {"q": "SO-2026-7"}).content.decode()


def test_nobody_found_says_what_is_searched(desk: Desk, alice: User) -> None:
    assert "Nobody found" in desk(alice).get("/search/", {"q": "zzz"}).content.decode()
    assert "Whom are you looking for?" in desk(alice).get("/search/").content.decode()


def test_what_is_typed_is_text(desk: Desk, alice: User) -> None:
    for headers in ({}, HTMX):
        page = (
            desk(alice).get("/search/", {"q": "<script>alert(1)</script>"}, headers=headers).content.decode()
        )
        assert "<script>alert(1)" not in page


def test_a_slip_of_the_finger_is_offered_as_such(
    desk: Desk, mingda: Customer, add: Add, alice: User, bob: User
) -> None:
    harbour = add(alice, "Harbour Gifts")
    add(bob, "Harbour Lights")
    for headers in ({}, HTMX):
        page = desk(alice).get("/search/", {"q": "Habrour"}, headers=headers).content.decode()
        assert "Nobody is called that. Did you mean:" in page
        assert f"/customers/{harbour.pk}/" in page
        assert "Lights" not in page
        assert "Nobody found" not in page
    add(alice, "Habrour")
    page = desk(alice).get("/search/", {"q": "Habrour"}, headers=HTMX).content.decode()
    assert "Also similar" in page
    for number in range(2):
        add(alice, f"Habrour {number}")
    assert "Also similar" not in desk(alice).get("/search/", {"q": "Habrour"}).content.decode()
