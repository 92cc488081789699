"""What every engine offers; the steps themselves are Ibis expressions and know no engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from liuke.insight.kinds import Expression, Table

if TYPE_CHECKING:
    from ibis.backends import BaseBackend


class Engine:
    """A connection on which Ibis expressions are kept as tables or fetched as Arrow.

    A subclass says how to take in an Arrow table (`take`) and how to keep an expression (`keep`).
    Names given to `take` and `keep` are made unique per engine, so two logs can share one connection.
    """

    dialect = "duckdb"

    def __init__(self, backend: BaseBackend) -> None:
        self.backend = backend
        self._made = 0

    def unique(self, name: str) -> str:
        self._made += 1
        return f"{name}_{self._made}"

    def take(self, table: Table, name: str) -> Expression:
        """An Arrow table as a table of this engine."""
        raise NotImplementedError

    def keep(self, expression: Expression, name: str) -> Expression:
        """Compute the expression once and return the stored table."""
        raise NotImplementedError

    def drop(self, table: Expression) -> None:
        """Free what `take` or `keep` stored."""
        self.backend.drop_table(table.get_name(), force=True)

    def fetch(self, expression: Expression) -> Table:
        """The (small) result of an expression as an Arrow table."""
        return expression.to_pyarrow()

    def row(self, expression: Expression) -> dict[str, Any]:
        """The only row of an expression that has one."""
        found: dict[str, Any] = self.fetch(expression).to_pylist()[0]
        return found

    def sql(self, expression: Expression) -> str:
        """The SQL that this engine would run."""
        return str(ibis.to_sql(expression, dialect=self.dialect))
