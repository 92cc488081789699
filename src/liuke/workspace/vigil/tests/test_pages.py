"""Held, asked, told: what a reader and whoever leads him see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from liuke.customers.models import ReadingDay
from liuke.customers.readings.actions import forget, write
from liuke.platform.models import AuditEntry, User
from liuke.platform.preferences.actions import change
from liuke.workspace.conftest import Add, Desk


@pytest.fixture(autouse=True)
def fresh(db: None) -> Iterator[None]:
    forget()
    yield
    forget()


def test_normal_work_is_never_held(desk: Desk, add: Add, alice: User, moment: datetime) -> None:
    cards = [add(alice, f"Shop {place}") for place in range(20)]
    client = desk(alice)
    assert {client.get(f"/customers/{one.pk}/").status_code for one in cards} == {200}


def test_slowed_asked_and_the_supervisor_is_told(
    desk: Desk, add: Add, alice: User, sue: User, moment: datetime
) -> None:
    change("reading.slow_at", 3, by=None, now=moment)
    change("reading.ask_at", 6, by=None, now=moment)
    cards = [add(alice, f"Shop {place}") for place in range(8)]
    client = desk(alice)
    for one in cards[:3]:
        assert client.get(f"/customers/{one.pk}/").status_code == 200
    held = client.get(f"/customers/{cards[3].pk}/")
    assert (held.status_code, held.headers["Refresh"]) == (429, "3")
    assert "Shop 3" not in held.content.decode()
    change("reading.slow_at", 0, by=None, now=moment)
    for one in cards[3:6]:
        assert client.get(f"/customers/{one.pk}/").status_code == 200
    asked = client.get(f"/customers/{cards[6].pk}/")
    assert asked.status_code == 302
    assert "/reading/reason/" in asked.headers["Location"]
    assert client.get("/customers/", headers={"HX-Request": "true"}).status_code == 429
    assert client.post(asked.headers["Location"], {"reason": "x"}).status_code == 422
    answer = client.post(asked.headers["Location"], {"reason": "calling everybody of the fair"})
    assert answer.headers["Location"] == f"/customers/{cards[6].pk}/"
    assert client.get(answer.headers["Location"]).status_code == 200
    entry = AuditEntry.objects.get(action="reading.reason")
    assert (entry.actor, entry.reason) == (alice, "calling everybody of the fair")
    leader = desk(sue)
    assert "Alice opened 6 pages within ten minutes" in leader.get("/").content.decode()
    assert "Alice opened 6 pages within ten minutes" in leader.get("/settings/reading/").content.decode()
    assert "within ten minutes and was" not in leader.get("/").content.decode(), "read is read"


def test_the_board_flags_what_is_far_above_the_usual_and_opens_the_entries(
    desk: Desk, add: Add, alice: User, bob: User, sue: User, moment: datetime
) -> None:
    User.objects.update(created_at=moment - timedelta(days=200))
    today = timezone.localdate()
    for who, this_week in ((alice, 400), (bob, 31)):
        for week in range(1, 13):
            on = today - timedelta(days=7 * week + 1)
            ReadingDay.objects.create(user=who, on=on, what="card", count=30 + week % 3)
        ReadingDay.objects.create(user=who, on=today, what="card", count=this_week)
    page = desk(sue).get("/settings/reading/").content.decode()
    assert page.count("far above the usual") == 1
    assert page.index("Alice") < page.index("Bob")
    assert re.search(r"usually (<[^>]+>)?31\b", page), page[page.index("usually") :][:80]


def test_a_card_that_was_opened_stands_in_the_report_of_ninety_days(
    desk: Desk, add: Add, alice: User, charlie: User, sue: User
) -> None:
    shop = add(alice, "Harbour Gifts")
    desk(alice).get(f"/customers/{shop.pk}/")
    write(now=timezone.now())
    page = desk(sue).get(f"/settings/reading/{alice.pk}/").content.decode()
    assert "Harbour Gifts" in page
    assert desk(sue).get(f"/settings/reading/{charlie.pk}/").status_code == 404
    assert desk(alice).get(f"/settings/reading/{alice.pk}/").status_code == 403
    assert desk(alice).get("/settings/reading/").status_code == 403
