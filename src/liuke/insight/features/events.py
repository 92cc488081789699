"""What else is known of customers, day by day: complaints, contacts, late payments, answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from liuke.insight.errors import BadTable, MissingColumn
from liuke.insight.expressions import ibis
from liuke.insight.kinds import Column, Expression, Vector, pa, pc

if TYPE_CHECKING:
    from liuke.insight.engines import Engine
    from liuke.insight.features.snapshot import Snapshot
    from liuke.insight.tables import Purchases

LATELY_DAYS: Final = 90
FADES_DAYS: Final = 30.0


@dataclass(frozen=True)
class Events:
    """kind -> stored table of customer and on, one row per event."""

    engine: Engine
    tables: dict[str, Expression]

    def joined(self, customers: Expression, *, as_of: date) -> Expression:
        """The table of customers with what was counted of each kind by `as_of`: KIND_count lately, KIND_ago in days."""
        found = customers
        for kind, table in self.tables.items():
            counted = counted_until(table, as_of=as_of)
            counted = counted.rename({f"{kind}_count": "lately", f"{kind}_ago": "ago"})
            found = found.left_join(counted, "customer").drop("customer_right")
        return found

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self.tables)

    def seen_by(self, how: Callable[[Expression], Expression]) -> Events:
        """The same events with `how` done to each table; they are not stored, so there is nothing to drop."""
        return Events(self.engine, {kind: how(table) for kind, table in self.tables.items()})

    def drop(self) -> None:
        for table in self.tables.values():
            self.engine.drop(table)


def covariates_of(seen: Snapshot) -> dict[str, Vector]:
    """Of each kind of event, by the day of the snapshot and never later: ln(1 + events in the last 90 days), and how fresh
    the last one is (1 today, a third after 30 days, 0 without any)."""
    found = {}
    for kind in seen.kinds:
        found[f"{kind}_lately"] = np.log1p(np.nan_to_num(seen[f"{kind}_count"], nan=0.0))
        found[f"{kind}_fresh"] = np.nan_to_num(np.exp(-seen[f"{kind}_ago"] / FADES_DAYS), nan=0.0)
    return found


def counted_until(events: Expression, *, as_of: date) -> Expression:
    """Per customer with an event by `as_of`: how many in the last 90 days, and how many days ago the last one was."""
    until = events.filter(events.on <= ibis.date(as_of))
    return until.group_by("customer").aggregate(
        lately=until.count(where=until.on > ibis.date(as_of - timedelta(days=LATELY_DAYS))),
        ago=ibis.date(as_of).delta(until.on.max(), unit="day"),
    )


def stored_events(purchases: Purchases, covariates: Mapping[str, Any] | None) -> Events | None:
    """The tables of `covariates` (kind -> table with columns customer and on), checked and stored on the log's engine.

    Raises `MissingColumn` or `BadTable` naming the table, the column and the first row that is no such thing or blank.
    """
    if not covariates:
        return None
    customer = pa.schema(purchases.days.schema().to_pyarrow()).field("customer").type
    tables = {}
    for kind, given in covariates.items():
        table = given if isinstance(given, pa.Table) else pa.table(given)
        for column in ("customer", "on"):
            if column not in table.column_names:
                raise MissingColumn("events need it", table=kind, column=column)
        typed = pa.table(
            {
                "customer": _cast(table, kind, "customer", customer),
                "on": _cast(table, kind, "on", pa.date32()),
            }
        )
        tables[kind] = purchases.engine.take(typed, "events")
    return Events(purchases.engine, tables)


def _cast(table: Any, kind: str, column: str, wanted: Any) -> Column:
    """The column as the log has it; `BadTable` naming the first row that can't be."""
    if table.column_names.count(column) > 1:
        raise BadTable("the column is there twice", table=kind, column=column)
    given = table[column]
    if given.null_count:
        row = pc.index(given.is_null(), True).as_py()
        raise BadTable("the value is missing", table=kind, column=column, row=row)
    try:
        return given.cast(wanted)
    except pa.ArrowException:
        for row, value in enumerate(given):
            try:
                value.cast(wanted)
            except pa.ArrowException as error:
                raise BadTable(
                    f"{value.as_py()!r} is no {wanted}", table=kind, column=column, row=row
                ) from error
        raise
