from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_noop

from liuke.customers.visits.actions import remind
from liuke.platform.jobs.rules import JobRun, job


@job(
    "visits.remind",
    every=timedelta(hours=1),
    label=gettext_noop("Ask for visits that were not written up"),
)
def remind_hourly(run: JobRun) -> dict[str, int]:
    return {"asked": remind(now=run.now)}
