"""Purchase logs made for tests."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from liuke import insight

START = date(2025, 1, 1)


def log(*rows: tuple[Any, ...], names: tuple[str, ...] = ("customer", "on", "amount")) -> insight.Purchases:
    """A log of the rows given, by default customer, on (ISO text) and amount."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    return insight.read_purchases(pa.table(dict(zip(names, columns, strict=True))))


def shop(
    customers: int,
    *,
    gap_days: float = 30.0,
    leaving: float = 0.08,
    days: int = 500,
    regular: float = 2.0,
    seed: int = 1,
) -> pa.Table:
    """Customers with gamma gaps of their own mean, who leave after a purchase with their own chance."""
    generator = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        mean = gap_days * np.exp(generator.normal(0, 0.5))
        chance = generator.beta(1, 1 / leaving - 1)
        basket = np.exp(generator.normal(4, 0.6))
        at = generator.uniform(0, days * 0.6)
        while at < days:
            amount = round(float(basket * np.exp(generator.normal(0, 0.3))), 2)
            rows.append((f"C{number:04d}", START + timedelta(days=int(at)), amount))
            if generator.random() < chance:
                break
            at += max(generator.gamma(regular, mean / regular), 1.0)
    columns = zip(*rows, strict=True)
    return pa.table(dict(zip(("customer", "on", "amount"), map(list, columns), strict=True)))
