"""When a forecast is due to be held against what came."""

from __future__ import annotations

from datetime import date, timedelta

HORIZONS = (30, 60, 90)  # days
SCORES = "scores.parquet"  # of a run: what was forecast, by customer
CAME = "came.parquet"  # beside a run's scores: who came within its horizon, for whoever sees a part of the company
REPEAT_DAYS = 7  # a look back costs a judgement: once a week is enough


def look_back_days(as_of: date) -> dict[int, date]:
    """horizon -> the day on which a forecast over it would be over just now."""
    return {horizon: as_of - timedelta(days=horizon) for horizon in HORIZONS}


def is_over(made_on: date, horizon_days: int, *, known_until: date) -> bool:
    return made_on + timedelta(days=horizon_days) <= known_until
