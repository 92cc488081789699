"""Customers collapsed to the distinct (frequency, recency, T) they share: all that the likelihoods see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from liuke.insight.models.columns import Floats, Timing


@dataclass(frozen=True)
class Triples:
    """Distinct triples, sorted, each of shape (m,), with the number of customers that have it."""

    frequency: Floats
    recency: Floats
    T: Floats
    count: Floats

    @cached_property
    def customers(self) -> float:
        return float(self.count.sum())

    @cached_property
    def purchases(self) -> float:
        return float((self.count * self.frequency).sum())

    def scaled(self, unit: float) -> Triples:
        """Return the same customers with time counted in multiples of `unit`."""
        return Triples(self.frequency, self.recency / unit, self.T / unit, self.count)

    def blocks(self, size: int) -> Iterator[Triples]:
        """The triples in pieces of at most `size`."""
        for start in range(0, len(self.T), size):
            part = slice(start, start + size)
            yield Triples(self.frequency[part], self.recency[part], self.T[part], self.count[part])

    def thinned(self, size: int) -> Triples:
        """Return some `size` triples, each at the mean of neighbours that it stands for; no block mixes 0 and 1."""
        apart = np.searchsorted(self.frequency, [1, 2, 3])
        edges = np.unique(np.concatenate([np.arange(0, len(self.T), -(-len(self.T) // size)), apart]))
        edges = edges[edges < len(self.T)]
        count = np.add.reduceat(self.count, edges)
        x, tx, T = (
            np.add.reduceat(self.count * values, edges) / count
            for values in (self.frequency, self.recency, self.T)
        )
        return Triples(np.rint(x), tx, T, count)

    def weighted(self, count: Floats) -> Triples:
        """Return the triples with other numbers of customers (those with none are dropped)."""
        kept = count > 0
        return Triples(self.frequency[kept], self.recency[kept], self.T[kept], count[kept])


def collapse(timing: Timing) -> Triples:
    """Count the customers of each distinct triple; the result does not depend on the order of rows."""
    codes = _day_codes(timing)
    if codes is not None:
        return codes
    # Arrow's hash grouping is linear in rows (a million in a quarter of a second); only the distinct are sorted
    (x, tx, T), count = count_distinct(timing.frequency, timing.recency, timing.T)
    return Triples(x, tx, T, count)


def _day_codes(timing: Timing) -> Triples | None:
    """Collapse times that are whole or sevenths (days, or weeks of seven days) as whole numbers, three times as fast."""
    if not len(timing):
        return None
    days = [np.rint(values * 7) for values in (timing.recency, timing.T)]
    if not all(
        np.array_equal(day / 7, values) for day, values in zip(days, (timing.recency, timing.T), strict=True)
    ):
        return None
    widths = [values.max() + 1 for values in (timing.frequency, *days)]
    if widths[0] * widths[1] * widths[2] >= 2**53:
        return None
    keys, count = np.unique(
        ((timing.frequency * widths[1] + days[0]) * widths[2] + days[1]).astype(np.int64), return_counts=True
    )
    rest, T = np.divmod(keys, int(widths[2]))
    x, tx = np.divmod(rest, int(widths[1]))
    return Triples(x.astype(np.float64), tx / 7, T / 7, count.astype(np.float64))


def count_distinct(*columns: Floats) -> tuple[list[Floats], Floats]:
    """Return the distinct rows of the columns, sorted by the first, then the second …, and their counts."""
    names = [str(i) for i in range(len(columns))]
    named: dict[str, Any] = dict(zip(names, columns, strict=True))
    rows = pa.table(named)
    groups = rows.group_by(names, use_threads=False).aggregate([([], "count_all")])
    distinct = [groups.column(name).to_numpy() for name in names]
    order = np.lexsort(distinct[::-1])
    count = groups.column("count_all").to_numpy().astype(np.float64)
    return [values[order] for values in distinct], count[order]


def distinct_pairs(first: Floats, second: Floats) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Return the distinct pairs (u,), (u,) and for each row the index of its pair (n,)."""
    left, i = np.unique(first, return_inverse=True)
    right, j = np.unique(second, return_inverse=True)
    pairs, index = np.unique(i * len(right) + j, return_inverse=True)
    return left[pairs // len(right)], right[pairs % len(right)], index


def bin_sum(index: NDArray[np.intp], weights: Floats, bins: int) -> Floats:
    """Sum `weights` by `index`, shape (bins,)."""
    return np.bincount(index, weights=weights, minlength=bins).astype(np.float64, copy=False)
