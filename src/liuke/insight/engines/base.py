"""What every engine offers; the steps themselves are Ibis expressions and know no engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import ibis

from liuke.insight.kinds import Expression, Table

if TYPE_CHECKING:
    from ibis.backends import BaseBackend

    from liuke.insight.reading.lines import Reading


Work = Callable[[Table], Table]


class Distributed:
    """The rows that `Engine.distribute` made, where they were made."""

    def rows(self) -> Table:
        """All of them, brought here, ordered by customer."""
        raise NotImplementedError

    def notes(self) -> list[Any]:
        """What stands in the column of notes, nulls left out."""
        raise NotImplementedError

    def write(self, path: str) -> None:
        """Written as Parquet by whoever holds them, the notes left out."""
        raise NotImplementedError

    def drop(self) -> None:
        """Free them."""


class Engine:
    """A connection on which Ibis expressions are kept as tables or fetched as Arrow.

    A subclass says how to take in an Arrow table (`take`) and how to keep an expression (`keep`).
    Names given to `take` and `keep` are made unique per engine, so two logs can share one connection.
    """

    dialect = "duckdb"
    local = True  # whether the tables lie in this process, so that looking at one again costs next to nothing

    def __init__(self, backend: BaseBackend) -> None:
        self.backend = backend
        self._made = 0

    def unique(self, name: str) -> str:
        self._made += 1
        return f"{name}_{self._made}"

    def take(self, table: Table, name: str) -> Expression:
        """An Arrow table as a table of this engine."""
        raise NotImplementedError

    def open(
        self, path: str, mapping: Mapping[str, str] | None, *, timezone: str
    ) -> tuple[Expression, Reading] | None:
        """The checked lines of a file that this engine reads by itself; None when it must be read here and taken in."""
        return None

    def keep(self, expression: Expression, name: str) -> Expression:
        """Compute the expression once and return the stored table."""
        raise NotImplementedError

    def drop(self, table: Expression) -> None:
        """Free what `take` or `keep` stored."""
        self.backend.drop_table(table.get_name(), force=True)

    def fetch(self, expression: Expression) -> Table:
        """The (small) result of an expression as an Arrow table."""
        return expression.to_pyarrow()

    def distribute(self, expression: Expression, work: Work, *, notes: str) -> Distributed:
        """`work` done on all rows, part by part, where they are; its rows are stored.

        `work` takes an Arrow table of some rows and gives one of any other rows; it can be pickled and needs nothing
        but its part. The column `notes` of what it gives is kept apart (`Distributed.notes`).
        """
        raise NotImplementedError

    def row(self, expression: Expression) -> dict[str, Any]:
        """The only row of an expression that has one."""
        found: dict[str, Any] = self.fetch(expression).to_pylist()[0]
        return found

    def sql(self, expression: Expression) -> str:
        """The SQL that this engine would run."""
        return str(ibis.to_sql(expression, dialect=self.dialect))
