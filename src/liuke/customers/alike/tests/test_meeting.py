"""DB20: who is there already, before anybody is saved; of whom one may not read not even the name is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils.translation import override

from liuke.customers.alike.actions import Typed, meet, reached_elsewhere
from liuke.customers.merging.actions import merge
from liuke.customers.models import Customer
from liuke.customers.records.actions import register
from liuke.platform.models import User


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


@pytest.fixture
def lantern(alice, now) -> Customer:
    points = [("mobile", "13800001111"), ("email", "info@lantern.example")]
    return register(by=alice, now=now, name="上海灯笼贸易有限公司", city="上海", points=points)


def met(user: User, **typed: object) -> list[tuple[str, list[str]]]:
    return [(one.name, why) for one, why in meet(Typed(**typed), user=user).visible]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"name": "上海燈籠貿易股份有限公司", "city": "上海"}, "same name but for the legal form"),
        ({"name": "Shanghai Denglong Maoyi Ltd", "city": "上海"}, "names 96% alike"),
        (
            {"name": "上海灯龙贸易公司", "city": "上海", "points": [("phone", "+86 138 0000 1111")]},
            "same mobile number",
        ),
        ({"name": "上海灯笼", "points": [("email", "Info@Lantern.example")]}, "same e-mail address"),
    ],
)
def test_db20_found_on_entry_by_name_script_pinyin_number_and_mail(
    lantern, alice, typed: dict[str, object], why: str
) -> None:
    ((name, told),) = met(alice, **typed)
    assert name == lantern.name
    assert why in told


def test_db20_one_that_goes_under_a_merged_name_is_found(lantern, alice, sue, now) -> None:
    twice = register(by=alice, now=now, name="Old Lantern Works", city="上海")
    merge(lantern, [twice], by=sue, now=now)
    assert [name for name, _ in met(alice, name="Old Lantern Works Ltd")] == [lantern.name]


def test_the_same_number_under_quite_another_name_is_asked_about_too(lantern, alice) -> None:
    assert [name for name, _ in met(alice, name="Zed", points=[("mobile", "13800001111")])] == [lantern.name]


def test_who_is_quite_another_is_not_met(lantern, alice) -> None:
    assert met(alice, name="宁波月光机械厂", points=[("mobile", "13911110000")]) == []
    assert met(alice, name="杭州灯笼贸易有限公司", city="杭州") == []
    assert meet(Typed(""), user=alice).total == 0


def test_db20_of_another_teams_only_is_told_that_there_is_one_and_whom_to_ask(
    lantern, alice, bob, charlie, sue
) -> None:
    typed = Typed("上海灯笼贸易公司", points=[("mobile", "13800001111")])
    for_charlie = meet(typed, user=charlie)
    assert (for_charlie.total, for_charlie.visible, for_charlie.hidden, for_charlie.keepers) == (1, [], 1, [])
    for_sue = meet(typed, user=sue)
    assert (for_sue.hidden, [one for one, _ in for_sue.visible]) == (0, [lantern])
    for_bob = meet(typed, user=bob)  # of one team: he knows Alice, though not her customers
    assert (for_bob.hidden, for_bob.visible) == (1, [])
    assert set(for_bob.keepers) <= set(User.objects.visible_to(bob))


def test_a_persons_number_at_another_customer_is_told(lantern, alice, charlie, now) -> None:
    other = register(by=alice, now=now, name="Other Works")
    found = reached_elsewhere([("mobile", "138 0000 1111"), ("email", "not one")], other, user=alice)
    assert [(one, why) for one, why in found.visible] == [(lantern, ["same mobile number"])]
    assert reached_elsewhere([("mobile", "13800001111")], lantern, user=alice).total == 0
    assert reached_elsewhere([("mobile", "13800001111")], other, user=charlie).hidden == 1
