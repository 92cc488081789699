"""What is new to one person: who named him, what he was given, what became of what he gave."""

from __future__ import annotations

from datetime import datetime, timedelta

from liuke.customers.followups.actions import ask, complete, reassign
from liuke.customers.models import FollowUpChange, Mention
from liuke.customers.records.actions import assign
from liuke.customers.timeline.actions import add_note
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk


def test_pl11_the_one_who_asked_is_told_when_it_is_done(
    desk: Desk, add: Add, alice: User, sue: User, moment: datetime
) -> None:
    customer = add(alice, "Ann's shop")
    followup = ask(
        customer,
        kind="task",
        assignee=alice,
        due_at=moment,
        title="Send the price list",
        source="person",
        by=sue,
        now=moment,
    )
    assert "Sue asks you: Send the price list" in desk(alice).get("/news/").content.decode()
    complete(followup, by=alice, now=moment + timedelta(minutes=1))
    page = desk(sue).get("/news/").content.decode()
    assert "Alice has done it: Send the price list" in page
    assert "unread" in page
    assert desk(sue).get("/counts/news/").content == b"1"


def test_a_mention_leads_to_the_customer_and_is_read(
    desk: Desk, add: Add, alice: User, sue: User, moment: datetime
) -> None:
    customer = add(alice, "Ann's shop")
    add_note(customer, note="@Sue the price is <too high>", by=alice, now=moment)
    mine = desk(sue)
    page = mine.get("/news/").content.decode()
    assert "Alice named you" in page
    assert "Ann&#x27;s shop" in page
    assert '<b class="mention">@Sue</b> the price is &lt;too high&gt;' in page
    answer = mine.post(f"/news/mentions/{Mention.objects.get().pk}/")
    assert answer.headers["Location"] == f"/customers/{customer.pk}/"
    assert mine.get("/counts/news/").content == b""
    assert "Alice named you" in mine.get("/news/").content.decode()  # it stays for those who look for it


def test_all_read_leaves_what_came_in_since(
    desk: Desk, add: Add, alice: User, sue: User, moment: datetime
) -> None:
    customer = add(alice, "Ann's shop")
    add_note(customer, note="@Sue one", by=alice, now=moment)
    upto = Mention.objects.get().pk
    add_note(customer, note="@Sue two", by=alice, now=moment)
    mine = desk(sue)
    mine.post("/news/read/", {"mention": upto, "step": 0})
    assert mine.get("/counts/news/").content == b"1"
    for bad in ("", "x", "9" * 30, "-1", "١"):
        assert mine.post("/news/read/", {"mention": bad, "step": bad}).status_code == 302
    assert mine.get("/counts/news/").content == b"1"


def test_pl02_news_of_a_customer_out_of_reach_are_no_news(
    desk: Desk, add: Add, alice: User, bob: User, charlie: User, olga: User, moment: datetime
) -> None:
    customer = add(bob, "Secret shop")
    followup = ask(
        customer, kind="task", assignee=bob, due_at=moment, title="Call", source="person", by=olga, now=moment
    )
    reassign(followup, to=charlie, by=olga, now=moment)
    complete(followup, by=charlie, now=moment)
    add_note(customer, note="@Bob look", by=olga, now=moment)
    assert desk(bob).get("/counts/news/").content != b""
    assign([customer.pk], owner=charlie, by=olga, now=moment)
    assert FollowUpChange.objects.filter(tells=bob).exists()
    assert "Secret shop" not in desk(bob).get("/news/").content.decode()
    assert desk(bob).get("/counts/news/").content == b""
    assert desk(bob).post(f"/news/mentions/{Mention.objects.get(whom=bob).pk}/").status_code == 404


def test_the_bell_stands_on_every_page_with_its_figure(
    desk: Desk, add: Add, alice: User, sue: User, moment: datetime
) -> None:
    customer = add(alice, "Ann's shop")
    quiet = desk(sue).get("/customers/").content.decode()
    assert 'hx-trigger="changed:news from:body"></b>' in quiet
    add_note(customer, note="@Sue look", by=alice, now=moment)
    assert 'hx-trigger="changed:news from:body">1</b>' in desk(sue).get("/customers/").content.decode()


def test_offered_after_the_sign(desk: Desk, add: Add, alice: User, sue: User, charlie: User) -> None:
    customer = add(alice, "Ann's shop")
    answer = desk(alice).get(f"/customers/{customer.pk}/mentionable/", {"q": "s"})
    assert [one["write"] for one in answer.json()["people"]] == ["Sue"]
    assert desk(charlie).get(f"/customers/{customer.pk}/mentionable/").status_code == 404
