"""Rows that come to a kept state: read, checked, and held against what the state knows of its log."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from liuke.insight.errors import BadState, gettext_noop
from liuke.insight.kinds import Column, Expression, Table, pa, pc
from liuke.insight.reading.lines import Reading, checked_lines
from liuke.insight.reading.problems import UnreadablePurchases
from liuke.insight.reading.source import opened
from liuke.insight.reading.values import Named, customers
from liuke.insight.state.folder import Record

KEPT: Final = ("customer", "on", "amount", "bought", "product", "goods", "cost", "discount")
OPTIONAL: Final = ("product", "cost", "discount")
NO_VALUE: Final = "\x1e"
CIRCLE: Final = gettext_noop("{customer} is merged into himself")
BETWEEN: Final = "\x1f"


@dataclass(frozen=True)
class Rows:
    """Checked lines (Arrow, the columns of `KEPT` that the log has) and what was found on the way in."""

    name: str
    lines: Table
    reading: Reading

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(name for name in OPTIONAL if name in self.lines.column_names)

    @property
    def customer(self) -> str:
        return str(self.lines.schema.field("customer").type)


def read_rows(
    source: Any,
    mapping: Mapping[str, str] | None,
    *,
    timezone: str,
    sheet: str | None,
    encoding: str | None,
    not_after: date | None = None,
) -> Rows:
    """Errors: `UnreadablePurchases`, as in `read_purchases`."""
    found = opened(source, timezone=timezone, sheet=sheet, encoding=encoding)
    lines, reading = checked_lines(found, mapping, timezone=timezone, not_after=not_after)
    if "taken_back" in reading.columns:
        raise UnreadablePurchases(
            gettext_noop(
                "a kept state doesn't know when an order was taken back; leave the column out and retract the lines of such "
                "orders"
            ),
            table=found.table,
            column=reading.columns["taken_back"],
        )
    name = os.path.basename(os.fspath(source)) if isinstance(source, str | os.PathLike) else found.table
    return Rows(name, lines.select([each for each in KEPT if each in lines.column_names]), reading)


def agreed(rows: Rows, record: Record, *, folder: str) -> Rows:
    """The rows with customers of the state's type; `BadState` where they are of another kind than its log.

    Whole numbers become text where the log names its customers by text, as they would in one file with it.
    """
    if rows.fields != record.fields:
        raise BadState(
            gettext_noop(
                "its rows have {ours}, those of {name} have {theirs}; a log has the same columns throughout (name "
                "them with a mapping)"
            ),
            folder=folder,
            ours=_listed(record.fields),
            theirs=_listed(rows.fields),
            name=rows.name,
        )
    currencies = {record.reading.currency, rows.reading.currency} - {None}
    if len(currencies) > 1:
        raise BadState(
            gettext_noop("it counts {ours}, {name} counts {theirs}; convert them first"),
            folder=folder,
            ours=record.reading.currency,
            theirs=rows.reading.currency,
            name=rows.name,
        )
    if rows.customer == record.customer:
        return rows
    if record.customer != "string":
        text_here = gettext_noop("its customers are whole numbers, those of {name} are text")
        raise BadState(text_here, folder=folder, name=rows.name)
    text = rows.lines.column("customer").cast(pa.string())
    return Rows(rows.name, rows.lines.set_column(0, "customer", text), rows.reading)


def _listed(fields: tuple[str, ...]) -> str:
    return ", ".join(fields) or "–"


def digest(engine: Any, lines: Expression) -> str:
    """Of the content, whatever the order of the rows: both halves of each row's MD5, added up.

    A sum, so that no row need be sorted, and one that counts a row as often as it is there.
    """
    cells = ", ".join(f"coalesce(\"{name}\"::VARCHAR, '{NO_VALUE}')" for name in lines.columns)
    row = f"concat_ws('{BETWEEN}', {cells})"
    sums = f"sum(md5_number_lower({row})), sum(md5_number_upper({row})), count(*)"
    sql = f"SELECT {sums} FROM ({engine.sql(lines)})"  # noqa: S608 - names of ours
    [(lower, upper, count)] = engine.backend.con.execute(sql).fetchall()
    return f"{int(lower or 0):x}-{int(upper or 0):x}-{count}"


def named_customers(source: Any, record: Record, *, folder: str, columns: tuple[str, ...]) -> list[Column]:
    """The columns of a table of customers (a path, an Arrow table or a data frame, or plain values), as the state names them.

    Errors: `UnreadablePurchases` for a missing column or value, `BadState` for text where the state has numbers.
    """
    if isinstance(source, Mapping):
        source = pa.table({columns[0]: list(source.keys()), columns[-1]: list(source.values())})
    elif isinstance(source, list | tuple | set | frozenset):
        source = pa.table({columns[0]: sorted(source)})
    found = opened(source, timezone=record.timezone)
    named = []
    for column in columns:
        if column not in found.names:
            raise UnreadablePurchases(
                gettext_noop("there is no column {wanted}; it has {known}"),
                table=found.table,
                wanted=column,
                known=", ".join(found.names),
            )
        one = Named(found, column)
        values = one.required(customers(one))
        if str(values.type) != record.customer:
            try:
                values = values.cast(record.customer)
            except pa.ArrowInvalid as error:
                numbers = gettext_noop("its customers are whole numbers: {reason}")
                raise BadState(numbers, folder=folder, reason=error) from error
        named.append(values)
    return named


def renamed(lines: Table, merged: Mapping[Any, Any]) -> Table:
    """The lines under the names that their customers have now."""
    column = lines.column("customer")
    if not merged or not len(lines):
        return lines
    old = pa.array(list(merged), column.type)
    new = pa.array(list(merged.values()), column.type)
    at = pc.index_in(column, value_set=old)
    return lines.set_column(0, "customer", pc.coalesce(pc.take(new, at), column))


def with_merged(before: Mapping[Any, Any], pairs: Mapping[Any, Any], *, folder: str) -> dict[Any, Any]:
    """All that were merged ever, each named by whom he is now; `BadState` for a circle."""
    joined = {**before, **pairs}
    found = {}
    for old in joined:
        now, steps = joined[old], 0
        while now in joined:
            now, steps = joined[now], steps + 1
            if now == old or steps > len(joined):
                raise BadState(CIRCLE, folder=folder, customer=old)
        if now == old:
            raise BadState(CIRCLE, folder=folder, customer=old)
        found[old] = now
    return found
