from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session

from liuke.platform.bulk.actions import refresh_statistics
from liuke.platform.files.actions import sweep
from liuke.platform.jobs.models import Job
from liuke.platform.jobs.rules import JobRun, gettext_noop, job

LOG_DAYS = 90
BATCH = 500


@job("platform.tidy", every="03:20", label=gettext_noop("Tidy up"))
def tidy(run: JobRun) -> dict[str, int]:
    """Takes away what nobody asks for any more: old runs, expired sessions, files that a crash has orphaned."""
    old = Job.objects.filter(
        state__in=["done", "failed", "cancelled"], finished_at__lt=run.now - timedelta(days=LOG_DAYS)
    )
    expired = Session.objects.filter(expire_date__lt=run.now)
    removed = {"runs": 0, "sessions": 0}
    # In small batches: on SQLite everybody else's writing waits for each of them.
    while batch := list(old.values_list("pk", flat=True)[:BATCH]):
        removed["runs"] += Job.objects.filter(pk__in=batch).delete()[1]["platform.Job"]
        run.progress(removed["runs"])
    while sessions := list(expired.values_list("pk", flat=True)[:BATCH]):
        removed["sessions"] += Session.objects.filter(pk__in=sessions).delete()[0]
        run.progress(removed["runs"] + removed["sessions"])
    refresh_statistics()
    return {**removed, "files": sweep(now=run.now)}
