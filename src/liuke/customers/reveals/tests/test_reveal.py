"""Hidden from a role, shown for a reason, so many a day (security rule 7)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from liuke.customers.masking.rules import hidden_from, veiled
from liuke.customers.models import Customer
from liuke.customers.records.actions import add_point, edit, edit_point, register, remove_point
from liuke.customers.records.rules import Unfit
from liuke.customers.reveals.actions import TooMany, reveal, veil
from liuke.platform.access.rules import MASKS
from liuke.platform.models import AuditEntry, User
from liuke.platform.preferences.actions import change


@pytest.fixture
def shop(bob: User, now: datetime) -> Customer:
    points = [("mobile", "13911112222"), ("email", "mei.lin@silkroad.cn"), ("wechat", "meilin88")]
    return register(
        by=bob,
        now=now,
        name="Silk Road",
        city="Yiwu",
        address="浙江省义乌市工人路 9 号",
        country="CN",
        points=points,
    )


@pytest.fixture
def masked(sue: User) -> User:
    """A supervisor whose role sees no ways to reach others' customers."""
    sue.role.masked = list(MASKS)
    sue.role.save()
    return sue


def test_a_hint_tells_two_apart_and_is_of_no_use() -> None:
    assert veiled("mobile", "+86 139 1111 2222") == "•••22"
    assert veiled("phone", "1234") == "•••", "so short a number is not told by half"
    assert veiled("email", "mei.lin@silkroad.cn") == "•••@•••.cn"
    assert veiled("wechat", "meilin88") == "•••"
    assert veiled("address", "浙江省义乌市工人路 9 号") == "浙江义乌市•••"
    assert veiled("address", "") == ""


def test_ones_own_are_never_hidden_nor_those_of_whom_one_stands_in_for(
    masked: User, bob: User, shop: Customer, now: datetime
) -> None:
    assert hidden_from(masked, shop.owner_id, now) == frozenset(MASKS)
    assert hidden_from(masked, masked.pk, now) == frozenset()
    assert hidden_from(bob, shop.owner_id, now) == frozenset()
    away = {"from": (now - timedelta(days=1)).isoformat(), "until": (now + timedelta(days=1)).isoformat()}
    masked.standing_in = [{"for": bob.pk, "name": "Bob", **away}]
    assert hidden_from(masked, shop.owner_id, now) == frozenset()
    assert hidden_from(masked, shop.owner_id, now + timedelta(days=2)) == frozenset(MASKS)


def test_the_rows_of_a_page_are_veiled_and_the_database_is_not(
    masked: User, shop: Customer, now: datetime
) -> None:
    points = list(shop.points.all())
    veil(shop, points, masked, now)
    assert [one.normal for one in points] == ["", "", ""]
    assert shop.address.endswith("•••")
    shop.refresh_from_db()
    assert "工人路" in shop.address
    assert shop.points.filter(normal="+8613911112222").exists()


def test_shown_for_a_reason_and_the_reason_stays_but_not_what_was_read(
    masked: User, shop: Customer, now: datetime
) -> None:
    found = {one.kind: one.value for one in reveal(shop, reason="to call back", by=masked, now=now)}
    assert found["mobile"] == "13911112222"
    assert "工人路" in found["address"]
    entry = AuditEntry.objects.get(action="customers.reveal")
    assert (entry.actor, entry.subject_id, entry.reason) == (masked, shop.pk, "to call back")
    assert "1391111" not in str(entry.changes)
    for why in ("", "  ", "abc"):
        with pytest.raises(Unfit):
            reveal(shop, reason=why, by=masked, now=now)


def test_one_more_than_a_day_allows_is_refused_and_noted(masked: User, shop: Customer, now: datetime) -> None:
    change("masking.reveals_a_day", 2, by=None, now=now)
    for _again in range(2):
        reveal(shop, reason="to call back", by=masked, now=now)
    with pytest.raises(TooMany):
        reveal(shop, reason="to call back", by=masked, now=now)
    assert AuditEntry.objects.filter(action="customers.reveal_refused", actor=masked).count() == 1
    assert reveal(shop, reason="to call back", by=masked, now=now + timedelta(days=1, seconds=1))


def test_what_one_may_not_read_one_can_not_have_shown(alice: User, shop: Customer, now: datetime) -> None:
    with pytest.raises(Customer.DoesNotExist):
        reveal(shop, reason="to call back", by=alice, now=now)


def test_what_one_does_not_see_one_does_not_change(masked: User, shop: Customer, now: datetime) -> None:
    mobile = shop.points.get(kind="mobile")
    for act in (
        lambda: edit_point(mobile, value="13800138000", by=masked, now=now),
        lambda: remove_point(mobile, by=masked, now=now),
        lambda: edit(shop, {"address": "elsewhere"}, version=1, by=masked, now=now),
    ):
        with pytest.raises(Unfit):
            act()
    edit(shop, {"city": "Ningbo"}, version=1, by=masked, now=now)
    add_point(shop, kind="mobile", value="13800138000", by=masked, now=now)


def test_a_number_by_part_finds_nobody_who_is_hidden(
    masked: User, bob: User, shop: Customer, now: datetime
) -> None:
    own = register(by=masked, now=now, name="Own Shop", points=[("mobile", "13733334444")])
    for part in ("11112222", "139 1111 2222", "mei.lin", "meilin88", "silkroad.cn"):
        assert list(Customer.objects.search(part, by=bob)) == [shop], part
        assert list(Customer.objects.search(part, by=masked)) == [], part
    assert list(Customer.objects.search("33334444", by=masked)) == [own]
    for part in ("silk", "road", shop.number):
        assert list(Customer.objects.search(part, by=masked)) == [shop], part


def test_a_line_of_before_is_found_by_name_and_number_only(masked: User, shop: Customer) -> None:
    shop.search.text = shop.search.text.replace("\n@\n", "\n")
    shop.search.save()
    assert list(Customer.objects.search("11112222", by=masked)) == []
    assert list(Customer.objects.search("silk road", by=masked)) == [shop]
