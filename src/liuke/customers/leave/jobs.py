from __future__ import annotations

from django.utils.translation import gettext_noop

from liuke.customers.leave.actions import give_back
from liuke.platform.jobs.rules import JobRun, job


@job("leave.give_back", every="00:05", label=gettext_noop("Give back after leave"))
def after_leave(run: JobRun) -> dict[str, int]:
    return {"given_back": give_back(now=run.now)}
