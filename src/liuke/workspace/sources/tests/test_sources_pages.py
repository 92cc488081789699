from __future__ import annotations

import re
from typing import Any

from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:300]
    return re.sub(r"\s+", " ", answer.content.decode())


def test_db17_each_line_of_the_report_opens_exactly_its_customers(
    desk: Desk, add: Add, alice: User, bob: User
) -> None:
    for name, source in (("A", "Referral"), ("B", "referral"), ("C", "Fair"), ("D", "")):
        add(alice, f"Firm {name}", source=source)
    add(bob, "Firm E", source="Press")
    page = text(desk(alice).get("/customers/sources/"))
    assert "Press" not in page
    assert "not on the list" in page
    opened = [
        address.replace("&amp;", "&") for address in re.findall(r'<a href="(/customers/\?[^"]+)"', page)
    ]
    assert len(opened) == 3
    found = [sorted(re.findall(r"Firm [A-E](?=</a>)", text(desk(alice).get(one)))) for one in opened]
    assert sorted(found) == [["Firm A", "Firm B"], ["Firm C"], ["Firm D"]]


def test_db17_what_the_office_adds_is_proposed_and_what_it_retires_is_not(
    desk: Desk, olga: User, alice: User
) -> None:
    assert desk(alice).get("/settings/sources/").status_code == 403
    desk(olga).post("/settings/sources/", {"name": "Canton Fair"})
    assert "Canton Fair" in text(desk(alice).get("/customers/new/"))
    assert "already" in text(desk(olga).post("/settings/sources/", {"name": "canton fair"}), 422)
    desk(olga).post("/settings/sources/retirement/", {"code": "press", "own": ""})
    assert 'value="Press"' not in text(desk(alice).get("/customers/new/"))
    desk(olga).post("/settings/sources/retirement/", {"code": "press", "own": "", "back": "1"})
    assert 'value="Press"' in text(desk(alice).get("/customers/new/"))
    assert desk(olga).post("/settings/sources/retirement/", {"code": "x", "own": ""}).status_code == 404
