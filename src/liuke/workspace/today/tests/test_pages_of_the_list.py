"""A list that is longer than a page has a next one."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from liuke.customers.followups.actions import ask
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk
from liuke.workspace.today import actions
from liuke.workspace.today.rules import page_start


def test_the_end_of_the_list_is_a_page_further(
    desk: Desk, add: Add, alice: User, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "LONGEST", 2)
    for n in range(5):
        one = add(alice, f"Shop {n}")
        more = {"due_at": moment, "weight_minor": 100 * n, "source": "scores.risk", "key": f"risk:{one.pk}"}
        ask(one, kind="risk", assignee=alice, by=None, now=moment, **more)
    client, where, seen = desk(alice), "/", []
    for _turn in range(3):
        page = client.get(where).content.decode()
        seen += re.findall(r"<b>(Shop \d)</b>", page)
        further = re.search(r'href="([^"]*)" rel="next"', page)
        where = "/" + further[1].replace("&amp;", "&") if further else ""
    assert sorted(seen) == [f"Shop {n}" for n in range(5)]
    assert where == ""
    assert "after=" not in re.split(r'class="tabs"', page)[1].split("</nav>")[0]


@pytest.mark.parametrize(
    ("asked", "start"), [("", 0), ("40", 40), ("41", 40), ("400", 80), ("-1", 0), ("x", 0), ("9" * 30, 0)]
)
def test_past_the_end_it_is_the_last_page(asked: str, start: int) -> None:
    assert page_start(asked, 95, 40) == start
    assert page_start(asked, 0, 40) == 0
