"""Leave is arranged by a supervisor on one page, and the stand-in reads of it on Today (DB14)."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from liuke.customers.followups.actions import ask
from liuke.platform.models import Absence, User
from liuke.workspace.conftest import Add, Desk


def days(first: int, last: int) -> dict[str, str]:
    today = timezone.localdate()
    return {
        "starts_on": (today + timedelta(days=first)).isoformat(),
        "ends_on": (today + timedelta(days=last)).isoformat(),
    }


def test_db14_arranged_the_stand_in_finds_it_on_today_and_called_off_it_is_gone(
    desk: Desk, add: Add, alice: User, bob: User, sue: User
) -> None:
    shop, now = add(alice, "Harbour Gifts"), timezone.now()
    ask(
        shop,
        kind="promise",
        title="send samples",
        assignee=alice,
        due_at=now,
        source="person",
        by=None,
        now=now,
    )
    assert "Harbour Gifts" not in desk(bob).get("/").content.decode()
    form = {"person": alice.pk, "delegate": bob.pk, "reason": "holiday", **days(0, 2)}
    assert desk(sue).post("/settings/handovers/leave/", form).status_code == 302
    bob.refresh_from_db()
    today = desk(bob).get("/").content.decode()
    assert "You stand in for Alice until" in today
    assert "send samples" in today
    assert "Harbour Gifts" in desk(bob).get(f"/customers/?owner={alice.pk}").content.decode()
    page = desk(sue).get("/settings/handovers/").content.decode()
    assert "holiday" in page
    absence = Absence.objects.get()
    assert desk(sue).post(f"/settings/handovers/leave/{absence.pk}/end/").status_code == 302
    assert "Harbour Gifts" not in desk(bob).get("/").content.decode()
    assert desk(bob).get(f"/customers/{shop.pk}/").status_code == 404


def test_what_does_not_fit_stays_as_typed_and_says_why(desk: Desk, alice: User, bob: User, sue: User) -> None:
    form = {"person": alice.pk, "delegate": bob.pk, "reason": "kept words", **days(3, 1)}
    answer = desk(sue).post("/settings/handovers/leave/", form)
    assert answer.status_code == 422
    assert "The last day is before the first." in answer.content.decode()
    assert "kept words" in answer.content.decode()
    assert not Absence.objects.exists()


def test_a_salesperson_arranges_nobodys_leave(desk: Desk, alice: User) -> None:
    assert desk(alice).get("/settings/handovers/").status_code == 403
