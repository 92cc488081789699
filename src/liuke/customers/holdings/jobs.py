from __future__ import annotations

from django.utils.translation import gettext_noop

from liuke.customers.holdings.actions import remind
from liuke.platform.jobs.rules import JobRun, job


@job(
    "holdings.remind",
    every="03:40",
    label=gettext_noop("Remind of service and warranty"),
)
def ask_in_time(run: JobRun) -> dict[str, int]:
    return {"asked": remind(now=run.now)}
