"""Real data small enough to ship, for examples and tests against published numbers; see README.md here."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from typing import Any

import numpy as np
import pyarrow as pa

__all__ = ["cdnow_sample", "donors"]

# frequency, recency, donors; all watched for 6 yearly occasions
DONORS = (
    (0, 0, 3464),
    (1, 1, 1091), (1, 2, 277), (1, 3, 129), (1, 4, 78), (1, 5, 119), (1, 6, 129),
    (2, 2, 613), (2, 3, 255), (2, 4, 155), (2, 5, 173), (2, 6, 234),
    (3, 3, 322), (3, 4, 181), (3, 5, 225), (3, 6, 357),
    (4, 4, 240), (4, 5, 284), (4, 6, 512),
    (5, 5, 335), (5, 6, 728),
    (6, 6, 1203),
)  # fmt: skip


def cdnow_sample() -> pa.Table:
    """The CDNOW sample as a purchase log of 6,919 rows.

    Columns: customer (string), on (date), amount (dollars), quantity (CDs).
    """
    lines = files(__package__).joinpath("cdnow-sample.txt").read_text(encoding="ascii").splitlines()
    cells = [line.split() for line in lines if line.strip()]
    return pa.table(
        {
            "customer": [cell[1] for cell in cells],
            "on": [date(int(cell[2][:4]), int(cell[2][4:6]), int(cell[2][6:])) for cell in cells],
            "amount": [float(cell[4]) for cell in cells],
            "quantity": [int(cell[3]) for cell in cells],
        }
    )


def donors() -> pa.Table:
    """11,104 donors as a summary for BG/BB: customer, frequency, recency and T (6) in yearly occasions."""
    frequency, recency, count = np.array(DONORS).T
    customers = np.arange(1, count.sum() + 1)
    columns: dict[str, Any] = {
        "customer": customers,
        "frequency": np.repeat(frequency, count),
        "recency": np.repeat(recency, count),
        "T": np.full(len(customers), 6),
    }
    return pa.table(columns)
