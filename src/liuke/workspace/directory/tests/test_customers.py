"""The list: whose rows, in which order, what each filter leaves, what the figures say."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from liuke.customers.models import Customer
from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine
from liuke.customers.records.actions import register
from liuke.customers.timeline.actions import log_contact
from liuke.platform.models import SavedView, User
from liuke.workspace.conftest import Add, Desk, Judge

Shown = Callable[..., list[str]]


def names(page: str) -> list[str]:
    return re.findall(r'<td class="name"><a href="/customers/\d+/">([^<]+)</a>', page)


def shown(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"/customers/?{query}")
    assert answer.status_code == 200, answer.content.decode()
    return names(answer.content.decode())


@pytest.fixture
def shelf(add: Add, judge: Judge, alice: User, bob: User, charlie: User) -> dict[str, Customer]:
    """Four customers of Alice's, one of Bob's, one of the other team."""
    seen = {
        "Platinum Ltd": (alice, {"grade": "platinum", "band": "high", "risk": 90, "value_at_risk_minor": 900}),
        "Gold Ltd": (alice, {"grade": "gold", "band": "watch", "risk": 50, "moved": "fell", "grade_before": "platinum"}),
        "Iron Ltd": (alice, {"grade": "iron", "band": "low", "about_now": True, "moved": "rose", "grade_before": "lead"}),
        "Blank Ltd": (alice, {}),
        "Bob's": (bob, {"grade": "lead", "band": "high", "risk": 75, "value_at_risk_minor": 500}),
        "Other team's": (charlie, {"grade": "gold", "band": "high", "risk": 80, "value_at_risk_minor": 700}),
    }  # fmt: skip
    made = {}
    for place, (name, (owner, held)) in enumerate(seen.items()):
        made[name] = add(owner, name)
        judge(made[name], value_12m_minor=1000 - 100 * place, **held)
    return made


def test_pl02_each_sees_his_own(
    desk: Desk, shelf: dict[str, Customer], alice: User, sue: User, olga: User
) -> None:
    assert shown(desk(alice)) == ["Platinum Ltd", "Gold Ltd", "Iron Ltd", "Blank Ltd"]
    assert shown(desk(sue)) == ["Platinum Ltd", "Gold Ltd", "Iron Ltd", "Blank Ltd", "Bob&#x27;s"]
    assert len(shown(desk(olga))) == 6


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("grade=platinum", ["Platinum Ltd"]),
        ("grade=platinum&grade=gold", ["Platinum Ltd", "Gold Ltd"]),
        ("grade=none", ["Blank Ltd"]),
        ("band=high&sort=-at_risk", ["Platinum Ltd", "Bob&#x27;s"]),
        ("moved=rose", ["Iron Ltd"]),
        ("moved=fell", ["Gold Ltd"]),
        ("about_now=1", ["Iron Ltd"]),
        ("owner=me", []),
        ("grade=gold&band=high", []),
        ("stage=lost", []),
        (
            "last_contact.empty=1&sort=name",
            ["Blank Ltd", "Bob&#x27;s", "Gold Ltd", "Iron Ltd", "Platinum Ltd"],
        ),
        ("sort=value", ["Bob&#x27;s", "Blank Ltd", "Iron Ltd", "Gold Ltd", "Platinum Ltd"]),
        ("q=gold", ["Gold Ltd"]),
        ("grade=&band=&q=", ["Platinum Ltd", "Gold Ltd", "Iron Ltd", "Blank Ltd", "Bob&#x27;s"]),
    ],
)
def test_a_facet_leaves_the_right_rows(
    desk: Desk, shelf: dict[str, Customer], sue: User, query: str, left: list[str]
) -> None:
    assert shown(desk(sue), query) == left


def test_the_facet_of_an_owner_and_of_nobody(
    desk: Desk, add: Add, shelf: dict[str, Customer], bob: User, sue: User, olga: User, moment: datetime
) -> None:
    register(by=None, now=moment, name="Nobody's", team=sue.team)
    assert shown(desk(sue), f"owner={bob.pk}") == ["Bob&#x27;s"]
    assert shown(desk(sue), "owner=none") == ["Nobody&#x27;s"]


def test_the_facet_of_the_last_contact(
    desk: Desk, shelf: dict[str, Customer], alice: User, moment: datetime
) -> None:
    for name, days in (("Gold Ltd", 3), ("Iron Ltd", 45)):
        at = moment - timedelta(days=days)
        log_contact(shelf[name], channel="phone", outcome="reached", by=alice, now=moment, at=at)
    client = desk(alice)
    assert shown(client, "last_contact.within_days=7") == ["Gold Ltd"]
    assert shown(client, "last_contact.over_days=30") == ["Iron Ltd"]


@pytest.mark.parametrize(
    "query", ["grade=diamond", "colour=red", "sort=owner__password", "band.has=x", "columns=x"]
)
def test_what_the_list_cannot_be_asked_is_refused_not_passed_over(
    desk: Desk, shelf: dict[str, Customer], alice: User, query: str
) -> None:
    answer = desk(alice).get(f"/customers/?{query}")
    assert answer.status_code == 400
    assert "Platinum Ltd" not in answer.content.decode()


def test_pages_follow_one_another_without_a_gap(desk: Desk, add: Add, judge: Judge, alice: User) -> None:
    for place in range(120):
        judge(add(alice, f"N {place:03d}"), value_12m_minor=place // 3)  # ties too
    client, seen, path = desk(alice), [], "/customers/"
    for _ in range(5):
        page = client.get(path).content.decode()
        seen += names(page)
        further = re.search(r'href="([^"]*after=[^"]+)"', page)
        if not further:
            break
        path = "/customers/" + further[1].replace("&amp;", "&")
    assert len(seen) == 120
    assert len(set(seen)) == 120


def test_before_the_first_judgement_it_is_a_plain_list(desk: Desk, add: Add, alice: User) -> None:
    add(alice, "Zoe")
    add(alice, "Ann")
    assert shown(desk(alice)) == ["Ann", "Zoe"]
    assert desk(alice).get("/customers/?band=high").status_code == 400


def test_who_is_not_judged_has_no_figures_and_not_naught(
    desk: Desk, add: Add, judge: Judge, alice: User
) -> None:
    judge(add(alice, "Paid in yen"))
    judge(add(alice, "Paid nothing lately"), band="lost", value_12m_minor=0)
    page = desk(alice).get("/customers/").content.decode()
    rows = {name: row for row in page.split("<tr data-row")[1:] for name in names("<tr data-row" + row)}
    assert "¥" not in rows["Paid in yen"]
    assert "¥0" in rows["Paid nothing lately"]


def test_who_is_added_after_the_judgement_is_in_the_list(
    desk: Desk, shelf: dict[str, Customer], add: Add, alice: User
) -> None:
    add(alice, "New today")
    assert "New today" in shown(desk(alice))


def test_sc07_the_filter_by_scope_gives_one_of_each(desk: Desk, add: Add, alice: User) -> None:
    for scope in ("consumer", "b2b", "channel", "internal"):
        add(alice, f"A {scope}", scope=scope)
    for scope in ("consumer", "b2b", "channel", "internal"):
        assert shown(desk(alice), f"scope={scope}") == [f"A {scope}"]


def test_an_empty_list_says_how_it_is_filled(desk: Desk, sue: User, alice: User) -> None:
    assert "No customers yet" in desk(sue).get("/customers/").content.decode()
    assert "Nobody matches" in desk(alice).get("/customers/?q=zzz").content.decode()


# --- saved views ---


def test_a_view_is_kept_under_a_name_and_is_a_tab(
    desk: Desk, shelf: dict[str, Customer], alice: User
) -> None:
    client = desk(alice)
    client.post("/customers/views/?grade=gold&sort=name", {"name": "Golden"})
    page = client.get("/customers/").content.decode()
    assert "Golden" in page
    assert "grade=gold" in page
    view = SavedView.objects.get()
    assert client.post(f"/customers/views/{view.pk}/removal/")["Location"] == "/customers/"
    assert not SavedView.objects.exists()


def test_a_view_is_ones_own_unless_a_leader_shares_it(
    desk: Desk, shelf: dict[str, Customer], alice: User, bob: User, sue: User
) -> None:
    desk(alice).post(
        "/customers/views/?grade=gold", {"name": "Of Alice", "shared": "on"}
    )  # she may not share
    desk(sue).post("/customers/views/?grade=iron", {"name": "Of all", "shared": "on"})
    page = desk(bob).get("/customers/").content.decode()
    assert "Of all" in page
    assert "Of Alice" not in page
    view = SavedView.objects.get(name="Of Alice")
    assert desk(bob).post(f"/customers/views/{view.pk}/removal/").status_code == 404


def test_a_view_without_a_name_or_twice_says_so(desk: Desk, shelf: dict[str, Customer], alice: User) -> None:
    client = desk(alice)
    assert client.post("/customers/views/?grade=gold", {"name": ""}).status_code == 422
    assert client.post("/customers/views/?colour=red", {"name": "Red"}).status_code == 422
    assert SavedView.objects.count() == 0


@pytest.mark.parametrize(
    ("language", "grades"),
    [
        ("zh-hans", ["白金", "黄金", "铁", "铅"]),
        ("zh-hant", ["白金", "黃金", "鐵", "鉛"]),
        ("en", ["Platinum", "Gold", "Iron", "Lead"]),
    ],
)
def test_sc11_switched_the_grades_read_in_each_language(
    desk: Desk,
    shelf: dict[str, Customer],
    add: Add,
    judge: Judge,
    alice: User,
    language: str,
    grades: list[str],
) -> None:
    judge(add(alice, "Lead Ltd"), grade="lead", band="low")
    client = desk(alice)
    client.post("/language/", {"language": language, "next": "/customers/"})
    page = client.get("/customers/").content.decode()
    badges = set(re.findall(r'class="grade[^"]*"[^>]*>([^<]+)<', page))
    assert badges == set(grades)


# --- what stands under and above the rows ---


def test_a_filter_that_no_menu_shows_is_told_and_taken_away(
    desk: Desk, shelf: dict[str, Customer], sue: User
) -> None:
    page = desk(sue).get("/customers/?value.least=900&about_now=0&grade=gold").content.decode()
    told = {text.strip(): href for href, text in re.findall(r'<a class="chip" href="([^"]+)">([^<]+)', page)}
    assert told == {
        "Sales, last 12 months: CN¥9 or more": "/customers/?about_now=0&amp;grade=gold",
        "not: About to order": "/customers/?value.least=900&amp;grade=gold",
    }


def test_who_ordered_within_some_days_is_listed_once(
    desk: Desk, shelf: dict[str, Customer], alice: User, moment: datetime
) -> None:
    for name, ago in (("Gold Ltd", [9, 8, 7]), ("Iron Ltd", [20, 2]), ("Platinum Ltd", [8])):
        for day in ago:
            at = moment - timedelta(days=day)
            record_purchase(
                shelf[name], number=f"{name}{day}", at=at, currency="CNY", lines=[NewLine(5_000)], by=None, now=at
            )  # fmt: skip
    since, until = ((timezone.localdate() - timedelta(days=days)).isoformat() for days in (10, 6))
    asked = f"bought.since={since}&bought.until={until}&sort=name"
    assert shown(desk(alice), asked) == ["Gold Ltd", "Platinum Ltd"]  # Iron's 20 and 2 days ago lie around it


def test_under_its_head_a_risk_is_one_word_and_the_name_has_room(
    desk: Desk, shelf: dict[str, Customer], alice: User
) -> None:
    page = desk(alice).get("/customers/?band=high").content.decode()
    assert re.findall(r'<td class="named" data-label="Churn risk"><span [^>]*>([^<]+)<', page) == ["High"]
