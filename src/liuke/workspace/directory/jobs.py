"""An export that somebody has approved, written with the rights of whoever asked for it."""

from __future__ import annotations

import tempfile
from datetime import timedelta

from django.utils import timezone, translation
from django.utils.translation import gettext_noop

from liuke.customers.exports.actions import WRITE, keep
from liuke.customers.exports.models import ExportRequest
from liuke.platform.access.rules import Right
from liuke.platform.jobs.rules import GiveUp, JobRun, job
from liuke.platform.preferences.actions import get
from liuke.scores.runs.actions import current_run
from liuke.workspace.directory.actions import lines_of


@job(WRITE, lease=timedelta(minutes=5), label=gettext_noop("Write an approved export"))
def write_export(run: JobRun, request: int) -> dict[str, int]:
    asked = ExportRequest.objects.select_related("asker__role", "asker__team").get(pk=request)
    if asked.state != "approved":
        return {"rows": 0}
    if not asked.asker.may(Right.EXPORT_CUSTOMERS):
        raise GiveUp("whoever asked may no longer export")
    judged = current_run()
    currency = judged.currency if judged else get("company.currency")
    count = -1  # the head is no row
    with tempfile.TemporaryFile() as out:
        made = lines_of(
            asked.ids,
            judged,
            currency=currency,
            language=translation.get_language() or "",
            mark=f"{asked} {asked.asker.username} {timezone.localtime(run.now):%Y-%m-%d %H:%M}",
            by=asked.asker,
            now=run.now,
        )
        for line in made:
            out.write(line.encode())
            count += 1
            run.progress(count, asked.rows)
        out.seek(0)
        name = f"customers-{timezone.localdate(run.now).isoformat()}-{asked}.csv"
        keep(asked, out, name=name, rows=count, now=run.now)
    return {"rows": count}
