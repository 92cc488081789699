"""Columns of a customer list that go into the company's own fields (DB16)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter

from liuke.customers.completeness.models import Card
from liuke.customers.fields.actions import add_field, archive_field, fill, values_of
from liuke.customers.fields.models import CustomField, FieldValue
from liuke.customers.imports.tests.conftest import Bring
from liuke.customers.models import Customer, ImportBatch
from liuke.customers.records.actions import register

Undo = Callable[[ImportBatch], ImportBatch]
HEAD = "客户编号,客户名称,客户类型,车辆数,付款条件,合同日期,年采购预算,市场范围,重点客户\n"
ANN = 'C1,Ann Ltd,企业,12,月结,2026/1/31,"1,200.50",华东;华南,是\n'


@pytest.fixture
def own(db: None, now: datetime) -> dict[str, CustomField]:
    terms = [("", "月结", True), ("", "现款", True)]
    regions = [("", "华东", True), ("", "华南", True)]
    wanted: list[tuple[str, str, dict[str, Any]]] = [
        ("whole", "车辆数", {"kind": "enterprise", "required": True}),
        ("one", "付款条件", {"options": terms}),
        ("date", "合同日期", {}),
        ("money", "年采购预算", {}),
        ("several", "市场范围", {"options": regions}),
        ("flag", "重点客户", {}),
    ]
    return {
        name: add_field(type=type, names={"zh-hans": name, "en": f"{name} en"}, by=None, now=now, **more)
        for type, name, more in wanted
    }


def held(number: str, own: dict[str, CustomField]) -> list[Any]:
    pk = Customer.objects.get(number=number).pk
    values = values_of([pk]).get(pk, {})
    return [values.get(f"f{one.pk}") for one in own.values()]


def test_db16_columns_called_like_the_fields_find_them(bring: Bring, own: dict[str, CustomField]) -> None:
    batch = bring(HEAD + ANN + "C2,Ben,个人,3,,,,,\n", "customers")
    assert batch.mapping[f"f{own['车辆数'].pk}"] == "车辆数"
    assert batch.counts["created"] == 2
    assert [str(value) for value in held("C1", own)] == [
        "12", "o001", "2026-01-31", "120050", "['o001', 'o002']", "True",
    ]  # fmt: skip
    assert held("C2", own) == [None] * 6  # the number of trucks is of firms alone
    assert f"f{own['车辆数'].pk}" not in Card.objects.get(customer__number="C1").missing


def test_the_same_list_again_changes_nothing(bring: Bring, own: dict[str, CustomField]) -> None:
    bring(HEAD + ANN, "customers")
    before = list(FieldValue.objects.values_list("id", "text", "number", "day"))
    again = bring(HEAD + ANN, "customers")
    assert (again.counts["updated"], again.counts["unchanged"]) == (0, 1)
    assert list(FieldValue.objects.values_list("id", "text", "number", "day")) == before


def test_a_blank_stays_unless_blanks_empty_the_field(bring: Bring, own: dict[str, CustomField]) -> None:
    bring(HEAD + ANN, "customers")
    blank = "客户编号,客户名称,车辆数,市场范围\nC1,Ann Ltd,,\n"
    assert bring(blank, "customers").counts["unchanged"] == 1
    assert held("C1", own)[0] == 12
    assert bring(blank, "customers", clear_blanks=True).counts["updated"] == 1
    assert held("C1", own)[0] is None
    assert held("C1", own)[4] is None
    assert held("C1", own)[1] == "o001"  # no such column: untouched


def test_what_does_not_fit_is_left_out_and_told_by_row(bring: Bring, own: dict[str, CustomField]) -> None:
    batch = bring(HEAD + "C1,Ann Ltd,企业,many,月结,31.1.26,,,\nC2,Ben Ltd,企业,7,,,,,\n", "customers")
    assert batch.counts["created"] == 2
    assert held("C1", own)[:3] == [None, "o001", None]
    told = [problem for problem in batch.problems if problem["code"] == "own_unreadable"]
    assert told
    assert "2" in str(told[0]["params"]["rows"])


def test_db16_undone_the_fields_are_as_they_were_but_for_later_edits(
    bring: Bring, take_out: Undo, own: dict[str, CustomField], now: datetime
) -> None:
    ann = register(by=None, now=now, name="Ann Ltd", number="C1")
    trucks, terms = (f"f{own[name].pk}" for name in ("车辆数", "付款条件"))
    fill(ann, {trucks: 5, terms: "现款"}, by=None, now=now)
    batch = bring(HEAD + ANN + "C2,Ben Ltd,企业,7,,,,,\n", "customers")
    assert held("C1", own)[0] == 12
    fill(ann, {terms: None}, by=None, now=now)
    take_out(batch)
    assert held("C1", own) == [5, None, None, None, None, None]
    assert not Customer.objects.filter(number="C2").exists()
    assert FieldValue.objects.count() == 1


def test_a_field_that_is_archived_or_not_offered_takes_no_column(
    bring: Bring, own: dict[str, CustomField], now: datetime
) -> None:
    archive_field(own["车辆数"], by=None, now=now)
    add_field(type="text", names={"zh-hans": "爱好"}, places=[], by=None, now=now)
    batch = bring("客户编号,客户名称,车辆数,爱好\nC1,Ann Ltd,12,茶\n", "customers")
    assert not set(batch.mapping) & {f"f{one.pk}" for one in CustomField.objects.all()}
    assert not FieldValue.objects.exists()


@pytest.mark.parametrize("packed", [False, True])
def test_days_are_read_as_people_and_spreadsheets_write_them(
    bring: Bring, own: dict[str, CustomField], packed: bool
) -> None:
    written = [
        "2026-01-31",
        "2026/1/31",
        "2026年1月31日",
        "20260131",
        "２０２６．１．３１",
        "2026-1-31 00:00:00",
    ]
    if packed:  # a workbook's own dates
        out = io.BytesIO()
        with xlsxwriter.Workbook(out) as book:
            sheet, as_day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
            sheet.write_row(0, 0, ["客户编号", "客户名称", "合同日期"])
            for n, _ in enumerate(written, 1):
                sheet.write_row(n, 0, [f"C{n}", f"客户{n}"])
                sheet.write_datetime(n, 2, date(2026, 1, 31), as_day)
        batch = bring(out.getvalue(), "customers", name="list.xlsx")
    else:
        rows = [f"C{n},客户{n},{day}\n" for n, day in enumerate(written, 1)]
        batch = bring("客户编号,客户名称,合同日期\n" + "".join(rows), "customers")
    assert "incomplete" not in batch.counts
    assert set(FieldValue.objects.values_list("day", flat=True)) == {date(2026, 1, 31)}
    assert FieldValue.objects.count() == len(written)
