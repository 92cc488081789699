"""A row for each person, his customer's fields repeated: one customer with all of them (issue: several contacts)."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import datetime

import pytest

from liuke.customers.fields.actions import add_field, values_of
from liuke.customers.gathering import actions as gathering
from liuke.customers.imports.tests.conftest import Bring, content, row_counts
from liuke.customers.imports.tests.test_names import told
from liuke.customers.models import Contact, ContactPoint, Customer, ImportBatch
from liuke.customers.records.actions import register
from liuke.platform.files.actions import path_of
from liuke.platform.models import User

TakeOut = Callable[[ImportBatch], ImportBatch]
HEAD = "客户编号,客户名称,城市,联系人,职务,手机,邮箱,电话\n"
MAP = {
    "number": "客户编号", "name": "客户名称", "city": "城市", "contact_name": "联系人", "title": "职务",
    "mobile": "手机", "email": "邮箱", "phone": "电话",
}  # fmt: skip
ROWS = (
    "C1,明达,义乌,王芳,采购,13800138000,wang@example.com,0571-88888888\n"
    "C2,华联,杭州,赵六,,13700137000,,\n"
    "C1,明达,义乌,李四,财务,13900139000,li@example.com,0571-88888888\n"
    "C1,明达,,孙七,,13600136000,,\n"
)


def whose() -> dict[str, str | None]:
    return dict(ContactPoint.objects.values_list("normal", "contact__name"))


def people(number: str = "C1") -> list[tuple[str, str, bool]]:
    rows = Contact.objects.filter(customer__number=number).order_by("pk")
    return list(rows.values_list("name", "title", "is_primary"))


def rejected(batch: ImportBatch) -> list[list[str]]:
    if batch.rejects is None:
        return []
    with path_of(batch.rejects).open(encoding="utf-8-sig") as lines:
        return list(csv.reader(lines))[1:]


def test_the_persons_are_joined_to_the_one_customer(bring: Bring) -> None:
    batch = bring(HEAD + ROWS, "customers", mapping=MAP)
    assert {name: batch.counts.get(name) for name in ("rows", "created", "joined", "rejected")} == {
        "rows": 4, "created": 2, "joined": 2, "rejected": 0,
    }  # fmt: skip
    assert people() == [("王芳", "采购", True), ("李四", "财务", False), ("孙七", "", False)]
    assert people("C2") == [("赵六", "", True)]
    assert whose() == {
        "+8613800138000": "王芳", "wang@example.com": "王芳", "+8657188888888": None,
        "+8613900139000": "李四", "li@example.com": "李四", "+8613600136000": "孙七", "+8613700137000": "赵六",
    }  # fmt: skip
    assert "rows_differ" not in told(batch)


def test_the_same_file_again_changes_nothing_and_undone_nothing_is_left(
    bring: Bring, take_out: TakeOut
) -> None:
    empty = row_counts()
    first = bring(HEAD + ROWS, "customers", mapping=MAP)
    before = content()
    again = bring(HEAD + ROWS, "customers", mapping=MAP)
    assert (again.counts["unchanged"], again.counts["joined"]) == (2, 2)
    assert content() == before
    take_out(again)
    take_out(first)
    assert row_counts() == empty


def test_a_customer_who_is_here_gets_the_persons_who_are_new(bring: Bring, now: datetime) -> None:
    one = register(by=None, now=now, name="明达", number="C1")
    bring(HEAD + ROWS.splitlines()[2] + "\n", "customers", mapping=MAP)
    batch = bring(HEAD + ROWS, "customers", mapping=MAP)
    assert (batch.counts["updated"], batch.counts["created"]) == (1, 1)
    assert sorted(name for name, _title, _first in people()) == ["孙七", "李四", "王芳"]
    assert whose()["+8613600136000"] == "孙七"
    assert Customer.objects.get(pk=one.pk).city == "义乌"


def test_a_new_number_of_a_person_who_is_there_is_his(bring: Bring, take_out: TakeOut) -> None:
    bring(HEAD + ROWS, "customers", mapping=MAP)
    before = content()
    news = ROWS.replace("13800138000", "13500135000").replace("li@example.com", "lisi@example.com")
    batch = bring(HEAD + news, "customers", mapping=MAP)
    assert (batch.counts["updated"], batch.counts["unchanged"]) == (1, 1)
    assert (whose()["+8613500135000"], whose()["lisi@example.com"]) == ("王芳", "李四")
    take_out(batch)
    assert content() == before


def test_what_rows_say_differently_is_told_with_row_and_field_and_the_first_counts(bring: Bring) -> None:
    rows = "C1,明达,,王芳,,,,\nC1,明达有限公司,义乌,李四,,,,\nC1,明达,杭州,孙七,,,,\n"
    batch = bring(HEAD + rows, "customers", mapping=MAP)
    one = Customer.objects.get()
    assert (one.name, one.city) == ("明达", "义乌")  # the blank is filled by the next that says something
    assert told(batch)["rows_differ"]["params"] == {"count": 2, "rows": "3, 4"}
    assert batch.counts["incomplete"] == 2
    assert [line[0] for line in rejected(batch)] == ["3", "4"]
    assert "“客户名称”" in " ".join(rejected(batch)[0])
    assert "“城市”" in " ".join(rejected(batch)[1])
    assert len(people()) == 3


def test_a_row_that_brings_nobody_new_is_still_a_duplicate(bring: Bring) -> None:
    rows = (
        "C1,明达,义乌,王芳,采购,13800138000,,\nC1,明达,义乌,王芳,采购,13800138000,,\nC1,明达,义乌,,,,,\n"
        "C1,明达,义乌,王芳,采购,13500135000,,\n"
    )
    batch = bring(HEAD + rows, "customers", mapping=MAP)
    assert [(p["row"], p["code"], p["params"]) for p in batch.problems if p["row"]] == [
        (3, "duplicate_number", {"first_row": 2}), (4, "duplicate_number", {"first_row": 2}),
    ]  # fmt: skip
    assert (batch.counts["created"], batch.counts["joined"], batch.counts["rejected"]) == (1, 1, 2)
    assert people() == [("王芳", "采购", True)]  # his second number is his
    assert whose() == {"+8613800138000": "王芳", "+8613500135000": "王芳"}


def test_another_name_under_one_number_is_no_person_of_his(bring: Bring) -> None:
    batch = bring(HEAD + "C1,明达,,王芳,,,,\nC1,华联,,李四,,,,\n", "customers", mapping=MAP)
    assert (batch.counts["created"], batch.counts["rejected"]) == (1, 1)
    assert people() == [("王芳", "", True)]


@pytest.mark.parametrize("key", ["name", "name+city", "phone"])
def test_the_chosen_key_says_who_is_one(bring: Bring, key: str) -> None:
    rows = (
        "客户名称,城市,联系人,邮箱,电话\n明达,义乌,王芳,w@example.com,0571-88888888\n"
        "明达,义乌,李四,l@example.com,0571-88888888\n"
    )
    batch = bring(rows, "customers", key=key)
    assert (batch.counts["created"], batch.counts["joined"]) == (1, 1)
    assert whose() == {"w@example.com": "王芳", "l@example.com": "李四", "+8657188888888": None}


def test_where_the_customer_stays_out_his_other_rows_do_too_and_say_why(bring: Bring, sue: User) -> None:
    text = "客户编号,客户名称,负责人,联系人\nC1,明达,没有这人,王芳\nC1,明达,,李四\nC2,华联,,赵六\n"
    batch = bring(text, "customers", by=sue)
    assert [(p["row"], p["code"]) for p in batch.problems if p["row"]] == [
        (2, "owner_unknown"), (3, "first_row_out"),
    ]  # fmt: skip
    assert (batch.counts["created"], batch.counts["rejected"], batch.counts.get("joined")) == (1, 2, None)
    assert [line[0] for line in rejected(batch)] == ["2", "3"]
    assert list(Contact.objects.values_list("name", flat=True)) == ["赵六"]


def test_fields_of_ones_own_are_taken_from_whichever_row_has_them(
    bring: Bring, now: datetime, olga: User
) -> None:
    terms = add_field(type="text", names={"zh-hans": "付款条件"}, by=olga, now=now)
    text = "客户编号,客户名称,付款条件,联系人\nC1,明达,,王芳\nC1,明达,月结,李四\nC1,明达,现款,孙七\n"
    batch = bring(text, "customers")
    one = Customer.objects.get()
    assert values_of([one.pk])[one.pk] == {terms.definition.name: "月结"}
    assert told(batch)["rows_differ"]["params"] == {"count": 1, "rows": "4"}


def test_many_customers_with_rows_all_over_the_file(bring: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than a piece at once, and none of them in order."""
    monkeypatch.setattr(gathering, "PIECE", 7)
    lines = [f"C{n % 40},客户{n % 40},,人{n},,,m{n}@example.com,\n" for n in range(200)]
    batch = bring(HEAD + "".join(lines), "customers", mapping=MAP)
    assert (batch.counts["created"], batch.counts["joined"]) == (40, 160)
    assert Contact.objects.count() == 200
    for n in (0, 41, 199):
        assert Contact.objects.get(name=f"人{n}").customer.number == f"C{n % 40}"
        assert whose()[f"m{n}@example.com"] == f"人{n}"
