"""The dialog that shows what a role does not see, once and for a reason."""

from __future__ import annotations

from datetime import datetime

from liuke.platform.access.rules import MASKS
from liuke.platform.models import AuditEntry, User
from liuke.platform.preferences.actions import change
from liuke.workspace.conftest import Add, Desk


def masked(user: User) -> None:
    user.role.masked = list(MASKS)
    user.role.save()


def test_asked_for_with_a_reason_it_stands_in_that_answer_only(
    desk: Desk, add: Add, alice: User, sue: User
) -> None:
    shop = add(alice, "Harbour Gifts", phone="13800138000")
    masked(sue)
    client, where = desk(sue), f"/customers/{shop.pk}/reveal/"
    card = client.get(f"/customers/{shop.pk}/").content.decode()
    assert "•••00" in card
    assert where in card
    assert "13800138000" not in client.get(where).content.decode()
    assert client.post(where, {"reason": ""}).status_code == 422
    answer = client.post(where, {"reason": "asked to be called"})
    assert "13800138000" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert "13800138000" not in client.get(f"/customers/{shop.pk}/").content.decode()
    assert AuditEntry.objects.get(action="customers.reveal").reason == "asked to be called"


def test_too_many_in_a_day_are_refused(
    desk: Desk, add: Add, alice: User, sue: User, moment: datetime
) -> None:
    change("masking.reveals_a_day", 1, by=None, now=moment)
    shop = add(alice, "Harbour Gifts", phone="13800138000")
    masked(sue)
    where, why = f"/customers/{shop.pk}/reveal/", {"reason": "asked to be called"}
    assert desk(sue).post(where, why).status_code == 200
    refused = desk(sue).post(where, why)
    assert refused.status_code == 422
    assert "13800138000" not in refused.content.decode()


def test_where_nothing_is_hidden_no_reason_is_asked_for(desk: Desk, add: Add, alice: User) -> None:
    shop = add(alice, "Harbour Gifts", phone="13800138000")
    page = desk(alice).get(f"/customers/{shop.pk}/reveal/").content.decode()
    assert "Nothing is hidden here." in page
    assert not AuditEntry.objects.filter(action="customers.reveal").exists()
