"""What is done with many at once: given to another owner, exported. Never beyond what the doer may write or see."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from typing import Any

import pytest

from liuke.customers.followups.actions import ask
from liuke.customers.models import Customer, Fact
from liuke.platform.audit.models import AuditEntry
from liuke.platform.models import User
from liuke.workspace.conftest import Add, Desk, Judge


def exported(answer: Any) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_selected_get_another_owner_with_their_open_followups(
    desk: Desk, add: Add, alice: User, bob: User, sue: User, moment: datetime
) -> None:
    first, second, third = (add(alice, name) for name in ("A", "B", "C"))
    item = ask(
        first, kind="task", title="Call", assignee=alice, due_at=moment, source="person", by=None, now=moment
    )
    client, chosen = desk(sue), {"ids": [first.pk, second.pk]}
    asked = client.post("/customers/assignment/", chosen).content.decode()
    assert "customers that you may change are selected" in asked
    assert Customer.objects.filter(owner=alice).count() == 3  # asking changes nothing
    done = client.post(
        "/customers/assignment/", chosen | {"owner": bob.pk, "reason": "Alice goes to the fair"}
    )
    assert done["Location"].startswith("/customers/")
    assert set(Customer.objects.filter(owner=bob)) == {first, second}
    assert Customer.objects.get(owner=alice) == third
    item.refresh_from_db()
    assert item.assignee == bob
    fact = Fact.objects.get(customer=first, kind="assigned")
    assert fact.actor == sue
    assert "Alice goes to the fair" in str(fact.data)


def test_all_that_match_means_all_that_match_within_reach(
    desk: Desk, add: Add, judge: Judge, alice: User, bob: User, charlie: User, sue: User
) -> None:
    for owner, name, grade in (
        (alice, "A", "gold"),
        (bob, "B", "gold"),
        (alice, "C", "lead"),
        (charlie, "D", "gold"),
    ):
        judge(add(owner, name), grade=grade)
    desk(sue).post("/customers/assignment/?grade=gold", {"all": "1", "owner": sue.pk})
    assert sorted(Customer.objects.filter(owner=sue).values_list("name", flat=True)) == ["A", "B"]


def test_pl02_another_teams_customer_is_not_taken(desk: Desk, add: Add, charlie: User, sue: User) -> None:
    theirs = add(charlie, "Theirs")
    desk(sue).post("/customers/assignment/", {"ids": [theirs.pk], "owner": sue.pk})
    theirs.refresh_from_db()
    assert theirs.owner == charlie


@pytest.mark.parametrize("chosen", [{}, {"ids": ["x"]}, {"ids": ["99999999999999999999"]}])
def test_nothing_selected_says_so(desk: Desk, sue: User, chosen: dict[str, Any]) -> None:
    assert desk(sue).post("/customers/assignment/", chosen).status_code == 400


def test_without_an_owner_the_reason_is_kept(desk: Desk, add: Add, alice: User, sue: User) -> None:
    customer = add(alice, "A")
    answer = desk(sue).post(
        "/customers/assignment/", {"ids": [customer.pk], "owner": "", "reason": "kept words"}
    )
    assert answer.status_code == 422
    assert "kept words" in answer.content.decode()
    assert f'value="{customer.pk}"' in answer.content.decode()


def test_the_export_is_the_viewers_rows_and_no_others_and_stands_in_the_audit(
    desk: Desk, add: Add, alice: User, bob: User, charlie: User, sue: User
) -> None:
    for owner in (alice, bob, charlie):
        add(owner, f"Of {owner.username}")
    head, *rows = exported(desk(sue).get("/customers/export/"))
    assert head[:2] == ["Customer number", "Name"]
    assert [row[1] for row in rows] == ["Of alice", "Of bob"]
    entry = AuditEntry.objects.get(action="customers.export")
    assert entry.actor == sue
    assert entry.changes["rows"] == [None, 2]


def test_sc11_the_export_speaks_the_language_of_who_takes_it(
    desk: Desk, add: Add, alice: User, sue: User
) -> None:
    add(alice, "Ann")
    assert exported(desk(sue).get("/customers/export/"))[1][2] == "enterprise"
    sue.language = "zh-hans"
    sue.save()
    head, row = exported(desk(sue).get("/customers/export/"))
    assert (head[0], row[2]) == ("客户编号", "单位")


def test_the_export_keeps_to_the_filter_or_to_the_selected(
    desk: Desk, add: Add, judge: Judge, alice: User, sue: User
) -> None:
    gold, lead = add(alice, "Gold"), add(alice, "Lead")
    judge(gold, grade="gold", value_12m_minor=123_456, band="low", risk=7)
    judge(lead, grade="lead")
    _head, row = exported(desk(sue).get("/customers/export/?grade=gold"))
    assert row[1] == "Gold"
    assert "1234.56" in row
    _head, row = exported(desk(sue).post("/customers/export/", {"ids": [lead.pk]}))
    assert row[1] == "Lead"


def test_the_export_is_in_the_lists_order_with_whom_to_call(
    desk: Desk, add: Add, judge: Judge, alice: User, sue: User
) -> None:
    small, great = add(alice, "Small"), add(alice, "Great", phone="13800138000")
    judge(small, grade="lead", value_at_risk_minor=100)
    judge(great, grade="gold", value_at_risk_minor=900)
    head, *rows = exported(desk(sue).get("/customers/export/?sort=-at_risk"))
    assert [row[1] for row in rows] == ["Great", "Small"]
    assert rows[0][head.index("Phone")].endswith("13800138000")
    assert rows[0][head.index("Grade")] == "Gold"


@pytest.mark.parametrize("name", ["=1+1", "+86 cmd", "-1+1", "@SUM(A1)", "\t=1", "＝1+1"])
def test_a_formula_in_a_name_stays_text_in_the_spreadsheet(
    desk: Desk, add: Add, alice: User, sue: User, name: str
) -> None:
    customer = add(alice, "Ann")
    Customer.objects.filter(pk=customer.pk).update(name=name)
    _head, row = exported(desk(sue).get("/customers/export/"))
    assert row[1] != name
    assert not row[1].lstrip().startswith(("=", "+", "-", "@", "＝"))
    assert name.strip() in row[1]


def test_who_may_not_export_or_assign_gets_403_before_anything_happens(
    desk: Desk, add: Add, alice: User
) -> None:
    customer = add(alice, "A")
    assert desk(alice).get("/customers/export/").status_code == 403
    assert (
        desk(alice).post("/customers/assignment/", {"ids": [customer.pk], "owner": alice.pk}).status_code
        == 403
    )
    page = desk(alice).get("/customers/").content.decode()
    assert "/customers/export/" not in page
    assert "/customers/assignment/" not in page


def test_the_export_speaks_as_the_screen_does(
    desk: Desk, add: Add, judge: Judge, alice: User, sue: User
) -> None:
    here, gone = add(alice, "Here"), add(alice, "Gone")
    Customer.objects.filter(pk=here.pk).update(country="NL", stage="loyal")
    on = date(2026, 12, 24)
    judge(here, grade="gold", band="low", risk=7, p_alive=0.9, next_on=on, value_12m_minor=2)
    judge(gone, grade="gold", band="high", risk=81, p_alive=0.1, next_on=on, value_12m_minor=1)
    sue.language = "zh-hans"
    sue.save()
    client = desk(sue)
    head, *rows = exported(client.get("/customers/export/?sort=-value"))
    first, second = (dict(zip(head, row, strict=True)) for row in rows)
    assert (first["流失风险"], first["流失风险（0 到 100）"]) == ("低", "7")
    assert (first["国家"], first["阶段"]) == ("荷兰", "忠诚")
    assert (first["预计下次下单"], second["预计下次下单"]) == ("2026-12-24", "")
    shown = client.get("/customers/?columns=name&columns=next&sort=-value").content.decode()
    assert shown.count("12月24日") == 1
    found = client.get("/customers/?next_order.since=2026-12-01").content.decode()
    assert "Here" in found
    assert "Gone" not in found
