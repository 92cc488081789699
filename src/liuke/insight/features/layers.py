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
        each = rows.inner_join(self._who, "customer").cross_join(self._when)
        each = each.filter(each.on <= each.reach)
        return each.select(
            *(name for name in rows.columns if name not in {"customer", "on"}),
            customer=each.first + each.place,
            # a date and an interval make a timestamp in DuckDB, though Ibis takes it for a date
            on=(each.on.cast("timestamp") + each.moved.as_interval("D")).cast("date"),
        )

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


@contextmanager
def layers(engine: Engine, log: Expression, days: Sequence[date], *, horizon_days: int) -> Iterator[Layers]:
    """Layers of `log` that reach `horizon_days` beyond each of `days`; on an engine in this process."""
    customers = engine.fetch(log.select("customer").distinct().order_by("customer"))["customer"]
    count, anchor = len(customers), max(days)
    columns: dict[str, Any] = {
        "first": pa.array([place * count for place in range(len(days))], pa.int64()),
        "moved": pa.array([(anchor - day).days for day in days], pa.int64()),
        "reach": pa.array([day + timedelta(days=horizon_days) for day in days], pa.date32()),
    }
    numbered = {"customer": customers, "place": pa.array(range(count), pa.int64())}
    who, when = engine.take(pa.table(numbered), "who"), engine.take(pa.table(columns), "when")
    try:
        yield Layers(engine, tuple(days), customers, who, when)
    finally:
        engine.drop(who)
        engine.drop(when)
