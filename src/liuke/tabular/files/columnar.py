"""Parquet files, read a batch at a time inside the child process. Native types are kept."""

# mypy: disable-error-code="no-any-return"
# Arrow's functions are untyped for us, see arrow.py.
from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet

from liuke.tabular.arrow import Array, Batch, Schema, compute, pa
from liuke.tabular.files.inspection import ReadOptions
from liuke.tabular.problems import RefusedFile
from liuke.tabular.values.writing import ROW, as_text, whole

SAMPLE_ROWS: Final = 20


def _opened(path: Path) -> pyarrow.parquet.ParquetFile:
    try:
        return pyarrow.parquet.ParquetFile(path, memory_map=False)
    except (pa.ArrowException, OSError):
        raise RefusedFile("truncated_parquet") from None


def look(path: Path) -> dict[str, Any]:
    file = _opened(path)
    schema = file.schema_arrow
    nested = [field.name for field in schema if pa.types.is_nested(field.type)]
    try:
        first = next(file.iter_batches(batch_size=SAMPLE_ROWS), None)
    except (pa.ArrowException, OSError):
        raise RefusedFile("truncated_parquet") from None
    samples: list[list[str | None]] = []
    if first is not None:
        columns = [as_text(_plain(first.column(i))).to_pylist() for i in range(first.num_columns)]
        samples = [list(row) for row in zip(*columns, strict=True)] if columns else []
    return {"headings": schema.names, "rows": file.metadata.num_rows, "samples": samples, "nested": nested}


def batches(path: Path, options: ReadOptions, batch_rows: int) -> tuple[Schema, Iterator[Batch]]:
    file = _opened(path)
    found = file.schema_arrow
    if len(found) != len(options.columns):
        raise RefusedFile("too_many_columns", count=len(found), limit=len(options.columns))
    kinds = [_plain(pa.nulls(0, field.type)).type for field in found]
    named = zip(options.columns, kinds, strict=True)
    schema = pa.schema([(ROW, pa.int64()), *named])
    return schema, _batches(file, schema, batch_rows)


def _batches(file: pyarrow.parquet.ParquetFile, schema: Schema, batch_rows: int) -> Iterator[Batch]:
    row = 1  # a Parquet file has no header row
    try:
        for batch in file.iter_batches(batch_size=batch_rows):
            ones = pa.repeat(pa.scalar(1, pa.int64()), batch.num_rows)
            numbers = compute.cumulative_sum(ones, start=pa.scalar(row - 1, pa.int64()))
            row += batch.num_rows
            yield pa.RecordBatch.from_arrays(
                [numbers, *(_plain(batch.column(i)) for i in range(batch.num_columns))], schema=schema
            )
    except (pa.ArrowException, OSError):
        raise RefusedFile("truncated_parquet") from None


def _plain(column: Array) -> Array:
    """Without dictionaries, views and wide offsets; lists and records as JSON text."""
    array = whole(column)
    kind = array.type
    if pa.types.is_nested(kind):
        texts = [
            None if v is None else json.dumps(v, ensure_ascii=False, default=str) for v in array.to_pylist()
        ]
        return pa.array(texts, pa.string())
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return compute.cast(array, pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return as_text(compute.cast(array, pa.binary()))
    return array
