from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_noop

from liuke.customers.duplicates.actions import find
from liuke.platform.jobs.rules import JobRun, job


@job(
    "duplicates.find",
    every="01:20",
    lease=timedelta(minutes=10),
    alone=True,
    label=gettext_noop("Look for customers noted twice"),
)
def look_through(run: JobRun) -> dict[str, int]:
    return find(now=run.now, guard=run.guard, progress=lambda done, what: run.progress(done, note=what))
