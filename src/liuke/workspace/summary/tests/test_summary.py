from __future__ import annotations

import csv
import io
import re

from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk, Judge


def figures(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_db05_the_exported_rows_are_the_active_customers_and_their_totals_the_report(
    desk: Desk, add: Add, judge: Judge, sue: User, alice: User, bob: User, charlie: User
) -> None:
    for place, owner in enumerate((alice, bob, alice, charlie)):
        grade = ("platinum", "gold", "lead", "gold")[place]
        judge(
            add(owner, f"C{place}"), grade=grade, value_12m_minor=100_000 * (place + 1), purchases=place + 1
        )
    judge(add(alice, "Lead"), grade="")  # no business in the window: not active
    client = desk(sue)
    page = client.get("/customers/summary/").content.decode()
    told = figures(page)
    assert "3 customers in business" in told
    assert "¥6,000" in told
    (href,) = set(re.findall(r'href="(/customers/export/[^"]+)"', page))
    answer = client.get(href.replace("&amp;", "&"))
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    kept = [row for row in rows if row["Customer number"]]
    assert len(kept) == 3
    assert sum(float(row["Sales, last 12 months"]) for row in kept) == 6000
    report = figures(client.get("/insight/").content.decode())
    assert "¥6,000" in report


def test_pl02_each_has_his_own_totals(desk: Desk, add: Add, judge: Judge, alice: User, charlie: User) -> None:
    judge(add(alice, "Mine"), grade="gold", value_12m_minor=100_000)
    judge(add(charlie, "Foreign"), grade="gold", value_12m_minor=900_000)
    told = figures(desk(alice).get("/customers/summary/").content.decode())
    assert "¥1,000" in told
    assert "¥10,000" not in told
    assert "Foreign" not in told


def test_before_the_first_night_it_says_so(desk: Desk, alice: User) -> None:
    assert "Nobody in business yet" in desk(alice).get("/customers/summary/").content.decode()


def test_money_at_risk_is_of_high_risk_only_and_the_loss_of_everybody_has_another_name(
    desk: Desk, add: Add, judge: Judge, sue: User, alice: User
) -> None:
    judge(add(alice, "Going"), grade="gold", band="high", value_at_risk_minor=300_000)
    judge(add(alice, "Calm"), grade="gold", band="low", value_at_risk_minor=50_000)
    client = desk(sue)
    told = figures(client.get("/customers/summary/").content.decode())
    assert "Money at risk" not in told
    assert "Expected loss" in told
    assert "¥3,500" in told
    assert "All together: 2 customers" in told
    report = figures(client.get("/insight/").content.decode())
    assert "Money at risk" in report
    assert "¥3,000" in report
    assert "¥3,500" not in report
    assert "Money at risk" not in figures(client.get("/customers/").content.decode())
