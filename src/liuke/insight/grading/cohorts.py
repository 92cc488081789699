"""Who was won when, and how many of them still buy: retention by cohort."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, Literal

from liuke.insight.errors import BadFigure
from liuke.insight.expressions import ibis
from liuke.insight.features.summary import checked_as_of
from liuke.insight.kinds import Expression

if TYPE_CHECKING:
    from liuke.insight.tables import Purchases

Period = Literal["month", "quarter"]
MONTHS: Final[dict[str, int]] = {"month": 1, "quarter": 3}


@dataclass(frozen=True)
class Cohort:
    """`customers` who first bought in the period that begins on `start_on`; `active` how many of them bought in that period
    and in each later one up to the day asked for; `whole` whether the last of these periods had ended."""

    start_on: date
    customers: int
    active: tuple[int, ...]
    whole: bool

    @property
    def retention(self) -> tuple[float, ...]:
        """Share of the cohort that bought in each period, 1.0 in the first."""
        return tuple(count / self.customers for count in self.active)


def cohorts(purchases: Purchases, *, as_of: date, period: Period = "month") -> list[Cohort]:
    """Cohorts by first purchase, the oldest first; days later than `as_of` don't count.

    Errors: `BadFigure` for another period; `ValueError` when the log begins after `as_of`.
    Returns rows by period, a `Cohort` each; retention = active / customers, a share of 0 to 1. Source: the cohort tables of
    Fader and Hardie (2007), How to project customer retention, Journal of Interactive Marketing 21(1), here for purchases.
    """
    if period not in MONTHS:
        raise BadFigure(f"a period is a {' or a '.join(MONTHS)}, not {period!r}", name="period")
    purchases = checked_as_of(purchases, as_of)
    table = purchases.engine.fetch(active_by_cohort(purchases.days, as_of=as_of, period=period))
    last = _number(as_of, period)
    found: dict[int, Counter[int]] = {}
    for row in table.to_pylist():
        found.setdefault(row["cohort"], Counter())[row["later"]] += row["customers"]
    return [
        Cohort(
            start_on=_start(cohort, period),
            customers=counts[0],
            active=tuple(counts[later] for later in range(last - cohort + 1)),
            whole=_number(date.fromordinal(as_of.toordinal() + 1), period) > last,
        )
        for cohort, counts in sorted(found.items())
    ]


def active_by_cohort(days: Expression, *, as_of: date, period: Period) -> Expression:
    """cohort (number of the first period), later (periods after it), customers who bought then."""
    length = MONTHS[period]
    bought = days.filter(days.bought & (days.on <= ibis.date(as_of)))
    number = (bought.on.year() * 12 + bought.on.month() - 1) // length
    each = bought.mutate(period=number.cast("int64")).distinct(on=["customer", "period"], keep="first")
    whole = ibis.window(group_by="customer")
    placed = each.mutate(cohort=each.period.min().over(whole))
    placed = placed.mutate(later=placed.period - placed.cohort)
    return placed.group_by("cohort", "later").aggregate(customers=placed.count())


def _number(day: date, period: Period) -> int:
    return (day.year * 12 + day.month - 1) // MONTHS[period]


def _start(number: int, period: Period) -> date:
    year, month = divmod(number * MONTHS[period], 12)
    return date(year, month + 1, 1)
