from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.utils import timezone

from liuke.customers.models import FollowUp, KeepingPlan, Need
from liuke.platform.models import User
from liuke.platform.preferences.actions import change
from liuke.workspace.conftest import Add, Desk, Judge


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:300]
    return re.sub(r"\s+", " ", answer.content.decode())


def in_days(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


PLAN = {"goal": "All their orders", "step": "Visit the new shop"}


def test_sc03_from_nothing_to_four_steps_taken(
    desk: Desk, add: Add, judge: Judge, alice: User, olga: User, moment: Any
) -> None:
    change("card.required_enterprise", ["phone", "city"], by=olga, now=moment)
    customer = add(alice, "Harbour Gifts")
    judge(customer, grade="")
    at = desk(alice)
    card, stuck = f"/customers/{customer.pk}/", "/customers/?step="

    def stands(taken: int) -> None:
        assert f"{taken} of 4 steps taken" in text(at.get(card))
        for step in range(1, 5):
            there = "Harbour Gifts</a>" in text(at.get(f"{stuck}{step}"))
            assert there == (step == taken + 1), step

    stands(0)
    at.post(f"{card}completion/", {"phone": "13900139000", "city": "Ningbo"})
    stands(1)
    at.post(f"{card}needs/", {"what": "Lanterns that float", "level": "need", "noted_on": in_days(0)})
    stands(2)
    judge(customer, grade="gold")
    assert "Gold ·" in text(at.get(card))
    stands(3)
    at.post(f"{card}plan/", {**PLAN, "owner": alice.pk, "review_on": in_days(90), "step_due_on": in_days(7)})
    stands(4)
    assert KeepingPlan.objects.get().steps.get().followup.title == "Visit the new shop"


def test_sc06_with_money_and_a_large_need_the_page_offers_to_raise_it(
    desk: Desk, add: Add, alice: User
) -> None:
    customer = add(alice, "Harbour Gifts")
    at, page = desk(alice), f"/customers/{customer.pk}/"
    told = {"what": "Lanterns", "level": "want", "noted_on": in_days(0)}
    at.post(f"{page}needs/", told)
    need = Need.objects.get()
    assert "Raise to" not in text(at.get(f"{page}steps/"))
    at.post(f"{page}needs/{need.pk}/", {**told, "money": "yes", "strength": "large"})
    assert "Raise to Demand" in text(at.get(f"{page}steps/"))
    at.post(f"{page}needs/{need.pk}/promotion/")
    need.refresh_from_db()
    assert need.level == "demand"
    shown = text(at.get("/customers/needs/"))
    assert "Demand: 1 customer" in shown
    assert "Lanterns" in shown
    assert "Harbour Gifts</a>" in text(at.get("/customers/?need=demand"))
    assert "Harbour Gifts</a>" not in text(at.get("/customers/?need=want"))


def test_a_wrong_need_says_so_and_keeps_what_was_typed(desk: Desk, add: Add, alice: User) -> None:
    page = f"/customers/{add(alice, 'Harbour Gifts').pk}/needs/"
    told = {"what": "Lanterns", "level": "demand", "noted_on": in_days(0), "product": "no such thing"}
    shown = text(desk(alice).post(page, told), 422)
    assert "There is no product of this code or name." in shown
    assert "no such thing" in shown
    told["product"] = ""
    assert "it takes the money to be there" in text(desk(alice).post(page, told), 422)
    assert not Need.objects.exists()


def test_a_plan_is_gone_on_with_and_closed(desk: Desk, add: Add, alice: User, bob: User) -> None:
    customer = add(alice, "Harbour Gifts")
    at, page = desk(alice), f"/customers/{customer.pk}/plan/"
    at.post(page, {**PLAN, "owner": alice.pk, "review_on": in_days(90), "step_due_on": in_days(7)})
    at.post(f"{page}steps/", {"title": "Invite them", "assignee": alice.pk, "due_on": in_days(20)})
    shown = text(at.get(f"/customers/{customer.pk}/steps/"))
    assert shown.index("Visit the new shop") < shown.index("Invite them")
    assert desk(bob).get(f"{page}closure/").status_code == 404
    at.post(f"{page}closure/", {"outcome": "partly", "note": "Half of them"})
    assert not FollowUp.objects.open().exists()
    assert "Partly reached" in text(at.get(f"/customers/{customer.pk}/steps/"))
    assert at.get(f"{page}closure/").status_code == 404
