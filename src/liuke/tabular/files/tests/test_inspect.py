from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from liuke.tabular import Format, ReadOptions, RefusedFile, inspect, read

ROWS = "客户号,日期,金额\nC1,2025-01-03,5.00\nC2,2025-01-04,6.50\n"


def written(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refused(path: Path, **more: object) -> str:
    with pytest.raises(RefusedFile) as caught:
        inspect(path, **more)
    assert caught.value.problem.message
    return caught.value.problem.code


def codes(path: Path, **more: object) -> list[str]:
    return [problem.code for problem in inspect(path, **more).problems]


def test_a_csv_is_described(tmp_path: Path) -> None:
    found = inspect(written(tmp_path / "a.csv", ROWS))
    assert found.format is Format.DELIMITED
    assert (found.encoding, found.delimiter, found.header_row, found.sheet) == ("utf-8", ",", 1, None)
    assert found.columns == ("客户号", "日期", "金额")
    assert found.samples == (("C1", "2025-01-03", "5.00"), ("C2", "2025-01-04", "6.50"))
    assert found.sample_rows == (2, 3)
    assert (found.rows, found.rows_exact, found.size) == (2, True, len(ROWS.encode()))
    assert found.problems == ()


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "\x01"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_delimiter_and_encoding_are_found(tmp_path: Path, delimiter: str, encoding: str) -> None:
    path = written(tmp_path / "a.csv", ROWS.replace(",", delimiter).encode(encoding))
    found = inspect(path)
    assert found.delimiter == delimiter
    assert found.columns == ("客户号", "日期", "金额")
    assert found.rows == 2
    assert sum(batch.num_rows for batch in read(path, options=found.options)) == 2


def test_decimal_commas_do_not_pass_for_separators(tmp_path: Path) -> None:
    text = "Kunde;Betrag;Rabatt\nA;1,50;0,5\nB;2,75;1,5\n"
    assert inspect(written(tmp_path / "a.csv", text)).delimiter == ";"


def test_columns_of_fixed_width_are_set_apart_by_blanks(tmp_path: Path) -> None:
    text = " 00004 19970101  2   29.33\n 00021 19970118  2   29.73\n 00050 19970802  1   14.96\n"
    path = written(tmp_path / "a.txt", text)
    found = inspect(path)
    assert (found.delimiter, found.header_row, found.columns) == (" ", 0, ("A", "B", "C", "D"))
    assert [p.code for p in found.problems] == ["no_header"]
    (batch,) = read(path, options=found.options)
    assert batch.slice(0, 1).to_pylist() == [
        {"__row__": 1, "A": "00004", "B": "19970101", "C": "2", "D": "29.33"}
    ]


def test_sentences_do_not_pass_for_columns(tmp_path: Path) -> None:
    found = inspect(written(tmp_path / "a.txt", "name\nAnna Maria Lee\nBob\nCharlie Brown\n"))
    assert found.columns == ("name",)
    assert found.rows == 3


def test_a_spreadsheets_own_word_on_the_delimiter_counts(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "sep=;\nname;city\nAnna, Lee;Köln\n")
    found = inspect(path)
    assert (found.delimiter, found.header_row, found.columns) == (";", 2, ("name", "city"))
    (batch,) = read(path, options=found.options)
    assert batch.to_pylist() == [{"__row__": 3, "name": "Anna, Lee", "city": "Köln"}]


def test_titles_and_blank_rows_above_the_names_are_skipped(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "2025年客户名单,,\n\n制表人：张三,,\n" + ROWS)
    found = inspect(path)
    assert (found.header_row, found.columns, found.rows) == (4, ("客户号", "日期", "金额"), 2)
    assert found.sample_rows == (5, 6)
    assert "3 rows above" in found.problems[0].message
    (batch,) = read(path, options=found.options)
    assert batch["__row__"].to_pylist() == [5, 6]


def test_everything_can_be_overridden(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "x;y\n1,5;2\n".encode("gb18030"))
    found = inspect(path, encoding="GBK", delimiter="comma", header_row=2)
    assert (found.encoding, found.delimiter, found.header_row, found.columns) == (
        "gb18030",
        ",",
        2,
        ("1", "5;2"),
    )
    assert inspect(path, header_row=0).columns == ("A", "B")
    assert refused(path, encoding="klingon") == "encoding_unsupported"
    assert refused(path, delimiter="~~") == "delimiter_unsupported"
    assert refused(path, header_row=9) == "header_missing"


def test_options_survive_being_stored(tmp_path: Path) -> None:
    options = inspect(written(tmp_path / "a.csv", ROWS)).options
    assert ReadOptions.from_dict(options.to_dict()) == options


def test_names_that_are_missing_or_double_are_told(tmp_path: Path) -> None:
    found = inspect(written(tmp_path / "a.csv", "名称,,金额,金额\na,b,1,2\n"))
    assert found.columns == ("名称", "B", "金额", "金额 (2)")
    assert [p.code for p in found.problems] == ["unnamed_column", "duplicate_column"]


def test_a_file_with_names_only_is_told(tmp_path: Path) -> None:
    found = inspect(written(tmp_path / "a.csv", "客户号,日期,金额\n"))
    assert (found.rows, found.columns) == (0, ("客户号", "日期", "金额"))
    assert [p.code for p in found.problems] == ["no_rows"]
    assert list(read(found.path, options=found.options)) == []


@pytest.mark.parametrize("content", ["", "\n\n", " ", "\ufeff"])
def test_an_empty_file_is_refused(tmp_path: Path, content: str) -> None:
    assert refused(written(tmp_path / "a.csv", content)) == "empty_file"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere.csv") == "file_missing"
    assert refused(tmp_path) == "file_missing"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html><body><table><tr><td>1</td></tr></table>", "html_file"),
        (b"\xef\xbb\xbf\r\n<!DOCTYPE html><html>", "html_file"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "xml_file"),
        (b"%PDF-1.7 ...", "unknown_format"),
        (b"\x89PNG\r\n\x1a\n\0\0", "unknown_format"),
        (b"7z\xbc\xaf\x27\x1c\0\0", "unknown_format"),
        (b"SQLite format 3\0", "unknown_format"),
        (bytes(range(1, 32)) * 20, "unknown_format"),
        (bytes(300), "unknown_format"),
        (b"PK\x03\x04 cut short", "truncated_workbook"),
        (b"PAR1 cut short", "truncated_parquet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "truncated_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password_protected"),
        (b'[{"a": 1}]', "json_document"),
        (b'{\n  "a": 1\n}', "json_document"),
        (b"\x1f\x8b\x08\x00cut", "truncated_gzip"),
    ],
)
def test_what_is_no_table_is_told_by_its_content(tmp_path: Path, content: bytes, code: str) -> None:
    assert refused(written(tmp_path / "a.csv", content)) == code


def test_an_archive_that_is_no_workbook_is_told(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", ROWS)
    assert refused(written(tmp_path / "a.zip", packed.getvalue())) == "zip_archive"
    assert refused(written(tmp_path / "b.gz", gzip.compress(packed.getvalue()))) == "zip_archive"


def test_a_name_that_says_something_else_is_told(tmp_path: Path) -> None:
    assert codes(written(tmp_path / "a.xlsx", ROWS)) == ["format_differs"]
    assert codes(written(tmp_path / "a.txt", ROWS)) == []
    assert codes(written(tmp_path / "a", ROWS)) == []


def test_a_compressed_text_is_read_through(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv.gz", gzip.compress(ROWS.encode()))
    found = inspect(path)
    assert found.options.compressed
    assert (found.rows, found.problems) == (2, ())
    assert sum(batch.num_rows for batch in read(path, options=found.options)) == 2


def test_chinese_that_comes_far_down_still_shows_the_encoding(tmp_path: Path) -> None:
    text = "id,name\n" + "1,Anna\n" * 700_000 + "2,张三\n"
    assert inspect(written(tmp_path / "a.csv", text.encode("gb18030"))).encoding == "gb18030"


def test_the_number_of_rows_of_a_large_file_is_counted_without_parsing(tmp_path: Path) -> None:
    found = inspect(written(tmp_path / "a.csv", "id,name\n" + "1,Anna\n" * 5000))
    assert (found.rows, found.rows_exact) == (5000, True)
    quoted = inspect(written(tmp_path / "b.csv", "id,name\n" + '1,"An\nna"\n' * 5000))
    assert not quoted.rows_exact


def test_a_first_row_of_data_is_not_taken_for_names(tmp_path: Path) -> None:
    assert inspect(written(tmp_path / "a.csv", "1,2025-01-03,5\n2,2025-01-04,6\n")).header_row == 0
    assert inspect(written(tmp_path / "b.csv", "产品,2023,2024\n甲,5,6\n")).header_row == 1


def test_old_line_ends_are_understood(tmp_path: Path) -> None:
    for end in ("\r", "\r\n", "\r\r\n"):
        path = written(tmp_path / "a.csv", ROWS.replace("\n", end))
        found = inspect(path)
        assert (found.columns, found.rows) == (("客户号", "日期", "金额"), 2)
        assert sum(batch.num_rows for batch in read(path, options=found.options)) == 2


def test_a_large_file_without_a_last_line_end_may_have_been_cut(tmp_path: Path) -> None:
    text = "id,name\n" + "1,Anna\n" * 20_000
    assert codes(written(tmp_path / "a.csv", text)) == []
    assert codes(written(tmp_path / "a.csv", text + "2,Bo")) == ["file_ends_early"]
    assert inspect(written(tmp_path / "a.csv", text + "2,Bo")).rows == 20_001
