"""A need becomes a want and a want a demand, where it can be paid (SC06)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from liuke.catalog.models import Product
from liuke.customers.models import Customer, Need
from liuke.customers.needs.actions import add_need, by_level, edit_need, end_need, promote
from liuke.customers.needs.rules import promotion, stands
from liuke.customers.records.actions import register
from liuke.customers.records.rules import Unfit
from liuke.customers.undoing.actions import take_products
from liuke.platform.models import AuditEntry, User


@pytest.fixture
def ann(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Ann")


def test_sc06_money_and_a_large_need_raise_a_want_to_a_demand(
    ann: Customer, alice: User, now: datetime
) -> None:
    need = add_need(ann, what="A second van", by=alice, now=now)
    assert (need.level, need.offered) == ("need", "want")
    need = promote(need, by=alice, now=now)
    assert (need.level, need.offered) == ("want", "")  # nobody knows of the money yet
    told = {"what": need.what, "level": "want", "money": "yes", "strength": "large"}
    need = edit_need(need, **told, by=alice, now=now)
    assert need.offered == "demand"
    need = promote(need, by=alice, now=now + timedelta(days=3))
    assert need.level == "demand"
    assert [step.what for step in need.steps.all()] == ["need", "want", "demand"]
    assert AuditEntry.objects.filter(action="needs.promote").count() == 2


@pytest.mark.parametrize(("money", "strength"), [("", "large"), ("no", "large"), ("yes", "small")])
def test_sc06_without_money_or_a_large_need_it_is_no_demand(
    ann: Customer, alice: User, now: datetime, money: str, strength: str
) -> None:
    assert promotion("want", money=money, strength=strength) == ""
    assert not stands("demand", money=money, strength=strength)
    with pytest.raises(Unfit) as refused:
        add_need(ann, what="A van", level="demand", money=money, strength=strength, by=alice, now=now)
    assert refused.value.field == "level"
    need = add_need(ann, what="A van", level="want", money=money, strength=strength, by=alice, now=now)
    with pytest.raises(Unfit):
        promote(need, by=alice, now=now)


def test_sc06_the_report_counts_what_is_open_by_level(
    ann: Customer, alice: User, bob: User, now: datetime
) -> None:
    bea = register(by=bob, now=now, name="Bea")
    for what in ("A van", "A shelf"):
        add_need(ann, what=what, by=alice, now=now)
    ended = add_need(ann, what="A sign", level="want", by=alice, now=now)
    add_need(bea, what="A lamp", level="want", by=bob, now=now)
    end_need(ended, "met", by=alice, now=now)
    assert [(code, n, whose) for code, _name, n, whose in by_level(alice)] == [
        ("need", 2, 1),
        ("want", 0, 0),
        ("demand", 0, 0),
    ]
    assert [n for _code, _name, n, _whose in by_level(bob)] == [0, 1, 0]


def test_what_is_wrong_is_refused_by_its_name(ann: Customer, alice: User, now: datetime) -> None:
    tomorrow = now.date() + timedelta(days=2)
    for told, field in (
        ({"what": " "}, "what"),
        ({"what": "x", "level": "dream"}, "level"),
        ({"what": "x", "money": "maybe"}, "money"),
        ({"what": "x", "noted_on": tomorrow}, "noted_on"),
    ):
        with pytest.raises(Unfit) as refused:
            add_need(ann, **told, by=alice, now=now)
        assert refused.value.field == field
    assert not Need.objects.exists()


def test_anothers_customer_is_not_there(ann: Customer, alice: User, bob: User, now: datetime) -> None:
    with pytest.raises(Customer.DoesNotExist):
        add_need(ann, what="A van", by=bob, now=now)
    need = add_need(ann, what="A van", by=alice, now=now)
    for act in (lambda: promote(need, by=bob, now=now), lambda: end_need(need, "met", by=bob, now=now)):
        with pytest.raises(Customer.DoesNotExist):
            act()
    assert not Need.objects.for_user(bob).exists()


def test_what_is_ended_is_raised_no_more(ann: Customer, alice: User, now: datetime) -> None:
    need = end_need(add_need(ann, what="A van", by=alice, now=now), "gone", by=alice, now=now)
    with pytest.raises(Need.DoesNotExist):
        promote(need, by=alice, now=now)


def test_a_product_that_a_need_names_stays_when_its_import_is_undone(
    ann: Customer, alice: User, now: datetime
) -> None:
    van = Product.objects.create(code="VAN", batch=7)
    Product.objects.create(code="CAR", batch=7)
    add_need(ann, what="A van", product=van, by=alice, now=now)
    assert take_products(7) == (2, 1)
    assert [one.code for one in Product.objects.all()] == ["VAN"]
