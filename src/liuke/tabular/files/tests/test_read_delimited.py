from __future__ import annotations

import csv
import gzip
import io
import os
import subprocess
import sys
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liuke.tabular import Format, Problem, ReadOptions, RefusedFile, inspect, read
from liuke.tabular.files.delimited import DelimitedReader
from liuke.tabular.files.limits import Limits

HEADER = "number,name,note\n"
OPTIONS = ReadOptions(format=Format.DELIMITED, columns=("number", "name", "note"))


def rows_of(
    path: Path, content: str | bytes, options: ReadOptions = OPTIONS, block_bytes: int = 8 << 20
) -> tuple[list[tuple[Any, ...]], list[tuple[str, int | None]]]:
    """The rows and (code, row) of the problems; small blocks let every row cross a block's end."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    told: list[Problem] = []
    reader = DelimitedReader(path, options, tell=told.append, block_bytes=block_bytes)
    rows = [tuple(row.values()) for table in reader for row in table.to_pylist()]
    return rows, [(problem.code, problem.row) for problem in told]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.csv"


def test_rows_come_with_the_number_their_user_sees(path: Path) -> None:
    rows, told = rows_of(path, HEADER + "1,Anna,x\n2,Bob,\n")
    assert rows == [(2, "1", "Anna", "x"), (3, "2", "Bob", None)]
    assert told == []


@pytest.mark.parametrize("block_bytes", [1, 7, 16, 64, 8 << 20])
def test_blank_rows_are_left_out_and_counted(path: Path, block_bytes: int) -> None:
    rows, told = rows_of(path, HEADER + "1,Anna,x\n\n,,\n2,Bob,\n\n", block_bytes=block_bytes)
    assert rows == [(2, "1", "Anna", "x"), (5, "2", "Bob", None)]
    assert told == []


@pytest.mark.parametrize("block_bytes", [1, 16, 8 << 20])
def test_cells_may_hold_delimiters_quotes_and_line_breaks(path: Path, block_bytes: int) -> None:
    text = HEADER + '1,"Anna, Lee","a ""b"" c"\n2,"line\nbreak\n",x\n3,Bob,"\n"\n4,C,y\n'
    rows, told = rows_of(path, text, block_bytes=block_bytes)
    expected = [
        (2, "1", "Anna, Lee", 'a "b" c'),
        (3, "2", "line\nbreak\n", "x"),
        (4, "3", "Bob", "\n"),
        (5, "4", "C", "y"),
    ]
    assert rows == expected
    assert told == []


@pytest.mark.parametrize("block_bytes", [1, 16, 8 << 20])
def test_rows_of_another_width_are_told_and_the_others_read(path: Path, block_bytes: int) -> None:
    rows, told = rows_of(path, HEADER + "1,Anna\n2,Bob,x\n3,C,y,z\n4,D,w\n", block_bytes=block_bytes)
    assert [row[0] for row in rows] == [3, 5]
    assert told == [("wrong_column_count", 2), ("wrong_column_count", 4)]


def test_the_message_on_a_bad_row_says_what_is_wrong_and_keeps_the_row(path: Path) -> None:
    path.write_text(HEADER + "1,Anna\n2,B,c\n")
    reading = read(path, options=OPTIONS)
    assert sum(batch.num_rows for batch in reading) == 1
    (problem,) = reading.take_problems()
    assert problem.message.startswith("Row 2: The row has 2 columns where 3 are expected.")
    assert problem.raw == "1,Anna"
    assert reading.take_problems() == []
    assert (reading.problem_count, reading.rows) == (1, 1)


def test_empty_cells_beyond_the_last_column_do_no_harm(path: Path) -> None:
    assert rows_of(path, HEADER + "1,Anna,x,,\n2,Bob,y\n")[0] == [(2, "1", "Anna", "x"), (3, "2", "Bob", "y")]


def test_missing_cells_are_taken_as_blank_when_asked(path: Path) -> None:
    options = ReadOptions(format=Format.DELIMITED, columns=OPTIONS.columns, fill_short_rows=True)
    rows, told = rows_of(path, HEADER + "1,Anna,x\n2\n3,C\n", options)
    assert rows == [(2, "1", "Anna", "x"), (3, "2", None, None), (4, "3", "C", None)]
    assert told == []


@pytest.mark.parametrize("block_bytes", [1, 16, 8 << 20])
def test_a_stray_quotation_mark_costs_one_row_and_not_the_file(path: Path, block_bytes: int) -> None:
    good = "".join(f"{n},name {n},x\n" for n in range(2000))
    rows, told = rows_of(path, HEADER + '1,"Anna,x\n' + good, block_bytes=block_bytes)
    assert len(rows) == 2000
    assert rows[0][0] == 3
    assert told == [("broken_quotes", 2)]


def test_quotation_marks_inside_cells_are_text(path: Path) -> None:
    rows, told = rows_of(path, HEADER + '1,5" pipe,x\n2,a "b" c,3"\n3,"q",z\n4,5" pipe,"quoted, too"\n')
    assert [row[2] for row in rows] == ['5" pipe', 'a "b" c', "q", '5" pipe']
    assert told == []


def test_marks_that_balance_on_a_line_but_not_in_its_cells_are_found(path: Path) -> None:
    rows, told = rows_of(path, HEADER + '1,5" pipe,"open\n2,Bob,x\n3,C,y\n')
    assert [row[1] for row in rows] == ["2", "3"]
    assert told == [("broken_quotes", 2)]


@pytest.mark.parametrize(
    ("tail", "kept"),
    [('9,"cut in a quo', 1), ("9,cut", 1), ('9,"cut in a\ncell of two li', 1), ("9,Zoe,张"[:-1], 2)],
)
def test_a_file_cut_in_the_middle_of_a_row_is_told(path: Path, tail: str, kept: int) -> None:
    rows, told = rows_of(path, HEADER + "1,Anna,x\n" + tail)
    assert len(rows) == kept
    assert told == ([("truncated_row", 3)] if kept == 1 else [])


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
def test_a_file_cut_in_the_middle_of_a_character_is_told(path: Path, encoding: str) -> None:
    content = (HEADER + "1,Anna,x\n2,Bob,张三").encode(encoding)[:-1]
    options = ReadOptions(format=Format.DELIMITED, columns=OPTIONS.columns, encoding=encoding)
    rows, told = rows_of(path, content, options)
    assert [row[1] for row in rows] == ["1"]
    assert told == [("truncated_row", 3)]


@pytest.mark.parametrize("block_bytes", [1, 16, 8 << 20])
def test_bytes_that_are_not_in_the_encoding_cost_their_row(path: Path, block_bytes: int) -> None:
    rows, told = rows_of(path, HEADER.encode() + b"1,\xff\xfe,x\n2,Bob,y\n", block_bytes=block_bytes)
    assert [row[1] for row in rows] == ["2"]
    assert told == [("invalid_bytes", 2)]


def test_nul_and_half_characters_cost_their_row(path: Path) -> None:
    assert rows_of(path, HEADER + "1,a\0b,x\n2,Bob,y\n")[1] == [("nul_character", 2)]
    options = ReadOptions(format=Format.DELIMITED, columns=OPTIONS.columns, encoding="utf-16-le")
    half = (HEADER + "1,a").encode("utf-16-le") + b"\x00\xd8" + ",x\n2,Bob,y\n".encode("utf-16-le")
    rows, told = rows_of(path, half, options)
    assert [row[1] for row in rows] == ["2"]
    assert told == [("invalid_bytes", 2)]


def test_text_is_composed(path: Path) -> None:
    assert rows_of(path, HEADER + "1,e\u0301,x\n")[0] == [(2, "1", "é", "x")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
@pytest.mark.parametrize("block_bytes", [1, 5, 8 << 20])
def test_all_line_ends_count_alike(path: Path, end: str, block_bytes: int) -> None:
    rows, told = rows_of(path, (HEADER + "1,Anna,x\n2,Bob,y\n").replace("\n", end), block_bytes=block_bytes)
    assert rows == [(2, "1", "Anna", "x"), (3, "2", "Bob", "y")]
    assert told == []


def test_one_column_is_a_table_too(path: Path) -> None:
    options = ReadOptions(format=Format.DELIMITED, columns=("name",))
    rows, told = rows_of(path, "name\nAnna\n\nBob, too\n", options)
    assert rows == [(2, "Anna")]
    assert told == [("wrong_column_count", 4)]


def test_names_only_with_and_without_a_line_end(path: Path) -> None:
    assert rows_of(path, HEADER) == ([], [])
    assert rows_of(path, HEADER.rstrip()) == ([], [])


def test_a_wrong_delimiter_is_found_out_early(path: Path) -> None:
    path.write_text("a;b\n" + "1;2\n" * 5000)
    with pytest.raises(RefusedFile) as caught:
        list(read(path, options=ReadOptions(format=Format.DELIMITED, columns=("a", "b"))))
    assert caught.value.problem.code == "mostly_unreadable"


def test_a_compressed_file_that_stops_is_refused(path: Path) -> None:
    packed = gzip.compress((HEADER + "".join(f"{n},name {n * 7919},x\n" for n in range(50_000))).encode())
    path.write_bytes(packed[: len(packed) // 2])
    options = ReadOptions(format=Format.DELIMITED, columns=OPTIONS.columns, compressed=True)
    with pytest.raises(RefusedFile) as caught:
        list(read(path, options=options))
    assert caught.value.problem.code == "truncated_gzip"


def test_a_compressed_bomb_is_refused(path: Path) -> None:
    path.write_bytes(gzip.compress(HEADER.encode() + b"1,a,b\n" * 1_000_000))
    options = ReadOptions(format=Format.DELIMITED, columns=OPTIONS.columns, compressed=True)
    with pytest.raises(RefusedFile) as caught:
        list(read(path, options=options, limits=Limits(gzip_unpacked_bytes=1 << 20)))
    assert caught.value.problem.code == "bomb_size"


def test_a_line_without_end_is_refused(path: Path) -> None:
    path.write_bytes(b"x" * 3_000_000)
    with pytest.raises(RefusedFile) as caught:
        list(read(path, options=OPTIONS, limits=Limits(row_bytes=1 << 20)))
    assert caught.value.problem.code == "line_too_long"


def test_batches_are_as_large_as_asked(path: Path) -> None:
    path.write_text(HEADER + "1,a,b\n" * 250)
    assert [batch.num_rows for batch in read(path, options=OPTIONS, batch_rows=100)] == [100, 100, 50]


def test_reading_may_stop_in_the_middle(path: Path) -> None:
    path.write_text(HEADER + "1,a,b\n" * 250)
    with read(path, options=OPTIONS, batch_rows=100) as reading:
        assert next(reading).num_rows == 100
    assert list(reading) == []


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufffe\uffff"), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=30),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    block_bytes=st.sampled_from([1, 13, 64, 8 << 20]),
)
def test_what_was_written_is_read(
    tmp_path: Path, rows: list[list[str]], delimiter: str, quoting: int, block_bytes: int
) -> None:
    if any("\r" in cell for row in rows for cell in row):
        quoting = csv.QUOTE_ALL  # Python's writer leaves a lone return without quotation marks
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, quoting=quoting, lineterminator="\n")  # type: ignore[arg-type]
    writer.writerows([["number", "name", "note"], *rows])
    options = ReadOptions(
        format=Format.DELIMITED, columns=OPTIONS.columns, delimiter=delimiter, restore_formulas=False
    )
    found, told = rows_of(tmp_path / "a.csv", written.getvalue(), options, block_bytes)
    expected = [
        (number, *(composed(cell) or None for cell in row))
        for number, row in enumerate(rows, start=2)
        if any(row)
    ]
    assert found == expected
    assert told == []


def composed(cell: str) -> str:
    return unicodedata.normalize(
        "NFC", cell.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    )


TRICKY = st.lists(
    st.sampled_from(
        [
            b"a",
            b'"',
            b",",
            b"\n",
            b"\r",
            b"\0",
            b"\xff",
            "张".encode(),
            "张".encode("gb18030"),
            b'""',
            b'",',
            b"'=1",
            b" ",
        ]
    ),
    max_size=60,
).map(b"".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(
    raw=st.one_of(st.binary(max_size=200), TRICKY),
    block_bytes=st.sampled_from([1, 9, 8 << 20]),
    encoding=st.sampled_from(["utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be"]),
)
def test_no_bytes_crash_the_reader_and_no_row_is_lost_in_silence(
    tmp_path: Path, raw: bytes, block_bytes: int, encoding: str
) -> None:
    options = ReadOptions(format=Format.DELIMITED, columns=("a", "b"), encoding=encoding, header_row=0)
    rows, told = rows_of(tmp_path / "a.csv", raw, options, block_bytes)
    numbers = [row[0] for row in rows] + [row for _, row in told if row is not None]
    assert len(set(numbers)) == len(numbers)
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(raw=st.one_of(st.binary(max_size=200), TRICKY))
def test_no_bytes_crash_the_inspection(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(raw)
    with suppress(RefusedFile):
        list(read(path, options=inspect(path).options))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(1, 400), encoding=st.sampled_from(["utf-8", "gb18030", "big5", "utf-16"]))
def test_a_file_cut_anywhere_never_gives_a_row_that_was_not_whole(
    tmp_path: Path, cut: int, encoding: str
) -> None:
    text = "客戶,姓名,備註\n" + "".join(f'{n},"王小明, {n}","第{n}行\n續"\n' for n in range(12))
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding)[:cut])
    options = ReadOptions(
        format=Format.DELIMITED,
        columns=OPTIONS.columns,
        encoding={"utf-16": "utf-16-le"}.get(encoding, encoding),
    )
    try:
        rows = [row for batch in read(path, options=options) for row in batch.to_pylist()]
    except RefusedFile:  # not even the names are whole
        return
    for row in rows[:-1]:
        assert row["name"] == f"王小明, {row['number']}"
        assert row["note"] == f"第{row['number']}行\n續"


def test_a_file_full_of_stray_marks_is_read_in_one_go(path: Path) -> None:
    """Each line opens a cell that no later line closes; looking for the end from each would never end."""
    rows, told = rows_of(path, HEADER + '1,"x",y"z,"w\n' * 30_000 + "2,Bob,x\n" * 9000)
    assert len(rows) == 9000
    assert {code for code, _ in told} == {"broken_quotes"}


@pytest.mark.parametrize("block_bytes", [1, 16, 8 << 20])
def test_two_stray_marks_do_not_take_the_rows_between_them(path: Path, block_bytes: int) -> None:
    good = "".join(f"{n},name {n},x\n" for n in range(5))
    rows, told = rows_of(
        path, HEADER + '1,"Anna,x\n' + good + '2,Bob",x\n3,C,"y\n' + good, block_bytes=block_bytes
    )
    assert len(rows) == 11
    assert told == [("broken_quotes", 2), ("broken_quotes", 9)]


MEASURE = """
import resource, sys
from liuke.tabular import inspect, read
options = inspect(sys.argv[1]).options
peaks = []
for batch in read(sys.argv[1], options=options):
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
print(len(peaks), (peaks[-1] - peaks[len(peaks) // 3]) // 1024)
"""


def test_memory_does_not_grow_with_the_file(path: Path) -> None:
    with path.open("w") as stream:
        stream.write("number,name,note\n")
        for part in range(20):
            stream.writelines(f'{part}{n},name {n},"a note, {n}"\n' for n in range(60_000))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    batches, grown_mb = map(int, done.stdout.split())
    assert batches > 15
    assert grown_mb < 40  # two thirds of the file are 28 MB of text and far more as columns
