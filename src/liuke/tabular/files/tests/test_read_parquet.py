from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from liuke.tabular import ROW, Format, RefusedFile, inspect, read

TABLE = pa.table(
    {
        "CustomerID": pa.array([1, 2, None], pa.int32()),
        "when": pa.array([dt.datetime(2025, 1, 3, tzinfo=dt.UTC)] * 3, pa.timestamp("us", "UTC")),
        "amount": pa.array([Decimal("1.50"), None, Decimal("-2.00")], pa.decimal128(9, 2)),
        "country": pa.array(["中国", "中国", None]).dictionary_encode(),
        "tags": pa.array([["a", "b"], [], None], pa.list_(pa.string())),
        "name": pa.array(["x", "y", "z"], pa.large_string()),
        "raw": pa.array([b"ab", None, b"\xff"], pa.binary()),
    }
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    pq.write_table(TABLE, tmp_path / "a.parquet", row_group_size=2)
    return tmp_path / "a.parquet"


def test_types_are_kept_and_others_made_plain(path: Path) -> None:
    found = inspect(path)
    assert (found.format, found.rows, found.rows_exact, found.header_row) == (Format.PARQUET, 3, True, 0)
    assert found.samples[0] == ("1", "2025-01-03 00:00:00Z", "1.50", "中国", '["a", "b"]', "x", "ab")
    assert [p.code for p in found.problems] == ["nested_value"]
    batches = list(read(path, options=found.options))
    assert [str(field.type) for field in batches[0].schema] == [
        "int64",
        "int32",
        "timestamp[us, tz=UTC]",
        "decimal128(9, 2)",
        "string",
        "string",
        "string",
        "string",
    ]
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert [row[ROW] for row in rows] == [1, 2, 3]
    assert rows[1]["country"] == "中国"
    assert rows[0]["tags"] == '["a", "b"]'
    assert rows[2]["amount"] == Decimal("-2.00")


def test_batches_number_on(path: Path) -> None:
    batches = list(read(path, options=inspect(path).options, batch_rows=1))
    assert [batch["__row__"].to_pylist() for batch in batches] == [[1], [2], [3]]


def test_no_rows_are_told(tmp_path: Path) -> None:
    pq.write_table(TABLE.slice(0, 0).drop_columns(["tags"]), tmp_path / "a.parquet")
    found = inspect(tmp_path / "a.parquet")
    assert (found.rows, [p.code for p in found.problems]) == (0, ["no_rows"])
    assert list(read(found.path, options=found.options)) == []


@pytest.mark.parametrize("share", [0.01, 0.3, 0.99])
def test_a_file_cut_in_the_middle_is_refused(path: Path, share: float) -> None:
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(RefusedFile) as caught:
        inspect(path)
    assert caught.value.problem.code in {"truncated_parquet", "unknown_format"}


def test_damaged_pages_are_refused(path: Path) -> None:
    options = inspect(path).options
    raw = bytearray(path.read_bytes())
    raw[4:400] = bytes(396)
    path.write_bytes(raw)
    with pytest.raises(RefusedFile) as caught:
        list(read(path, options=options))
    assert caught.value.problem.code in {"truncated_parquet", "parser_failed"}
