"""The rows of a run: which one is read, and a blank one for whoever has not bought."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from liuke.platform.bulk.actions import insert_rows
from liuke.scores.runs.models import CurrentRun, Score, ScoreRun

CHUNK = 5_000  # rows per transaction: about 100 ms on SQLite
COLUMNS = (  # noqa: SIM905 - thirty-four quoted names would be harder to read
    "run_id customer_id grade band risk p_alive p_buy expected_purchases expected_value_minor value_at_risk_minor"
    " clv_minor value_12m_minor total_minor purchases rfm first_on last_on usual_gap_days gap_days gap_percentile"
    " next_on next_from_on next_to_on reasons about_now grade_before moved"
    " sales_class profit_cell future_cell relation loyalty profit_minor service_minor"
).split()


def current_run() -> ScoreRun | None:
    """The run that is read now; None before the first."""
    current = CurrentRun.objects.select_related("run").filter(pk=1).first()
    return current.run if current else None


BLANK: dict[str, Any] = {
    "grade": "",
    "band": "",
    "rfm": "",
    "reasons": [],
    "about_now": False,
    "grade_before": "",
    "moved": "",
    **dict.fromkeys(["sales_class", "profit_cell", "future_cell", "relation"], ""),
    **dict.fromkeys(["first_on", "last_on", "usual_gap_days", "gap_days", "gap_percentile"]),
    **dict.fromkeys(["next_on", "next_from_on", "next_to_on"]),
}


def write_blank_scores(run_id: int, customer_ids: Iterable[int]) -> None:
    """A row for each customer who never bought, so that one join finds everybody's judgement and no list loses him."""
    ids = list(customer_ids)
    for start in range(0, len(ids), CHUNK):
        rows = (
            [run_id, customer_id, *(BLANK.get(name, 0) for name in COLUMNS[2:])]
            for customer_id in ids[start : start + CHUNK]
        )
        with transaction.atomic():
            insert_rows(Score, COLUMNS, rows)
