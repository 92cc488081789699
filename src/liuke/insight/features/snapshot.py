"""All customers at one day as NumPy columns, in the shapes that models, the rhythm rule and the forecast take."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from liuke.insight.features.profile import profile
from liuke.insight.features.rolling import rolling
from liuke.insight.features.settled import holds_of, snapshot_from
from liuke.insight.kinds import Column, Expression, Table, Vector, pa

if TYPE_CHECKING:
    from liuke.insight.features.events import Events
    from liuke.insight.tables import Purchases


class Snapshot:
    """Columns of `features.profile` (and, for a forecast, `features.rolling`) at `as_of`.

    `customer` is an Arrow column; everything else comes out of `snapshot["column"]` as float64, days since 1970 for
    dates, NaN where a figure isn't known. `kinds` names the kinds of events counted (`features.events`).
    """

    def __init__(self, table: Table, as_of: date, kinds: tuple[str, ...] = ()) -> None:
        self.table = table
        self.as_of = as_of
        self.kinds = kinds
        self._columns: dict[str, Vector] = {}

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __getitem__(self, name: str) -> Vector:
        if name not in self._columns:
            column = self.table.column(name)
            if pa.types.is_date(column.type):
                column = column.cast(pa.int32())
            self._columns[name] = column.cast(pa.float64()).to_numpy()
        return self._columns[name]

    @property
    def customer(self) -> Column:
        return self.table.column("customer")

    @property
    def today(self) -> int:
        return (self.as_of - date(1970, 1, 1)).days

    @property
    def waited(self) -> Vector:
        """Days since the last purchase."""
        return self.today - self["last_on"]

    def timing(self) -> dict[str, Vector]:
        """frequency, recency and T in days, as `summarise` defines them, and the sum of ln(gap) of each customer's gaps."""
        first = self["first_on"]
        return {
            "frequency": self["purchases"] - 1,
            "recency": self["last_on"] - first,
            "T": self.today - first,
            "log_gaps": np.nan_to_num(self["log_gap_mean"]) * (self["purchases"] - 1),
        }

    def spending(self) -> dict[str, Vector]:
        """frequency and monetary over *all* purchases, the first one too, of customers whose mean is above 0."""
        mean = self["spent"] / self["purchases"]
        kept = mean > 0
        return {"frequency": self["purchases"][kept], "monetary": mean[kept]}

    def take(self, rows: Vector) -> Snapshot:
        """The same day with these rows only."""
        return Snapshot(self.table.take(pa.array(rows)), self.as_of, self.kinds)


def snapshot_of(
    days: Expression, *, as_of: date, horizon_days: int | None = None, events: Events | None = None
) -> Expression:
    """One row per customer who bought by `as_of`; nothing later is looked at.

    With `horizon_days` the moving windows are added, with `events` what was counted of each kind.
    """
    found: Any = profile(days, as_of=as_of)
    if horizon_days is not None:
        windows = rolling(days, as_of=as_of, horizon_days=horizon_days)
        found = found.inner_join(windows, "customer")
    return events.joined(found, as_of=as_of) if events else found


def everyone_of(
    purchases: Purchases, *, as_of: date, horizon_days: int | None = None, events: Events | None = None
) -> Expression:
    """`snapshot_of` the log, from what is settled of its customers where that is kept."""
    if purchases.settled is None or not holds_of(purchases, as_of):
        return snapshot_of(purchases.days, as_of=as_of, horizon_days=horizon_days, events=events)
    found = snapshot_from(purchases.settled, purchases.days, as_of=as_of, horizon_days=horizon_days)
    return events.joined(found, as_of=as_of) if events else found


def snapshot(
    purchases: Purchases, *, as_of: date, horizon_days: int | None = None, events: Events | None = None
) -> Snapshot:
    """`snapshot_of` the log, fetched and ordered by customer."""
    found = everyone_of(purchases, as_of=as_of, horizon_days=horizon_days, events=events)
    return Snapshot(purchases.engine.fetch(found.order_by("customer")), as_of, events.kinds if events else ())
