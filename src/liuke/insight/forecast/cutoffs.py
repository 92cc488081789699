"""The days in the past from which the forecast learns, and what came after each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from liuke.insight.features.gaps import Gaps, fetch_gaps, gaps, gaps_of
from liuke.insight.features.layers import layers
from liuke.insight.features.outcome import outcome
from liuke.insight.features.snapshot import Snapshot, snapshot, snapshot_of
from liuke.insight.kinds import Vector, pa

if TYPE_CHECKING:
    from liuke.insight.features.events import Events
    from liuke.insight.tables import Purchases

MOST: Final = 6
OLDER: Final = 6
THIN_CUSTOMERS: Final = 1_500  # more teach enough on six days, and customers change over the years
STEP_DAYS: Final = 28
SHORTEST_PAST_DAYS: Final = 28
PAST_PER_HORIZON: Final = 0.4


@dataclass(frozen=True)
class Past:
    """A cut-off: what was known on the day, and what came within the horizon."""

    seen: Snapshot
    gaps: Gaps
    counts: Vector
    money: Vector

    @property
    def came(self) -> Vector:
        return self.counts > 0

    @property
    def events(self) -> int:
        """The rarer of came and stayed away: how much there is to learn from."""
        came = int(np.count_nonzero(self.came))
        return min(came, len(self.counts) - came)


def cutoffs(first_on: date, *, as_of: date, horizon_days: int, most: int = MOST) -> list[date]:
    """Days whose horizon had ended by `as_of`, the latest first, four weeks apart (so that weekdays agree).

    Each has at least four weeks, and two fifths of the horizon, of the log before it.
    """
    shortest = shortest_past(horizon_days)
    latest = as_of - timedelta(days=horizon_days)
    days = [latest - timedelta(days=STEP_DAYS * step) for step in range(most)]
    return [day for day in days if (day - first_on).days >= shortest]


def older_days(first_on: date, *, before: date, horizon_days: int, most: int = OLDER) -> list[date]:
    """The cut-offs before the one of `before`, from which a log of few customers is learned as well."""
    as_of = before - timedelta(days=STEP_DAYS) + timedelta(days=horizon_days)
    return cutoffs(first_on, as_of=as_of, horizon_days=horizon_days, most=most)


def shortest_past(horizon_days: int) -> int:
    """How many days of log a cut-off must have before it."""
    return max(SHORTEST_PAST_DAYS, round(PAST_PER_HORIZON * horizon_days))


def look_back(purchases: Purchases, day: date, *, horizon_days: int, events: Events | None = None) -> Past:
    """The snapshot of `day` and what came after it."""
    then = purchases.known(day)
    seen = snapshot(then, as_of=day, horizon_days=horizon_days, events=events)
    counts, money = came_of(purchases, seen, horizon_days=horizon_days)
    return Past(seen, fetch_gaps(purchases.engine, then.days, as_of=day), counts, money)


def came_of(purchases: Purchases, seen: Snapshot, *, horizon_days: int) -> tuple[Vector, Vector]:
    """`outcome` as it was known when the horizon had ended, whatever was taken back since: the same for every day."""
    ended = purchases.known(seen.as_of + timedelta(days=horizon_days))
    return outcome(purchases.engine, ended.days, seen, horizon_days=horizon_days)


def look_back_on(
    purchases: Purchases, days: Sequence[date], *, horizon_days: int, events: Events | None = None
) -> list[Past]:
    """`look_back` on several days in one go, of a log whose engine is in this process."""
    if not days:
        return []
    engine, log, overtaken = purchases.engine, purchases.days, purchases.overtaken
    with layers(engine, log, days, horizon_days=horizon_days, overtaken=overtaken) as laid:
        log = engine.keep(laid.laid_days(log, overtaken), "layers")
        try:
            known = events and events.seen_by(laid.laid)
            found = snapshot_of(log, as_of=laid.as_of, horizon_days=horizon_days, events=known)
            every = Snapshot(
                engine.fetch(found.order_by("customer")), laid.as_of, known.kinds if known else ()
            )
            counts, money = outcome(engine, log, every, horizon_days=horizon_days)
            ended = engine.fetch(gaps(log, as_of=laid.as_of))
        finally:
            engine.drop(log)
    at, of = laid.layer(every.customer.to_numpy()), laid.layer(ended["customer"].to_numpy())
    return [
        Past(
            Snapshot(seen, day, every.kinds),
            gaps_of(ended.filter(pa.array(of == place))),
            counts[at == place],
            money[at == place],
        )
        for place, (day, seen) in enumerate(zip(days, laid.apart(every.table), strict=True))
    ]
