from __future__ import annotations

from django.utils.translation import gettext_noop

from liuke.customers.occasions.actions import remind
from liuke.platform.jobs.rules import JobRun, job


@job("occasions.remind", every="03:30", label=gettext_noop("Remind of birthdays and other days"))
def ask_in_time(run: JobRun) -> dict[str, int]:
    return {"asked": remind(now=run.now)}
