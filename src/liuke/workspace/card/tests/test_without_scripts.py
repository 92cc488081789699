"""Scripts off: every form of the card and of Today is a page of its own behind its link, and saves by a plain POST."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.utils import timezone

from liuke.customers.followups.actions import ask
from liuke.customers.models import Customer, Fact, FollowUp
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk

IN_A_DIALOG = re.compile(r'<a [^>]*href="(/[^"]*)"[^>]*data-dialog')


@pytest.fixture
def shop(add: Add, alice: User, moment: datetime) -> Customer:
    made = add(alice, "Harbour Gifts", phone="13800138000")
    more = {"due_at": moment, "weight_minor": 100, "source": "scores.risk", "key": f"risk:{made.pk}"}
    ask(made, kind="risk", assignee=alice, by=None, now=moment, **more)
    return made


def test_every_form_behind_a_link_is_a_whole_page_that_posts(desk: Desk, shop: Customer, alice: User) -> None:
    client = desk(alice)
    pages = [client.get(where).content.decode() for where in ("/", f"/customers/{shop.pk}/")]
    links = {unescape(href) for page in pages for href in IN_A_DIALOG.findall(page)}
    assert len(links) > 12
    for href in sorted(links):
        answer = client.get(href, follow=True)
        page = answer.content.decode()
        assert answer.status_code == 200, href
        assert "<html" in page, href
        inner = page.split("<main")[1].split("</main>")[0]
        posts = re.findall(r'<form [^>]*method="post"[^>]*>', inner)
        if "/readers/" in href or "quick-add" in href or "purpose" in href:
            continue  # to read, or a choice that leads on
        assert posts or "<a " in inner, href
        for form in posts:
            assert "hx-post" not in form, href
        assert inner.count("csrfmiddlewaretoken") >= len(posts), href


@pytest.mark.parametrize(
    ("what", "sent", "kind"),
    [
        ("contacts-log", {"channel": "email", "direction": "out", "outcome": "left_message"}, "contacted"),
        ("notes", {"note": "They open in May"}, "noted"),
        ("complaints", {"text": "Two cups broken"}, "complained"),
    ],
)
def test_what_is_written_is_saved_and_leads_back_to_the_card(
    desk: Desk, shop: Customer, alice: User, what: str, sent: dict[str, str], kind: str
) -> None:
    answer = desk(alice).post(f"/customers/{shop.pk}/{what}/", sent)
    assert (answer.status_code, answer["Location"]) == (302, f"/customers/{shop.pk}/")
    assert Fact.objects.filter(customer=shop, kind=kind).exists()


def test_a_follow_up_is_made_and_a_row_of_today_answered(desk: Desk, shop: Customer, alice: User) -> None:
    client, tomorrow = desk(alice), (timezone.localdate() + timedelta(days=1)).isoformat()
    sent = {"kind": "task", "title": "Send the list", "due_on": tomorrow, "assignee": str(alice.pk)}
    answer = client.post(f"/customers/{shop.pk}/followups/", sent)
    assert (answer.status_code, answer["Location"]) == (302, f"/customers/{shop.pk}/")
    assert FollowUp.objects.filter(customer=shop, title="Send the list").exists()
    item = FollowUp.objects.get(customer=shop, kind="risk")
    answer = client.post(f"/followups/{item.pk}/completion/", {"note": "Rang them"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    item.refresh_from_db()
    assert item.state == "done"
