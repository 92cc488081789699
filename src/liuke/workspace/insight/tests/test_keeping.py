"""Know, satisfy, keep, profit: four live figures, each opening its customers; and what was owed by an hour."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta

import numpy as np
import pytest
from django.test import Client

from liuke.customers.followups.actions import complete, dismiss, postpone
from liuke.customers.models import Customer, FollowUp
from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine
from liuke.customers.timeline.actions import complain, open_complaints, promise, resolve
from liuke.platform.models import User
from liuke.scores.judging.actions import score
from liuke.scores.models import ScoreRun
from liuke.scores.overview.rules import Stayed, month_of, who_stayed
from liuke.workspace.conftest import Add, Desk
from liuke.workspace.insight.tests.test_insight import counted, page_of, plain


@pytest.fixture
def kept(add: Add, alice: User, charlie: User, moment: datetime) -> ScoreRun:
    """Ann and Ben bought the year before, Ann still does; Cy is new; Dan is the other team's. Promises and complaints."""
    bought = {"Ann": (alice, 600, 570, 30, 5), "Ben": (alice, 600, 570, 540), "Cy": (alice, 60, 30, 5)}
    bought["Dan"] = (charlie, 600, 560, 20)
    for name, (owner, *days) in bought.items():
        customer = add(owner, name)
        for ago in days:
            at = moment - timedelta(days=ago)
            record_purchase(customer, number=f"{name}-{ago}", at=at, currency="CNY", lines=[NewLine(90_000)], by=None, now=at)  # fmt: skip
        _owed(customer.pk, owner, moment)
    return score(by=None, now=moment)


def _owed(pk: int, owner: User, moment: datetime) -> None:
    """One promise kept, one kept late, one put off, one dropped, one overdue, one open; a complaint answered, one not."""
    customer, then, due = Customer.objects.get(pk=pk), moment - timedelta(days=9), moment - timedelta(days=5)

    def word() -> FollowUp:
        return promise(customer, text="samples", due_at=due, by=owner, now=then)

    complete(word(), by=owner, now=due)
    complete(word(), by=owner, now=due + timedelta(days=1))
    put_off = word()
    postpone(put_off, until=due + timedelta(days=1), reason="no goods", by=owner, now=then)
    complete(put_off, by=owner, now=due)
    dismiss(word(), reason="no longer wanted", by=owner, now=then)
    word()
    complain(customer, text="broken", by=owner, now=moment - timedelta(days=3))
    resolve(open_complaints(customer)[0], text="sent anew", by=owner, now=moment - timedelta(days=3))
    complain(customer, text="late", by=owner, now=moment - timedelta(days=3))


def tiles(page: str) -> dict[str, tuple[str, str]]:
    found = re.findall(
        r'<a class="stat" href="([^"]+)"><span class="label">(.*?)</span>(.*?)</a>', page, re.S
    )
    return {label: (href, plain(rest)) for href, label, rest in found}


def cells(page: str) -> dict[str, int]:
    found = re.findall(r'<td class="figure"[^>]*><a[^>]*? href="(/customers/\?[^"]*)">(.*?)</a>', page)
    return {href: int(re.sub(r"\D", "", plain(text))) for href, text in found if "¥" not in text}


def test_sc01_know_satisfy_keep_and_profit_are_live_and_open_their_customers(
    desk: Desk, kept: ScoreRun, sue: User
) -> None:
    client, found = desk(sue), tiles(page_of(desk, sue, "keeping/"))
    assert {"Know: customer cards complete", "Sales less service"} <= found.keys()
    href, told = found["Satisfy: complaints answered in time"]
    assert told.startswith("100%")
    assert counted(client, href) == 3
    href, told = found["Keep: customers who stayed"]
    assert told == "50% 1 of the 2 who bought in the year before"
    assert counted(client, href) == 1


def test_sc01_each_sees_the_figures_of_his_own(desk: Desk, kept: ScoreRun, olga: User, charlie: User) -> None:
    for user, told in (
        (olga, "67% 2 of the 3 who bought in the year before"),
        (charlie, "100% 1 of the 1 who bought in the year before"),
    ):
        assert tiles(page_of(desk, user, "keeping/"))["Keep: customers who stayed"][1] == told


@pytest.mark.parametrize("username", ["alice", "sue", "olga"])
def test_rp01_complaints_promises_and_grades_count_the_customers_behind_them(
    desk: Desk, kept: ScoreRun, alice: User, sue: User, olga: User, username: str
) -> None:
    user = {"alice": alice, "sue": sue, "olga": olga}[username]
    client: Client = desk(user)
    counts = cells(page_of(desk, user, "keeping/"))
    assert len(counts) == 12 + 4
    for href, told in counts.items():
        assert counted(client, href) == told, html.unescape(href)
    everybody = 4 if username == "olga" else 3
    promises = {asked: counts[f"/customers/?{asked}=promise&amp;sort=-value"] for asked in ASKED}
    assert promises == dict.fromkeys(ASKED, everybody)


ASKED = ("todo", "overdue", "in_time", "too_late")


def test_a_customer_with_two_matters_is_one_customer_and_both_matters_are_told(
    desk: Desk, kept: ScoreRun, olga: User
) -> None:
    assert "5 matters" not in plain(page_of(desk, olga, "keeping/"))
    first = FollowUp.objects.open().filter(kind="promise").earliest("pk")
    first.pk = None
    first.save()
    counts, page = cells(page_of(desk, olga, "keeping/")), page_of(desk, olga, "keeping/")
    assert counts["/customers/?todo=promise&amp;sort=-value"] == 4
    assert plain(page).count("5 matters") == 2, "of those to be done, all are overdue"


def test_rp01_the_forecast_opens_those_of_whom_something_is_expected(
    desk: Desk, kept: ScoreRun, sue: User
) -> None:
    href, told = tiles(page_of(desk, sue, "keeping/"))["Expected sales"]
    assert "¥" in told
    assert counted(desk(sue), href) == 3


def test_without_a_file_of_the_night_the_rest_is_told(
    desk: Desk, kept: ScoreRun, sue: User, settings: object
) -> None:
    ScoreRun.objects.update(folder="")
    found = tiles(page_of(desk, sue, "keeping/"))
    assert "Expected sales" not in found
    assert "Know: customer cards complete" in found


def test_whoever_bought_in_the_year_before_and_since_has_stayed() -> None:
    last = month_of(2026, 6)
    rows = [(1, last - 23), (1, last), (2, last - 12), (3, last - 24), (3, last), (4, last - 11), (5, last - 20), (5, last + 1)]  # fmt: skip
    customers, months = (np.array(column) for column in zip(*rows, strict=True))
    assert who_stayed(customers, months, until=last) == Stayed(before=3, stayed=2, since=last - 11)
    assert who_stayed(np.array([]), np.array([]), until=last).share is None
