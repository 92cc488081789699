"""What is known of a customer for good until his next row, and the snapshot of a day made of it.

Of the columns of a snapshot most change only with a row of the customer: his purchases, his gaps, his money. They are worked
out once and kept (`insight.State`). What changes as time goes by needs no more than the last year's purchase days: sums
over moving windows, and how many of his gaps are shorter than the wait so far.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from liuke.insight.expressions import ibis
from liuke.insight.features.profile import YEAR_DAYS, ever, habits, lately, occasions
from liuke.insight.features.rolling import windows, year_before
from liuke.insight.kinds import Expression

if TYPE_CHECKING:
    from liuke.insight.tables import Purchases


def settled(days: Expression, *, until: date) -> Expression:
    """One row per customer who bought: what only a row of his changes, and `gaps`, the days between his purchases.

    `until` is the last day of the log, or a later one.
    """
    each = occasions(days, as_of=until)
    own = each.group_by("customer").aggregate(**habits(each), gaps=each.gap.cast("int32").collect())
    seen = days.filter(days.on <= ibis.date(until))
    return own.inner_join(seen.group_by("customer").aggregate(**ever(seen)), "customer")


def holds_of(purchases: Purchases, as_of: date) -> bool:
    """Whether the settled figures are those of this day: no row of the log is later."""
    return purchases.settled is not None and as_of >= purchases.last_on


def snapshot_from(
    known: Expression, days: Expression, *, as_of: date, horizon_days: int | None = None
) -> Expression:
    """The columns of `features.snapshot` on a day not before the last of `days`, from the settled figures `known`."""
    recent = days.filter(days.on > ibis.date(as_of - timedelta(days=YEAR_DAYS)))
    moving = lately(recent, as_of=as_of)
    if horizon_days is not None:
        moving |= windows(recent, as_of=as_of, horizon_days=horizon_days)
        since = recent.bought & (recent.on > ibis.date(year_before(as_of)))
        moving["bought_before_year_ago"] = recent.count(where=since)
    each = recent.group_by("customer").aggregate(**moving)
    joined = known.left_join(each, "customer").drop("customer_right")
    # nobody is without a figure here but for the year's total, which is null without a row in the year, as in `totals`
    filled = {name: joined[name].fill_null(0) for name in moving if name != "total_12m"}
    if horizon_days is not None:
        filled["bought_before_year_ago"] = joined.purchases - filled["bought_before_year_ago"]
    waited = ibis.date(as_of).delta(joined.last_on, unit="day")
    return joined.mutate(
        **filled,
        shorter_gaps=joined.gaps.filter(lambda gap: gap < waited).length().fill_null(0),
        equal_gaps=joined.gaps.filter(lambda gap: gap == waited).length().fill_null(0),
    ).drop("gaps")
