"""What the log says of each customer up to a day: totals, own gaps, trend of basket and breadth, refunds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from liuke.insight.expressions import ibis
from liuke.insight.features.money import money_sum
from liuke.insight.kinds import Expression

YEAR_DAYS: Final = 365
RECENT: Final = 3  # the last purchases whose basket is held against the earlier ones
RETURN_DAYS: Final = 180
DIGITS: Final = 9  # of means of logarithms: in the last ones engines differ, and a boosted tree tells any two figures apart


def occasions(days: Expression, *, as_of: date) -> Expression:
    """One row per customer and purchase day up to `as_of`, with its place in the customer's sequence.

    value     the day's entries with the refunds that came after it and before the next purchase
    products  distinct products that day
    turn      1 for the first purchase, 2 for the second …; `back` the same from the last one
    gap       days since the purchase before (null for the first)
    waited    days from the customer's last purchase to `as_of` (the same on all rows of a customer)
    """
    until = days.filter(days.on <= ibis.date(as_of))
    # whose every day has a purchase, needs no sequence to tell which occasion a refund belongs to
    refunded = until.filter(~until.bought).select("customer").distinct()
    plain = until.anti_join(refunded, "customer").select("customer", "on", "value", "products")
    each = plain.union(_with_refunds(until.semi_join(refunded, "customer")), distinct=False)
    each = each.mutate(turn=1 + ibis.row_number().over(ibis.window(group_by="customer", order_by="on")))
    ordered = ibis.window(group_by="customer", order_by="turn")
    whole = ibis.window(group_by="customer")
    return each.mutate(
        back=each.turn.max().over(whole) - each.turn + 1,
        gap=each.on.delta(each.on.lag().over(ordered), unit="day"),
        waited=ibis.date(as_of).delta(each.on.max().over(whole), unit="day"),
    )


def _with_refunds(until: Expression) -> Expression:
    """customer, on, value, products of each purchase day; days of nothing but refunds lower the one before them."""
    running = ibis.cumulative_window(group_by="customer", order_by="on")
    numbered = until.select(
        "customer", "on", "value", "products", "bought", turn=until.bought.cast("int64").sum().over(running)
    )
    started = numbered.filter(numbered.turn > 0)  # a refund before the first purchase belongs to no purchase
    each = started.group_by("customer", "turn").aggregate(
        on=started.on.min(),
        value=money_sum(started.value),
        products=started.products.max(where=started.bought),
    )
    return each.drop("turn")


def own_rhythm(each: Expression) -> Expression:
    """Per customer: purchases, the gaps between them and how the last ones differ from those before."""
    return each.group_by("customer").aggregate(
        **habits(each),
        # the first purchase has no gap, and engines differ in what they count of a condition that isn't known
        shorter_gaps=each.count(where=(each.gap < each.waited).fill_null(False)),
        equal_gaps=each.count(where=(each.gap == each.waited).fill_null(False)),
    )


def habits(each: Expression) -> dict[str, Expression]:
    """What of `own_rhythm` stays as it is until the customer's next row, however long he waits."""
    recent, earlier = each.back <= RECENT, each.back > RECENT
    log_gap = each.gap.cast("float64").ln()
    return {
        "purchases": each.count(),
        "first_on": each.on.min(),
        "last_on": each.on.max(),
        "spent": money_sum(each.value),
        "first_value": each.value.argmin(each.turn),
        "gap_median": each.gap.cast("float64").median(),
        "log_gap_mean": log_gap.mean().round(DIGITS),
        "log_gap_sd": log_gap.std(how="pop").round(DIGITS),
        "last_gap": each.gap.max(where=each.back == 1),
        "basket_recent": money_sum(each.value, where=recent) / each.count(where=recent).nullif(0),
        "basket_before": money_sum(each.value, where=earlier) / each.count(where=earlier).nullif(0),
        "breadth_recent": each.products.cast("float64").mean(where=recent),
        "breadth_before": each.products.cast("float64").mean(where=earlier),
    }


def totals(days: Expression, *, as_of: date) -> Expression:
    """Per customer: money in all and in the last twelve months, refunds, cost, discount."""
    until = days.filter(days.on <= ibis.date(as_of))
    return until.group_by("customer").aggregate(**ever(until), **lately(until, as_of=as_of))


def ever(until: Expression) -> dict[str, Expression]:
    """What of `totals` only a row of the customer changes."""
    return {
        "total": money_sum(until.value),
        "refunded": money_sum(until.refunded),
        "cost": money_sum(until.cost),
        "discount": money_sum(until.discount),
    }


def lately(until: Expression, *, as_of: date) -> dict[str, Expression]:
    """What of `totals` changes as time goes by."""
    year = until.on > ibis.date(as_of - timedelta(days=YEAR_DAYS))
    half_year = until.on > ibis.date(as_of - timedelta(days=RETURN_DAYS))
    return {
        "total_12m": money_sum(until.value, where=year),
        "refunded_lately": money_sum(until.refunded, where=half_year).fill_null(0.0),
        "refunds_lately": until.count(where=half_year & (until.refunded > 0)),
        "spent_lately": money_sum(until.value + until.refunded, where=half_year).fill_null(0.0),
        "discount_lately": money_sum(until.discount, where=half_year).fill_null(0.0),
    }


def profile(days: Expression, *, as_of: date) -> Expression:
    """`own_rhythm` and `totals` of every customer who bought by `as_of`."""
    rhythm = own_rhythm(occasions(days, as_of=as_of))
    return rhythm.inner_join(totals(days, as_of=as_of), "customer")
