from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_noop

from liuke.customers.handovers.actions import carry
from liuke.platform.jobs.rules import JobRun, job


@job(
    "handovers.carry", lease=timedelta(minutes=2), label=gettext_noop("Hand customers over, or take it back")
)
def carry_on(run: JobRun, handover: int) -> dict[str, int]:
    return carry(handover, by=run.originator, now=run.now, progress=run.progress, guard=run.guard)
