"""A change of a kept state: which months' lines change, which customers are touched, and the files written for both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from liuke.insight.errors import BadState, gettext_noop
from liuke.insight.expressions import ibis
from liuke.insight.features.days import purchase_days
from liuke.insight.features.settled import settled
from liuke.insight.kinds import Column, Expression, Table, pa, pc
from liuke.insight.reading.lines import Reading
from liuke.insight.state.batch import Rows, digest, renamed
from liuke.insight.state.folder import Batch, Month, Part, Record, flush

if TYPE_CHECKING:
    from liuke.insight.engines import DuckEngine

EVER: Final = date(2199, 12, 31)  # no line may be later


@dataclass(frozen=True)
class Change:
    """Lines to add and to take out, who is whom from now on, and who is forgotten."""

    new: Rows | None = None
    wrong: Rows | None = None
    merged: Mapping[Any, Any] = field(default_factory=dict)
    removed: Column | None = None
    again: bool = False


def changed(
    folder: Path, engine: DuckEngine, before: Record, change: Change
) -> tuple[Record, dict[str, Any]]:
    """The record after the change, its files written, and what is told of it; the same record when nothing changes."""
    work = _Work(folder, engine, before, change)
    try:
        return work.done()
    finally:
        work.drop()


class _Work:
    def __init__(self, folder: Path, engine: DuckEngine, before: Record, change: Change) -> None:
        self.folder, self.engine, self.before, self.change = folder, engine, before, change
        self.generation = before.generation + 1
        self._taken: list[Expression] = []
        self.already: list[str] = []
        self.batches: list[Batch] = []
        self.new = self._batch(change.new)
        self.wrong = self._batch(change.wrong, retracted=True)
        self.renames = {old: now for old, now in change.merged.items() if before.merged.get(old, old) != now}

    def take(self, table: Table, name: str) -> Expression:
        taken = self.engine.take(table, name)
        self._taken.append(taken)
        return taken

    def drop(self) -> None:
        for table in self._taken:
            self.engine.drop(table)

    def _batch(self, rows: Rows | None, *, retracted: bool = False) -> Expression | None:
        """The rows under their customers' names of today; None where the last that was done with them is this."""
        if rows is None:
            return None
        content = digest(self.engine, self.take(rows.lines, "batch"))
        done = [batch.retracted for batch in self.before.batches if batch.digest == content]
        if not self.change.again and done and done[-1] == retracted:
            self.already.append(rows.name)
            return None
        self.batches.append(Batch(content, rows.name, rows.lines.num_rows, self.generation, retracted))
        return self.take(renamed(rows.lines, self.change.merged), "rows")

    def done(self) -> tuple[Record, dict[str, Any]]:
        touched = self._touched()
        if self.new is None and self.wrong is None and not len(touched):
            after = self.before
            if self.change.merged != self.before.merged:  # of nobody who has lines yet
                after = replace(after, merged=dict(self.change.merged), generation=self.generation)
            return after, self._told(0, 0)
        self.folder.mkdir(exist_ok=True)
        months = self._months(touched)
        days = self._parquet(*(month.days for month in months.values())) if months else None
        customers = self._customers(days, touched)
        span = (
            {}
            if days is None
            else self.engine.row(
                days.aggregate(
                    bought_on=days.on.min(where=days.bought), first_on=days.on.min(), last_on=days.on.max()
                )
            )
        )
        gone = 0 if self.change.removed is None else self._held(self.change.removed)
        after = replace(
            self.before,
            generation=self.generation,
            first_on=span.get("bought_on") or span.get("first_on"),
            last_on=span.get("last_on"),
            any_bought=span.get("bought_on") is not None,
            months=months,
            customers=customers,
            merged=dict(self.change.merged),
            batches=(*self.before.batches, *self.batches),
            reading=self._reading(),
        )
        return after, self._told(len(touched), gone)

    def _told(self, touched: int, gone: int) -> dict[str, Any]:
        added = self.change.new.lines.num_rows if self.new is not None and self.change.new else 0
        taken = self.change.wrong.lines.num_rows if self.wrong is not None and self.change.wrong else 0
        return {
            "rows": added,
            "retracted": taken,
            "customers": touched,
            "removed": gone,
            "already": tuple(self.already),
        }

    def _touched(self) -> Column:
        """Whose figures must be worked out again: whoever a row names, was merged, took somebody in, or is removed."""
        kind = pa.type_for_alias(self.before.customer)
        parts = [
            self.engine.fetch(rows.select("customer").distinct())["customer"].cast(kind)
            for rows in (self.new, self.wrong)
            if rows is not None
        ]
        if self.renames and self.before.months:
            parts += [
                pa.chunked_array([pa.array(list(side), kind)])
                for side in (self.renames, self.renames.values())
            ]
        if self.change.removed is not None and self.before.months:
            parts.append(pa.chunked_array([self.change.removed]))
        if not parts:
            return pa.chunked_array([pa.array([], kind)])
        return pc.unique(pa.chunked_array([chunk for part in parts for chunk in part.chunks], kind))

    def _months(self, touched: Column) -> dict[str, Month]:
        """Every month's files: those of months without a changed line stay."""
        found = dict(self.before.months)
        for name in sorted(self._stirred()):
            lines = self._lines_of(name)
            part = self._written(lines.order_by("customer", "on"), f"lines-{name}")
            if part.rows:
                days = purchase_days(self._parquet(part)).order_by("customer", "on")
                found[name] = Month(part, self._written(days, f"days-{name}"))
            else:
                found.pop(name, None)
        return dict(sorted(found.items()))

    def _stirred(self) -> set[str]:
        """The months in which a line comes, goes or gets another customer."""
        stirred = {
            name for rows in (self.new, self.wrong) if rows is not None for name in self._months_of(rows)
        }
        moved = list(self.renames)
        if self.change.removed is not None:
            moved += self.change.removed.to_pylist()
        if moved:
            kind = pa.type_for_alias(self.before.customer)
            who = self.take(pa.table({"customer": pa.array(moved, kind)}), "moved")
            for name, month in self.before.months.items():
                here = self._parquet(month.lines).semi_join(who, "customer")
                if self.engine.row(here.aggregate(n=here.count()))["n"]:
                    stirred.add(name)
        return stirred

    def _months_of(self, rows: Expression) -> Iterator[str]:
        named = rows.select(month=rows.on.strftime("%Y-%m")).distinct()
        yield from self.engine.fetch(named)["month"].to_pylist()

    def _lines_of(self, name: str) -> Expression:
        """The month's lines after the change."""
        held = self.before.months.get(name)
        old = self._parquet(held.lines) if held else None
        if old is not None and self.renames:
            old = self._with_new_names(old)
        parts = [old] if old is not None else []
        if self.new is not None:
            parts.append(_in_month(self.new, name))
        lines = self._together(parts) if parts else None
        if self.wrong is not None:
            lines = self._without(lines, _in_month(self.wrong, name))
        if self.change.removed is not None and lines is not None:
            who = self.take(pa.table({"customer": self.change.removed}), "removed")
            lines = lines.anti_join(who, "customer")
        if lines is None:
            raise BadState(gettext_noop("it has no lines of {month}"), folder=str(self.folder), month=name)
        return lines

    def _with_new_names(self, lines: Expression) -> Expression:
        kind = pa.type_for_alias(self.before.customer)
        names = pa.table(
            {
                "customer": pa.array(list(self.renames), kind),
                "now": pa.array(list(self.renames.values()), kind),
            }
        )
        joined = lines.left_join(self.take(names, "names"), "customer").drop("customer_right")
        return joined.mutate(customer=joined.now.coalesce(joined.customer)).drop("now")

    def _without(self, lines: Expression | None, wrong: Expression) -> Expression:
        """The lines less those taken back, each as often as it is; `BadState` for one that isn't there."""
        missing = wrong if lines is None else wrong.difference(lines, distinct=False)
        first = self.engine.fetch(missing.limit(1)).to_pylist()
        if first or lines is None:
            row = first[0] if first else {}
            raise BadState(
                gettext_noop("no line of customer {customer} on {day} for {amount} to retract"),
                folder=str(self.folder),
                customer=row.get("customer"),
                day=row.get("on"),
                amount=row.get("amount"),
            )
        return lines.difference(wrong, distinct=False)

    def _customers(self, days: Expression | None, touched: Column) -> Part | None:
        """What is settled: as it was for those whom nothing touches, worked out anew for the others."""
        if days is None:
            return None
        who = self.take(pa.table({"customer": touched}), "touched")
        if self.before.customers is None:
            found = settled(days, until=EVER)
        else:
            theirs = self.engine.keep(days.semi_join(who, "customer"), "theirs")
            self._taken.append(theirs)
            fresh = settled(theirs, until=EVER)
            kept = self._parquet(self.before.customers).anti_join(who, "customer")
            found = kept.union(fresh.select(*kept.columns), distinct=False)
        return self._written(found, "customers")

    def _held(self, customers: Column) -> int:
        if self.before.customers is None:
            return 0
        who = self.take(pa.table({"customer": customers}), "gone").distinct()
        here = self._parquet(self.before.customers).semi_join(who, "customer")
        return int(self.engine.row(here.aggregate(n=here.count()))["n"])

    def _reading(self) -> Reading:
        found = self.before.reading
        for rows, sign in ((self.change.new if self.new is not None else None, 1),
                           (self.change.wrong if self.wrong is not None else None, -1)):  # fmt: skip
            if rows is not None:
                found = replace(
                    found,
                    rows=found.rows + sign * rows.reading.rows,
                    without_customer=found.without_customer + sign * rows.reading.without_customer,
                    negative=found.negative + sign * rows.reading.negative,
                    not_products=found.not_products + sign * rows.reading.not_products,
                    currency=found.currency or rows.reading.currency,
                )
        return found

    def _parquet(self, *parts: Part) -> Expression:
        backend: Any = self.engine.backend
        return backend.read_parquet([str(self.folder / part.file) for part in parts])

    def _together(self, tables: list[Expression]) -> Expression:
        return ibis.union(*tables, distinct=False) if len(tables) > 1 else tables[0]

    def _written(self, expression: Expression, name: str) -> Part:
        file = f"{name}-{self.generation:06}.parquet"
        path = self.folder / file
        sql = self.engine.sql(expression)
        [(rows,)] = self.engine.backend.con.execute(
            f"COPY ({sql}) TO '{str(path).replace(chr(39), chr(39) * 2)}' (FORMAT parquet, COMPRESSION zstd)"
        ).fetchall()
        flush(path)
        return Part(file, int(rows))


def _in_month(rows: Expression, name: str) -> Expression:
    year, month = map(int, name.split("-"))
    first = date(year, month, 1)
    after = date(year + month // 12, month % 12 + 1, 1)
    return rows.filter((rows.on >= ibis.date(first)) & (rows.on < ibis.date(after)))
