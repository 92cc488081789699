from __future__ import annotations

import re
from typing import Any

from liuke.catalog.products.rules import NewProduct
from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine
from liuke.customers.readings.actions import forget, write
from liuke.customers.timeline.actions import complain, log_contact
from liuke.customers.withdrawing.actions import withdraw
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk, Judge


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:300]
    return re.sub(r"\s+", " ", answer.content.decode())


def test_db05_the_credit_sheet_has_limit_terms_guidance_trading_and_complaints(
    desk: Desk, add: Add, judge: Judge, alice: User, sue: User, moment: Any
) -> None:
    customer = add(alice, "Harbour Gifts")
    judge(customer, grade="gold", value_12m_minor=1_200_000)
    lines = [NewLine(345_600, 1000, NewProduct("L-1", "Lantern"))]
    record_purchase(customer, number="O-1", at=moment, currency="CNY", lines=lines, by=None, now=moment)
    complain(customer, text="Two boxes broken", by=alice, now=moment)
    page = f"/customers/{customer.pk}/credit/"
    shown = text(desk(alice).get(page))
    for part in ("No credit is agreed", "¥2,000", "¥3,456", "Two boxes broken", "not kept in Liuke"):
        assert part in shown, part
    assert desk(alice).post(f"{page}agreement/", {"limit": "5000", "days": "30"}).status_code == 403
    desk(sue).post(f"{page}agreement/", {"limit": "5000", "days": "30", "note": "two good years"})
    shown = text(desk(alice).get(page))
    for part in ("¥5,000", "pays within 30 days", "two good years", "The limit is above it"):
        assert part in shown, part
    assert desk(sue).post(f"{page}agreement/", {"limit": "-1", "days": "30"}).status_code == 422


def test_a_complaint_that_was_taken_back_is_none_on_the_sheet_nor_before_a_visit(
    desk: Desk, add: Add, alice: User, moment: Any
) -> None:
    customer = add(alice, "Harbour Gifts")
    told = "the wrong shop is angry"
    slip = log_contact(customer, channel="phone", outcome="complaint", note=told, by=alice, now=moment)
    pages = [f"/customers/{customer.pk}/{name}/" for name in ("credit", "visit")]
    counted = '<dt>12 months</dt><dd><span class="num">%d</span></dd>'
    assert all(told in text(desk(alice).get(page)) for page in pages)
    assert counted % 1 in text(desk(alice).get(pages[0]))
    withdraw(slip, by=alice, now=moment)
    assert counted % 0 in text(desk(alice).get(pages[0]))
    for page in pages:
        assert told not in text(desk(alice).get(page)), page


def test_db06_each_use_that_there_is_opens_for_the_chosen_customer(
    desk: Desk, add: Add, alice: User, bob: User
) -> None:
    customer = add(alice, "Harbour Gifts")
    page = text(desk(alice).get(f"/customers/{customer.pk}/uses/"))
    hrefs = re.findall(r'data-href="([^"]+)"', page)
    assert len(hrefs) == 7
    for href in hrefs:
        assert "Harbour Gifts" in text(desk(alice).get(href)), href
    assert desk(bob).get(f"/customers/{customer.pk}/uses/").status_code == 404


def test_db11_who_opened_a_card_is_told_to_whoever_looks_after_the_customer(
    desk: Desk, add: Add, alice: User, sue: User, bob: User, moment: Any
) -> None:
    customer = add(alice, "Harbour Gifts")
    forget()
    desk(sue).get(f"/customers/{customer.pk}/")
    write(now=moment)
    page = f"/customers/{customer.pk}/readers/"
    assert sue.name in text(desk(alice).get(page))
    assert desk(bob).get(page).status_code == 404
