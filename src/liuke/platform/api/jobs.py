from __future__ import annotations

from datetime import timedelta

from liuke.platform.api.actions import forget
from liuke.platform.jobs.rules import JobRun, gettext_noop, job


@job(
    "api.forget_answers",
    every=timedelta(hours=1),
    alone=True,
    label=gettext_noop("Forget old answers of the API"),
)
def forget_answers(run: JobRun) -> dict[str, int]:
    return {"forgotten": forget(now=run.now)}
