"""Every gap between two purchases, with what was known of the customer's gaps before it began."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from liuke.insight.expressions import ibis
from liuke.insight.features.profile import occasions
from liuke.insight.kinds import Expression, Table, Vector, pa

if TYPE_CHECKING:
    from liuke.insight.engines import Engine

SHORTEST_DAYS: Final = 0.5


@dataclass(frozen=True)
class Gaps:
    """Arrays of one length: `log_gap`; of the same customer's gaps before it their number `before`, and the `mean` and
    `variance` of their logs (0 where there was none)."""

    log_gap: Vector
    before: Vector
    mean: Vector
    variance: Vector


def gaps(days: Expression, *, as_of: date) -> Expression:
    """customer, log_gap, before, total (Σ log) and squares (Σ log²) of the gaps before: one row per gap that ended by `as_of`."""
    each = occasions(days, as_of=as_of)
    ended = each.filter(each.gap.notnull())
    logged = ended.select(
        "customer", "turn", log_gap=ibis.greatest(ended.gap.cast("float64"), SHORTEST_DAYS).ln()
    )
    earlier = ibis.window(group_by="customer", order_by="turn", preceding=(None, 1))
    return logged.select(
        "customer",
        "log_gap",
        before=logged.count().over(earlier),
        total=logged.log_gap.sum().over(earlier).fill_null(0.0),
        squares=(logged.log_gap * logged.log_gap).sum().over(earlier).fill_null(0.0),
    )


def fetch_gaps(engine: Engine, days: Expression, *, as_of: date) -> Gaps:
    """`gaps` as arrays."""
    return gaps_of(engine.fetch(gaps(days, as_of=as_of)))


def gaps_of(table: Table) -> Gaps:
    """Rows of `gaps`, brought here, as arrays."""
    log_gap, before, total, squares = (
        table.column(name).cast(pa.float64()).to_numpy() for name in ("log_gap", "before", "total", "squares")
    )
    number = before.clip(min=1)
    mean = total / number
    return Gaps(log_gap, before, mean, (squares / number - mean**2).clip(min=0))
