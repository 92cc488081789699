"""One ranked list: whose, in what order, under which tabs; and what it says when it is empty."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from liuke.customers.followups.actions import ask, complete
from liuke.customers.models import Customer, Fact, FollowUp
from liuke.customers.timeline.actions import complain, resolve
from liuke.platform.jobs.actions import enqueue
from liuke.platform.models import Role, Team, User
from liuke.scores.models import ScoreRun
from liuke.workspace.conftest import Add, Desk, Judge


def todo(customer: Customer, who: User | None, at: datetime, **more: object) -> FollowUp:
    given = {"kind": "risk", "weight_minor": 100_00, "due_at": at, "source": "scores.risk"} | more
    return ask(customer, assignee=who, by=None, now=at, **given)  # type: ignore[arg-type]


def rows(page: str) -> list[str]:
    """The names on the list, from the top."""
    return re.findall(r'<div class="who"><a href[^>]*><b>([^<]+)</b>', page)


def text_of(client: Client, path: str = "/") -> str:
    return client.get(path).content.decode()


def test_the_most_money_first_and_a_broken_promise_before_all(
    desk: Desk, add: Add, judge: Judge, alice: User, moment: datetime
) -> None:
    for name, minor in (("Small", 10_00), ("Great", 900_00), ("Middle", 300_00)):
        customer = add(alice, name)
        judge(customer, band="high", risk=80)
        todo(customer, alice, moment, weight_minor=minor)
    late = moment - timedelta(hours=3)
    todo(add(alice, "Promised"), alice, late, kind="promise", title="Send the price", weight_minor=0)
    assert rows(text_of(desk(alice))) == ["Promised", "Great", "Middle", "Small"]


def test_a_row_tells_the_reasons_the_money_and_what_helps(
    desk: Desk, add: Add, judge: Judge, alice: User, moment: datetime
) -> None:
    customer = add(alice, "Ann")
    reasons = [{"code": "gap", "days": 84, "usual": 31, "percentile": 99}]
    judge(customer, band="high", risk=91, grade="gold", reasons=reasons)
    todo(customer, alice, moment, reasons=reasons, weight_minor=186_400_00)
    page = text_of(desk(alice))
    assert "84" in page
    assert "31" in page
    assert "¥186,400" in page
    assert "Gold" in page
    assert "churn risk 91 of 100" in page


def test_money_that_rounds_to_nothing_is_not_told(
    desk: Desk, add: Add, judge: Judge, alice: User, moment: datetime
) -> None:
    for name, minor in (("Penny", 49), ("Coin", 51)):
        customer = add(alice, name)
        judge(customer, band="low")
        todo(customer, alice, moment, kind="rhythm", weight_minor=minor)
    page = text_of(desk(alice))
    assert "¥0" not in re.sub(r"<[^>]+>", "", page.partition('class="row"')[2])
    assert "¥1" in page


def test_a_reminder_asked_for_ahead_is_not_overdue_before_its_day(
    desk: Desk, add: Add, alice: User, moment: datetime
) -> None:
    reasons = [{"code": "occasion", "named": "birthday", "whose": "Ann", "on": "2026-03-09"}]
    early = moment - timedelta(days=3)
    given = {"kind": "task", "weight_minor": 0, "reasons": reasons, "late_at": moment + timedelta(days=4)}
    todo(add(alice, "Ann"), alice, early, **given)
    assert rows(text_of(desk(alice), "/?show=overdue")) == []
    assert "birthday of Ann" in text_of(desk(alice))
    FollowUp.objects.update(late_at=moment - timedelta(minutes=1))
    assert rows(text_of(desk(alice), "/?show=overdue")) == ["Ann"]


def test_pl02_a_salesperson_has_his_own_a_supervisor_his_teams_by_person(
    desk: Desk, add: Add, alice: User, bob: User, charlie: User, sue: User, moment: datetime
) -> None:
    for who in (alice, bob, charlie):
        todo(add(who, f"Of {who.username}"), who, moment)
    assert rows(text_of(desk(alice))) == ["Of alice"]
    assert sorted(rows(text_of(desk(sue)))) == ["Of alice", "Of bob"]
    assert rows(text_of(desk(sue), f"/?person={bob.pk}")) == ["Of bob"]
    assert rows(text_of(desk(sue), f"/?person={charlie.pk}")) == []
    assert rows(text_of(desk(sue), "/?who=me")) == []
    assert rows(text_of(desk(alice), f"/?person={bob.pk}")) == ["Of alice"]  # nobody else's shoes


def test_the_tabs_count_their_kinds_and_show_them(
    desk: Desk, add: Add, alice: User, moment: datetime
) -> None:
    for name, kind in (("A", "risk"), ("B", "risk"), ("C", "rhythm"), ("D", "task")):
        todo(add(alice, name), alice, moment, kind=kind, title="Call")
    client = desk(alice)
    assert sorted(rows(text_of(client, "/?kind=risk"))) == ["A", "B"]
    assert rows(text_of(client, "/?kind=rhythm")) == ["C"]
    assert len(rows(text_of(client, "/?kind=nonsense"))) == 4
    assert "Nothing of this kind today" in text_of(client, "/?kind=promise")


def test_what_is_due_later_waits(desk: Desk, add: Add, alice: User, moment: datetime) -> None:
    todo(add(alice, "Later"), alice, moment + timedelta(days=2))
    assert rows(text_of(desk(alice))) == []


def test_pl11_what_is_overdue_is_red(desk: Desk, add: Add, alice: User, moment: datetime) -> None:
    todo(add(alice, "Late"), alice, moment - timedelta(days=2), kind="task", title="Call back")
    page = text_of(desk(alice))
    assert '<time class="tag danger"' in page


def test_an_open_complaint_stands_on_the_row_until_it_is_answered(
    desk: Desk, add: Add, alice: User, moment: datetime
) -> None:
    customer = add(alice, "Ann")
    todo(customer, alice, moment)
    complaint = complain(customer, text="Two cups broken", by=alice, now=moment)
    assert "Complaint open" in text_of(desk(alice))
    resolve(complaint, text="Sent new ones", by=alice, now=moment)
    assert "Complaint open" not in text_of(desk(alice))


def test_an_empty_list_says_how_it_is_filled(desk: Desk, sue: User, alice: User) -> None:
    assert 'href="/imports/"' in text_of(desk(sue))
    assert 'href="/imports/"' not in text_of(desk(alice))  # who may not import is not sent there
    assert "Nothing to do yet" in text_of(desk(alice))


def test_while_the_judgement_is_under_way_it_says_so_and_asks_again(
    desk: Desk, sue: User, moment: datetime
) -> None:
    enqueue("scores.nightly", {}, by=None, now=moment)
    page = text_of(desk(sue))
    assert "being worked out" in page
    assert "every 2s" in page


def test_when_all_is_done_it_does_not_offer_an_import(desk: Desk, sue: User, run: ScoreRun) -> None:
    page = text_of(desk(sue))
    assert "All done for today" in page
    assert "every 2s" not in page


def test_the_money_slipping_away_is_that_of_ones_own_customers(
    desk: Desk, add: Add, judge: Judge, alice: User, bob: User, sue: User
) -> None:
    for who, minor in ((alice, 1_000_00), (bob, 2_000_00)):
        judge(add(who, f"Of {who.username}"), band="high", risk=90, value_at_risk_minor=minor)
    assert "¥1,000" in text_of(desk(alice))
    assert "¥2,000" not in text_of(desk(alice))
    assert "¥3,000" in text_of(desk(sue))
    assert "¥2,000" not in text_of(desk(sue), "/?who=me")


def test_who_has_no_customers_is_not_told_that_nothing_is_at_risk(
    desk: Desk, add: Add, judge: Judge, alice: User, bob: User, run: ScoreRun
) -> None:
    judge(add(alice, "Calm"), band="low")
    assert "Money at risk (" in text_of(desk(alice))
    assert "Money at risk (" not in text_of(desk(bob))


@pytest.mark.parametrize("path", ["/?person=²", "/?person=99999999999999999999", "/?kind=%00"])
def test_an_odd_address_is_the_plain_list(desk: Desk, sue: User, path: str) -> None:
    assert desk(sue).get(path).status_code == 200


def test_the_tiles_open_what_they_count(desk: Desk, add: Add, alice: User, moment: datetime) -> None:
    late = moment - timedelta(hours=3)
    todo(add(alice, "Promised"), alice, late, kind="promise", title="Send the price")
    todo(add(alice, "Planned"), alice, late, kind="task", title="Call back")
    todo(add(alice, "Suggested"), alice, late)
    complete(todo(add(alice, "Finished"), alice, late), by=alice, now=moment)
    complete(todo(add(alice, "Old"), alice, late), by=alice, now=moment - timedelta(days=3))
    page = desk(alice)
    assert 'class="stats strip"' in text_of(page)  # one line on a phone: the list is what one comes for
    assert sorted(rows(text_of(page, "/?show=overdue"))) == ["Planned", "Promised"]
    assert rows(text_of(page, "/?show=done")) == ["Finished"]
    assert "completion" not in text_of(page, "/?show=done").split('class="rows"')[1]
    assert len(rows(text_of(page))) == 3


def counted(page: str) -> tuple[str, dict[str, int]]:
    """The headline and the tabs with their counts, as they are read."""
    lead = re.sub(r"<[^>]+>", "", re.search(r'<p id="today-lead">(.*?)</p>', page, re.S)[1])  # type: ignore[index]
    tabs = re.search(r'<nav class="tabs".*?</nav>', page, re.S)[0]  # type: ignore[index]
    found = re.findall(r"<a [^>]*>([^<]+?) ?<span[^>]*>(?:<[^>]+>)?(\d+)", tabs)
    return lead.split(" · ", 1)[1], {name.strip(): int(n) for name, n in found}


def test_headline_and_tabs_count_what_is_shown(
    desk: Desk, add: Add, alice: User, bob: User, sue: User, moment: datetime
) -> None:
    late = moment - timedelta(hours=3)
    for who, kind in ((alice, "promise"), (alice, "task"), (bob, "task"), (bob, "risk")):
        todo(add(who, f"{kind} of {who.username}"), who, late, kind=kind, title="Call", weight_minor=0)
    complete(todo(add(alice, "Finished"), alice, late), by=alice, now=moment)
    client = desk(sue)
    assert counted(text_of(client))[1] == {"All": 4, "Promises": 1, "Churn risk": 1, "Follow-ups": 2}
    page = text_of(client, "/?show=overdue")
    assert counted(page) == ("3 of 4 overdue", {"All": 3, "Promises": 1, "Follow-ups": 2})
    assert re.search(
        r'<a class="facet" href="\?" role="checkbox" aria-checked="true">', page
    )  # and the way out
    assert len(rows(text_of(client, "/?show=overdue&kind=task"))) == 2
    assert counted(text_of(client, "/?show=done")) == ("1 done today", {"All": 1, "Churn risk": 1})
    assert 'href="?who=me&amp;show=overdue"' in text_of(
        client, "/?who=me"
    )  # a tile stays with whose list it is


def test_the_headline_is_told_anew_with_the_list(desk: Desk, add: Add, alice: User, moment: datetime) -> None:
    todo(add(alice, "Ann"), alice, moment)
    page = text_of(desk(alice))
    assert 'id="today-lead"' in page
    assert 'hx-select-oob="#today-lead"' in page


def test_a_complaint_of_last_year_is_still_open(desk: Desk, add: Add, alice: User, moment: datetime) -> None:
    customer = add(alice, "Ann")
    complain(customer, text="broken", by=None, now=moment - timedelta(days=400))
    todo(customer, alice, moment)
    assert "Complaint open" in text_of(desk(alice))


def test_cq06_the_next_call_stands_above_with_its_time_and_customer(
    desk: Desk, add: Add, alice: User, moment: datetime, run: ScoreRun
) -> None:
    client = desk(alice)
    assert "Next call" not in client.get("/").content.decode()
    for name, days in (("Later", 9), ("Finch", 2), ("Overdue", -3)):
        due_at = moment + timedelta(days=days)
        ask(
            add(alice, name),
            kind="task",
            assignee=alice,
            due_at=due_at,
            source="person",
            by=alice,
            now=moment,
        )
    page = client.get("/").content.decode()
    tile = page[page.index("Next call") :][:400]
    assert f'datetime="{(moment + timedelta(days=2)).isoformat()}"' in tile
    assert "Finch" in tile


def test_cq06_a_call_that_lies_behind_is_no_next_one(
    desk: Desk, add: Add, alice: User, moment: datetime, run: ScoreRun
) -> None:
    todo(add(alice, "Birthday"), alice, moment - timedelta(days=3), kind="task", late_at=moment + timedelta(days=4))  # fmt: skip
    todo(add(alice, "Missed"), alice, moment - timedelta(days=7), kind="task", title="Call back")
    page = text_of(desk(alice))
    assert "Next call" not in page
    assert "Missed" in page[page.index("Call overdue") :][:300]


def test_cq06_before_any_judgement_too(desk: Desk, add: Add, alice: User, moment: datetime) -> None:
    todo(add(alice, "Finch"), alice, moment + timedelta(hours=1), kind="task", title="Call")
    assert "Next call" in desk(alice).get("/").content.decode()


def test_a_role_without_follow_ups_is_sent_where_its_work_is(desk: Desk, run: ScoreRun, anna: User) -> None:
    assert desk(anna).get("/").headers["Location"] == "/insight/"
    page = desk(anna).get("/insight/").content.decode()
    assert 'data-place="insight"' in page
    assert 'data-place="today"' not in page  # an empty list tells an analyst nothing


def test_the_service_desk_has_every_open_complaint_on_its_list(
    desk: Desk, add: Add, alice: User, teams: dict[str, Team], moment: datetime
) -> None:
    """Whosever customer it is; a salesperson has his own, and a matter of another kind stays its owner's."""
    carol = User.objects.create(
        username="carol",
        name="Carol",
        role=Role.objects.get(code="service"),
        team=teams["company"],
        language="en",
    )
    customer = add(alice, "Ann")
    complain(customer, text="Broken", by=carol, now=moment - timedelta(days=3))
    todo(add(alice, "Other"), alice, moment)
    assert rows(text_of(desk(carol))) == ["Ann"]
    assert rows(text_of(desk(carol), "/?show=overdue")) == ["Ann"]
    assert sorted(rows(text_of(desk(alice)))) == ["Ann", "Other"]
    resolve(Fact.objects.get(kind="complained"), text="Sent again", by=carol, now=moment)
    assert rows(text_of(desk(carol))) == []
