from __future__ import annotations

from datetime import datetime

import pytest

from liuke.customers.records.actions import (
    add_contact,
    add_point,
    edit_contact,
    edit_point,
    make_primary,
    register,
    remove_contact,
    remove_point,
)
from liuke.customers.records.models import Contact, ContactPoint, Customer
from liuke.customers.records.rules import NewContact, Unfit
from liuke.platform.access.rules import Denied
from liuke.platform.models import AuditEntry, User


@pytest.fixture
def hampton(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Hampton")


def test_persons_come_and_go(hampton: Customer, alice: User, now: datetime) -> None:
    reeve = NewContact("J. Reeve", "buyer", ["purchasing"], points=[("mobile", "+447700900123")])
    first = add_contact(hampton, reeve, by=alice, now=now)
    assert first.is_primary  # the only one
    second = add_contact(hampton, NewContact("K. Hampton"), by=alice, now=now)
    assert not second.is_primary
    make_primary(second, by=alice, now=now)
    assert [c.name for c in hampton.contacts.all()] == ["K. Hampton", "J. Reeve"]
    edit_contact(first, NewContact("Jo Reeve", roles=["user"]), by=alice, now=now)
    assert list(Customer.objects.search("jo reeve", by=None)) == [hampton]
    remove_contact(first, by=alice, now=now)
    assert not Customer.objects.search("reeve", by=None).exists()
    assert not Customer.objects.search("7700900123", by=None).exists()
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "customers.register",
        "contacts.add",
        "contacts.add",
        "contacts.edit",
        "contacts.edit",
        "contacts.remove",
    ]


def test_pl05_a_changed_number_is_audited_with_old_and_new(
    hampton: Customer, alice: User, now: datetime
) -> None:
    point = add_point(hampton, kind="mobile", value="138 0013 8000", by=alice, now=now)
    point = edit_point(point, value="139 0013 9000", by=alice, now=now)
    assert point.normal == "+8613900139000"
    entry = AuditEntry.objects.get(action="points.edit")
    assert (entry.actor, entry.at) == (alice, now)
    assert entry.changes == {"mobile": ["138 0013 8000", "139 0013 9000"]}
    assert list(Customer.objects.search("13900139000", by=None)) == [hampton]
    assert not Customer.objects.search("13800138000", by=None).exists()
    remove_point(point, by=alice, now=now)
    assert not hampton.points.exists()


def test_one_way_is_preferred(hampton: Customer, alice: User, now: datetime) -> None:
    first = add_point(hampton, kind="mobile", value="13800138000", preferred=True, by=alice, now=now)
    second = add_point(hampton, kind="email", value="k@hampton.example", preferred=True, by=alice, now=now)
    assert list(hampton.points.filter(is_preferred=True)) == [second]
    edit_point(first, value=first.value, preferred=True, by=alice, now=now)
    assert list(hampton.points.filter(is_preferred=True)) == [first]


def test_the_same_way_is_noted_once(hampton: Customer, alice: User, now: datetime) -> None:
    add_point(hampton, kind="mobile", value="13800138000", by=alice, now=now)
    other = add_point(hampton, kind="mobile", value="13900139000", by=alice, now=now)
    with pytest.raises(Unfit, match="noted already"):
        add_point(hampton, kind="mobile", value="+86 138 0013 8000", by=alice, now=now)
    with pytest.raises(Unfit, match="noted already"):
        edit_point(other, value="13800138000", by=alice, now=now)
    with pytest.raises(Unfit, match="not among the choices"):
        add_point(hampton, kind="pigeon", value="13800138000", by=alice, now=now)


def test_pl02_out_of_reach_or_of_another_customer_does_not_exist(
    hampton: Customer, alice: User, bob: User, now: datetime
) -> None:
    contact = add_contact(hampton, NewContact("J. Reeve"), by=alice, now=now)
    point = add_point(hampton, kind="mobile", value="13800138000", by=alice, now=now)
    his = register(by=bob, now=now, name="Bob's")
    for attempt in (
        lambda: add_contact(hampton, NewContact("X"), by=bob, now=now),
        lambda: edit_contact(contact, NewContact("X"), by=bob, now=now),
        lambda: make_primary(contact, by=bob, now=now),
        lambda: remove_contact(contact, by=bob, now=now),
        lambda: add_point(hampton, kind="mobile", value="110", by=bob, now=now),
        lambda: edit_point(point, value="110", by=bob, now=now),
        lambda: remove_point(point, by=bob, now=now),
    ):
        with pytest.raises(Customer.DoesNotExist):
            attempt()
    with pytest.raises(Contact.DoesNotExist):
        add_point(his, kind="mobile", value="110", contact=contact, by=bob, now=now)
    assert ContactPoint.objects.get() == point


def test_only_with_the_right(hampton: Customer, anna: User, now: datetime) -> None:
    with pytest.raises(Denied):
        add_contact(hampton, NewContact("X"), by=anna, now=now)
    with pytest.raises(Denied):
        add_point(hampton, kind="mobile", value="110", by=anna, now=now)


def test_ct01_addresses_are_kept_like_numbers_and_cut_into_their_parts(
    hampton: Customer, alice: User, now: datetime
) -> None:
    point = add_point(hampton, kind="address", value="浙江省杭州市西湖区文三路 90 号", by=alice, now=now)
    add_point(hampton, kind="address", value="上海浦东新区世纪大道 100 号", preferred=True, by=alice, now=now)
    assert point.place
    assert (point.place.province, point.place.city, point.place.district) == ("浙江", "杭州市", "西湖区")
    with pytest.raises(Unfit):  # written otherwise, it is the same
        add_point(hampton, kind="address", value="浙江省杭州市西湖区 文三路90号", by=alice, now=now)
    assert list(Customer.objects.search("文三路", by=None)) == [hampton]
    assert next(one.value for one in hampton.points.all()).startswith("上海")
