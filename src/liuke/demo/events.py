"""Lives as one stream of events in the order in which they happened: what the player acts out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from liuke.demo.lives import Life, Order, Trouble

ZONE = ZoneInfo("Asia/Shanghai")
CALLS_DAYS = 480
OPENS, CLOSES, EVENING = 9, 18, time(17, 30)
PROMPT_DAYS = 8  # a complaint that is settled within so many days was answered the same day, as a rule
PROMPT = 0.8


@dataclass(frozen=True)
class Event:
    """What happens to customer number `who` (his place among the lives) at an instant."""

    at: datetime
    who: int
    what: str  # registered, ordered, complained, resolved, refunded, contacted, answered
    order: Order | None = None
    trouble: Trouble | None = None


def events(lives: list[Life], *, seed: int, until: datetime) -> list[Event]:
    """Everything that happens by `until`, oldest first. Times of day are office hours in Yiwu."""
    rng = np.random.default_rng(seed + 1)
    found: list[Event] = []
    for who, life in enumerate(lives):
        found += events_of(who, life, rng)
    return sorted(
        (event for event in found if event.at <= until), key=lambda event: (event.at, event.who, event.what)
    )


def events_of(who: int, life: Life, rng: np.random.Generator) -> Iterator[Event]:
    known_since = life.start - timedelta(days=int(rng.integers(1, 21)))
    yield Event(_at(known_since, rng, early=True), who, "registered")
    if life.kind.name != "consumer":
        yield from _contacts(who, life, rng, known_since)
    for order in life.orders:
        yield Event(_at(order.on, rng), who, "ordered", order=order)
    for trouble in life.troubles:
        order = life.orders[trouble.order]
        complained = _at(trouble.on, rng)
        yield Event(complained, who, "complained", order=order, trouble=trouble)
        if trouble.solved_on:
            answered = _at(trouble.solved_on, rng)
            if (trouble.solved_on - trouble.on).days <= PROMPT_DAYS and rng.random() < PROMPT:
                answered = complained + timedelta(minutes=int(rng.integers(15, 150)))
            yield Event(answered, who, "resolved", order=order, trouble=trouble)
            if trouble.refunded:
                yield Event(_at(trouble.solved_on, rng), who, "refunded", order=order, trouble=trouble)
            if rng.random() < 0.5:
                on = trouble.solved_on + timedelta(days=3)
                yield Event(_at(on, rng), who, "answered", order=order, trouble=trouble)


def _contacts(who: int, life: Life, rng: np.random.Generator, since: date) -> Iterator[Event]:
    """The salesperson's calls: more for dealers, fewer once somebody has left."""
    every = 32 if life.kind.name == "dealer" else 55
    on = since + timedelta(days=1)
    end = (life.orders[-1].on if life.orders else life.start) + timedelta(days=120)
    while on <= end:
        yield Event(_at(working_day(on), rng), who, "contacted")
        on += timedelta(days=max(3, round(every * rng.gamma(2.5, 1 / 2.5))))


def working_day(on: date) -> date:
    """Nobody calls a firm at the weekend: on Monday then."""
    return on + timedelta(days=7 - on.weekday()) if on.weekday() >= 5 else on


def in_days(at: datetime, days: int) -> datetime:
    """At the same hour so many days later, or on the Monday after."""
    local = at.astimezone(ZONE) + timedelta(days=days)
    return (local + (working_day(local.date()) - local.date())).astimezone(UTC)


def at_work(at: datetime) -> datetime:
    """The last instant of office hours by `at`: what people do and plan is never in the night."""
    local = at.astimezone(ZONE)
    if local.hour < OPENS:
        local -= timedelta(days=1)
    if not OPENS <= local.hour < CLOSES:
        local = datetime.combine(local.date(), EVENING, tzinfo=ZONE)
    return local.astimezone(UTC)


def _at(on: date, rng: np.random.Generator, *, early: bool = False) -> datetime:
    minutes = int(rng.integers(0, 60 if early else 9 * 60))
    local = datetime.combine(on, time(8, 0), tzinfo=ZONE) + timedelta(minutes=minutes)
    return local.astimezone(UTC)
