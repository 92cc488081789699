from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from liuke.insight.engines import Distributed, DuckEngine
from liuke.insight.engines.duck import Collected
from liuke.insight.testing import check_engine


def test_ours_keeps_the_contract() -> None:
    check_engine(DuckEngine())


class Forgetful(DuckEngine):
    """Loses the last row of what it keeps."""

    def keep(self, expression: Any, name: str) -> Any:
        return super().keep(
            expression.limit(max(self.row(expression.aggregate(n=expression.count()))["n"] - 1, 0)), name
        )


class Hoarding(DuckEngine):
    """Frees nothing."""

    def drop(self, table: Any) -> None:
        pass


class OneName(DuckEngine):
    """Takes every table under the name that it is given."""

    def unique(self, name: str) -> str:
        self.backend.con.execute(f'DROP TABLE IF EXISTS temp."{name}"')
        return name


class Rounding(DuckEngine):
    """Gives back money in whole units."""

    def fetch(self, expression: Any) -> pa.Table:
        found = super().fetch(expression)
        for name in ("value", "amount"):
            if name in found.column_names:
                rounded = pa.array([round(value) * 1.0 for value in found[name].to_pylist()])
                found = found.set_column(found.column_names.index(name), name, rounded)
        return found


class Repeating(DuckEngine):
    """Does the work on some rows twice, as after a lost worker."""

    def distribute(self, expression: Any, work: Callable[[pa.Table], pa.Table], *, notes: str) -> Distributed:
        everything = self.fetch(expression)
        return Collected([work(everything), work(everything.slice(0, 3))], notes)


@pytest.mark.parametrize(
    ("engine", "promise"),
    [
        (Forgetful, "days: .* rows instead of"),
        (Hoarding, "nothing was raised"),
        (OneName, "replaced the first"),
        (Rounding, "take, then fetch: amount differs"),
        (Repeating, "distribute: 123 rows instead of 120"),
    ],
)
def test_one_that_breaks_it_is_caught(engine: type[DuckEngine], promise: str) -> None:
    with pytest.raises(AssertionError, match=promise):
        check_engine(engine())
