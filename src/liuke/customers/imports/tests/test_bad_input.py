"""Each kind of bad input: a clear message with row, field and remedy, and nothing half-written."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlwt
from django.conf import settings
from django.utils import translation

from liuke.customers.imports.tests.conftest import Bring, row_counts, told_of
from liuke.customers.models import Customer, ImportBatch, Purchase
from liuke.customers.reading.actions import Refused, as_dict
from liuke.customers.remarks.rules import remark
from liuke.platform.files.actions import open_file
from liuke.platform.models import StoredFile

HEAD = "订单号,日期,客户编号,金额\n"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def said(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [remark(as_dict(problem)).text for problem in refusal.value.problems]


def refused(bring: Bring, content: str | bytes, **how: object) -> list[str]:
    folders = set((settings.HOME / "imports").glob("*"))  # of whatever ran before in this process
    with pytest.raises(Refused) as refusal:
        bring(content, **how)
    assert not any(row_counts().values())
    assert not Purchase.objects.exists()
    assert set((settings.HOME / "imports").glob("*")) <= folders
    return said(refusal)


def test_a_missing_column_is_named(bring: Bring) -> None:
    assert refused(bring, "订单号,客户编号,金额\nA1,C1,5\n") == [
        "“order date”: There is no column for this field. Choose the column by hand, or add it to the file."
    ]


def test_a_column_chosen_that_is_not_there(bring: Bring) -> None:
    [text] = refused(bring, HEAD + "A1,2026-01-05,C1,5\n", mapping={"amount": "实付"})
    assert "The file has no column “实付”." in text
    assert "金额" in text


def test_an_impossible_date_is_left_out_with_its_row(bring: Bring) -> None:
    batch = bring(HEAD + "A1,2026-01-05,C1,5\nA2,2026-02-30,C1,5\nA3,soon,C1,5\nA4,2027-01-01,C1,5\n")
    assert (batch.counts["created"], batch.counts["rejected"]) == (1, 3)
    assert [(p["row"], p["field"], p["code"], p["value"]) for p in told_of(batch)] == [
        (3, "日期", "date_impossible", "2026-02-30"),
        (4, "日期", "date_unreadable", "soon"),
        (5, "日期", "date_too_late", "2027-01-01"),
    ]


def test_two_date_orders_in_one_column_refuse_the_file(bring: Bring) -> None:
    [text] = refused(bring, HEAD + "A1,13/02/2026,C1,5\nA2,02/14/2026,C1,5\n")
    assert "row 2: 13/02/2026" in text
    assert "row 3: 02/14/2026" in text
    assert "Write all dates as year-month-day" in text


def test_an_order_of_dates_that_nothing_shows_is_asked_for(bring: Bring) -> None:
    text = HEAD + "A1,01/02/2026,C1,5\n"
    [told] = refused(bring, text)
    assert "may begin with the day or with the month" in told
    bring(text, date_order="dmy")
    assert Purchase.objects.get().at.isoformat().startswith("2026-01-31T16:00")  # 1 February in Shanghai


def test_thousands_separators_and_full_width_digits_are_read(bring: Bring) -> None:
    bring(
        HEAD
        + 'A1,２０２６－０１－０５,C1,"1,234.50"\nA2,2026年1月6日,C1,￥１２３．５\nA3,2026-01-07,C1,(12.00)\n'
    )
    assert dict(Purchase.objects.values_list("number", "amount_minor")) == {
        "A1": 123450,
        "A2": 12350,
        "A3": -1200,
    }


def test_two_decimal_marks_in_one_column_refuse_the_file(bring: Bring) -> None:
    [text] = refused(
        bring, "订单号;日期;客户编号;金额\nA1;2026-01-05;C1;1.234,50\nA2;2026-01-05;C1;1,234.50\n"
    )
    assert "decimal mark" in text


def test_an_amount_that_is_none_is_left_out_with_row_field_and_remedy(bring: Bring) -> None:
    batch = bring(HEAD + "A1,2026-01-05,C1,5\nA2,2026-01-05,C1,abc\nA3,2026-01-05,C1,\n")
    assert [remark(p).text for p in told_of(batch)] == [
        "row 3, “金额”: “abc” is not an amount. Write a number such as 1234.50.",
        "row 4, “金额”: The value is missing. Fill it in.",
    ]


def test_rejects_hold_the_row_as_it_was_and_the_reason(bring: Bring) -> None:
    batch = bring(HEAD + "A1,2026-01-05,C1,5\nA2,2026-01-05,=cmd(),abc\nA3,2026-01-05\n")
    assert batch.rejects is not None
    lines = open_file(batch.rejects).read().decode("utf-8-sig").splitlines()
    assert lines[0] == "Row,Reason,订单号,日期,客户编号,金额"
    assert lines[1].startswith("3,“金额”: “abc” is not an amount.")
    assert lines[1].endswith("A2,2026-01-05,'=cmd(),abc")
    assert lines[2].startswith("4,")
    assert "columns" in lines[2]


def test_rejects_corrected_and_brought_again_are_in(bring: Bring) -> None:
    batch = bring(HEAD + "A1,2026-01-05,C1,5\nA2,2026-01-05,=C2,abc\n")
    corrected = open_file(batch.rejects).read().replace(b"abc", b"7.5")
    again = bring(corrected)
    assert (again.counts["created"], again.counts["rejected"]) == (1, 0)
    assert Customer.objects.filter(number="=C2").exists()


def test_reasons_are_in_the_language_of_whoever_imports(bring: Bring) -> None:
    with translation.override("zh-hans"):
        batch = bring(HEAD + "A1,2026-01-05,C1,abc\n")
        text = open_file(batch.rejects).read().decode("utf-8-sig")
    assert "不是金额" in text


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-16", "utf-16-le", "utf-8-sig"])
def test_the_encodings_of_chinese_systems_are_found(bring: Bring, encoding: str) -> None:
    names = (
        "上海貿易公司 臺灣電子股份 香港進出口行 國際禮品 大江百貨"
        if encoding == "big5"
        else "上海贸易公司 杭州电子股份 义乌进出口行 国际礼品 大众百货"
    )
    rows = "".join(f"A{n},2026-01-05,C{n},{name},5\n" for n, name in enumerate(names.split()))
    head = (
        "訂單號,日期,客戶編號,客戶名稱,金額\n"
        if encoding == "big5"
        else "订单号,日期,客户编号,客户名称,金额\n"
    )
    batch = bring((head + rows).encode(encoding))
    assert batch.counts["created"] == 5
    assert set(Customer.objects.values_list("name", flat=True)) == set(names.split())


def test_a_wrong_encoding_can_be_corrected(bring: Bring) -> None:
    bring((HEAD + "A1,2026-01-05,客户,5\n").encode("gb18030"), reading={"encoding": "gb18030"})
    assert Customer.objects.get().number == "客户"
    with pytest.raises(Refused) as refusal:
        bring(HEAD + "A1,2026-01-05,C1,5\n", reading={"encoding": "klingon"})
    assert "klingon" in said(refusal)[0]


def test_a_workbook_that_unpacks_to_no_end_is_refused(bring: Bring) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        )
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (100 << 20))
    [text] = refused(bring, bomb.getvalue(), name="bomb.xlsx")
    assert "unpack" in text.lower()


def test_a_file_cut_in_the_middle(bring: Bring) -> None:
    whole = gzip.compress((HEAD + "A1,2026-01-05,C1,5\n" * 2000).encode())
    assert "stops in the middle" in refused(bring, whole[: len(whole) // 2], name="cut.csv.gz")[0]
    table = io.BytesIO()
    pq.write_table(
        pa.table({"订单号": ["A1"], "日期": ["2026-01-05"], "客户编号": ["C1"], "金额": [5.0]}), table
    )
    assert "damaged or stops" in refused(bring, table.getvalue()[:-20], name="cut.parquet")[0]


def test_a_text_cut_in_a_quoted_cell_is_told_and_the_rest_is_in(bring: Bring) -> None:
    batch = bring(HEAD + 'A1,2026-01-05,C1,5\nA2,2026-01-05,"C2')
    assert (batch.counts["created"], batch.counts["rejected"]) == (1, 1)
    assert batch.problems[-1]["row"] == 3


@pytest.mark.parametrize("content", [HEAD, "\n\n", ""])
def test_no_rows_are_told_and_nothing_is_kept(bring: Bring, content: str) -> None:
    assert refused(bring, content)


def test_a_refused_upload_leaves_no_file_behind(bring: Bring) -> None:
    refused(bring, b"PAR1 and no more", name="x.parquet")
    assert not StoredFile.objects.exists()
    assert not ImportBatch.objects.exists()


def test_web_pages_and_archives_with_a_tables_name(bring: Bring) -> None:
    assert "web page" in refused(bring, "<html><body><table></table></body></html>", name="export.xls")[0]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("a.csv", HEAD)
    assert "ZIP archive" in refused(bring, archive.getvalue(), name="export.xlsx")[0]


def test_all_formats_bring_the_same_in(bring: Bring, tmp_path: Path) -> None:
    rows = [("A1", "2026-01-05", "C1", 5.25), ("A2", "2026-01-06", "C2", 7.0)]
    head = ("订单号", "日期", "客户编号", "金额")
    book = openpyxl.Workbook()
    for row in (head, *rows):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    old = xlwt.Workbook()
    sheet = old.add_sheet("订单")
    for y, row in enumerate((head, *rows)):
        for x, value in enumerate(row):
            sheet.write(y, x, value)
    old.save(str(tmp_path / "a.xls"))
    pq.write_table(pa.table(dict(zip(head, zip(*rows, strict=True), strict=True))), tmp_path / "a.parquet")
    text = "\n".join("\t".join(map(str, row)) for row in (head, *rows))
    (tmp_path / "a.tsv").write_text(text)
    objects = [dict(zip(head, row, strict=True)) for row in rows]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(o, ensure_ascii=False) for o in objects))
    outcomes = {}
    for file in sorted(tmp_path.iterdir()):
        batch = bring(file.read_bytes(), name=file.name)
        outcomes[file.name] = (batch.counts["created"], batch.counts["unchanged"])
    assert outcomes == {
        "a.jsonl": (2, 0), "a.parquet": (0, 2), "a.tsv": (0, 2), "a.xls": (0, 2), "a.xlsx": (0, 2),
    }  # fmt: skip
    assert dict(Purchase.objects.values_list("number", "amount_minor")) == {"A1": 525, "A2": 700}


def test_text_with_marks_that_turn_the_reading_direction_is_told(bring: Bring) -> None:
    batch = bring("订单号,日期,客户编号,客户名称,金额\nA1,2026-01-05,C1,abc\u202edef,5\n")
    assert (batch.counts["created"], [p["code"] for p in told_of(batch)]) == (1, ["bidi_control"])


LINES = "订单号,日期,客户编号,产品编码,数量,单价\n"


def test_an_order_of_which_a_row_is_wrong_stays_out_with_all_its_rows(bring: Bring) -> None:
    """Its total would be wrong. Every row says which one is to blame, in the file of rejects too; mended, that comes in."""
    content = (
        LINES
        + "A1,2026-01-05,C1,P1,3,2.50\nA2,2026-01-05,C2,P1,1,9\nA1,2026-01-05,C1,P2,x,1\nA1,2026-01-05,C1,P3,2,4\n"
    )
    batch = bring(content)
    assert (batch.counts["created"], batch.counts["rejected"]) == (1, 3)
    assert list(Purchase.objects.values_list("number", flat=True)) == ["A2"]
    assert not Customer.objects.filter(number="C1").exists()
    incomplete = [p for p in batch.problems if p["code"] == "order_incomplete"]
    assert [remark(p).text for p in incomplete] == [
        f"row {row}, “订单号”: Row 4 of the same order, A1, is wrong: the order stays out with all its rows. "
        "Correct row 4 and import it together with this one."
        for row in (2, 5)
    ]
    assert batch.rejects is not None
    text = open_file(batch.rejects).read()
    assert text.decode("utf-8-sig").count("Row 4 of the same order") == 2
    mended = bring(text.replace(b",x,", b",2,"))
    assert (mended.counts["created"], mended.counts["rejected"]) == (3, 0)
    assert Purchase.objects.get(number="A1").amount_minor == 1750


def test_an_order_that_is_there_stays_as_it_is_when_its_correction_has_a_wrong_row(bring: Bring) -> None:
    bring(LINES + "A1,2026-01-05,C1,P1,3,2.50\nA1,2026-01-05,C1,P2,1,1\n")
    batch = bring(LINES + "A1,2026-01-05,C1,P1,9,2.50\nA1,2026-01-05,C1,P2,1,abc\n")
    assert batch.counts["rejected"] == 2
    assert Purchase.objects.get().amount_minor == 850


def test_rows_without_an_order_number_stand_for_themselves(bring: Bring) -> None:
    batch = bring("日期,客户编号,产品编码,金额\n2026-01-05,C1,P1,10\n2026-01-05,C1,P2,abc\n")
    assert (batch.counts["created"], batch.counts["rejected"]) == (1, 1)


def test_an_order_with_two_dates_gets_the_earlier_one_and_that_is_told(bring: Bring) -> None:
    batch = bring(LINES + "A1,2026-01-07,C1,P1,1,5\nA1,2026-01-05,C1,P2,1,5\nA2,2026-01-05,C1,P2,1,5\n")
    assert Purchase.objects.get(number="A1").at.day == Purchase.objects.get(number="A2").at.day
    [told] = [p for p in batch.problems if p["code"] == "order_of_two_dates"]
    assert remark(told).text == (
        "“日期”: Orders whose rows carry two different dates: 1 (order: rows A1: 3, 2). Each has the earlier one. "
        "Correct the date in your file if the later one is right, and import it again."
    )


def test_a_row_that_cannot_be_cut_keeps_its_order_out_as_well(bring: Bring) -> None:
    batch = bring(
        LINES
        + 'A1,2026-01-05,C1,P1,3,2.50\nA2,2026-01-05,C2,P1,1,9\n"A1",2026-01-05,C1,P2\nA2,2026-01-05,C2,P2,1,1\n'
    )
    assert {p["code"]: p["row"] for p in told_of(batch)} == {"order_incomplete": 2, "wrong_column_count": 4}
    assert list(Purchase.objects.values_list("number", "amount_minor")) == [("A2", 1000)]


def test_all_that_is_wrong_with_a_row_is_told_at_once(bring: Bring) -> None:
    batch = bring(
        "订单号,日期,客户编号,数量,单价\nA1,2026-02-30,C1,x,abc\nA2,,C1,2,\n",
        mapping={"at": "日期", "quantity": "数量", "unit_price": "单价"},
    )
    assert batch.counts["rejected"] == 2
    assert [(p["row"], p["field"], p["code"]) for p in told_of(batch)] == [
        (2, "单价", "amount_not_a_number"),
        (2, "数量", "quantity_not_a_number"),
        (2, "日期", "date_impossible"),
        (3, "单价", "blank_required"),
        (3, "日期", "blank_required"),
    ]
    assert batch.rejects is not None
    reason = open_file(batch.rejects).read().decode("utf-8-sig").splitlines()[1]
    for wrong in ("There is no day", "“数量”: “x”", "“单价”: “abc”"):
        assert wrong in reason
