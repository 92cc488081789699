from __future__ import annotations

from django.utils.translation import gettext_noop

from liuke.customers.accounts.actions import ask_for_reviews
from liuke.platform.jobs.rules import JobRun, job


@job("accounts.review", every="03:40", label=gettext_noop("Ask for reviews of key accounts"))
def ask_in_time(run: JobRun) -> dict[str, int]:
    return {"asked": ask_for_reviews(now=run.now)}
