from __future__ import annotations

from collections import defaultdict
from datetime import date

import pyarrow as pa
import pytest

from liuke.insight.datasets import cdnow_sample

CALIBRATION_ENDS = date(1997, 9, 30)


@pytest.fixture(scope="session")
def cdnow() -> pa.Table:
    """The papers' summary of the CDNOW sample: 39 weeks; `holdout` counts the buying days of the next 39."""
    days: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for row in cdnow_sample().to_pylist():
        days[row["customer"]][row["on"]] += row["amount"]
    rows = []
    for customer, amounts in days.items():
        seen = sorted(day for day in amounts if day <= CALIBRATION_ENDS)
        repeat = [amounts[day] for day in seen[1:]]
        rows.append(
            {
                "customer": customer,
                "frequency": len(repeat),
                "recency": (seen[-1] - seen[0]).days / 7,
                "T": (CALIBRATION_ENDS - seen[0]).days / 7,
                "monetary": sum(repeat) / len(repeat) if repeat else 0.0,
                "holdout": sum(day > CALIBRATION_ENDS for day in amounts),
            }
        )
    return pa.Table.from_pylist(rows)
