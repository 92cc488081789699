"""Everyone on the day, kept where the data is, and the customers to learn from, brought here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from liuke.insight.engines.duck import local_engine
from liuke.insight.features.events import Events, stored_events
from liuke.insight.features.money import money_sum
from liuke.insight.features.sample import in_sample
from liuke.insight.features.snapshot import Snapshot, everyone_of, snapshot
from liuke.insight.forecast.cutoffs import Past, look_back_on
from liuke.insight.kinds import Expression, Vector, pa

if TYPE_CHECKING:
    from liuke.insight.engines import Engine
    from liuke.insight.tables import Purchases

LEARNING_CUSTOMERS: Final = 30_000  # more than these teach the learners nothing that shows in the log loss


@dataclass(frozen=True)
class Survey:
    """The log at `as_of`.

    `everyone`   kept table, one row per customer who bought by then, the columns of `features.snapshot`
    `customers`  how many they are
    `learning`   the log of those to learn from: all of them, or a sample by hash, the same on every engine. Its engine is one
                 in this process, whatever engine holds the whole log; `events` are those of these customers
    `whole`      whether these are all
    """

    purchases: Purchases
    as_of: date
    horizon_days: int
    everyone: Expression
    customers: int
    learning: Purchases
    events: Events | None
    whole: bool

    @property
    def engine(self) -> Engine:
        return self.purchases.engine

    @property
    def kinds(self) -> tuple[str, ...]:
        return self.events.kinds if self.events else ()

    @cached_property
    def seen(self) -> Snapshot:
        """The customers to learn from, on the day."""
        if self.learning.engine is not self.engine:
            return snapshot(
                self.learning, as_of=self.as_of, horizon_days=self.horizon_days, events=self.events
            )
        if self.whole:
            return self.all_seen()
        chosen = self.everyone.semi_join(self.learning.days.select("customer").distinct(), "customer")
        return Snapshot(self.engine.fetch(chosen.order_by("customer")), self.as_of, self.kinds)

    def all_seen(self) -> Snapshot:
        """Everyone, brought here: only for a log whose customers fit."""
        return Snapshot(self.engine.fetch(self.everyone.order_by("customer")), self.as_of, self.kinds)

    def timing(self) -> dict[str, Vector]:
        """frequency, recency, T of everyone in days, by the distinct triples, their counts and mean `log_gaps`, in order."""
        if self.whole:
            return self.seen.timing()
        keys = ["first_on", "purchases", "last_on"]
        everyone = self.everyone
        each = everyone.group_by(keys).aggregate(
            count=everyone.count(), logs=money_sum(everyone.log_gap_mean.fill_null(0.0))
        )
        distinct = self.engine.fetch(each.order_by(keys))
        count = distinct["count"].to_numpy()
        mean = pa.array(distinct["logs"].to_numpy() / count)
        timing = Snapshot(distinct.select(keys).append_column("log_gap_mean", mean), self.as_of).timing()
        return {**timing, "count": count}

    def past(self, days: Sequence[date]) -> list[Past]:
        """Earlier days, each with what came after it."""
        return look_back_on(self.learning, days, horizon_days=self.horizon_days, events=self.events)


@contextmanager
def survey(
    purchases: Purchases, *, as_of: date, horizon_days: int, covariates: Mapping[str, Any] | None = None
) -> Iterator[Survey]:
    """The survey of a log; what it keeps on the engine is freed at the end."""
    engine = purchases.engine
    stored: list[tuple[Engine, Expression]] = []

    def keep(expression: Expression, name: str) -> Expression:
        kept = engine.keep(expression, name)
        stored.append((engine, kept))
        return kept

    events = stored_events(purchases, covariates)
    try:
        known = purchases.known(as_of)
        if known is not purchases:  # it is looked at again and again
            purchases = replace(known, days=keep(known.days, "known"))
        snapshots = everyone_of(purchases, as_of=as_of, horizon_days=horizon_days, events=events)
        if engine.local:  # the scores are then in order; a cluster would send every row across for it
            snapshots = snapshots.order_by("customer")
        everyone = keep(snapshots, "everyone")
        customers = int(engine.row(everyone.aggregate(n=everyone.count()))["n"])
        share = LEARNING_CUSTOMERS / max(customers, 1)
        learning, theirs = purchases, events
        if engine.local and share < 1:
            sample = keep(_of_sample(purchases.days, everyone, share), "learning")
            learning = replace(purchases, days=sample, settled=None, overtaken=_overtaken(purchases, share))
        elif not engine.local:
            learning, theirs = _brought(purchases, events, everyone, share)
        yield Survey(purchases, as_of, horizon_days, everyone, customers, learning, theirs, share >= 1)
    finally:
        for where, table in stored:
            where.drop(table)
        if events is not None:
            events.drop()


def _of_sample(rows: Expression, everyone: Expression, share: float) -> Expression:
    chosen = everyone.filter(in_sample(everyone.customer, share=share)).select("customer")
    return rows.semi_join(chosen, "customer")


def _overtaken(purchases: Purchases, share: float) -> Expression | None:
    """The sample's; also of those who stand for nothing today, because all that they ever bought was taken back."""
    rows = purchases.overtaken
    return None if rows is None else rows.filter(in_sample(rows.customer, share=share))


def _brought(
    purchases: Purchases, events: Events | None, everyone: Expression, share: float
) -> tuple[Purchases, Events | None]:
    """The sample's purchase days and events on an engine of this process."""
    here = local_engine()
    days = here.take(purchases.engine.fetch(_of_sample(purchases.days, everyone, share)), "days")
    tables = {}
    for kind, table in (events.tables if events else {}).items():
        tables[kind] = here.take(purchases.engine.fetch(_of_sample(table, everyone, share)), "events")
    overtaken = _overtaken(purchases, share)
    if overtaken is not None:
        overtaken = here.take(purchases.engine.fetch(overtaken), "overtaken")
    learning = replace(purchases, engine=here, days=days, settled=None, overtaken=overtaken)
    return learning, Events(here, tables) if events else None
