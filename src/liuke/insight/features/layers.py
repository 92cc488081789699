"""A log seen from several days at once: laid over itself, each layer moved so that its day falls on the same date.

Every feature counts from the day it is asked for, so one expression then tells all the days: it is built, compiled and run
once. (A forecast looks back at seven days with three questions each; building and compiling those took longer than running
them until a log had some hundred thousand purchases.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from liuke.insight.expressions import ibis
from liuke.insight.features.overtaken import instead, valid
from liuke.insight.kinds import Column, Expression, Table, Vector, pa, pc

if TYPE_CHECKING:
    from liuke.insight.engines import Engine


@dataclass(frozen=True)
class Layers:
    """`as_of` is the date on which all `days` fall. In what `laid` gives, `customer` is a number that also tells the layer:
    the place among `days` times the number of customers, plus the place among `customers` (in their order)."""

    engine: Engine
    days: tuple[date, ...]
    customers: Column
    _who: Expression
    _when: Expression

    @property
    def as_of(self) -> date:
        return max(self.days)

    def laid(self, rows: Expression) -> Expression:
        """A table of customer, on and anything else: once for each day, up to where the layer has to reach."""
        return _moved(self._over(rows), rows.columns)

    def laid_days(self, days: Expression, overtaken: Expression | None) -> Expression:
        """`laid` days of purchase, in each layer as they were known: until its day on that day, what came after when it had."""
        if overtaken is None:
            return self.laid(days)
        each = self._over(overtaken)
        then = valid(each, moment=ibis.ifelse(each.on <= each.day, each.day, each.reach))
        return instead(self.laid(days), _moved(then, days.columns))

    def _over(self, rows: Expression) -> Expression:
        each = rows.inner_join(self._who, "customer").cross_join(self._when)
        return each.filter(each.on <= each.reach)

    def layer(self, customer: Vector) -> Vector:
        """The place among `days` of each of these numbers."""
        found: Vector = customer // max(len(self.customers), 1)
        return found

    def apart(self, table: Table) -> list[Table]:
        """A table ordered by customer, with first_on and last_on: one for each day, under their own names and dates."""
        whole = pa.table(table)
        numbers = whole["customer"].to_numpy()
        layers = self.layer(numbers)
        found = []
        for place, day in enumerate(self.days):
            some = whole.filter(pa.array(layers == place))
            who = self.customers.take(pc.subtract(some["customer"], place * len(self.customers)))
            some = some.set_column(some.schema.get_field_index("customer"), "customer", who)
            for name in ("first_on", "last_on"):
                back = pc.subtract(
                    some[name].cast(pa.int32()), pa.scalar((self.as_of - day).days, pa.int32())
                )
                some = some.set_column(some.schema.get_field_index(name), name, back.cast(pa.date32()))
            found.append(some)
        return found


def _moved(each: Expression, columns: Sequence[str]) -> Expression:
    """Rows that lie over the layers, each on the date and under the number of its layer."""
    return each.select(
        *(name for name in columns if name not in {"customer", "on"}),
        customer=each.first + each.place,
        # a date and an interval make a timestamp in DuckDB, though Ibis takes it for a date
        on=(each.on.cast("timestamp") + each.moved.as_interval("D")).cast("date"),
    )


@contextmanager
def layers(
    engine: Engine,
    log: Expression,
    days: Sequence[date],
    *,
    horizon_days: int,
    overtaken: Expression | None = None,
) -> Iterator[Layers]:
    """Layers of `log`, and of what is `overtaken` of it, that reach `horizon_days` beyond each of `days`; of this process."""
    whose = log.select("customer")
    if overtaken is not None:
        whose = whose.union(overtaken.select("customer"), distinct=False)
    customers = engine.fetch(whose.distinct().order_by("customer"))["customer"]
    count, anchor = len(customers), max(days)
    columns: dict[str, Any] = {
        "first": pa.array([place * count for place in range(len(days))], pa.int64()),
        "moved": pa.array([(anchor - day).days for day in days], pa.int64()),
        "day": pa.array(days, pa.date32()),
        "reach": pa.array([day + timedelta(days=horizon_days) for day in days], pa.date32()),
    }
    numbered = {"customer": customers, "place": pa.array(range(count), pa.int64())}
    who, when = engine.take(pa.table(numbered), "who"), engine.take(pa.table(columns), "when")
    try:
        yield Layers(engine, tuple(days), customers, who, when)
    finally:
        engine.drop(who)
        engine.drop(when)
