"""What a log said before an order was taken back: the purchase days as they were known on an earlier day.

An order that is cancelled in June was a purchase to whoever looked in May. A forecast that looks back at May and finds it gone
has seen June: it learns from a past in which nobody ever changed his mind.
"""

from __future__ import annotations

from datetime import date

from liuke.insight.expressions import ibis
from liuke.insight.features.days import purchase_days
from liuke.insight.kinds import Expression


def standing(lines: Expression) -> Expression:
    """The lines that were never taken back."""
    return lines.filter(lines.taken_back.isnull()).drop("taken_back")


def overtaken_days(lines: Expression) -> Expression:
    """The columns of `purchase_days` for each customer and day of which lines were taken back, as they were until then.

    `known_until` is the day on which that was no longer so, `known_from` the one on which it began to be: null for the
    first. A day of which lines were taken back twice is there twice.
    """
    gone = lines.filter(lines.taken_back.notnull())
    ends = gone.select("customer", "on", known_until=gone.taken_back).distinct()
    each = lines.inner_join(ends, ["customer", "on"])
    each = each.filter(each.taken_back.isnull() | (each.taken_back >= each.known_until))
    before = ibis.window(group_by=["customer", "on"], order_by="known_until")
    made = purchase_days(each.drop("taken_back"), beside=("known_until",))
    return made.mutate(known_from=made.known_until.lag().over(before))


def known_days(days: Expression, overtaken: Expression, *, as_of: date) -> Expression:
    """`days` as they were known on `as_of`; those are `days` as they are known now, or were on a later day."""
    return instead(days, valid(overtaken, moment=ibis.date(as_of)))


def valid(overtaken: Expression, *, moment: Expression) -> Expression:
    """What of the overtaken was held to be so at the moment."""
    begun = overtaken.known_from.isnull() | (overtaken.known_from <= moment)
    return overtaken.filter(begun & (overtaken.known_until > moment)).drop("known_from", "known_until")


def instead(days: Expression, then: Expression) -> Expression:
    """The days with those of `then` in their place."""
    return days.anti_join(then, ["customer", "on"]).union(then.select(*days.columns), distinct=False)
