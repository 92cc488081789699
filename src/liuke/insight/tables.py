"""The purchase log as insight sees it, and how one is read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import ibis

from liuke.insight.engines import Engine, local_engine
from liuke.insight.features.days import purchase_days
from liuke.insight.features.overtaken import known_days, overtaken_days, standing
from liuke.insight.kinds import Expression
from liuke.insight.reading.findings import LeftOut
from liuke.insight.reading.lines import Reading, checked_lines, refuse_later
from liuke.insight.reading.source import opened


@dataclass(frozen=True)
class Purchases:
    """A checked purchase log on an engine.

    `lines`  customer, on, amount, bought and, where the log has them, order, product, goods, channel, cost,
             discount: one row per line.
    `days`   customer, on, value, refunded, bought, lines, products, cost, discount: one row per customer and
             calendar day (`features.days.purchase_days`).
    `reading` what was found on the way in; `first_on` the day of the first purchase, `last_on` that of the last entry;
    `table` what messages call the log; `any_bought` whether there is a purchase, not refunds alone.
    `settled` what is known of each customer for good until his next row, where a `State` keeps it (`features.settled`).
    `overtaken` the days that were otherwise before some of their lines were taken back (`features.overtaken`), `overtaken_until`
    the day of the last taking back; None where the log tells of none.

    **The refund rule.** A negative entry (a refund, return or cancelled line) is never an occasion of purchase; it
    lowers the value of the customer's purchases that came before it. A day counts as a purchase when it has at
    least one entry that is not negative, free of charge included. All that a customer buys on one day is one
    purchase.

    Which purchase an entry takes back a log doesn't say, so none is struck out for a negative of the same amount: it
    may be of another one. Whoever knows says so: a line with a day in the column `taken_back` (that of an order which was
    taken back wholly, and those which took it back) counts for nothing from that day on. Before, nobody could know, so it
    counts in all that is told of an earlier day: `known` has the log as it was then.
    """

    engine: Engine
    lines: Expression
    days: Expression
    reading: Reading
    first_on: date
    last_on: date
    settled: Expression | None = None
    table: str = "purchases"
    any_bought: bool = True
    overtaken: Expression | None = None
    overtaken_until: date | None = None

    def known(self, as_of: date) -> Purchases:
        """The log as it was known on `as_of`, later rows included: with what was taken back afterwards still in it."""
        if self.overtaken is None or self.overtaken_until is None or as_of >= self.overtaken_until:
            return self
        days = known_days(self.days, self.overtaken, as_of=as_of)
        return replace(self, days=days, settled=None, overtaken_until=as_of, **_span(self.engine, days))

    def later(self, as_of: date) -> int:
        """How many lines lie after `as_of`: no judgement of that day looks at them."""
        if as_of >= self.last_on:
            return 0
        after = self.lines.on > ibis.date(as_of)
        return int(self.engine.row(self.lines.aggregate(later=after.sum()))["later"] or 0)

    def explain(self) -> str:
        """The SQL that makes `days` from `lines`."""
        return self.engine.sql(purchase_days(self.lines))


def read_purchases(
    source: Any,
    mapping: Mapping[str, str] | None = None,
    *,
    engine: Engine | None = None,
    timezone: str = "UTC",
    sheet: str | None = None,
    encoding: str | None = None,
    not_after: date | None = None,
    left_out: list[LeftOut] | None = None,
) -> Purchases:
    """Read and check a purchase log.

    `source` is a path (CSV, TSV, XLSX, XLS, ODS, Parquet, JSON lines in any common encoding), a `pyarrow.Table` or any
    data frame that speaks Arrow. Its columns are found by name, in Chinese and English; `mapping` (field -> column)
    says otherwise. Needed are `customer`, `at` (or `on`) and `amount` (or `quantity` and `unit_price`); `cost`,
    `discount`, `product`, `product_name`, `channel`, `order`, `currency` and `taken_back` are used where found. Days are
    counted by the calendar of `timezone` where instants name their zone.

    On a cluster (`engines.spark`) a Parquet file or directory whose dates and amounts are typed columns is read and checked
    by the workers; anything else is read by this process and handed to them.

    With `not_after` (today, say) a later date is refused: a mistyped year would else be the log's last day.

    Lines without a customer are set aside and counted. For negative entries see `Purchases`. Order and repetition
    of rows don't matter, except that amounts add up.

    With `left_out`, a list, rows that can't be read are put there with their cells and the reasons, and counted in
    `reading.left_out`, instead of refused; what is wrong with a whole column is refused all the same. Such a log is read by
    this process, wherever it is judged.

    Raises `UnreadablePurchases` naming table, column and row of all that is wrong (the first twenty, and how many more): a
    column missing or there twice, a value that is no finite number, an impossible date or one whose day and month can't be
    told apart, two currencies or signs, instants of which only some name their time zone, a file that can't be read to its end.
    """
    engine = engine or local_engine()
    there = None
    if isinstance(source, str | os.PathLike) and left_out is None:
        there = engine.open(os.fspath(source), mapping, timezone=timezone)
    if there is None:
        lines_read, reading = checked_lines(
            opened(source, timezone=timezone, sheet=sheet, encoding=encoding),
            mapping,
            timezone=timezone,
            not_after=not_after,
            left_out=left_out,
        )
        lines = engine.take(lines_read, "lines")
    else:
        lines, reading = there
    overtaken = overtaken_until = None
    if "taken_back" in lines.columns:
        overtaken_until = engine.row(lines.aggregate(last=lines.taken_back.max()))["last"]
        overtaken = engine.keep(overtaken_days(lines), "overtaken") if overtaken_until else None
        lines = standing(lines)
    days = engine.keep(purchase_days(lines), "days")
    table = Path(source).name if isinstance(source, str | os.PathLike) else "purchases"
    span = _span(engine, days)
    if span["last_on"] is None:  # all of it was taken back
        span = _span(engine, overtaken) | {"any_bought": False}
    refuse_later(reading, span["last_on"], not_after, table=table)
    return Purchases(
        engine,
        lines,
        days,
        reading,
        **span,
        table=table,
        overtaken=overtaken,
        overtaken_until=overtaken_until,
    )


def _span(engine: Engine, days: Expression) -> dict[str, Any]:
    """first_on, last_on and any_bought of `Purchases`."""
    found = engine.row(
        days.aggregate(
            bought_on=days.on.min(where=days.bought), first_on=days.on.min(), last_on=days.on.max()
        )
    )
    return {
        "first_on": found["bought_on"] or found["first_on"],
        "last_on": found["last_on"],
        "any_bought": found["bought_on"] is not None,
    }
