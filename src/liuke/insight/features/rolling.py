"""What a customer did lately and at this time last year: the moving windows that the forecast learns from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from liuke.insight.expressions import ibis
from liuke.insight.features.money import money_sum
from liuke.insight.features.profile import YEAR_DAYS
from liuke.insight.kinds import Expression

WINDOWS: Final = (14, 30, 60, 120, 240)


def rolling(days: Expression, *, as_of: date, horizon_days: int) -> Expression:
    """Per customer who bought by `as_of`:

    bought_14 … bought_240   purchase days within the last 14 … 240 days
    spent_30, spent_120      money within them, refunds off
    bought_year_ago          purchase days in the horizon's window one year (364 days, the same weekdays) earlier
    bought_before_year_ago   purchase days before that window began
    """
    until = days.filter(days.on <= ibis.date(as_of))
    each = until.group_by("customer").aggregate(
        **windows(until, as_of=as_of, horizon_days=horizon_days),
        bought_before_year_ago=until.count(where=until.bought & (until.on <= ibis.date(year_before(as_of)))),
        bought_ever=until.bought.any(),
    )
    return each.filter(each.bought_ever).drop("bought_ever")


def windows(until: Expression, *, as_of: date, horizon_days: int) -> dict[str, Expression]:
    """The windows of `rolling` that lie within the year before `as_of`."""

    def within(length: int) -> Expression:
        return until.on > ibis.date(as_of - timedelta(days=length))

    begins = year_before(as_of)
    same = (until.on > ibis.date(begins)) & (until.on <= ibis.date(begins + timedelta(days=horizon_days)))
    counts = {f"bought_{length}": until.count(where=until.bought & within(length)) for length in WINDOWS}
    money = {
        f"spent_{length}": money_sum(until.value, where=within(length)).fill_null(0.0) for length in (30, 120)
    }
    return {**counts, **money, "bought_year_ago": until.count(where=until.bought & same)}


def year_before(as_of: date) -> date:
    """The same weekday a year earlier."""
    return as_of - timedelta(days=YEAR_DAYS - 1)
