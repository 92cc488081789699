"""Purchases that come or go by import change everybody's judgement: it is made anew once that is through."""

from __future__ import annotations

from datetime import datetime

from liuke.customers.imports.rules import when_over
from liuke.customers.models import ImportBatch
from liuke.platform.jobs.actions import enqueue


@when_over
def judge_after_an_import(batch: ImportBatch, now: datetime) -> None:
    """One job for the batch once it is in, and one once it is out again; the keys keep them single."""
    if batch.target == "purchases":
        what = "undo" if batch.state == "undone" else "import"
        enqueue("scores.nightly", {}, by=None, now=now, key=f"scores:{what}:{batch.pk}")
