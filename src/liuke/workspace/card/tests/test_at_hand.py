"""The number at hand: the card's head calls, writes and copies, and hides what a role does not see."""

from __future__ import annotations

import re

import pytest

from liuke.customers.models import ContactPoint, Customer
from liuke.customers.records.actions import add_contact
from liuke.customers.records.rules import NewContact, point_link
from liuke.platform.access.rules import MASKS
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk


@pytest.fixture
def shop(add: Add, alice: User) -> Customer:
    made = add(alice, "Harbour Gifts", phone="13800138000")
    for kind, value in (("email", "office@harbour.example"), ("wechat", "harbour_gifts")):
        ContactPoint.objects.create(customer=made, kind=kind, value=value, normal=value)
    return made


def strip(desk: Desk, user: User, customer: Customer) -> str:
    page = desk(user).get(f"/customers/{customer.pk}/").content.decode()
    return re.split(r'class="line at-hand"', page)[1].split("</div>")[0]


def test_the_head_calls_writes_and_copies_before_anything_else(
    desk: Desk, shop: Customer, alice: User
) -> None:
    head = strip(desk, alice, shop)
    for found in (
        'href="tel:+8613800138000"',
        'href="mailto:office@harbour.example"',
        'data-copy="harbour_gifts"',
    ):
        assert found in head
    page = desk(alice).get(f"/customers/{shop.pk}/").content.decode()
    assert page.index("at-hand") < page.index('class="steps"') < page.index('class="timeline"')
    basic = page.split("Basic data")[1].split("</section>")[0]
    assert 'href="tel:+8613800138000"' in basic  # the number calls; "change" beside it edits
    assert f'href="/customers/{shop.pk}/points/' in basic


def test_what_a_role_does_not_see_is_veiled_there_too(desk: Desk, shop: Customer, sue: User) -> None:
    sue.role.masked = list(MASKS)
    sue.role.save()
    head = strip(desk, sue, shop)
    assert "•••00" in head
    for secret in ("13800138000", "office@", "harbour_gifts", "tel:", "mailto:", "data-copy"):
        assert secret not in head
    assert f"/customers/{shop.pk}/reveal/" in head


def test_a_persons_number_bears_the_name_and_comes_after_the_preferred(
    desk: Desk, shop: Customer, alice: User, moment: object
) -> None:
    add_contact(shop, NewContact(name="Zhang Wei", points=[("mobile", "13900139000")]), by=alice, now=moment)  # type: ignore[arg-type]
    head = strip(desk, alice, shop)
    assert head.index("13800138000") < head.index("13900139000") < head.index("Zhang Wei")


@pytest.mark.parametrize(
    ("kind", "normal", "link"),
    [
        ("mobile", "+8613800138000", "tel:+8613800138000"),
        ("phone", "+8657188123456x801", "tel:+8657188123456;ext=801"),
        ("email", "a@b.example", "mailto:a@b.example"),
        ("wechat", "abc", ""),
        ("phone", "", ""),
    ],
)
def test_only_what_can_be_called_or_written_to_is_a_link(kind: str, normal: str, link: str) -> None:
    assert point_link(kind, normal) == link
