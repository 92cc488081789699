"""Opens what holds the log, as an Ibis table of the engine with the columns as they came."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from liuke.insight.reading.problems import UnreadablePurchases

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from liuke.insight.engines import Engine


def arrow_table(source: Any, *, table: str, timezone: str) -> pa.Table:
    """A file path or data frame as Arrow, instants with a zone turned into local time of `timezone`."""
    if isinstance(source, str | os.PathLike):
        found = _from_file(Path(source), table=table)
    elif isinstance(source, pa.Table):
        found = source
    elif hasattr(source, "to_pyarrow"):
        found = source.to_pyarrow()
    elif hasattr(source, "__arrow_c_stream__"):
        found = pa.table(source)
    else:
        raise UnreadablePurchases(
            f"a path, an Arrow table or a data frame is needed, not {type(source).__name__}", table=table
        )
    return _localised(found, timezone=timezone)


def _from_file(path: Path, *, table: str) -> pa.Table:
    if not path.is_file():
        raise UnreadablePurchases("there is no such file", table=table)
    if path.suffix.lower() in {".parquet", ".pq"}:
        try:
            return pq.read_table(path)
        except (pa.ArrowInvalid, OSError) as error:
            raise UnreadablePurchases(f"not a whole Parquet file ({error})", table=table) from error
    import duckdb

    try:
        return duckdb.read_csv(str(path), all_varchar=True).to_arrow_table()
    except duckdb.Error as error:
        raise UnreadablePurchases(f"not a table of text ({error})", table=table) from error


def _localised(found: pa.Table, *, timezone: str) -> pa.Table:
    for index, field in enumerate(found.schema):
        if pa.types.is_timestamp(field.type) and field.type.tz is not None:
            zoned = found.column(index).cast(pa.timestamp(field.type.unit, tz=timezone))
            found = found.set_column(index, field.name, pc.local_timestamp(zoned))
        elif pa.types.is_dictionary(field.type):
            found = found.set_column(index, field.name, found.column(index).cast(field.type.value_type))
    return found


def opened(source: Any, engine: Engine, *, table: str, timezone: str) -> ir.Table:
    """The source as a stored table of the engine, rows in their order."""
    return engine.take(arrow_table(source, table=table, timezone=timezone), "source")
