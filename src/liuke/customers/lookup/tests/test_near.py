"""A name with a slip in it is found: by the keys that both spellings share, and never a number with a wrong digit."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection

from liuke.customers.lookup.models import NearFew
from liuke.customers.lookup.rules import line_keys, near_question, nearness, pinyin_slips, shortened, slips
from liuke.customers.models import Customer, CustomerSearch
from liuke.customers.records.actions import add_contact, register
from liuke.customers.records.rules import NewContact, search_text
from liuke.platform.models import User

NAMES = {
    "harbour": "Harbour Gifts Ltd",
    "zhuang": "Zhuang & Sons",
    "mingda": "义乌明达礼品有限公司",
    "weiguo": "张卫国",
    "kowalski": "Lukasz Kowalski",
}


@pytest.fixture
def named(now: datetime, alice: User) -> dict[str, Customer]:
    return {
        key: register(
            by=None,
            now=now,
            name=name,
            owner=alice,
            number=f"C-{place}",
            points=[("mobile", f"1380013800{place}")],
        )
        for place, (key, name) in enumerate(NAMES.items())
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("habrour", "harbour"),  # two swapped
        ("harbur", "harbour"),  # one missing
        ("harrbour", "harbour"),  # one surplus
        ("harbaur gifts", "harbour"),  # one wrong, and a word that is right
        ("Zhaung", "zhuang"),
        ("Lukasz Kowalksi", "kowalski"),
        ("mignda", "mingda"),  # in the middle of what its pinyin is
        ("migda", "mingda"),
        ("yiwumigndalipin", "mingda"),
        ("zhangwieguo", "weiguo"),
        ("张为国", "weiguo"),
        ("章卫国", "weiguo"),
        ("张卫过", "weiguo"),
        ("明答礼品", "mingda"),
        ("義烏明答", "mingda"),
        ("明达礼平有限公司", "mingda"),
    ],
)
def test_one_slip_is_forgiven(named: dict[str, Customer], alice: User, typed: str, key: str) -> None:
    mine = Customer.objects.for_user(alice)
    assert named[key] not in mine.search(typed, by=alice)
    assert mine.similar(typed, by=alice, limit=5)[0] == named[key]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed",
    [
        "13800138009",
        "C-7",
        "8001380",
        "hrabuor",
        "habrour gfits",
        "明答利品",
        "张三",
        "ha",
        "",
        "zhangwieguo@mail",
        "4",
        "'",
        "张卫",
    ],
)
def test_two_slips_digits_and_short_words_are_not(
    named: dict[str, Customer], alice: User, typed: str
) -> None:
    assert Customer.objects.for_user(alice).similar(typed, by=alice, limit=5) == []


@pytest.mark.django_db
def test_nobody_elses_customer_is_similar(named: dict[str, Customer], bob: User, olga: User) -> None:
    assert Customer.objects.for_user(bob).similar("habrour", by=bob, limit=5) == []
    assert Customer.objects.for_user(olga).similar("habrour", by=olga, limit=5) == [named["harbour"]]


@pytest.mark.django_db
def test_among_the_first_lines_there_may_be_none_of_ones_own(
    monkeypatch: pytest.MonkeyPatch, alice: User, bob: User, now: datetime
) -> None:
    monkeypatch.setattr(NearFew, "most", 2)
    for number in range(4):
        register(by=None, now=now, name=f"Harbour {number}", owner=bob)
    own = register(by=None, now=now, name="Harbour Alice", owner=alice)
    assert Customer.objects.for_user(alice).similar("habrour", by=alice, limit=5) == [own]


@pytest.mark.django_db
def test_persons_are_found_and_addresses_are_not(
    named: dict[str, Customer], alice: User, now: datetime
) -> None:
    """An e-mail is how somebody is reached: a slip in it is another's, and not every role sees it."""
    contact = NewContact("Oliver Finchley", points=[("email", "secretary@harbour.example")])
    add_contact(named["harbour"], contact, by=None, now=now)
    mine = Customer.objects.for_user(alice)
    assert mine.similar("finhcley", by=alice, limit=5) == [named["harbour"]]
    assert mine.similar("secertary", by=alice, limit=5) == []


@pytest.mark.django_db
def test_both_databases_know_a_line_by_the_same_keys(named: dict[str, Customer]) -> None:
    """PostgreSQL makes them in a function of its own; a name that changes takes its keys along."""
    row = named["mingda"].search
    CustomerSearch.objects.filter(pk=row.pk).update(
        text=search_text(number="C-2", name="Zürich Löwen 北京明月")
    )
    row.refresh_from_db()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tsvector_to_array(grams) FROM customers_customersearch WHERE customer_id = %s",
                [row.pk],
            )
            made = {key[1:] for key in cursor.fetchone()[0] if key.startswith("~") and len(key) > 3}
        assert made == line_keys(row.text)
    assert [row] == list(CustomerSearch.objects.filter(text__near=near_question("zuirch")))
    assert not CustomerSearch.objects.filter(text__near=near_question("明答礼品")).exists()


def test_the_two_spellings_share_a_key() -> None:
    for slip in slips("harbour"):
        if len(slip) >= 4:
            assert shortened(slip) & shortened("harbour"), slip
    assert line_keys("\n1234\nharbour x1abc\n@\nsecretary\n") == shortened("harbour")
    assert line_keys("\n张卫国\n") == {"张?国"}


def test_what_the_index_names_is_looked_at() -> None:
    assert nearness("habrour", "\nharbour\n@\n") == 2
    assert nearness("mignda", "\nyiwumingdalipin\n@\n") == 1
    assert not nearness("harbour", "\nharbour\n@\n")  # that is no slip
    assert not nearness("harbuor", "\nhabrour\n@\n")  # these share a key, and are two apart
    assert not nearness("secertary", "\nx\n@\nsecretary\n")


def test_a_slip_in_pinyin_is_mended_where_it_can_be_read() -> None:
    assert pinyin_slips("mignda")[0] == "mingda"
    assert "zhuang" in pinyin_slips("zhaung")
    assert pinyin_slips("wnag") == ()
    assert all(len(pinyin_slips(word)) <= 24 for word in ("yiwumigndalipin", "aaaaaaaa", "shanghai"))
