from __future__ import annotations

import re
from typing import Any

from liuke.customers.models import AccountMember, Customer, FollowUp, KeyAccount
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk, Judge


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:300]
    return re.sub(r"\s+", " ", answer.content.decode())


def test_cl14_from_the_card_to_a_plan_with_people_and_a_review(
    desk: Desk, add: Add, judge: Judge, alice: User, bob: User, sue: User
) -> None:
    customer = add(alice, "Harbour Gifts")
    judge(customer, grade="platinum", value_12m_minor=300_000)
    page = f"/customers/{customer.pk}/account/"
    assert page in text(desk(alice).get(f"/customers/{customer.pk}/"))
    assert "Not a key account" in text(desk(alice).get(page))
    desk(alice).post(page, {"reason": "a third of our sales"})
    plan = {
        "goals": "Two shops more",
        "target": "4000",
        "review_days": "60",
        "next_review_on": "2030-01-07",
        "version": "1",
    }
    desk(alice).post(page, plan)
    shown = text(desk(alice).get(page))
    assert "Two shops more" in shown
    assert "75%" in shown
    assert "Add</button>" not in shown  # she gives no customers to others
    text(desk(alice).post(page, plan), 422)  # an older version: nothing is overwritten
    assert desk(alice).post(f"{page}members/", {"user": bob.pk, "role": "sales"}).status_code == 403
    assert desk(bob).get(page).status_code == 404
    desk(sue).post(f"{page}members/", {"user": bob.pk, "role": "service"})
    assert "service on the account" in text(desk(bob).get(page))
    assert "Harbour Gifts" in text(desk(bob).get("/customers/accounts/"))
    desk(bob).post(f"{page}review/", {"note": "They want blue ones"})
    assert "They want blue ones" in text(desk(alice).get(f"/customers/{customer.pk}/"))
    member = AccountMember.objects.get()
    desk(sue).post(f"{page}members/{member.pk}/removal/")
    assert desk(bob).get(page).status_code == 404
    desk(alice).post(f"{page}ending/", {})
    assert not KeyAccount.objects.open().exists()
    assert not FollowUp.objects.open().exists()


def test_key_accounts_are_a_filter_of_the_list(desk: Desk, add: Add, judge: Judge, alice: User) -> None:
    for name in ("Key", "Plain"):
        judge(add(alice, name))
    key = Customer.objects.get(name="Key")
    desk(alice).post(f"/customers/{key.pk}/account/", {})
    assert "Key</a>" in text(desk(alice).get("/customers/?account.filled=1"))
    assert "Plain</a>" not in text(desk(alice).get("/customers/?account.filled=1"))
    assert "Plain</a>" in text(desk(alice).get("/customers/?account.empty=1"))


def test_a_wrong_plan_says_so_and_keeps_what_was_typed(desk: Desk, add: Add, alice: User) -> None:
    customer = add(alice, "Harbour Gifts")
    page = f"/customers/{customer.pk}/account/"
    desk(alice).post(page, {})
    sent = {
        "goals": "x" * 2100,
        "review_days": "61",
        "next_review_on": "soon",
        "version": "1",
        "target": "-5",
    }
    shown = text(desk(alice).post(page, sent), 422)
    assert "x" * 2100 in shown
    assert KeyAccount.objects.get().goals == ""
