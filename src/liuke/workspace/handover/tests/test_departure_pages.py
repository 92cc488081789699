"""A departure on the pages: what he holds, who gets it, the successor's list, and back (DB14)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from liuke.customers.followups.actions import ask
from liuke.customers.handovers.actions import SOURCE
from liuke.customers.models import Customer, FollowUp, Handover
from liuke.platform.jobs.actions import work
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk, Judge

PLAN = "/settings/handovers/departure/"


def test_db14_the_preview_tells_what_he_holds_before_anything_moves(
    desk: Desk, add: Add, judge: Judge, alice: User, bob: User, sue: User, moment: datetime
) -> None:
    harbour = add(alice, "Harbour Gifts", city="Yiwu")
    judge(harbour, grade="gold", band="high", risk=80, value_12m_minor=900_000, value_at_risk_minor=700_000)
    for kind in ("promise", "complaint", "task"):
        ask(
            harbour, kind=kind, assignee=alice, due_at=moment, title="x", source="person", by=None, now=moment
        )
    page = desk(sue).get(PLAN, {"person": alice.pk, "to": [bob.pk], "by": "area"}).content.decode()
    for told in ("What Alice holds", "¥9,000", "¥7,000", "Yiwu", "as proposed: Bob", "Promises open"):
        assert told in page, told
    assert not Handover.objects.exists()
    assert Customer.objects.get().owner == alice


def test_db14_handed_over_the_successor_finds_his_list_and_the_first_call_on_today(
    desk: Desk, add: Add, judge: Judge, alice: User, bob: User, sue: User, moment: datetime
) -> None:
    small, big = add(alice, "Small Shop"), add(alice, "Big Mill")
    judge(small, grade="lead", band="low", value_at_risk_minor=10)
    judge(big, grade="gold", band="high", risk=90, value_at_risk_minor=99_000)
    leaver = desk(alice)
    assert leaver.get("/").status_code == 200
    form = {"person": alice.pk, "to": [bob.pk], "by": "turn", "leaves": "on", "reason": "moves away"}
    answer = desk(sue).post(PLAN, form)
    assert answer.status_code == 302
    assert leaver.get("/").status_code == 302, "out at once"
    work(now=timezone.now())
    assert "All of it is handed over." in desk(sue).get(answer.headers["Location"]).content.decode()
    made = Handover.objects.get()
    page = desk(bob).get(f"/handovers/{made.pk}/").content.decode()
    assert page.index("Big Mill") < page.index("Small Shop")
    FollowUp.objects.filter(source=SOURCE).update(due_at=moment - timedelta(hours=1))
    today = desk(bob).get("/").content.decode()
    assert "Introduce yourself: Alice looked after them until now" in today
    assert f"/handovers/{made.pk}/" in today
    assert desk(bob).get("/settings/handovers/").status_code == 403


def test_db14_by_hand_has_the_last_word(
    desk: Desk, add: Add, alice: User, bob: User, sue: User, moment: datetime
) -> None:
    one, other = add(alice, "One", city="Yiwu"), add(alice, "Other", city="Yiwu")
    form = {
        "person": alice.pk,
        "to": [bob.pk, sue.pk],
        "by": "area",
        "group:Yiwu": bob.pk,
        f"hand:{other.pk}": sue.pk,
    }
    desk(sue).post(PLAN, form)
    work(now=timezone.now())
    owners = dict(Customer.objects.values_list("name", "owner__username"))
    assert owners == {"One": "bob", "Other": "sue"}
    assert Customer.objects.get(pk=one.pk).owner == bob
    assert User.objects.get(pk=alice.pk).is_active, "leaves was not ticked"


def test_without_a_successor_it_says_so_and_nobody_is_out(
    desk: Desk, add: Add, alice: User, sue: User
) -> None:
    add(alice, "Shop")
    answer = desk(sue).post(PLAN, {"person": alice.pk, "by": "turn", "leaves": "on", "reason": "kept words"})
    assert answer.status_code == 422
    assert "Choose who looks after the customers from now on." in answer.content.decode()
    assert User.objects.get(pk=alice.pk).is_active


def test_db14_taken_back_from_its_page(
    desk: Desk, add: Add, alice: User, bob: User, sue: User, moment: datetime
) -> None:
    add(alice, "Shop")
    answer = desk(sue).post(PLAN, {"person": alice.pk, "to": [bob.pk], "by": "turn", "leaves": "on"})
    work(now=timezone.now())
    where = answer.headers["Location"]
    assert "Take it back" in desk(sue).get(where).content.decode()
    desk(sue).post(f"{where}reversal/")
    work(now=timezone.now())
    assert Customer.objects.get().owner == alice
    assert User.objects.get(pk=alice.pk).is_active
    assert "All of it is taken back." in desk(sue).get(where).content.decode()


def test_a_stranger_has_no_list_there(
    desk: Desk, add: Add, alice: User, bob: User, charlie: User, sue: User, moment: datetime
) -> None:
    add(alice, "Shop")
    desk(sue).post(PLAN, {"person": alice.pk, "to": [bob.pk], "by": "turn"})
    work(now=timezone.now())
    assert desk(charlie).get(f"/handovers/{Handover.objects.get().pk}/").status_code == 404
