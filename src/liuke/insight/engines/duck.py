"""DuckDB in this process: the default engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ibis

from liuke.insight.engines.base import Engine
from liuke.insight.kinds import Expression, Table

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend as DuckBackend


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

    def drop(self, table: Expression) -> None:
        self.backend.con.execute(f'DROP TABLE IF EXISTS temp."{table.get_name()}"')


def local_engine() -> DuckEngine:
    """A fresh engine; cheap (a few milliseconds), so every log gets its own unless told otherwise."""
    return DuckEngine()
