from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_noop

from liuke.customers.exports.actions import tidy
from liuke.platform.jobs.rules import JobRun, job


@job("exports.tidy", every=timedelta(hours=1), label=gettext_noop("Remove exports whose time is over"))
def take_away(run: JobRun) -> dict[str, int]:
    return {"removed": tidy(now=run.now)}
