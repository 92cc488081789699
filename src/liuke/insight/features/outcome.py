"""What came after a day: the truth that a forecast is held against."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from liuke.insight.expressions import ibis
from liuke.insight.features.money import money_sum
from liuke.insight.kinds import Column, Expression, Vector, pa, pc

if TYPE_CHECKING:
    from liuke.insight.engines import Engine
    from liuke.insight.features.snapshot import Snapshot


def bought_within(days: Expression, *, after: date, horizon_days: int) -> Expression:
    """Per customer who bought in (after, after + horizon]: purchase days and money, refunds of the window taken off."""
    until = ibis.date(after + timedelta(days=horizon_days))
    window = days.filter((days.on > ibis.date(after)) & (days.on <= until))
    each = window.group_by("customer").aggregate(
        purchases=window.count(where=window.bought), value=money_sum(window.value)
    )
    return each.filter(each.purchases > 0)


def outcome(engine: Engine, days: Expression, seen: Snapshot, *, horizon_days: int) -> tuple[Vector, Vector]:
    """Purchase days and money of every customer of `seen` in (as-of, as-of + horizon], zero for who didn't come."""
    came = engine.fetch(bought_within(days, after=seen.as_of, horizon_days=horizon_days))
    at = pc.index_in(seen.customer, value_set=came.column("customer").combine_chunks())
    counts = pc.fill_null(pc.take(came.column("purchases"), at), 0)
    money = pc.fill_null(pc.take(came.column("value"), at), 0.0)
    return _array(counts), _array(money)


def _array(column: Column) -> Vector:
    found: Vector = column.cast(pa.float64()).to_numpy()
    return found
