"""Background jobs: what the clock starts, what is at work, what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.jobs import actions
from liuke.platform.jobs.models import Job, states
from liuke.platform.jobs.rules import Spec, clocked, next_slot
from liuke.platform.paging.actions import page
from liuke.platform.paging.rules import Column, Keyset, Kind
from liuke.platform.preferences.actions import get
from liuke.workspace.routines.rules import TONES, duration_text, job_label, schedule_text

ROWS = 50
NEWEST_FIRST = Keyset(Column("id", "", sort="id", kind=Kind.NUMBER), descending=True)


@dataclass(frozen=True)
class Routine:
    """One of the clock's jobs, with the run that says how it is doing."""

    spec: Spec
    label: str
    schedule: str
    next_at: datetime
    last: Job | None
    is_active: bool


@dataclass(frozen=True)
class Run:
    job: Job
    label: str
    state: str
    tone: str
    took: str
    problem: str


def routines(now: datetime) -> list[Routine]:
    specs = clocked(actions.declared())
    zone = ZoneInfo(get("company.zone"))
    newest = {job.name: job for job in Job.objects.newest_of([spec.name for spec in specs])}
    found = [
        Routine(
            spec=spec,
            label=job_label(spec.name),
            schedule=schedule_text(spec.every),
            next_at=next_slot(spec.every, now, zone),
            last=(last := newest.get(spec.name)),
            is_active=last is not None and last.state in {"waiting", "running"},
        )
        for spec in specs
        if spec.every is not None
    ]
    return sorted(found, key=lambda routine: routine.next_at)


def as_run(job: Job, state_names: dict[str, Any]) -> Run:
    took = (job.finished_at - job.started_at).total_seconds() if job.finished_at and job.started_at else None
    return Run(
        job=job,
        label=job_label(job.name),
        state=state_names[job.state],
        tone=TONES[job.state],
        took=duration_text(took) if took is not None and job.state != "cancelled" else "",
        problem=gettext(job.error) if job.error else "",
    )


@require_safe
@staff(Right.MANAGE_JOBS)
def jobs(request: StaffRequest) -> HttpResponse:
    """The page asks for itself every two seconds while something is at work, and lets it be otherwise."""
    now, chosen = timezone.now(), request.GET
    found = routines(now)
    runs, names = Job.objects.select_related("originator"), dict(states())
    if (state := chosen.get("state", "")) in names:
        runs = runs.filter(state=state)
    if name := chosen.get("name", "")[:80]:
        runs = runs.filter(name=name)
    listed = page(runs, NEWEST_FIRST, after=chosen.get("after", ""), limit=ROWS)
    context = {
        "routines": found,
        "page": listed,
        "runs": [as_run(job, names) for job in listed],
        "states": names.items(),
        "kinds": sorted(((name, job_label(name)) for name in actions.declared()), key=lambda pair: pair[1]),
        "state": state,
        "name": name,
        "is_active": Job.objects.filter(state="running").exists() or Job.objects.claimable(now).exists(),
        "now": now,
    }
    return render(request, "workspace/routines/jobs.html", context)


@require_POST
@staff(Right.MANAGE_JOBS)
def runs(request: StaffRequest) -> HttpResponse:
    try:
        job = actions.run_now(request.POST.get("name", ""), by=request.user, now=timezone.now())
    except LookupError:
        raise Http404 from None
    messages.success(request, _("“%(job)s” has been started.") % {"job": job_label(job.name)})
    return redirect("jobs")


@require_POST
@staff(Right.MANAGE_JOBS)
def cancellation(request: StaffRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(Job, pk=pk)
    if actions.cancel(job, by=request.user, now=timezone.now()):
        messages.success(request, _("“%(job)s” has been cancelled.") % {"job": job_label(job.name)})
    else:
        messages.info(request, _("It was over already."))
    return redirect("jobs")


@require_POST
@staff(Right.MANAGE_JOBS)
def attempts(request: StaffRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(Job, pk=pk)
    if actions.retry(job, by=request.user, now=timezone.now()):
        messages.success(request, _("“%(job)s” is tried again.") % {"job": job_label(job.name)})
    else:
        messages.info(request, _("Only what has failed or was cancelled can be tried again."))
    return redirect("jobs")
