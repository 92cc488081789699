"""The card on paper: what is on it, what a role does not see, and the code that leads back (DB05's print view)."""

from __future__ import annotations

from datetime import datetime

from liuke.customers.followups.actions import ask
from liuke.customers.timeline.actions import log_contact
from liuke.customers.withdrawing.actions import withdraw
from liuke.platform.access.rules import MASKS
from liuke.platform.models import User
from liuke.workspace.card.rules import code_of
from liuke.workspace.conftest import Add, Desk


def test_the_record_what_is_open_and_what_happened_stand_on_one_sheet(
    desk: Desk, add: Add, alice: User, moment: datetime
) -> None:
    shop = add(alice, "Harbour Gifts", phone="13800138000", city="Yiwu", address="9 Dock Street")
    ask(
        shop,
        kind="promise",
        title="send samples",
        assignee=alice,
        due_at=moment,
        source="person",
        by=None,
        now=moment,
    )
    log_contact(
        shop, channel="phone", direction="out", outcome="reached", note="likes red", by=None, now=moment
    )
    page = desk(alice).get(f"/customers/{shop.pk}/sheet/").content.decode()
    for told in ("Harbour Gifts", shop.number, "13800138000", "9 Dock Street", "send samples", "likes red"):
        assert told in page, told
    assert "Printed by Alice" in page
    assert code_of(f"http://testserver/customers/{shop.pk}/") in page
    assert f"/customers/{shop.pk}/sheet/" in desk(alice).get(f"/customers/{shop.pk}/").content.decode()


def test_what_was_taken_back_is_not_taken_along(desk: Desk, add: Add, alice: User, moment: datetime) -> None:
    shop = add(alice, "Harbour Gifts")
    how = {"channel": "phone", "direction": "out", "outcome": "reached"}
    slip = log_contact(shop, **how, note="of another shop", by=alice, now=moment)
    log_contact(shop, **how, note="likes red", by=alice, now=moment)
    withdraw(slip, by=alice, now=moment)
    page = desk(alice).get(f"/customers/{shop.pk}/sheet/").content.decode()
    assert "likes red" in page
    assert "of another shop" not in page


def test_what_a_role_does_not_see_is_not_on_paper(desk: Desk, add: Add, alice: User, sue: User) -> None:
    shop = add(alice, "Harbour Gifts", phone="13800138000", address="9 Dock Street")
    sue.role.masked = list(MASKS)
    sue.role.save()
    page = desk(sue).get(f"/customers/{shop.pk}/sheet/").content.decode()
    assert "13800138000" not in page
    assert "Dock Street" not in page


def test_out_of_reach_there_is_none(desk: Desk, add: Add, alice: User, charlie: User) -> None:
    assert desk(charlie).get(f"/customers/{add(alice, 'Shop').pk}/sheet/").status_code == 404
