from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from liuke.customers.purchases.models import Purchase
from liuke.customers.records.actions import refresh_search, register
from liuke.customers.records.models import ContactPoint, Customer
from liuke.customers.records.rules import NewContact, normal_point
from liuke.platform.models import User


@pytest.fixture
def shops(alice: User, now: datetime) -> dict[str, Customer]:
    return {
        "home": register(by=alice, now=now, name="诺丁山家居", points=[("phone", "0571-8888 6666")]),
        "gifts": register(
            by=alice,
            now=now,
            name="Hampton 100%_Gifts",
            number="13089",
            points=[("email", "K@Hampton.example"), ("mobile", "138 0013 8000")],
        ),
        "person": register(by=alice, now=now, name="单曉雨", kind="individual", contact=NewContact("查良镛")),
    }


@pytest.mark.parametrize(
    ("typed", "who"),
    [
        ("诺丁山", "home"),
        ("諾丁山家居", "home"),
        ("nuodingshan", "home"),
        ("ndsjj", "home"),
        ("家居 诺丁", "home"),
        ("057188886666", "home"),
        ("0571 8888", "home"),
        ("+86 571 8888 6666", "home"),
        ("HAMPTON gifts", "gifts"),
        ("Ｈａｍｐｔｏｎ", "gifts"),
        ("13089", "gifts"),
        ("k@hampton", "gifts"),
        ("138-0013", "gifts"),
        ("100%_", "gifts"),
        ("单晓雨", "person"),
        ("shanxiaoyu", "person"),
        ("sxy", "person"),
        ("danxiaoyu", "person"),
        ("zhaliangyong", "person"),
        ("zly", "person"),
        ("查良鏞", "person"),
    ],
)
def test_somebody_is_found_by(shops: dict[str, Customer], typed: str, who: str) -> None:
    assert list(Customer.objects.search(typed, by=None)) == [shops[who]]


@pytest.mark.parametrize("typed", ["%", "_", "100_", "家居 hampton", "=", "\\", "'; --", "zzz"])
def test_signs_are_signs_and_all_words_must_match(shops: dict[str, Customer], typed: str) -> None:
    found = list(Customer.objects.search(typed, by=None))
    assert found in (
        [],
        [shops["gifts"]] if typed in "%_" else [],
        list(shops.values()) if typed == "=" else [],
    )


@pytest.mark.parametrize(
    "typed", ["\x00hampton", "hamp\ud800", "x" * 5000, "a " * 5000, "\x00", "\u202ehampton"]
)
def test_odd_signs_and_endless_words_break_nothing(shops: dict[str, Customer], typed: str) -> None:
    found = set(Customer.objects.search(typed, by=None))
    assert found in (set(), {shops["gifts"]}, set(shops.values()))


def test_nothing_typed_narrows_nothing(shops: dict[str, Customer]) -> None:
    assert Customer.objects.search("  ", by=None).count() == 3


def test_best_first(alice: User, now: datetime) -> None:
    inside = register(by=alice, now=now, name="A North Star")
    begins = register(by=alice, now=now, name="Star Trading")
    whole = register(by=alice, now=now, name="Star")
    number = register(by=alice, now=now, name="Zebra", number="STAR-7")
    assert list(Customer.objects.search("star", by=None)) == [whole, begins, number, inside]


def test_a_telephone_without_its_country_is_as_good_as_a_number(alice: User, now: datetime) -> None:
    longer = register(by=alice, now=now, name="A numbered one", number="138001380009")
    called = register(by=alice, now=now, name="Zebra", points=[("mobile", "138 0013 8000")])
    inside = register(by=alice, now=now, name="An inner one", number="9913800")
    assert list(Customer.objects.search("13800138000", by=None)) == [called, longer]
    assert list(Customer.objects.search("13800", by=None)) == [
        longer,
        called,
        inside,
    ]  # two beginnings, by name


def test_by_the_number_of_an_order(shops: dict[str, Customer], alice: User, now: datetime) -> None:
    Purchase.objects.create(
        number="PO-2026-7", customer=shops["home"], at=now, currency="CNY", amount_minor=1
    )
    for typed in ("PO-2026-7", "po-2026-7 "):
        assert list(Customer.objects.search(typed, by=None)) == [shops["home"]]
    assert not Customer.objects.search("PO-2026", by=None).exists()


def test_pl02_within_ones_reach(shops: dict[str, Customer], bob: User, sue: User) -> None:
    assert not Customer.objects.for_user(bob).search("hampton", by=None).exists()
    assert Customer.objects.for_user(sue).search("hampton", by=None).count() == 1


def test_db01_of_1000_customers_each_is_found_by_name_phone_and_number(alice: User) -> None:
    family, given = "赵钱孙李周吴郑王单曾仇区查解朴", "晓雨建国敏伟丽强磊洋艳勇军杰娟涛"
    customers = Customer.objects.bulk_create(
        Customer(
            number=f"K{n:05d}",
            name=f"{family[n % 15]}{given[n // 15 % 16]}{given[n // 240]}{n}号",
            owner=alice,
            team=alice.team,
        )
        for n in range(1000)
    )
    phones = {c.pk: f"139{n:04d}{(n * 7919) % 10000:04d}" for n, c in enumerate(customers)}
    ContactPoint.objects.bulk_create(
        ContactPoint(customer_id=pk, kind="mobile", value=value, normal=normal_point("mobile", value))
        for pk, value in phones.items()
    )
    refresh_search(phones)
    with CaptureQueriesContext(connection) as caught:
        for customer in customers:
            for typed in (customer.name, phones[customer.pk], customer.number):
                assert Customer.objects.search(typed, by=None)[:1].get() == customer, typed
    assert len(caught) == 3000  # one statement a search


def test_the_lines_of_many_are_written_in_few_statements(alice: User) -> None:
    customers = Customer.objects.bulk_create(Customer(number=f"K{n}", name=f"家{n}") for n in range(300))
    with CaptureQueriesContext(connection) as caught:
        refresh_search(c.pk for c in customers)
    assert len([q for q in caught if "SAVEPOINT" not in q["sql"]]) == 4
