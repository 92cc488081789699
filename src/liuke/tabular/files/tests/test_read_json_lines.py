from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from liuke.tabular import ROW, Format, RefusedFile, inspect, read

LINES = (
    '{"客户": "C1", "金额": 12.50, "ok": true}\n\n{"客户": "C2", "金额": 3, "tags": ["a", 1.0], "x": null}\n'
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "a.jsonl").write_text(LINES)
    return tmp_path / "a.jsonl"


def test_each_line_is_a_row_and_numbers_keep_their_digits(path: Path) -> None:
    found = inspect(path)
    assert (found.format, found.columns) == (Format.JSON_LINES, ("客户", "金额", "ok", "tags", "x"))
    assert found.samples[0] == ("C1", "12.50", "true", None, None)
    rows = [row for batch in read(path, options=found.options) for row in batch.to_pylist()]
    assert rows == [
        {ROW: 1, "客户": "C1", "金额": "12.50", "ok": "true", "tags": None, "x": None},
        {ROW: 3, "客户": "C2", "金额": "3", "ok": None, "tags": '["a", "1.0"]', "x": None},
    ]


def test_bad_lines_are_told_and_the_others_read(path: Path) -> None:
    bad = [
        '{"客户": "C3"',
        "[1]",
        '{"客户": "\\u0000"}',
        '{"客户": "\\ud800"}',
        '{"new": 1, "客户": "C4"}',
        '{"客户": "cut',
    ]
    path.write_text(LINES + "\n".join(bad))
    found = inspect(path)
    reading = read(path, options=found.options)
    rows = [row["客户"] for batch in reading for row in batch.to_pylist()]
    assert rows == ["C1", "C2", "C4"]
    assert [(p.code, p.row) for p in reading.problems] == [
        ("json_invalid", 4),
        ("json_not_object", 5),
        ("nul_character", 6),
        ("lone_surrogate", 7),
        ("truncated_row", 9),
    ]


def test_a_key_that_comes_late_is_told_once(path: Path) -> None:
    options = inspect(path).options
    path.write_text(LINES + '{"late": 1}\n{"late": 2}\n')
    reading = read(path, options=options)
    assert sum(batch.num_rows for batch in reading) == 4
    assert [(p.code, p.value) for p in reading.problems] == [("unknown_key", "late")]


def test_the_row_number_can_not_be_overwritten_by_a_key(path: Path) -> None:
    path.write_text('{"__row__": 99, "a": 1}\n')
    found = inspect(path)
    assert found.columns == ("a",)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_other_encodings(path: Path, encoding: str) -> None:
    path.write_bytes(LINES.encode(encoding))
    found = inspect(path)
    assert sum(batch.num_rows for batch in read(path, options=found.options)) == 2


def test_deep_nesting_does_no_harm(path: Path) -> None:
    options = inspect(path).options
    path.write_text('{"客户": ' + "[" * 100_000 + "]" * 100_000 + "}\n")
    reading = read(path, options=options)
    assert list(reading) == []
    assert [p.code for p in reading.problems] == ["json_invalid"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=100),
        st.text(max_size=60).map(lambda text: ('{"a": "' + text).encode("utf-8", "ignore")),
    )
)
def test_no_bytes_crash_the_reader(path: Path, raw: bytes) -> None:
    path.write_bytes(b'{"a": 1}\n' + raw)
    with suppress(RefusedFile):
        list(read(path, options=inspect(path).options))
