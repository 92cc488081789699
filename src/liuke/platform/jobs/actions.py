from __future__ import annotations

import importlib
import logging
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import F, Min
from django.utils import timezone, translation

from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit.actions import record
from liuke.platform.jobs.models import Job, JobQuerySet
from liuke.platform.jobs.rules import (
    LEASE,
    ORIGINATOR_LEFT,
    REGISTER,
    Cancelled,
    GiveUp,
    Interrupted,
    LeaseLost,
    Spec,
    Stopping,
    clocked,
    latest_slot,
    pause_after,
    slot_key,
)
from liuke.platform.preferences import actions as preferences

if TYPE_CHECKING:
    from liuke.platform.models import User

log = logging.getLogger(__name__)

WRITE_EVERY_SECONDS = 0.5


def declared() -> dict[str, Spec]:
    """Every job of every slice. Read at the first call, not at start: some bring heavy libraries."""
    import_from_slices("jobs")
    return REGISTER


@cache
def import_from_slices(file: str) -> None:
    """Imports every `<domain>/<slice>/<file>.py`, so that what is declared there is known."""
    for app in apps.get_app_configs():
        if not app.name.startswith("liuke."):
            continue
        for module in iter_modules([app.path], prefix=f"{app.name}."):
            if module.ispkg and find_spec(f"{module.name}.{file}"):
                importlib.import_module(f"{module.name}.{file}")


def enqueue(
    name: str,
    params: Mapping[str, Any] | None = None,
    *,
    by: User | None,
    now: datetime,
    key: str | None = None,
    run_at: datetime | None = None,
) -> Job:
    """Adds a job in the caller's transaction: it is there exactly if what asked for it is.

    A key is never added twice; the job that has it already is returned.
    """
    spec = declared().get(name)
    if spec is None:
        raise LookupError(f"no job is called {name!r}")
    job = Job(
        name=name,
        params=dict(params or {}),
        key=key,
        lane=spec.lane,
        run_at=run_at or now,
        originator=by,
        max_attempts=spec.max_attempts,
        created_at=now,
    )
    if key is None:
        job.save(force_insert=True)
        return job
    Job.objects.bulk_create([job], ignore_conflicts=True)
    return Job.objects.get(key=key)


def tick(now: datetime) -> list[Job]:
    """Adds what the clock says is due. However often it is called, each slot is added once."""
    zone = ZoneInfo(preferences.get("company.zone"))
    slots = {}
    for spec in clocked(declared()):
        if spec.every is not None:
            slot = latest_slot(spec.every, now, zone)
            slots[slot_key(spec.name, slot, zone)] = (spec.name, slot)
    known = set(Job.objects.filter(key__in=slots).values_list("key", flat=True))
    return [
        enqueue(name, by=None, now=now, key=key, run_at=slot)
        for key, (name, slot) in slots.items()
        if key not in known
    ]


def run_now(name: str, *, by: User | None, now: datetime) -> Job:
    """Starts one of the clock's jobs by hand; it runs whether or not the clock has run it already."""
    permit(by, Right.MANAGE_JOBS)
    if name not in {spec.name for spec in clocked(declared())}:
        raise LookupError(f"the clock has no job {name!r}")
    with transaction.atomic():
        job = enqueue(name, by=by, now=now)
        record("jobs.run", by=by, now=now, subject=job)
    return job


def cancel(job: Job, *, by: User | None, now: datetime) -> bool:
    """Calls a job off; a running one ends at its next step and commits no more. False: it was over."""
    if by is None or job.originator_id != by.pk:
        permit(by, Right.MANAGE_JOBS)
    with transaction.atomic():
        changed = (
            Job.objects.filter(pk=job.pk)
            .unfinished()
            .update(state="cancelled", finished_at=now, lease_until=None)
        )
        if changed:
            record("jobs.cancel", by=by, now=now, subject=job)
    job.refresh_from_db()
    return bool(changed)


def retry(job: Job, *, by: User | None, now: datetime) -> bool:
    """Gives a failed or cancelled job all its attempts again. False: it was neither."""
    permit(by, Right.MANAGE_JOBS)
    with transaction.atomic():
        changed = Job.objects.filter(pk=job.pk, state__in=["failed", "cancelled"]).update(
            state="waiting", run_at=now, attempts=0, finished_at=None, error=""
        )
        if changed:
            record("jobs.retry", by=by, now=now, subject=job)
    job.refresh_from_db()
    return bool(changed)


@dataclass
class Attempt:
    """One attempt at a job: the JobRun that the job is given."""

    job: Job
    spec: Spec
    now: datetime
    clock: Callable[[], datetime] = timezone.now
    is_stopping: Callable[[], bool] = bool
    _written: float = field(default=0.0, init=False)

    @property
    def originator(self) -> User | None:
        return self.job.originator

    @property
    def done(self) -> int:
        return self.job.progress_done

    def ours(self) -> JobQuerySet:
        """The job's row for as long as this attempt holds it: one number more, and somebody else does."""
        return Job.objects.filter(
            pk=self.job.pk, state="running", worker=self.job.worker, attempts=self.job.attempts
        )

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        if time.monotonic() - self._written < WRITE_EVERY_SECONDS and done != total:
            return
        if self.is_stopping():
            raise Stopping
        self._hold(progress_done=done, progress_total=total, progress_note=note[:200])
        self._written = time.monotonic()

    def guard(self, done: int | None = None) -> None:
        if self.is_stopping():
            raise Stopping
        if done is None:
            self._hold()
        else:
            self._hold(progress_done=done)

    def renew(self) -> bool:
        return bool(self.ours().update(lease_until=self.clock() + self.spec.lease))

    def finish(self, result: Any) -> None:
        self._hold(state="done", result=result, finished_at=self.clock(), lease_until=None)

    def _hold(self, **changes: Any) -> None:
        if not self.ours().update(**{"lease_until": self.clock() + self.spec.lease, **changes}):
            called_off = Job.objects.filter(pk=self.job.pk, state="cancelled").exists()
            raise Cancelled if called_off else LeaseLost


def work(*, now: datetime | None = None, once: bool = True) -> list[Job]:
    """Runs what is due here and now, job after job: for tests, the demo's story and the command line.

    With `now` the jobs' clock stands at that instant. With `once` false it is put forward to whatever still
    waits, retries included, until nothing does.
    """
    ran: list[Job] = []
    while True:
        at = now or timezone.now()
        if job := claim(worker="inline", now=at):
            attempt(job, now=at, clock=partial(_stopped_clock, now))
            job.refresh_from_db()
            ran.append(job)
            continue
        next_at = None if once else Job.objects.filter(state="waiting").aggregate(at=Min("run_at"))["at"]
        if next_at is None or next_at <= at:
            return ran
        now = next_at


def _stopped_clock(now: datetime | None) -> datetime:
    return now or timezone.now()


def claim(*, worker: str, now: datetime) -> Job | None:
    """Takes the next due job; what can't be tried again is given up first."""
    Job.objects.bury(now)
    return Job.objects.claim(list(declared()), worker=worker, now=now, lease=LEASE)


def attempt(
    job: Job,
    *,
    now: datetime,
    clock: Callable[[], datetime] = timezone.now,
    is_stopping: Callable[[], bool] = bool,
    beside: Callable[[Attempt], AbstractContextManager[None]] = lambda run: nullcontext(),
) -> None:
    """Runs a claimed job and writes down how it ended. `beside` goes along with it: a worker's heartbeat."""
    spec = declared()[job.name]
    run = Attempt(job=job, spec=spec, now=now, clock=clock, is_stopping=is_stopping)
    try:
        with beside(run), _surroundings(job):
            if job.originator and not job.originator.is_active:
                raise GiveUp(ORIGINATOR_LEFT)
            with transaction.atomic() if spec.atomic else nullcontext():
                run.finish(spec.work(run, **job.params))
    except Stopping:
        run.ours().update(state="waiting", lease_until=None, attempts=F("attempts") - 1)
    except Interrupted as why:
        log.info("job %s #%s ends: %s", job.name, job.pk, type(why).__name__)
    except Exception as error:
        _note_failure(run, error)


@contextmanager
def _surroundings(job: Job) -> Iterator[None]:
    """A job reads preferences once and speaks its originator's language, in the company's time zone."""
    language = (job.originator.language if job.originator else "") or settings.LANGUAGE_CODE
    with (
        preferences.reading_once(),
        translation.override(language),
        timezone.override(ZoneInfo(preferences.get("company.zone"))),
    ):
        yield


def _note_failure(run: Attempt, error: Exception) -> None:
    job, at = run.job, run.clock()
    where = _place(error)
    # The message may hold a customer's data: it goes to the database, where rights guard it, not to the log.
    log.error("job %s #%s, attempt %s: %s at %s", job.name, job.pk, job.attempts, type(error).__name__, where)
    if isinstance(error, GiveUp):
        run.ours().update(state="failed", error=str(error)[:2000], finished_at=at, lease_until=None)
        return
    told = f"{type(error).__name__}: {error} ({where})"[:2000].replace("\x00", "")
    if job.attempts >= job.max_attempts:
        run.ours().update(state="failed", error=told, finished_at=at, lease_until=None)
    else:
        again_at = at + pause_after(job.attempts)
        run.ours().update(state="waiting", error=told, run_at=again_at, lease_until=None)


def _place(error: Exception) -> str:
    """Where in our own code it happened, or wherever it did."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/liuke/" in frame.filename] or frames
    return f"{ours[-1].filename.rpartition('/liuke/')[2]}:{ours[-1].lineno}" if ours else "?"
