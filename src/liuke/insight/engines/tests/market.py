"""A log made to show where two engines could differ: market days on which thousands pay the same, refunds, gaps in the data."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FIRST = np.datetime64(date(2025, 1, 1))
EVERY_DAYS, MARKETS = 14, 40
LAST = date(2026, 7, 1)  # the last market
FILES = 3


def market(customers: int, *, seed: int = 5) -> pa.Table:
    """Six lines in a thousand are refunds, one in ten names no cost, some name no customer.

    The cuts of the grades lie among ties: the best 1 % end among customers of 5,000.00 who last came on three days, 5 %
    among those of 2,000.00 on one day, 20 % among the 30 % of 300.00 on one day. The others buy now and then, many once.
    """
    generator = np.random.default_rng(seed)
    names = np.array([f"客{n:06d}" if n % 3 else f"K{n:06d}" for n in generator.permutation(customers)])
    ends = (np.array([0.006, 0.036, 0.076, 0.376]) * customers).astype(int)
    parts = [
        _shoppers(generator, names[: ends[0]], low=500_000, high=900_000),
        _paying(names[ends[0] : ends[1]], 500_000, MARKETS - 1 - np.arange(ends[1] - ends[0]) % 3),
        _paying(names[ends[1] : ends[2]], 200_000, np.full(ends[2] - ends[1], MARKETS - 1)),
        _paying(names[ends[2] : ends[3]], 10_000, np.full(ends[3] - ends[2], MARKETS - 4)),
        _paying(names[ends[2] : ends[3]], 20_000, np.full(ends[3] - ends[2], MARKETS - 2)),
        _shoppers(generator, names[ends[3] :], low=500, high=9_999),
        _paying(np.array([None] * 200), 100, np.zeros(200, dtype=int)),
    ]
    who, cents, when = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = generator.permutation(len(who))
    who, cents, when = who[order], cents[order], when[order]
    return pa.table(
        {
            "customer": pa.array(who, pa.string()),
            "on": pa.array(FIRST + (when * EVERY_DAYS).astype("timedelta64[D]")),
            "amount": cents / 100,
            "product": generator.choice(["A1", "A2", "B7", "运费"], len(who)),
            "cost": pa.array(np.round(cents * 0.6) / 100, mask=generator.random(len(who)) < 0.1),
            "currency": pa.array(["CNY"] * len(who)),
        }
    )


def _paying(names: Any, cents: int, when: Any) -> tuple[Any, Any, Any]:
    return names, np.full(len(names), cents), when


def _shoppers(generator: Any, names: Any, *, low: int, high: int) -> tuple[Any, Any, Any]:
    """Each comes to some markets from one on, half of them to one; now and then something is brought back."""
    times = np.minimum(generator.geometric(0.5, len(names)), 12)
    first = generator.integers(0, MARKETS - 12, len(names))
    who, begun = np.repeat(names, times), np.repeat(first, times)
    nth = np.arange(len(who)) - np.repeat(np.cumsum(times) - times, times)
    when = begun + nth * generator.integers(1, 4, len(who))
    cents = generator.integers(low, high, len(who))
    back = np.flatnonzero(generator.random(len(who)) < 0.03)
    return (
        np.concatenate([who, who[back]]),
        np.concatenate([cents, -(cents[back] // 2)]),
        np.minimum(np.concatenate([when, when[back] + back % 2]), MARKETS - 1),
    )


def complaints(log: pa.Table, *, seed: int = 6) -> pa.Table:
    """Of one line in twenty, some days after it."""
    generator = np.random.default_rng(seed)
    chosen = log.filter(pa.array(generator.random(len(log)) < 0.05)).drop_null()
    later = generator.integers(1, 60, len(chosen)).astype("timedelta64[D]")
    return pa.table({"customer": chosen["customer"], "on": pa.array(chosen["on"].to_numpy() + later)})


def in_files(log: pa.Table, folder: Path) -> Path:
    """As a directory of Parquet files, as a warehouse writes them."""
    folder.mkdir()
    rows = -(-len(log) // FILES)
    for number in range(FILES):
        pq.write_table(log.slice(number * rows, rows), folder / f"part-{number}.parquet")
    return folder
