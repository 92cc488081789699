"""How the company keeps its customers, in a few figures (SC01, RP01): of those whom the reader may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from babel.numbers import get_currency_precision
from django.db.models import Count, Q, QuerySet, Value

from liuke.customers.completeness.actions import mean_percent
from liuke.customers.followups.models import kept, late
from liuke.customers.followups.rules import TIMED
from liuke.customers.models import Customer, FollowUp
from liuke.scores.judging.rules import in_minor
from liuke.scores.overview import actions as overview
from liuke.scores.overview.rules import Stayed
from liuke.scores.questions.actions import RECENT_DAYS
from liuke.scores.reach.actions import Reach
from liuke.scores.track.rules import SCORES
from liuke.workspace.insight.rules import Matter, matters

if TYPE_CHECKING:
    from liuke.platform.models import User
    from liuke.scores.models import ScoreRun


@dataclass(frozen=True)
class Glance:
    """The four links of keeping customers, and what stands beside them."""

    groups: list[overview.Group]
    complete: float | None  # of the cards: what is known of the customers
    matters: list[Matter]  # complaints, promises, plans: what became of them
    stayed: Stayed | None
    profit_minor: int | None
    expected_minor: int | None


def glance(run: ScoreRun, user: User, *, now: datetime) -> Glance:
    reach = Reach(user)
    percent = mean_percent(user)
    profit_minor, expected_minor = _money(run, reach)
    return Glance(
        groups=overview.groups(user),
        complete=None if percent is None else percent / 100,
        matters=matters(_settled(user, now=now)),
        stayed=overview.stayed(run, reach),
        profit_minor=profit_minor,
        expected_minor=expected_minor,
    )


RUN_SHOWN = 200  # rows of a night on one page, the greatest first


@dataclass(frozen=True)
class Judged:
    """A customer as a night judged him; None where he is no longer there."""

    customer: Customer | None
    grade: str
    band: str
    risk: int
    at_risk_minor: int
    sales_minor: int


@dataclass(frozen=True)
class Looked:
    """Whom a night judged, of those whom the reader may see: how many of each band, and the greatest of the one asked for."""

    bands: Mapping[str, int]
    rows: list[Judged]


def looked_up(run: ScoreRun, user: User, *, band: str) -> Looked | None:
    """None where the night's file is no longer kept."""
    table = Reach(user).rows(run, SCORES, ["customer", "band", "grade", "risk", "value_at_risk", "total_12m"])
    if table is None:
        return None
    table = table.set_column(1, "band", table["band"].cast(pa.string()))
    bands = Counter(one or "" for one in table["band"].to_pylist())
    asked = table.filter(pc.equal(table["band"], pa.scalar(band))) if band else table
    order = pc.sort_indices(asked, [("value_at_risk", "descending"), ("customer", "ascending")])
    first = asked.take(order[:RUN_SHOWN]).to_pylist()
    known = (
        Customer.objects.for_user(user).select_related("owner").in_bulk([row["customer"] for row in first])
    )
    digits = get_currency_precision(run.currency)
    rows = [
        Judged(
            known.get(row["customer"]),
            row["grade"] or "",
            row["band"] or "",
            row["risk"],
            in_minor(row["value_at_risk"], digits),
            in_minor(row["total_12m"], digits),
        )
        for row in first
    ]
    return Looked(bands, rows)


def _settled(user: User, *, now: datetime) -> Mapping[tuple[str, str], tuple[int, int]]:
    """(kind, what became of it) -> customers, as the list of customers asks for them, and matters, as Today counts. One

    statement.
    """
    since = now - timedelta(days=RECENT_DAYS)
    reach = Customer.objects.reach_of_sums(user, path="customer__")
    rows = FollowUp.objects.filter(reach)

    def counted(some: QuerySet[FollowUp], of: str, *which: Q) -> QuerySet[FollowUp, Any]:
        named = some.order_by().annotate(of=Value(of)).values_list("kind", "of")
        first, then = (Count("customer", distinct=True, filter=one) for one in which)
        # Matters by their customers, too: that column stands in the index which the rows are read from.
        more = {"firsts": Count("customer", filter=which[0]), "thens": Count("customer", filter=which[1])}
        return named.annotate(first=first, then=then, **more)

    # Complaints for themselves, as only theirs may have expired: all together they would be sorted by their kind
    # (measured with 53,000 that ended: 20 ms instead of 30).
    ended = rows.settled(since)
    others = ended.filter(kind__in=("promise", "task"), state__in=("done", "dismissed"))
    every = counted(rows.open().filter(kind__in=TIMED), "open", Q(), late(now)).union(
        counted(ended.filter(kind="complaint"), "ended", ~kept(), kept()),
        counted(others, "ended", ~kept(), kept()),
        all=True,
    )
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for kind, of, first, then, firsts, thens in every:
        names = ("todo", "overdue") if of == "open" else ("too_late", "in_time")
        found |= {(kind, names[0]): (first, firsts), (kind, names[1]): (then, thens)}
    return found


def _money(run: ScoreRun, reach: Reach) -> tuple[int | None, int | None]:
    """Profit after service, and what the forecast expects within its horizon: from the night's file, as no index carries them."""
    rows = reach.rows(run, SCORES, ["customer", "profit", "expected_value"])
    if rows is None or len(rows.column_names) < 3:  # a night of before profit was reckoned
        return None, None
    digits = get_currency_precision(run.currency)
    profit, expected = (float(pc.sum(rows[name]).as_py() or 0) for name in rows.column_names[1:])
    return in_minor(profit, digits), in_minor(expected, digits)
