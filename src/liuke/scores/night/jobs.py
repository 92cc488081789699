"""What the clock starts every night, and what an import or a person may start by day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_noop

from liuke.platform.jobs.rules import JobRun, job
from liuke.scores.judging.actions import NothingToJudge, score
from liuke.scores.plans.actions import ask_for_plans, ask_for_reasons
from liuke.scores.prompts.actions import prompt
from liuke.scores.track.actions import keep_track


@job(
    "scores.nightly",
    every="02:10",
    lease=timedelta(minutes=10),
    alone=True,
    label=gettext_noop("Judge every customer"),
)
def nightly(run: JobRun) -> dict[str, Any]:
    """Judge everybody, lay out tomorrow's lists, and hold old forecasts against what came: nobody waits for the last."""
    try:
        judged = score(by=run.originator, now=run.now, progress=run.progress, guard=run.guard)
    except NothingToJudge:
        judged = None  # what was asked for by a judgement that is read no more is let go
    asked = prompt(by=run.originator, now=run.now)
    ask_for_plans(now=run.now)
    ask_for_reasons(now=run.now)
    if judged is None:
        return {"customers": 0}
    records = keep_track(by=run.originator, now=run.now)
    return {"run": judged.pk, "customers": judged.customers, "asked": asked, "track_records": len(records)}
