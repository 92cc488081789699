"""Every night, once everybody has been judged: who came into each segment, and who went."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_noop

from liuke.platform.jobs.rules import JobRun, job
from liuke.scores.segments.actions import refresh_all


@job(
    "segments.nightly",
    every="04:20",
    lease=timedelta(minutes=10),
    alone=True,
    label=gettext_noop("See who came into each segment, and who went"),
)
def nightly(run: JobRun) -> dict[str, int]:
    """Also by day, when a segment is made or another rule is given to it."""
    return refresh_all(now=run.now, on=timezone.localdate(run.now), guard=run.guard)
