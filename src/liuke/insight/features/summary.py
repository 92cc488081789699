"""Frequency, recency, T and monetary value: the four figures that the buy-till-you-die models are fitted to."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, Literal

from liuke.insight.errors import BadDay, gettext_noop
from liuke.insight.expressions import ibis
from liuke.insight.features.money import money_sum
from liuke.insight.features.settled import holds_of
from liuke.insight.kinds import Expression, Table
from liuke.insight.reading.problems import UnreadablePurchases

if TYPE_CHECKING:
    from liuke.insight.tables import Purchases

Unit = Literal["day", "week"]
DAYS_IN: Final[dict[str, int]] = {"day": 1, "week": 7}


def summary(days: Expression, *, as_of: date, unit: Unit = "day") -> Expression:
    """The table of `summarise` as an expression over `Purchases.days`."""
    until = days.filter(days.on <= ibis.date(as_of))
    # whose every day has a purchase, needs no sequence to tell which occasion a refund belongs to: a third of the time
    refunded = until.filter(~until.bought).select("customer").distinct()
    plain = until.anti_join(refunded, "customer")
    valued = _values_of_occasions(until.semi_join(refunded, "customer"))
    each = _by_customer(plain).union(_by_customer(valued), distinct=False)
    return _figures(each, as_of=as_of, unit=unit)


def _figures(each: Expression, *, as_of: date, unit: Unit) -> Expression:
    """From occasions, first_on, last_on, spent and first_value of each customer."""
    length = DAYS_IN[unit]
    repeats = each.occasions - 1
    return each.select(
        "customer",
        frequency=repeats.cast("int64"),
        recency=each.last_on.delta(each.first_on, unit="day").cast("float64") / length,
        T=ibis.date(as_of).delta(each.first_on, unit="day").cast("float64") / length,
        monetary=ibis.ifelse(
            repeats > 0, ibis.greatest((each.spent - each.first_value) / repeats.nullif(0), 0.0), 0.0
        ),
    )


def _by_customer(valued: Expression) -> Expression:
    """From customer, on and value of each occasion."""
    return valued.group_by("customer").aggregate(
        occasions=valued.count(),
        first_on=valued.on.min(),
        last_on=valued.on.max(),
        spent=money_sum(valued.value),
        first_value=valued.value.argmin(valued.on),
    )


def _values_of_occasions(days: Expression) -> Expression:
    """customer, on, value of each purchase day; refunds of days without a purchase lower the one before them."""
    turn = ibis.cumulative_window(group_by="customer", order_by="on")
    numbered = days.select(
        "customer", "on", "value", "bought", turn=days.bought.cast("int64").sum().over(turn)
    )
    started = numbered.filter(numbered.turn > 0)  # a refund before the first purchase belongs to no purchase
    return started.group_by("customer", "turn").aggregate(on=started.on.min(), value=money_sum(started.value))


def summarise(purchases: Purchases, *, as_of: date, unit: Unit = "day") -> Table:
    """One row per customer who bought by `as_of`, ordered by customer.

    frequency  days with a purchase after the first one (int64)
    recency    from the first to the last purchase day, in `unit` (float64); 0 for one-time buyers
    T          from the first purchase day to `as_of`, in `unit` (float64)
    monetary   mean value of the purchase days after the first one, refunds taken off, never below 0; 0 without any

    Rows later than `as_of` don't count. Raises `BadDay` when the log begins after `as_of`. Source of the
    definitions: Fader, Hardie & Lee, "Counting Your Customers the Easy Way", Marketing Science 24 (2005).
    """
    purchases = checked_as_of(purchases, as_of)
    if unit not in DAYS_IN:
        raise ValueError(f"the unit is day or week, not {unit!r}")
    if purchases.settled is not None and holds_of(purchases, as_of):
        known = purchases.settled.rename(occasions="purchases")
        expression = _figures(known, as_of=as_of, unit=unit)
    else:
        expression = summary(purchases.days, as_of=as_of, unit=unit)
    return purchases.engine.fetch(expression.order_by("customer"))


def checked_as_of(purchases: Purchases, as_of: date) -> Purchases:
    """The log as it was known then.

    Raises `BadDay` when nobody had bought by then, `UnreadablePurchases` when nobody ever did.
    """
    purchases = purchases.known(as_of)
    if not purchases.any_bought:
        columns = purchases.reading.columns
        raise UnreadablePurchases(
            gettext_noop(
                "no row is a purchase; a negative amount or quantity is a refund, which lowers the purchases before it"
            ),
            table=purchases.table,
            column=columns.get("amount", columns.get("quantity")),
        )
    if as_of < purchases.first_on:
        before = gettext_noop("as-of {day} lies before the first purchase of the log ({first})")
        raise BadDay(before, day=as_of, first=purchases.first_on)
    return purchases
