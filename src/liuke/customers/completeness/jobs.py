from __future__ import annotations

from django.utils.translation import gettext_noop

from liuke.customers.completeness.actions import refresh_all
from liuke.platform.jobs.rules import JobRun, job


@job("customers.cards", every="01:40", label=gettext_noop("Work out how complete the cards are"))
def work_out(run: JobRun) -> dict[str, int]:
    return {"customers": refresh_all(run.progress)}
