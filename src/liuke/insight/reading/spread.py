"""A log in Parquet, checked by the workers of a cluster, each the rows that it reads, by the rules of `reading.values`.

What a rule says of a row needs nothing but the row, because Parquet's columns have types. Two things are held together
here: the currencies of all parts, and what of all refusals is told (the first rows, as in a log read at once).
A refusal names the row within its file, and with several files the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from liuke.insight.kinds import Table, pa, pc
from liuke.insight.reading import values
from liuke.insight.reading.columns import match
from liuke.insight.reading.findings import in_order
from liuke.insight.reading.lines import NO_ROW, Reading, typed_lines
from liuke.insight.reading.problems import Trouble, UnreadablePurchases
from liuke.insight.reading.source import Source, framed

TOLD: Final = "told"  # the column in which a part tells what it found
ROW, FILE = "__row__", "__file__"


def needs_all_rows(head: Source, found: Mapping[str, str]) -> bool:
    """Whether a column is text whose dates or numbers can only be read with all rows in sight (1/2/2026, 1.234)."""
    read = ("at", "taken_back", "amount", "quantity", "unit_price", "cost", "discount")
    return any(values.Named(head, found[field]).is_text() for field in read if field in found)


@dataclass(frozen=True)
class Lines:
    """Turns a part of the log, its columns with `ROW` (from 1 within its file) and `FILE`, into checked lines.

    They come with `TOLD`, in the first row of each part: a JSON object with the part's `Reading` or its refusal. A part
    without a line that names a customer has one row, of nulls but for that.
    """

    table: str
    columns: dict[str, str]
    timezone: str
    schema: Any

    def __call__(self, part: Table) -> Table:
        made = [self._file(rows) for rows in _by_file(part)]
        return pa.concat_tables(made).combine_chunks()

    def _file(self, part: Table) -> Table:
        whole = framed(part.drop_columns([ROW, FILE]), name=self.table, timezone=self.timezone)
        source = Source(whole.table, whole.names, whole.columns, part[ROW].combine_chunks())
        told: dict[str, Any] = {"file": part[FILE][0].as_py()}
        try:
            lines, reading = typed_lines(source, self.columns, timezone=self.timezone)
            told["reading"] = asdict(reading)
            lines = lines.cast(self.schema)
        except UnreadablePurchases as refused:
            told["refused"] = {"troubles": [asdict(one) for one in refused.troubles], "count": refused.count}
            lines = self.schema.empty_table()
        if len(lines) == 0:
            lines = pa.table([pa.nulls(1, field.type) for field in self.schema], schema=self.schema)
        first = pa.array([json.dumps(told, default=str), *[None] * (len(lines) - 1)], pa.string())
        return lines.append_column(TOLD, first)


def planned(head: Table, mapping: Mapping[str, str] | None, *, table: str, timezone: str) -> Lines | None:
    """How the parts are read, from the first rows of the log; None when only somebody with all rows in sight can.

    Raises `UnreadablePurchases` when the columns are not there, or twice.
    """
    source = framed(head, name=table, timezone=timezone)
    found = match(source, mapping)
    if len(source) == 0:
        raise UnreadablePurchases(NO_ROW, table=table)
    if needs_all_rows(source, found):
        return None
    # the kinds of the columns, from no rows at all: what is wrong with one is told by the part that has it
    nothing = source.filter(pa.array([False] * len(source)))
    lines, _ = typed_lines(nothing, found, timezone=timezone)
    return Lines(table, found, timezone, lines.schema)


def joined(told: Sequence[str], plan: Lines) -> Reading:
    """The reading of the whole log, or the refusal that reading it at once would have given."""
    parts = [json.loads(each) for each in told]
    refused = [part for part in parts if "refused" in part]
    several = len({part["file"] for part in parts}) > 1
    if refused:
        # Of several files the rows are counted for themselves, so the first file's are told.
        first = min(part["file"] for part in refused)
        known = [part["refused"] for part in refused if part["file"] == first or not several]
        troubles = [Trouble(**trouble) for part in known for trouble in part["troubles"]]
        count = sum(part["refused"]["count"] for part in refused)
        name = first if several else plan.table
        raise UnreadablePurchases.of(name, in_order(troubles, list(plan.columns.values())), count)
    readings = [part["reading"] for part in parts]
    return Reading(
        rows=sum(each["rows"] for each in readings),
        without_customer=sum(each["without_customer"] for each in readings),
        negative=sum(each["negative"] for each in readings),
        not_products=sum(each["not_products"] for each in readings),
        columns=plan.columns,
        currency=_one_currency(parts, plan),
    )


def _one_currency(parts: Sequence[dict[str, Any]], plan: Lines) -> str | None:
    kinds = sorted({part["reading"]["currency"] for part in parts if part["reading"]["currency"]})
    if len(kinds) > 1:
        raise UnreadablePurchases(
            values.CURRENCIES,
            table=plan.table,
            column=plan.columns["currency"],
            kinds=", ".join(kinds[:5]),
        )
    return kinds[0] if kinds else None


def _by_file(part: Table) -> Iterator[Table]:
    """The rows of each file: a worker may read several small ones in one go."""
    for file in pc.unique(part[FILE]).to_pylist():
        yield part.filter(pc.equal(part[FILE], file))
