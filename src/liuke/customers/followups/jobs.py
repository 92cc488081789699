from __future__ import annotations

from django.utils.translation import gettext_noop

from liuke.customers.followups.actions import rerank
from liuke.platform.jobs.rules import JobRun, job


@job("followups.rerank", every="04:30", label=gettext_noop("Put the day's follow-ups in order"))
def put_in_order(run: JobRun) -> dict[str, int]:
    return {"moved": rerank(now=run.now)}
