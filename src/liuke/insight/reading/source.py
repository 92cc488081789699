"""Opens what holds the log: any file that `liuke.tabular` reads, or a data frame."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from liuke import tabular
from liuke.insight.errors import gettext_noop
from liuke.insight.kinds import Column, Table, pa, pc
from liuke.insight.reading.problems import Trouble, UnreadablePurchases

SAMPLE_ROWS: Final = 20
TWICE: Final = gettext_noop("the column is there twice; rename or drop one")


@dataclass(frozen=True)
class Source:
    """The log as it came.

    `columns`  name -> values; `rows` the number of each row as its owner counts it (the spreadsheet's for files, 1 for
               the first row of a frame); `epoch` from which year a workbook counts its days; `doubled` the names
               that stand above more than one column of a file; `uncut` what could not be cut into columns: why, and the
               line as it stands.
    """

    table: str
    names: list[str]
    columns: dict[str, Column]
    rows: Column
    epoch: int = 1900
    doubled: frozenset[str] = frozenset()
    uncut: tuple[tuple[Trouble, str | None], ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def samples(self) -> list[list[str | None]]:
        """The first rows as text, to see what a column holds."""
        first = [self.columns[name].slice(0, SAMPLE_ROWS).to_pylist() for name in self.names]
        return [[None if cell is None else str(cell) for cell in row] for row in zip(*first, strict=True)]

    def filter(self, mask: Column) -> Source:
        kept = {name: column.filter(mask) for name, column in self.columns.items()}
        return replace(self, columns=kept, rows=self.rows.filter(mask))


def opened(source: Any, *, timezone: str, sheet: str | None = None, encoding: str | None = None) -> Source:
    """A file path or data frame; instants with a zone are turned into local time of `timezone`.

    Raises `UnreadablePurchases` for anything else, and for a file that can't be read to its end.
    """
    if isinstance(source, str | os.PathLike):
        return _from_file(Path(source), timezone=timezone, sheet=sheet, encoding=encoding)
    name = "purchases"
    if isinstance(source, pa.Table):
        table = source
    elif hasattr(source, "to_pyarrow"):
        table = source.to_pyarrow()
    elif hasattr(source, "iloc"):
        table = of_pandas(source, name=name)
    elif hasattr(source, "__arrow_c_stream__"):
        table = pa.table(source)
    else:
        raise UnreadablePurchases(
            gettext_noop("a path, an Arrow table or a data frame is needed, not {kind}"),
            table=name,
            kind=type(source).__name__,
        )
    return framed(table, name=name, timezone=timezone)


def _from_file(path: Path, *, timezone: str, sheet: str | None, encoding: str | None) -> Source:
    if path.suffix.lower() in {".parquet", ".pq"} and path.is_file():
        try:
            return framed(pq.read_table(path), name=path.name, timezone=timezone)
        except (pa.ArrowInvalid, OSError) as error:
            cut = gettext_noop("not a whole Parquet file ({reason})")
            raise UnreadablePurchases(cut, table=path.name, reason=error) from error
    try:
        found = tabular.inspect(path, sheet=sheet, encoding=encoding)
        with tabular.read(path, options=found.options) as reading:
            batches = list(reading)
            problems = reading.take_problems()
            schema = reading.schema
    except tabular.RefusedFile as refused:
        problem = refused.problem
        said = tabular.CODES[problem.code]
        raise UnreadablePurchases.of(
            path.name, [Trouble(said.what, problem.arguments, remedy=said.remedy)], 1
        ) from refused
    table = pa.Table.from_batches(batches, schema)
    rows = table.column(tabular.ROW)
    whole = framed(table.drop_columns([tabular.ROW]), name=path.name, timezone=timezone)
    told = frozenset(problem.value or "" for problem in found.problems if problem.code == "duplicate_column")
    uncut = tuple(
        (_trouble(problem), problem.raw)
        for problem in problems
        if problem.severity is not tabular.Severity.TOLD
    )
    return replace(whole, rows=_one(rows), epoch=found.excel_epoch, doubled=told, uncut=uncut)


def _trouble(problem: tabular.Problem) -> Trouble:
    said = tabular.CODES[problem.code]
    return Trouble(said.what, problem.arguments, row=problem.row, remedy=said.remedy)


def framed(table: Table, *, name: str, timezone: str) -> Source:
    """The columns of a table, whose rows count from 1; `UnreadablePurchases` when one is there twice."""
    names = list(table.column_names)
    refuse_doubled(names, name=name)
    columns = {column: _local(_one(table.column(column)), timezone) for column in names}
    return Source(name, names, columns, pa.array(range(1, table.num_rows + 1), pa.int64()))


def refuse_doubled(names: Sequence[str], *, name: str) -> None:
    """Refuse columns of which one is there twice."""
    doubled = sorted({column for column in names if names.count(column) > 1})
    if doubled:
        raise UnreadablePurchases(TWICE, table=name, column=doubled[0])


def of_pandas(frame: Any, *, name: str) -> Table:
    """The frame, column by column. What Python objects of several kinds can't be told as one becomes text, so that the rules
    for text say which row is bad; so do instants of which only some name their zone, from which Arrow would take the zone away.
    """
    refuse_doubled([str(column) for column in frame.columns], name=name)
    return pa.table({str(column): _of_series(frame[column]) for column in frame.columns})


def _of_series(series: Any) -> Column:
    if series.dtype == object:
        known = [value for value in series if hasattr(value, "tzinfo")]
        zones = {value.tzinfo is not None for value in known}
        if len(zones) < 2:
            try:
                return pa.array(series, from_pandas=True)
            except pa.ArrowException:
                pass
        return pa.array([None if value is None or value != value else str(value) for value in series])
    return pa.array(series, from_pandas=True)


def _one(column: pa.ChunkedArray) -> Column:
    array = column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):  # text too long for one chunk
        array = pa.concat_arrays([chunk.cast(pa.large_string()) for chunk in array.chunks])
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return array


def _local(array: Column, timezone: str) -> Column:
    if pa.types.is_timestamp(array.type) and array.type.tz is not None:
        return pc.local_timestamp(array.cast(pa.timestamp(array.type.unit, tz=timezone)))
    return array
