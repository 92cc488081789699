from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from liuke.customers.facts.models import Fact
from liuke.customers.records.actions import find_duplicates, register
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import NewContact, Unfit, numbered
from liuke.platform.access.rules import Denied
from liuke.platform.models import AuditEntry, Team, User
from liuke.platform.preferences.actions import change
from liuke.platform.preferences.rules import Unfit as UnfitSetting


def test_a_salesperson_registers_a_customer_of_his_own(alice: User, now: datetime) -> None:
    customer = register(
        by=alice,
        now=now,
        name=" 汉普顿礼品（伦敦） ",
        country="gb",
        source="广交会",
        points=[("phone", "020 7946 0142"), ("email", "K@Hampton.Example")],
        contact=NewContact("K. Hampton", "总经理", ["decision"], points=[("mobile", "+44 7700 900123")]),
    )
    customer.refresh_from_db()
    assert (customer.name, customer.country, customer.stage) == ("汉普顿礼品（伦敦）", "GB", "lead")
    assert (customer.owner, customer.team, customer.created_at) == (alice, alice.team, now)
    assert customer.number == f"C{customer.pk:06d}"
    assert set(customer.points.values_list("kind", "normal")) == {
        ("phone", "+442079460142"),
        ("email", "k@hampton.example"),
        ("mobile", "+447700900123"),
    }
    contact = customer.contacts.get()
    assert (contact.name, contact.roles, contact.is_primary) == ("K. Hampton", ["decision"], True)
    assert contact.points.get().kind == "mobile"
    fact = Fact.objects.get()
    assert (fact.kind, fact.customer, fact.at, fact.actor, fact.data) == (
        "registered",
        customer,
        now,
        alice,
        {"source": "广交会"},
    )
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.subject_id) == ("customers.register", alice, customer.pk)


def test_numbers_go_on_and_step_over_what_an_import_has_taken(alice: User, now: datetime) -> None:
    first = register(by=alice, now=now, name="A")
    Customer.objects.create(number=f"C{first.pk + 2:06d}", name="imported")
    third = register(by=alice, now=now, name="B")
    assert third.number == f"C{third.pk + 1:06d}" if third.pk == first.pk + 2 else f"C{third.pk:06d}"
    assert Customer.objects.values("number").distinct().count() == 3


def test_a_number_of_ones_own_must_be_free(alice: User, now: datetime) -> None:
    assert register(by=alice, now=now, name="A", number="13089").number == "13089"
    with pytest.raises(Unfit) as caught:
        register(by=alice, now=now, name="B", number="13089")
    assert caught.value.field == "number"
    assert Customer.objects.count() == 1


def test_only_with_the_right(anna: User, now: datetime) -> None:
    with pytest.raises(Denied):
        register(by=anna, now=now, name="A")


def test_for_somebody_else_only_within_ones_team(
    alice: User, bob: User, charlie: User, sue: User, olga: User, now: datetime
) -> None:
    assert register(by=sue, now=now, name="A", owner=bob).owner == bob
    assert register(by=olga, now=now, name="B", owner=charlie).owner == charlie
    for who, owner in ((alice, bob), (sue, charlie)):
        with pytest.raises(Unfit) as caught:
            register(by=who, now=now, name="C", owner=owner)
        assert caught.value.field == "owner"
    bob.is_active = False
    with pytest.raises(Unfit, match="works here no longer"):
        register(by=sue, now=now, name="D", owner=bob)


def test_liuke_itself_registers_without_an_owner(teams: dict[str, Team], now: datetime) -> None:
    customer = register(by=None, now=now - timedelta(days=900), name="A", team=teams["west"])
    assert (customer.owner, customer.team) == (None, teams["west"])


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"name": ""}, "name"),
        ({"name": "A", "scope": "galaxy"}, "scope"),
        ({"name": "A", "points": [("email", "nobody")]}, "points"),
        ({"name": "A", "points": [("mobile", "13800138000"), ("mobile", "138 0013 8000")]}, "points"),
        ({"name": "A", "contact": NewContact("B", roles=["boss"])}, "roles"),
        ({"name": "A", "scope": "internal", "profile": {"area": "x"}}, "profile.area"),
    ],
)
def test_nothing_is_written_when_a_field_does_not_fit(
    alice: User, now: datetime, fields: dict[str, object], where: str
) -> None:
    with pytest.raises(Unfit) as caught:
        register(by=alice, now=now, **fields)  # type: ignore[arg-type]
    assert caught.value.field == where
    assert not Customer.objects.exists()
    assert not Fact.objects.exists()


def test_a_column_that_is_no_field_is_a_mistake_in_the_code(alice: User, now: datetime) -> None:
    with pytest.raises(TypeError, match="stage"):
        register(by=alice, now=now, name="A", stage="loyal")


def test_sc07_one_customer_of_each_scope(alice: User, now: datetime) -> None:
    profiles = {
        "consumer": {"household_size": 4},
        "b2b": {"resale_use": "gift boxes"},
        "channel": {"area": "East China", "agency_agreement": "A-7"},
        "internal": {"department": "Canteen"},
    }
    for scope, profile in profiles.items():
        register(by=alice, now=now, name=scope, scope=scope, profile=profile)
    stored = {c.scope: c.profile for c in Customer.objects.all()}
    assert stored == profiles


def test_db01_duplicates_are_counted_for_all_and_shown_within_reach(
    alice: User, bob: User, sue: User, now: datetime
) -> None:
    mine = register(by=alice, now=now, name="Hampton Gifts Ltd", points=[("mobile", "13800138000")])
    his = register(by=bob, now=now, name="Elsewhere", points=[("whatsapp", "+86 138-0013-8000")])
    alike = register(by=bob, now=now, name="HAMPTON GIFTS")
    register(by=bob, now=now, name="Hampton Court")
    entry = {"name": "hampton-gifts co.", "points": [("phone", "138 0013 8000"), ("email", "not yet typed")]}
    for_alice = find_duplicates(user=alice, **entry)  # type: ignore[arg-type]
    assert (for_alice.total, for_alice.visible) == (3, [mine])
    for_sue = find_duplicates(user=sue, **entry)  # type: ignore[arg-type]
    assert (for_sue.total, set(for_sue.visible)) == (3, {mine, his, alike})
    assert find_duplicates(user=alice, name="").total == 0


def test_db04_the_next_number_follows_the_companys_pattern(alice: User, olga: User, now: datetime) -> None:
    first = register(by=alice, now=now, name="First")
    assert first.number == f"C{first.pk:06d}"
    change("card.number_pattern", "KH-0000", by=olga, now=now)
    second = register(by=alice, now=now, name="Second")
    assert second.number == f"KH-{second.pk:04d}"
    register(by=alice, now=now, name="Taken", number=f"KH-{second.pk + 2:04d}")
    assert register(by=alice, now=now, name="Third").number == f"KH-{second.pk + 3:04d}"
    first.refresh_from_db()
    assert first.number == f"C{first.pk:06d}"


@pytest.mark.parametrize("pattern", ["", "KH", "C0", "客户0000", "a b00", "C" * 25 + "00", "C" + "0" * 40])
def test_db04_a_pattern_that_makes_no_numbers_is_refused(olga: User, now: datetime, pattern: str) -> None:
    with pytest.raises(UnfitSetting):
        change("card.number_pattern", pattern, by=olga, now=now)


def test_a_number_beyond_its_zeros_grows() -> None:
    assert [numbered("KH-000", place) for place in (7, 999, 1000)] == ["KH-007", "KH-999", "KH-1000"]
