"""DuckDB in this process: the default engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import ibis
import pyarrow.parquet as pq

from liuke.insight.engines.base import Distributed, Engine, Work
from liuke.insight.kinds import Expression, Table, pa

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend as DuckBackend


PART_ROWS: Final = 131_072  # bounds what `distribute` holds at a time; a multiple of DuckDB's vectors


class Collected(Distributed):
    """Rows in this process."""

    def __init__(self, parts: list[Table], notes: str) -> None:
        table = pa.concat_tables(parts)
        self._notes = table[notes]
        self._rows = table.drop_columns([notes])

    def rows(self) -> Table:
        return self._rows

    def notes(self) -> list[Any]:
        found: list[Any] = self._notes.drop_null().to_pylist()
        return found

    def write(self, path: str) -> None:
        pq.write_table(self._rows, path, compression="zstd")


class DuckEngine(Engine):
    """In memory, spilling to the temporary directory when a log outgrows it.

    `threads` and `memory` (as "4GB") bound it; None leaves DuckDB's own choice (all cores, 80 % of memory).
    """

    dialect = "duckdb"

    def __init__(self, *, threads: int | None = None, memory: str | None = None) -> None:
        settings: dict[str, object] = {"preserve_insertion_order": True}
        if threads is not None:
            settings["threads"] = threads
        if memory is not None:
            settings["memory_limit"] = memory
        self.backend: DuckBackend = ibis.duckdb.connect(**settings)
        super().__init__(self.backend)

    def take(self, table: Table, name: str) -> Expression:
        made = self.unique(name)
        self.backend.con.register("incoming", table)  # a view without a copy, only for the next statement
        try:
            self.backend.con.execute(f'CREATE TEMP TABLE "{made}" AS FROM incoming')
        finally:
            self.backend.con.unregister("incoming")
        return self.backend.table(made, database=("temp", "main"))

    def keep(self, expression: Expression, name: str) -> Expression:
        made = self.unique(name)
        self.backend.con.execute(f'CREATE TEMP TABLE "{made}" AS {self.sql(expression)}')
        return self.backend.table(made, database=("temp", "main"))

    def distribute(self, expression: Expression, work: Work, *, notes: str) -> Distributed:
        """In the order of the expression."""
        rows = self.backend.con.sql(self.sql(expression)).to_arrow_reader(PART_ROWS)
        parts = [work(pa.Table.from_batches([batch])) for batch in rows if batch.num_rows]
        return Collected(parts, notes)

    def drop(self, table: Expression) -> None:
        # the bare name: `get_name` gives the whole path, and a table of that name there is none
        self.backend.con.execute(f'DROP TABLE temp."{table.op().name}"')


def local_engine() -> DuckEngine:
    """A fresh engine; cheap (a few milliseconds), so every log gets its own unless told otherwise."""
    return DuckEngine()
