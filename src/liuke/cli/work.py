"""`liuke work`: background jobs and the clock, until it is asked to end."""

from __future__ import annotations

import argparse
import logging
import os
import resource
import signal
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from liuke.cli.speech import gettext as _

if TYPE_CHECKING:
    from liuke.platform.jobs.actions import Attempt

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
TICK_SECONDS = 15.0
BEAT_SECONDS = 15.0
HUNG_SECONDS = 30.0
RESTART = 75  # the exit code that asks for a fresh process
ROOM_BYTES = 1 << 30  # what the process may keep after a job; analytics don't give their memory back
WORKER = "LIUKE_WORKER"
PREDECESSOR = "LIUKE_PREDECESSOR"


def add_parser(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "work",
        help=_("run background jobs and the clock; `serve` starts it by itself"),
        description=_("Start as many as you like on PostgreSQL: each job runs once, whoever takes it."),
    )
    parser.add_argument("--once", action="store_true", help=_("run what is due now, then end"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from django.utils import timezone

    from liuke.platform.jobs.actions import tick, work
    from liuke.platform.models import Job

    if args.once:
        tick(timezone.now())
        ran = work()
        return 1 if any(job.state == "failed" for job in ran) else 0
    if predecessor := os.environ.get(PREDECESSOR):
        # `serve` has seen it die: what it held need not wait for the lease to run out.
        Job.objects.release(predecessor, now=timezone.now())
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return work_until(stop, worker=os.environ.get(WORKER) or new_worker_name())


def new_worker_name() -> str:
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def work_until(stop: threading.Event, *, worker: str) -> int:
    """Takes jobs one after the other. A database that is away is waited for; a job's own troubles end with the job."""
    from django.db import InterfaceError, OperationalError, connection

    from liuke.platform.jobs.actions import declared

    declared()
    ticked = -TICK_SECONDS
    while not stop.is_set():
        try:
            if time.monotonic() - ticked >= TICK_SECONDS:
                _tick()
                ticked = time.monotonic()
            if not _take_one(stop, worker):
                stop.wait(POLL_SECONDS)
            elif resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 > ROOM_BYTES:
                return RESTART
        except (OperationalError, InterfaceError) as error:
            log.warning("the database is away: %s", type(error).__name__)
            connection.close()
            stop.wait(POLL_SECONDS * 2)
        else:
            connection.close_if_unusable_or_obsolete()
    connection.close()
    return 0


def _tick() -> None:
    from django.utils import timezone

    from liuke.platform.jobs.actions import tick

    tick(timezone.now())


def _take_one(stop: threading.Event, worker: str) -> bool:
    from django.utils import timezone

    from liuke.platform.jobs.actions import attempt, claim

    now = timezone.now()
    job = claim(worker=worker, now=now)
    if job is None:
        return False
    attempt(job, now=now, is_stopping=stop.is_set, beside=heartbeat)
    return True


@contextmanager
def heartbeat(run: Attempt) -> Iterator[None]:
    """Renews the lease while the job works, from a thread: a long step of the analytics asks for nothing itself."""
    ended = threading.Event()
    every = min(run.spec.lease.total_seconds() / 3, BEAT_SECONDS)
    beating = threading.Thread(target=_beat, args=[run, ended, every], daemon=True)
    beating.start()
    try:
        yield
    finally:
        ended.set()
        beating.join()


def _beat(run: Attempt, ended: threading.Event, every: float) -> None:
    from django.db import DatabaseError, connection

    try:
        while not ended.wait(every):
            try:
                held = run.renew()
            except DatabaseError:
                connection.close()
                continue
            # Called off or taken over, and the job hasn't noticed: it is stuck, and with it every job behind it.
            if not held and not ended.wait(HUNG_SECONDS):
                log.error("job %s #%s does not let go; a new worker takes over", run.job.name, run.job.pk)
                os._exit(RESTART)
    finally:
        connection.close()
