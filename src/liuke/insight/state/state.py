"""`State`: a purchase log kept in a folder, to which new rows are added."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from liuke.insight.engines import DuckEngine, Engine, local_engine
from liuke.insight.errors import BadState, gettext_noop
from liuke.insight.state.batch import (
    Rows,
    agreed,
    named_customers,
    read_rows,
    with_merged,
)
from liuke.insight.state.change import Change, changed
from liuke.insight.state.folder import Record, only_one, read_record, sweep, write_record
from liuke.insight.tables import Purchases


@dataclass(frozen=True)
class Folded:
    """What a call of `State.fold` did.

    `rows` added and `retracted` rows taken out; `customers` whose figures were worked out again; `removed` customers who went;
    `already` names of batches that the state held before and that changed nothing.
    """

    rows: int = 0
    retracted: int = 0
    customers: int = 0
    removed: int = 0
    already: tuple[str, ...] = ()


class State:
    """A purchase log kept in a folder, brought up to date with new rows instead of read anew.

        state = insight.State("shop-state")
        state.fold("orders-2026-09-30.csv")
        judgement = insight.judge(state.purchases(), as_of=date(2026, 9, 30), horizon_days=90)

    What is judged, summarised or forecast from `purchases()` is what the whole log would give, to the last count and cent,
    in whatever batches and order its rows came: the state holds the log itself (checked lines and purchase days, by
    month), so a batch changes the files of its own months only, and what is settled of each customer is worked out again
    for the customers it names. Rows of past days, refunds and rows taken back are rows like any other.

    Shapes: see `Purchases`. Units: money in the log's currency, days by the calendar of the time zone.
    Errors: `BadState` when the folder holds a state of another version, a damaged one, or one of another time zone.
    Source: docs/decisions/0008-kept-state.md.

    `folder` is made when the first rows come. `engine` is a DuckDB engine of this process.
    """

    def __init__(
        self, folder: str | os.PathLike[str], *, timezone: str = "UTC", engine: Engine | None = None
    ) -> None:
        self.folder = Path(folder)
        self.timezone = timezone
        here = engine or local_engine()
        if not isinstance(here, DuckEngine):
            raise BadState(gettext_noop("it is kept by this process, not on a cluster"), folder=str(folder))
        self.engine = here
        self._record = self._read()

    def _read(self) -> Record | None:
        record = read_record(self.folder)
        if record is not None and record.timezone != self.timezone:
            raise BadState(
                gettext_noop("its days are counted by the calendar of {ours}, not of {theirs}"),
                folder=str(self.folder),
                ours=record.timezone,
                theirs=self.timezone,
            )
        return record

    @property
    def generation(self) -> int:
        """How many changes made the state; 0 before the first."""
        return self._record.generation if self._record else 0

    def fold(
        self,
        rows: Any = None,
        *,
        retract: Any = None,
        merged: Any = None,
        removed: Any = None,
        again: bool = False,
        mapping: Mapping[str, str] | None = None,
        sheet: str | None = None,
        encoding: str | None = None,
        not_after: date | None = None,
    ) -> Folded:
        """Bring the state up to date: all of it or, when anything is refused or the process is killed, nothing.

        `rows` new lines of the log, of any days, as `read_purchases` takes them (`mapping`, `sheet`, `encoding`, `not_after`
        likewise).
        `retract` lines that the log should never have had, as they were given: a corrected line is retracted and comes
        again. `merged` (a table with columns customer and into, or a mapping) says who turned out to be whom: the
        lines of the first are the second's, also those to come. `removed` (a table with a column customer, or names)
        forgets customers with all their lines; who buys again is new.

        They are applied in the order merged, rows, retract, removed. Rows with the same content as a batch that was folded
        in before change nothing and are named in `already`, unless `again` says that they are meant.

        Errors: `UnreadablePurchases` as in `read_purchases`; `BadState` when the rows are of another kind than the log (other
        columns, currency, text for numbers), when a line to retract isn't there, for customers merged in a circle, and while
        another process folds.
        """
        given: dict[str, Any] = {
            "mapping": mapping,
            "timezone": self.timezone,
            "sheet": sheet,
            "encoding": encoding,
            "not_after": not_after,
        }
        new = None if rows is None else read_rows(rows, **given)
        wrong = None if retract is None else read_rows(retract, **given)
        self.folder.mkdir(exist_ok=True)
        with only_one(self.folder):
            record = self._read()
            first = record or self._begun(new)
            change = Change(
                new=None if new is None else agreed(new, first, folder=str(self.folder)),
                wrong=None if wrong is None else agreed(wrong, first, folder=str(self.folder)),
                merged=self._merged(first, merged),
                removed=None
                if removed is None
                else named_customers(removed, first, folder=str(self.folder), columns=("customer",))[0],
                again=again,
            )
            sweep(self.folder, record)
            after, told = changed(self.folder, self.engine, first, change)
            if after is not first:
                write_record(self.folder, after)
            self._record = after
        return Folded(**told)

    def _begun(self, new: Rows | None) -> Record:
        if new is None:
            raise BadState(
                gettext_noop("it holds nothing yet; fold the log in first"), folder=str(self.folder)
            )
        nothing = replace(new.reading, rows=0, without_customer=0, negative=0, not_products=0)
        return Record(self.timezone, new.customer, new.fields, nothing)

    def _merged(self, record: Record, pairs: Any) -> dict[Any, Any]:
        if pairs is None:
            return record.merged
        old, new = named_customers(pairs, record, folder=str(self.folder), columns=("customer", "into"))
        named = dict(zip(old.to_pylist(), new.to_pylist(), strict=True))
        return with_merged(record.merged, named, folder=str(self.folder))

    def purchases(self) -> Purchases:
        """The log as it stands, for `judge`, `summarise`, `Forecast` and `backtest`.

        On days before its last row it is read as any log is; from then on, from what is settled of each customer.

        Errors: `BadState` while it holds no purchase.
        """
        record = self._record
        if record is None or record.customers is None or record.first_on is None or record.last_on is None:
            raise BadState(gettext_noop("it holds no purchases"), folder=str(self.folder))
        months = record.months.values()
        return Purchases(
            self.engine,
            self._opened([month.lines.file for month in months]),
            self._opened([month.days.file for month in months]),
            record.reading,
            record.first_on,
            record.last_on,
            self._opened([record.customers.file]),
            table=self.folder.name,
            any_bought=record.any_bought,
        )

    def _opened(self, files: list[str]) -> Any:
        backend: Any = self.engine.backend
        return backend.read_parquet([str(self.folder / file) for file in files])

    def explain(self) -> str:
        """Say in plain words what the state holds."""
        record = self._record
        if record is None:
            return f"Nothing is kept in {self.folder} yet."
        return "\n".join(
            [
                f"{record.reading.rows:,} rows of {record.first_on} to {record.last_on}, in {len(record.months)} monthly parts.",
                f"{record.customers.rows if record.customers else 0:,} customers who bought.",
                f"{len(record.batches)} batches in {record.generation} changes, the last {record.batches[-1].name}."
                if record.batches
                else "No batch.",
            ]
        )
