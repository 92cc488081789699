"""Real processes, killed for real: `python -m liuke.cli.tests.killing at-every-event|at-random` on an empty instance.

A worker is a fork of this process, so that hundreds of them cost seconds. Each event is a place where kill -9 may
strike: before and after each statement and each commit. Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from liuke.cli.main import start_django

start_django()

from django.db import connection, connections, transaction  # noqa: E402
from django.db.backends.signals import connection_created  # noqa: E402
from django.dispatch import receiver  # noqa: E402
from django.utils import timezone  # noqa: E402

from liuke.cli import work  # noqa: E402
from liuke.platform.jobs import actions  # noqa: E402
from liuke.platform.jobs.actions import enqueue, tick  # noqa: E402
from liuke.platform.jobs.rules import JobRun, job  # noqa: E402
from liuke.platform.models import Job, Team  # noqa: E402

STEPS = 2
WITHOUT_GUARD = "--without-guard" in sys.argv  # the negative control: it must find fault


@receiver(connection_created)
def _hurry(connection: Any, **_: object) -> None:
    """A killed process takes nothing along that it has given to the system; only a power cut would."""
    if connection.vendor == "sqlite":
        connection.connection.execute("PRAGMA synchronous=OFF")


# Only the jobs below: the product's own bring the analytics along, and a process of that size forks slowly.
actions.import_from_slices = lambda file: None  # type: ignore[assignment]


@job("kill.steps", max_attempts=50)
def steps(run: JobRun, name: str) -> dict[str, int]:
    for n in range(run.done, STEPS):
        with transaction.atomic():
            Team.objects.create(name=f"{name}.{n}")
            run.guard(n + 1)
    return {"steps": STEPS}


@job("kill.whole", atomic=True, max_attempts=50)
def whole(run: JobRun, name: str) -> None:
    for n in range(STEPS):
        Team.objects.create(name=f"{name}.{n}")


@job("kill.clock", every="02:10", atomic=True, max_attempts=50)
def clock(run: JobRun) -> None:
    Team.objects.create(name=f"clock.{run.now:%Y}.0")


class Killer:
    """Counts the events of this process and kills it at one of them."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.count = 0

    def strike(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        self.count += 1
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def arm(self) -> None:
        commit: Callable[[], None] = connection._commit  # type: ignore[attr-defined]

        def struck_commit() -> None:
            self.strike()
            commit()
            self.strike()

        connection._commit = struck_commit  # type: ignore[attr-defined]
        connection.execute_wrappers.append(self.around)

    def around(self, execute: Any, *arguments: Any) -> Any:
        self.strike()
        done = execute(*arguments)
        self.strike()
        return done


def forked(task: Callable[[], None]) -> int:
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            task()
            code = 0
        finally:
            os._exit(code)
    return pid


def wait(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def ask() -> None:
    """What a request does: a change and the job that goes with it, together or not at all."""
    with transaction.atomic():
        Team.objects.create(name="asked")
        enqueue("kill.steps", {"name": "asked"}, by=None, now=timezone.now(), key="asked")


def take_all(worker: str) -> None:
    tick(timezone.now())
    while work._take_one(threading.Event(), worker):
        pass


def struck(at: int, task: Callable[[], None]) -> None:
    Killer(at).arm()
    task()


def clear() -> None:
    Job.objects.all().delete()
    Team.objects.all().delete()


def verdict(expected: list[str]) -> list[str]:
    """What is lost, what was done twice, what has not ended."""
    made = Counter(Team.objects.exclude(name="asked").values_list("name", flat=True))
    wanted = {f"{name}.{n}" for name in expected for n in range(1 if name.startswith("clock") else STEPS)}
    wrong = [f"lost: {name}" for name in sorted(wanted - set(made))]
    wrong += [f"twice: {name}" for name, count in sorted(made.items()) if count > 1]
    wrong += [f"unasked: {name}" for name in sorted(set(made) - wanted)]
    wrong += [f"not done: {job}" for job in Job.objects.exclude(state="done")]
    return wrong


def at_every_event() -> dict[str, Any]:
    """Kills who asks, then who works, at its first event, at its second … until one comes through alive."""
    asking, wrong = 0, []
    while True:
        asking += 1
        clear()
        acknowledged = wait(forked(partial(struck, asking, ask))) == 0
        both = (Team.objects.filter(name="asked").exists(), Job.objects.filter(key="asked").exists())
        if both not in {(True, True), (False, False)} or (acknowledged and both == (False, False)):
            wrong.append(f"asking, event {asking}: {both}")
        if acknowledged:
            break
    working = 0
    while True:
        working += 1
        clear()
        enqueue("kill.whole", {"name": "a"}, by=None, now=timezone.now())
        enqueue("kill.steps", {"name": "b"}, by=None, now=timezone.now())
        came_through = wait(forked(partial(struck, working, partial(take_all, "first")))) == 0
        Job.objects.release("first", now=timezone.now())
        take_all("second")
        expected = ["a", "b", f"clock.{timezone.now():%Y}"]
        wrong += [f"working, event {working}: {one}" for one in verdict(expected)]
        if came_through or (wrong and WITHOUT_GUARD):
            return {"asking": asking - 1, "working": working - 1, "wrong": wrong}


def at_random(seconds: float = 4.0, workers: int = 3) -> dict[str, Any]:
    """Several workers at once, each killed and replaced time and again, while jobs come in."""
    clear()
    chance = random.Random(20261122)
    names: list[str] = []
    alive: dict[int, str] = {}
    killed = 0
    until = time.monotonic() + seconds

    def start() -> None:
        name = f"w{len(names)}.{killed}.{chance.random()}"
        alive[forked(lambda: work_on(name))] = name

    def work_on(name: str) -> None:
        work.POLL_SECONDS = 0.05
        work.work_until(threading.Event(), worker=name)

    for _ in range(workers):
        start()
    while time.monotonic() < until:
        name = f"j{len(names)}"
        enqueue(chance.choice(["kill.whole", "kill.steps"]), {"name": name}, by=None, now=timezone.now())
        names.append(name)
        time.sleep(chance.uniform(0.0, 0.1))
        pid = chance.choice(list(alive))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        killed += 1
        Job.objects.release(alive.pop(pid), now=timezone.now())
        start()
    end_by = time.monotonic() + 60
    while Job.objects.unfinished().exists() and time.monotonic() < end_by:
        time.sleep(0.05)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    year = f"clock.{timezone.now():%Y}"
    return {"jobs": len(names), "killed": killed, "wrong": verdict([*names, year])}


if __name__ == "__main__":
    from liuke.cli.database import bring_up_to_date

    bring_up_to_date()
    if WITHOUT_GUARD:
        actions.Attempt.guard = lambda self, done=None: None  # type: ignore[method-assign]
    print(json.dumps({"at-every-event": at_every_event, "at-random": at_random}[sys.argv[1]]()))
