"""What a job is, when the clock starts it, and how long it waits after a failure. No database here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from liuke.platform.models import User

Work = TypeVar("Work", bound=Callable[..., Any])

LEASE = timedelta(seconds=60)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CLOCK_TIME = re.compile(
    r"(?:(?P<weekday>mon|tue|wed|thu|fri|sat|sun) |day (?P<day>\d{1,2}) )?(?P<hour>\d{2}):(?P<minute>\d{2})"
)


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues; the page that shows it translates it."""
    return message


WORKER_DIED = gettext_noop("Its worker died at every attempt.")
ORIGINATOR_LEFT = gettext_noop("Whoever asked for it is no longer active.")


class GiveUp(Exception):
    """Raised by a job that another attempt cannot help. Its message is shown to whoever manages jobs."""


class Interrupted(BaseException):
    """Raised into a job that must end now. What is not committed is undone, and that is meant.

    Not an Exception, so that a job which catches those doesn't catch this."""


class LeaseLost(Interrupted):
    """Somebody else has taken the job over; this attempt may not write any more."""


class Cancelled(Interrupted):
    """A person has called the job off."""


class Stopping(Interrupted):
    """The process is asked to end. The job waits for the next worker; this attempt doesn't count."""


class JobRun(Protocol):
    """What a job is given: one attempt, as long as it holds the lease."""

    @property
    def now(self) -> datetime:
        """When this attempt began. The job's only clock."""

    @property
    def originator(self) -> User | None:
        """Whoever asked for it; None is the clock. Pass it on as `by=`: what he may do is checked again."""

    @property
    def done(self) -> int:
        """How far the attempts before this one had come when they were last guarded; 0 at the first."""

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        """Tells people how far it is. Cheap: written twice a second at most. Raises Interrupted."""

    def guard(self, done: int | None = None) -> None:
        """Last in each of the job's transactions. Raises Interrupted when the lease is no longer ours, and so
        nothing is committed. `done` is committed along with the rest, to start from after a crash."""


@dataclass(frozen=True)
class Spec:
    """A declared job."""

    name: str
    work: Callable[..., Any]
    every: timedelta | ClockTime | None
    lease: timedelta
    max_attempts: int
    alone: bool
    atomic: bool
    label: str

    @property
    def lane(self) -> str:
        """Jobs of one lane never run at the same time, whatever the number of workers; blank is no lane."""
        return self.name if self.alone else ""


@dataclass(frozen=True)
class ClockTime:
    """Each day at a time of the company's clock, or each week or month on a day."""

    at: time
    weekday: int | None = None
    day: int | None = None

    @classmethod
    def read(cls, text: str) -> ClockTime:
        """Reads `02:10`, `mon 07:30` or `day 1 03:00`."""
        match = CLOCK_TIME.fullmatch(text)
        if not match:
            raise ValueError(f"{text!r} is not a clock time; one is 02:10, another mon 07:30 or day 1 03:00")
        day = int(match["day"]) if match["day"] else None
        if day is not None and not 1 <= day <= 28:
            raise ValueError(f"{text!r}: every month has the days 1 to 28")
        weekday = WEEKDAYS.index(match["weekday"]) if match["weekday"] else None
        return cls(time(int(match["hour"]), int(match["minute"])), weekday, day)

    def is_on(self, on: date) -> bool:
        return (self.weekday is None or on.weekday() == self.weekday) and (
            self.day is None or on.day == self.day
        )

    def __str__(self) -> str:
        on = (
            f"{WEEKDAYS[self.weekday]} "
            if self.weekday is not None
            else f"day {self.day} "
            if self.day
            else ""
        )
        return f"{on}{self.at:%H:%M}"


REGISTER: dict[str, Spec] = {}


def job(
    name: str,
    *,
    every: timedelta | str | None = None,
    lease: timedelta = LEASE,
    max_attempts: int = 5,
    alone: bool = False,
    atomic: bool = False,
    label: str = "",
) -> Callable[[Work], Work]:
    """Declares `def work(run: JobRun, **params) -> dict | None` as the job `name`.

    A crash starts a job again, so it must come to the same end whichever part of it was committed. Either it
    is `atomic`: one transaction, in which it is also marked done. Or it works in steps, each of them a
    transaction that ends with `run.guard(done)`, and begins where `run.done` says.
    """
    if isinstance(every, timedelta) and (every < timedelta(minutes=1) or every % timedelta(minutes=1)):
        raise ValueError(f"job {name!r}: the clock counts whole minutes")

    def declare(work: Work) -> Work:
        known = REGISTER.get(name)
        if known and (known.work.__module__, known.work.__qualname__) != (work.__module__, work.__qualname__):
            raise ValueError(f"two jobs are called {name!r}: {known.work.__module__} and {work.__module__}")
        when = ClockTime.read(every) if isinstance(every, str) else every
        REGISTER[name] = Spec(name, work, when, lease, max_attempts, alone, atomic, label)
        return work

    return declare


def clocked(register: Mapping[str, Spec]) -> list[Spec]:
    """The jobs that the clock starts, in the order of their names."""
    return [register[name] for name in sorted(register) if register[name].every is not None]


def latest_slot(every: timedelta | ClockTime, now: datetime, zone: ZoneInfo) -> datetime:
    """The latest instant, not after `now`, at which the job falls due."""
    if isinstance(every, timedelta):
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        return epoch + ((now - epoch) // every) * every
    on = now.astimezone(zone).date()
    while True:
        if every.is_on(on):
            # A time that the clocks skip in spring comes out an hour later, one that they repeat counts once.
            slot = datetime.combine(on, every.at, tzinfo=zone).astimezone(UTC)
            if slot <= now:
                return slot
        on -= timedelta(days=1)


def next_slot(every: timedelta | ClockTime, now: datetime, zone: ZoneInfo) -> datetime:
    """The first instant after `now` at which the job falls due."""
    if isinstance(every, timedelta):
        return latest_slot(every, now, zone) + every
    on = now.astimezone(zone).date()
    while True:
        if every.is_on(on):
            slot = datetime.combine(on, every.at, tzinfo=zone).astimezone(UTC)
            if slot > now:
                return slot
        on += timedelta(days=1)


def slot_key(name: str, slot: datetime, zone: ZoneInfo) -> str:
    """What makes a tick happen once: `name@2026-11-22T02:10` by the company's clock, by UTC's in an hour that
    the company's clock shows twice."""
    local = slot.astimezone(zone)
    repeated = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    return f"{name}@{slot.astimezone(UTC):%Y-%m-%dT%H:%MZ}" if repeated else f"{name}@{local:%Y-%m-%dT%H:%M}"


def pause_after(attempts: int) -> timedelta:
    """Half a minute after the first failure, four times as long after each further one, an hour at most."""
    factor: int = 4 ** min(max(attempts - 1, 0), 10)
    return min(FIRST_PAUSE * factor, LONGEST_PAUSE)
