"""The profile of all customers at one day as NumPy columns, in the shapes that models and the rhythm rule take."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from liuke.insight.features.profile import profile
from liuke.insight.kinds import Column, Table, Vector, pa

if TYPE_CHECKING:
    from liuke.insight.tables import Purchases


class Snapshot:
    """Columns of `features.profile.profile` at `as_of`; a figure that isn't known is NaN.

    `customer` is an Arrow column; everything else comes out of `snapshot["column"]` as float64.
    """

    def __init__(self, table: Table, as_of: date) -> None:
        self.table = table
        self.as_of = as_of

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __getitem__(self, name: str) -> Vector:
        column = self.table.column(name)
        if pa.types.is_date(column.type):
            column = column.cast(pa.int32())  # days since 1970
        found: Vector = column.cast(pa.float64()).to_numpy()
        return found

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

    def summary(self) -> Table:
        """frequency, recency, T (days) and monetary, as `summarise` defines them."""
        purchases, first = self["purchases"], self["first_on"]
        repeats = purchases - 1
        mean = (self["spent"] - self["first_value"]) / np.maximum(repeats, 1)
        return pa.table(
            {
                "customer": self.customer,
                "frequency": repeats.astype(np.int64),
                "recency": self["last_on"] - first,
                "T": self.today - first,
                "monetary": np.where(repeats > 0, np.maximum(mean, 0.0), 0.0),
            }
        )


def snapshot(purchases: Purchases, *, as_of: date) -> Snapshot:
    """Everyone who bought by `as_of`, ordered by customer."""
    return Snapshot(purchases.engine.fetch(profile(purchases.days, as_of=as_of)), as_of)
