"""The questions that contact managers are asked, typed into the one box and answered within one's own rows."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from liuke.catalog.products.rules import NewProduct
from liuke.customers.followups.actions import ask
from liuke.customers.models import Customer, FollowUp
from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine
from liuke.customers.records.actions import add_contact, add_point
from liuke.customers.records.rules import NewContact
from liuke.customers.timeline.actions import log_contact
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk

HTMX = {"HX-Request": "true"}
BUYER = NewContact(
    "王采莲", "采购经理", ["purchasing"], points=[("mobile", "13900139000"), ("email", "wang@mingda.example")]
)
CLERK = NewContact("李会", "会计", ["payment"], department="财务部", office="3号楼 402")


@pytest.fixture
def mingda(add: Add, alice: User, moment: datetime) -> Customer:
    customer = add(
        alice,
        "义乌明达礼品有限公司",
        phone="13800138000",
        number="C-778",
        city="义乌",
        address="稠州北路 8 号",
    )
    add_point(customer, kind="email", value="office@mingda.example", by=alice, now=moment)
    add_contact(customer, BUYER, by=alice, now=moment)
    add_contact(customer, CLERK, by=alice, now=moment)
    return customer


def asked(desk: Desk, user: User, text: str) -> str:
    return desk(user).get("/search/", {"q": text}, headers=HTMX).content.decode()


def copies(page: str, value: str) -> bool:
    return f'data-copy="{value}"' in page


@pytest.mark.parametrize(
    "typed", ["明达的邮箱", "明達的電子郵箱是什麼？", "what is mingda's e-mail address?", "ywmdlp email"]
)
def test_cq01_the_e_mail_with_copy(desk: Desk, alice: User, mingda: Customer, typed: str) -> None:
    page = asked(desk, alice, typed)
    assert copies(page, "office@mingda.example")
    assert page.index("office@") < page.index("wang@")  # the firm's own before its people's
    whole = desk(alice).get("/search/", {"q": typed}).content.decode()
    assert 'href="mailto:office@mingda.example"' in whole


def test_after_the_answer_come_the_customers_who_are_meant(desk: Desk, alice: User, mingda: Customer) -> None:
    page = asked(desk, alice, "明达的邮箱")
    assert page.index("office@mingda.example") < page.rindex(f'href="/customers/{mingda.pk}/"')
    assert "C-778" in page


@pytest.mark.parametrize("typed", ["明达的联系人", "who is our contact at mingda"])
def test_cq02_the_contact_persons_first_the_primary(
    desk: Desk, alice: User, mingda: Customer, typed: str
) -> None:
    page = asked(desk, alice, typed)
    assert page.index("王采莲") < page.index("李会")
    assert copies(page, "13900139000")


@pytest.mark.parametrize(
    "typed",
    [
        "谁是明达公司的采购代理",
        "誰是明達公司的採購代理",
        "明达 purchasing",
        "Who is the purchasing agent at mingda?",
    ],
)
def test_cq03_the_purchasing_agent_and_his_telephone(
    desk: Desk, alice: User, mingda: Customer, typed: str
) -> None:
    page = asked(desk, alice, typed)
    assert "王采莲" in page
    assert copies(page, "13900139000")
    assert "李会" not in page


@pytest.mark.parametrize(
    "typed", ["明达 应付账款在哪个办公室", "in which office is accounts payable of mingda?"]
)
def test_cq04_the_office_of_accounts_payable(desk: Desk, alice: User, mingda: Customer, typed: str) -> None:
    page = asked(desk, alice, typed)
    assert "财务部" in page
    assert copies(page, "3号楼 402")


def test_cq04_a_department_is_known_by_its_name_too(
    desk: Desk, alice: User, add: Add, moment: datetime
) -> None:
    finch = add(alice, "Finch")
    add_contact(finch, NewContact("Ann", department="Finance", office="Room 9"), by=alice, now=moment)
    assert copies(asked(desk, alice, "finch accounts payable office"), "Room 9")


def test_cq05_who_bought_a_product_lately(desk: Desk, alice: User, add: Add, moment: datetime) -> None:
    """As far as purchases tell; the promotion itself waits for campaigns."""
    for name, days in (("Finch", 20), ("Heron", 800)):
        line = NewLine(2900, 1000, NewProduct("CT-101", "手绘马克杯"))
        record_purchase(
            add(alice, name),
            number=name,
            at=moment - timedelta(days=days),
            currency="CNY",
            lines=[line],
            by=None,
            now=moment,
        )
    for typed in ("谁买过马克杯", "最近買馬克杯的客戶", "customers who bought ct-101"):
        page = asked(desk, alice, typed)
        assert "Finch" in page
        assert "Heron" not in page  # more than a year ago


@pytest.mark.parametrize("typed", ["下一个电话", "下一個電話", "when is my next call?"])
def test_cq06_the_next_call_with_time_and_customer(
    desk: Desk, alice: User, mingda: Customer, add: Add, moment: datetime, typed: str
) -> None:
    for customer, days in ((add(alice, "Later"), 9), (mingda, 2), (add(alice, "Overdue"), -3)):
        due = moment + timedelta(days=days)
        ask(
            customer,
            kind="task",
            assignee=alice,
            due_at=due,
            title="报价",
            source="person",
            by=alice,
            now=moment,
        )
    page = asked(desk, alice, typed)
    assert "义乌明达" in page
    assert f'datetime="{(moment + timedelta(days=2)).isoformat()}"' in page
    assert "Later" not in page
    assert "Overdue" not in page
    FollowUp.objects.filter(due_at__gt=moment).delete()
    assert "Overdue · 报价" in asked(
        desk, alice, typed
    )  # nothing is planned: the answer says which kind it is


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("上次什么时候联系明达", ["Phone", "Visit"]),
        ("when did i last call mingda?", ["Phone"]),
        ("上次拜訪明達", ["Visit"]),
    ],
)
def test_cq07_when_it_was_last_by_its_kind(
    desk: Desk, alice: User, mingda: Customer, moment: datetime, typed: str, said: list[str]
) -> None:
    for channel, days in (("phone", 3), ("phone", 30), ("visit", 40)):
        at = moment - timedelta(days=days)
        log_contact(mingda, channel=channel, outcome="reached", at=at, by=alice, now=moment)
    page = asked(desk, alice, typed)
    assert [name for name in ("Phone", "Visit") if f"<b>{name}</b>" in page] == said
    first = moment - timedelta(days=3 if "Phone" in said else 40)
    assert f'datetime="{first.isoformat()}"' in page


def test_cq07_of_several_of_one_name_each_has_a_line_the_last_contact_first(
    desk: Desk, alice: User, add: Add, moment: datetime
) -> None:
    for name, days in (("Harbour A", 700), ("Harbour B", 9), ("Harbour C", 2), ("Harbour D", 0)):
        customer = add(alice, name)
        for channel in ("email", "visit") if days else ():
            at = moment - timedelta(days=days)
            log_contact(customer, channel=channel, outcome="reached", at=at, by=alice, now=moment)
    page = asked(desk, alice, "last contact harbour")
    assert re.findall("Harbour .", page) == ["Harbour C", "Harbour B", "Harbour A"]
    assert "1 more customer of that name" in page
    assert 'href="/customers/?q=harbour"' in page
    own = asked(desk, alice, "last contact harbour b")  # who is called just that is meant
    assert set(re.findall("Harbour .", own)) == {"Harbour B"}
    assert "of that name" not in own


def test_of_many_of_one_name_the_busiest_are_told_and_how_many_are_left(
    desk: Desk, alice: User, add: Add, moment: datetime
) -> None:
    for place in range(6):
        customer = add(alice, f"Harbour {place}")
        add_point(customer, kind="email", value=f"no{place}@harbour.example", by=alice, now=moment)
        if place > 3:
            log_contact(customer, channel="phone", outcome="reached", by=alice, now=moment)
    page = asked(desk, alice, "harbour e-mail")
    assert {"no4@harbour.example", "no5@harbour.example"} < set(re.findall('data-copy=.([^"]+)', page))
    assert "3 more customers of that name" in page


def test_cq07_a_call_stands_on_the_card_at_once(
    desk: Desk, alice: User, mingda: Customer, moment: datetime
) -> None:
    client = desk(alice)
    spoke = {"channel": "phone", "direction": "out", "outcome": "reached"}
    client.post(f"/customers/{mingda.pk}/contacts-log/", spoke)
    page = client.get(f"/customers/{mingda.pk}/").content.decode()
    last = page[page.index("Last contact</dt>") :][:300]
    assert '<span class="muted">Phone</span> <time datetime="' in last
    assert "today" in last


def test_what_is_not_known_is_said_and_leads_to_the_card(desk: Desk, alice: User, add: Add) -> None:
    finch = add(alice, "Finch")
    page = asked(desk, alice, "finch wechat")
    assert "Nothing of the kind is noted" in page
    assert f'href="/customers/{finch.pk}/"' in page
    assert "data-copy" not in page


def test_pl02_nobody_is_told_of_anybody_elses_customer(desk: Desk, mingda: Customer, charlie: User) -> None:
    for typed in (
        "明达的邮箱",
        "谁是明达的采购代理",
        "明达 应付账款在哪个办公室",
        "上次什么时候联系明达",
        "明达的地址",
        "下次联系明达",
    ):
        page = asked(desk, charlie, typed)
        for secret in ("mingda.example", "13900139000", "402", "稠州", "data-copy", "明达礼品"):
            assert secret not in page, typed


@pytest.mark.parametrize(
    "typed", ["谁是明达财务部采购的电话", "明达 应付账款在哪个办公室", "谁买过明达的邮箱", "上次联系明达"]
)
def test_an_answer_takes_ten_statements_at_most(
    desk: Desk, alice: User, mingda: Customer, typed: str
) -> None:
    client = desk(alice)
    client.get("/search/", {"q": typed})
    with CaptureQueriesContext(connection) as captured:
        client.get("/search/", {"q": typed})
    assert len(captured) <= 10, [one["sql"] for one in captured]


def test_cq06_without_a_plan_it_says_so(desk: Desk, alice: User) -> None:
    assert "No next contact is planned" in asked(desk, alice, "下一个电话")


@pytest.mark.parametrize("typed", ["上次联系", "最近联系过谁", "who did I last talk to?"])
def test_cq07_without_a_name_it_is_whom_one_spoke_to_last(
    desk: Desk, add: Add, alice: User, bob: User, moment: datetime, typed: str
) -> None:
    for owner, name, days in ((alice, "Old", 9), (alice, "New", 1), (bob, "Foreign", 0)):
        customer = add(owner, name)
        log_contact(
            customer,
            channel="phone",
            outcome="reached",
            at=moment - timedelta(days=days),
            by=owner,
            now=moment,
        )
    page = asked(desk, alice, typed)
    assert page.index("New") < page.index("Old")
    assert "Foreign" not in page


@pytest.mark.parametrize("typed", ["谁买了", "最近谁买了？", "who bought?"])
def test_cq05_without_a_product_it_is_who_bought_last(
    desk: Desk, add: Add, alice: User, bob: User, moment: datetime, typed: str
) -> None:
    for owner, name, days in ((alice, "Old", 9), (alice, "New", 1), (bob, "Foreign", 0)):
        record_purchase(
            add(owner, name), number=name, at=moment - timedelta(days=days), currency="CNY",
            lines=[NewLine(2900, 1000, NewProduct("CT-101", "杯"))], by=None, now=moment,
        )  # fmt: skip
    add(alice, "Never")
    page = asked(desk, alice, typed)
    assert page.index("New") < page.index("Old")
    assert "Foreign" not in page
    assert "Never" not in page
