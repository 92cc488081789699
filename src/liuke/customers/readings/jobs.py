from __future__ import annotations

from django.utils.translation import gettext_noop

from liuke.customers.readings.actions import tidy
from liuke.platform.jobs.rules import JobRun, job


@job("readings.tidy", every="03:50", label=gettext_noop("Let go of old readings"))
def take_away(run: JobRun) -> dict[str, int]:
    return {"removed": tidy(now=run.now)}
