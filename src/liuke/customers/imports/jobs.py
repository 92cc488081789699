"""The work of imports in the background."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from liuke.customers.imports.actions import check, run, take_back
from liuke.customers.imports.models import ImportBatch
from liuke.customers.imports.rules import gettext_noop
from liuke.platform.jobs.rules import GiveUp, JobRun, job

PAUSE_SECONDS = 0.01  # between portions, for whoever waits to write


@job("imports.check", lease=timedelta(minutes=5), max_attempts=3, label=gettext_noop("Try an import out"))
def check_import(attempt: JobRun, batch: int) -> dict[str, Any]:
    checked = check(_batch(batch), by=attempt.originator, now=attempt.now, progress=attempt.progress)
    return dict(checked.counts)


@job("imports.run", lease=timedelta(minutes=5), alone=True, label=gettext_noop("Run or undo an import"))
def run_import(attempt: JobRun, batch: int) -> dict[str, Any]:
    held = _batch(batch)
    how: dict[str, Any] = {
        "progress": attempt.progress,
        "guard": attempt.guard,
        "pause_seconds": PAUSE_SECONDS,
    }
    if held.state == "undoing":
        return dict(take_back(held, now=attempt.now, **how).counts)
    return dict(run(held, by=attempt.originator, now=attempt.now, **how).counts)


def _batch(pk: int) -> ImportBatch:
    try:
        return ImportBatch.objects.get(pk=pk)
    except ImportBatch.DoesNotExist:
        raise GiveUp("this import has been thrown away") from None
