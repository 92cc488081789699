from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from liuke.customers.models import Customer, FollowUp
from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine
from liuke.customers.stages.actions import review_stages
from liuke.customers.standings.actions import decide
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk, Judge
from liuke.workspace.former import views


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.content.decode()[:300]
    return re.sub(r"\s+", " ", answer.content.decode())


def test_cl18_listed_with_his_past_value_until_he_orders_again(
    desk: Desk, add: Add, judge: Judge, alice: User, bob: User, moment: datetime
) -> None:
    customer = add(alice, "Harbour Gifts")
    for place, days in enumerate((260, 230, 200)):  # every thirty days, the last two hundred ago
        at = moment - timedelta(days=days)
        record_purchase(
            customer, number=f"N{place}", at=at, currency="CNY", lines=[NewLine(123_400)], by=None, now=at
        )
    judge(customer, total_minor=370_200)
    judge(add(alice, "Never bought"))
    review_stages(as_of=moment, now=moment)
    page = text(desk(alice).get("/customers/former/"))
    assert "Harbour Gifts" in page
    assert "¥3,702" in page
    assert "no order for longer than twice the own interval" in page
    assert "Never bought" not in page
    assert "Harbour Gifts" not in text(desk(bob).get("/customers/former/"))
    decide(customer, "decline", "competitor", by=alice, now=moment)
    assert "A competitor&#x27;s offer" in text(desk(alice).get("/customers/former/?which=dormant"))
    dialog = text(desk(alice).get(f"/customers/{customer.pk}/followups/?what=winback"))
    assert "Win back: find out why they stopped" in dialog
    tomorrow = (moment + timedelta(days=1)).date().isoformat()
    sent = {"kind": "task", "title": "Win back", "due_on": tomorrow, "assignee": alice.pk}
    desk(alice).post(f"/customers/{customer.pk}/followups/", sent)
    assert FollowUp.objects.open().get().title == "Win back"
    later = moment + timedelta(minutes=1)
    record_purchase(customer, number="N9", at=later, currency="CNY", lines=[NewLine(100)], by=None, now=later)
    customer.refresh_from_db()
    assert customer.stage == "won_back"
    assert "Harbour Gifts" not in text(desk(alice).get("/customers/former/"))
    assert "Harbour Gifts" in text(desk(alice).get("/customers/former/?which=back"))


def test_whoever_brought_most_comes_first_and_who_is_not_judged_yet_last(
    desk: Desk, add: Add, judge: Judge, monkeypatch: Any, alice: User, charlie: User, sue: User, olga: User
) -> None:
    monkeypatch.setattr(views, "SHOWN", 4)
    for owner, minor in (
        (alice, 200),
        (charlie, 400),
        (alice, 300),
        (alice, 0),
        (charlie, None),
        (alice, None),
    ):
        customer = add(owner, f"{owner.username} {minor}")
        Customer.objects.filter(pk=customer.pk).update(stage="lost")
        if minor is not None:
            judge(customer, total_minor=minor)
    for user, names in (
        (olga, ["charlie 400", "alice 300", "alice 200", "alice 0"]),
        (sue, ["alice 300", "alice 200", "alice 0", "alice None"]),
        (charlie, ["charlie 400", "charlie None"]),
    ):
        page = text(desk(user).get("/customers/former/"))
        assert re.findall(r">((?:alice|charlie) \w+)</a>", page) == names
        assert ("Only the first are shown" in page) is (user == olga)
