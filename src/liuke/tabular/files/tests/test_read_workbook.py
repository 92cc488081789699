from __future__ import annotations

import datetime as dt
import io
import random
import struct
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
import xlwt

from liuke.tabular import ROW, Format, Inspection, ReadOptions, RefusedFile, inspect, read
from liuke.tabular.files.limits import Limits

NOON = dt.datetime.fromisoformat("2025-01-03 12:30:00")


def workbook(path: Path, sheets: dict[str, list[list[Any]]], hidden: tuple[str, ...] = ()) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name in hidden:
            sheet.sheet_state = "hidden"
    book.save(path)
    return path


def contents(found: Inspection) -> list[dict[str, Any]]:
    return [row for batch in read(found.path, options=found.options) for row in batch.to_pylist()]


def refused(path: Path, **more: Any) -> str:
    with pytest.raises(RefusedFile) as caught:
        contents(inspect(path, **more))
    assert caught.value.problem.message
    return caught.value.problem.code


CUSTOMERS = [
    ["客户编号", "名称", "生日", "额度", "电话", "有效", "备注"],
    [17850, "张三", dt.date(1990, 5, 6), 1234.5, 13800138000, True, None],
    [17851, "李四", dt.date(1985, 1, 2), 20, "0579-8555", False, "x"],
]


def test_a_sheet_is_read_with_its_types(tmp_path: Path) -> None:
    found = inspect(workbook(tmp_path / "a.xlsx", {"客户": CUSTOMERS}))
    assert (found.format, found.sheet, found.sheets, found.header_row) == (Format.XLSX, "客户", ("客户",), 1)
    assert found.columns == ("客户编号", "名称", "生日", "额度", "电话", "有效", "备注")
    assert (found.rows, found.rows_exact) == (2, True)
    assert found.samples[0] == ("17850", "张三", "1990-05-06", "1234.5", "13800138000", "TRUE", None)
    assert found.problems == ()
    rows = contents(found)
    assert rows[0] == {
        ROW: 2,
        "客户编号": 17850,
        "名称": "张三",
        "生日": dt.date(1990, 5, 6),
        "额度": 1234.5,
        "电话": "13800138000",
        "有效": True,
        "备注": None,
    }
    assert [row["电话"] for row in rows] == ["13800138000", "0579-8555"]


def test_types_hold_over_all_batches(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["number", "when"],
        *([n, NOON] for n in range(20_000)),
        ["C1", dt.date(2025, 1, 4)],
    ]
    found = inspect(workbook(tmp_path / "a.xlsx", {"a": rows}))
    batches = list(read(found.path, options=found.options, batch_rows=5000))
    assert {str(batch.schema) for batch in batches} == {str(batches[0].schema)}
    assert batches[0].schema.field("number").type == pa.string()
    assert batches[0].schema.field("when").type == pa.timestamp("us")
    last = batches[-1].to_pylist()[-1]
    assert last == {ROW: 20_002, "number": "C1", "when": dt.datetime.fromisoformat("2025-01-04")}
    assert read(found.path, options=found.options).schema == batches[0].schema


def test_titles_blank_rows_and_columns_around_the_table(tmp_path: Path) -> None:
    rows = [[], [None, "2025年客户名单"], [], [None, "编号", "姓名"], [None, 1, "a"], [], [None, 2, "b"]]
    found = inspect(workbook(tmp_path / "a.xlsx", {"a": rows}))
    assert (found.header_row, found.columns, found.rows, found.sample_rows) == (
        4,
        ("编号", "姓名"),
        2,
        (5, 7),
    )
    assert contents(found) == [{ROW: 5, "编号": 1, "姓名": "a"}, {ROW: 7, "编号": 2, "姓名": "b"}]


def test_columns_without_names_are_called_by_the_letter_the_sheet_shows(tmp_path: Path) -> None:
    found = inspect(workbook(tmp_path / "a.xlsx", {"a": [[None, "名称", None, "电话"], [None, "x", 1, "2"]]}))
    assert found.columns == ("名称", "C", "电话")


def test_the_first_visible_sheet_with_cells_is_taken_and_another_may_be_chosen(tmp_path: Path) -> None:
    sheets: dict[str, list[list[Any]]] = {
        "secret": [["a"], [1]],
        "empty": [],
        "orders": [["订单号"], ["A1"]],
        "more": [["x", "y"], [1, 2]],
    }
    path = workbook(tmp_path / "a.xlsx", sheets, hidden=("secret",))
    found = inspect(path)
    assert found.sheet == "orders"
    assert found.sheets == ("secret", "empty", "orders", "more")
    assert [p.code for p in found.problems] == ["other_sheets"]
    assert inspect(path, sheet="more").columns == ("x", "y")
    assert refused(path, sheet="none") == "sheet_missing"


def test_a_workbook_without_cells_or_rows(tmp_path: Path) -> None:
    assert refused(workbook(tmp_path / "a.xlsx", {"a": []})) == "no_sheets"
    found = inspect(workbook(tmp_path / "b.xlsx", {"a": [["客户编号", "名称"]]}))
    assert found.rows == 0
    assert [p.code for p in found.problems] == ["no_rows"]
    assert contents(found) == []


def test_an_old_workbook_is_read_too(tmp_path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("订单")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD HH:MM")
    for column, cell in enumerate(["订单号", "日期", "金额"]):
        sheet.write(0, column, cell)
    sheet.write(1, 0, "A1")
    sheet.write(1, 1, NOON, day)
    sheet.write(1, 2, 12.5)
    path = tmp_path / "a.csv"
    book.save(str(path))
    found = inspect(path)
    assert found.format is Format.XLS
    assert [p.code for p in found.problems] == ["format_differs"]
    assert contents(found) == [{ROW: 2, "订单号": "A1", "日期": NOON, "金额": 12.5}]


def test_the_epoch_of_1904_is_seen(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append(["日期", "x"])
    book.active.append([NOON, 1])
    book.save(tmp_path / "a.xlsx")
    found = inspect(tmp_path / "a.xlsx")
    assert found.excel_epoch == 1904
    assert contents(found)[0]["日期"] == NOON


def test_a_workbook_cut_anywhere_is_refused(tmp_path: Path) -> None:
    whole = workbook(tmp_path / "a.xlsx", {"a": CUSTOMERS}).read_bytes()
    for share in (0.2, 0.5, 0.9, 0.99):
        path = tmp_path / "cut.xlsx"
        path.write_bytes(whole[: int(len(whole) * share)])
        assert refused(path) == "truncated_workbook"


def test_a_damaged_workbook_is_refused_or_read_but_never_crashes(tmp_path: Path) -> None:
    whole = workbook(tmp_path / "a.xlsx", {"a": CUSTOMERS}).read_bytes()
    draw = random.Random(7)
    for _ in range(6):
        damaged = bytearray(whole)
        for _ in range(8):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        path = tmp_path / "damaged.xlsx"
        path.write_bytes(damaged)
        try:
            contents(inspect(path))
        except RefusedFile as caught:
            code = caught.problem.code
        else:
            code = "read"
        assert code in {
            "read",
            "truncated_workbook",
            "zip_archive",
            "unknown_format",
            "no_sheets",
            "bomb_overlap",
            "parser_failed",
        }


SHEET_HEAD = (
    b'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<sheetData>"
)


def bomb(path: Path, sheet: bytes, extra: int = 0) -> Path:
    """A workbook whose sheet is replaced by what we want it to unpack to."""
    source = workbook(path, {"a": [["x"], [1]]}).read_bytes()
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(
                entry.filename, sheet if entry.filename == "xl/worksheets/sheet1.xml" else old.read(entry)
            )
        for number in range(extra):
            new.writestr(f"xl/media/{number}", b"")
    return path


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = bomb(tmp_path / "a.xlsx", SHEET_HEAD + b" " * 80_000_000)
    with pytest.raises(RefusedFile) as caught:
        inspect(path)
    assert caught.value.problem.code == "bomb_ratio"
    assert "times its size" in caught.value.problem.message
    with pytest.raises(RefusedFile) as caught:
        inspect(path, limits=Limits(unpacked_bytes=50_000_000))
    assert caught.value.problem.code == "bomb_size"


def test_too_many_parts_are_refused(tmp_path: Path) -> None:
    assert (
        refused(bomb(tmp_path / "a.xlsx", SHEET_HEAD, extra=300), limits=Limits(entries=200))
        == "bomb_entries"
    )
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        for number in range(66_000):
            archive.writestr(zipfile.ZipInfo(str(number)), b"")
    assert refused(tmp_path / "b.xlsx") == "bomb_entries"


def test_parts_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    """Two entries of the directory that point at the same packed bytes, as in the bombs that need no nesting."""
    path = workbook(tmp_path / "a.xlsx", {"a": CUSTOMERS})
    raw = bytearray(path.read_bytes())
    first = raw.find(b"PK\x01\x02")
    second = raw.find(b"PK\x01\x02", first + 4)
    raw[second + 42 : second + 46] = raw[first + 42 : first + 46]
    path.write_bytes(raw)
    assert refused(path) == "bomb_overlap"


def test_a_bomb_that_lies_about_its_size_meets_the_limit_of_the_child(tmp_path: Path) -> None:
    path = bomb(tmp_path / "a.xlsx", SHEET_HEAD + b'<row><c t="inlineStr"><is><t>' + b"x" * 300_000_000)
    raw = bytearray(path.read_bytes())
    start = raw.rfind(b"xl/worksheets/sheet1.xml") - 46
    assert raw[start : start + 4] == b"PK\x01\x02"
    raw[start + 24 : start + 28] = struct.pack("<I", 1000)
    path.write_bytes(raw)
    code = refused(path, limits=Limits(memory_bytes=400 << 20))
    assert code in {"parser_memory", "truncated_workbook"}


def test_a_sheet_that_is_too_large_for_the_memory_allowed_is_refused(tmp_path: Path) -> None:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    path = bomb(tmp_path / "a.xlsx", SHEET_HEAD + b'<row r="1"><c r="A1"><v>1</v></c></row>' + far)
    assert refused(path) == "parser_memory"


def test_a_parser_that_runs_too_long_is_stopped(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["a", "b"], *([n, f"text {n}"] for n in range(30_000))]
    path = workbook(tmp_path / "a.xlsx", {"a": rows})
    options = ReadOptions(format=Format.XLSX, columns=("a", "b"), sheet="a")
    with pytest.raises(RefusedFile) as caught:
        list(read(path, options=options, limits=Limits(cpu_seconds=0)))
    assert caught.value.problem.code == "parser_time"


def test_another_format_under_the_name_of_a_workbook(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.csv", {"a": CUSTOMERS})
    found = inspect(path)
    assert found.format is Format.XLSX
    assert "the content is XLSX" in found.problems[0].message


def test_apostrophes_of_an_export_are_taken_off(tmp_path: Path) -> None:
    found = inspect(workbook(tmp_path / "a.xlsx", {"a": [["名称", "x"], ["'=1+1", 1]]}))
    assert contents(found)[0]["名称"] == "=1+1"


def test_stopping_in_the_middle_ends_the_child(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["a", "b"], *([n, f"text {n}"] for n in range(20_000))]
    found = inspect(workbook(tmp_path / "a.xlsx", {"a": rows}))
    with read(found.path, options=found.options, batch_rows=1000) as reading:
        assert next(reading).num_rows == 1000
    assert list(reading) == []
