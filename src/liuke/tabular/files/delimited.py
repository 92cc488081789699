"""Rows of a delimited text as Arrow tables, block by block, in little memory; bad rows become problems."""

# mypy: disable-error-code="no-any-return"
# Arrow's functions are untyped for us, see arrow.py.
from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import pyarrow.csv

from liuke.tabular.arrow import Array, Integers, Table, compute, pa
from liuke.tabular.files.dialects import BLANKS, collapse_blanks
from liuke.tabular.files.formulas import restored
from liuke.tabular.files.inspection import ReadOptions
from liuke.tabular.files.limits import USUAL, Limits
from liuke.tabular.files.records import Cut, Dialect, cut, leading, split
from liuke.tabular.files.sources import BLOCK_BYTES, CUT, INVALID, text_blocks
from liuke.tabular.problems import Problem, RefusedFile
from liuke.tabular.values.writing import ROW

RAW_SHOWN: Final = 100_000  # characters of a bad row that are kept for the rejects file
JUDGED_ROWS: Final = 2_000  # when nearly all of the first rows are bad, the dialect is wrong, not the rows

Tell = Callable[[Problem], None]
Spare = tuple[int, list[str | None]]


class DelimitedReader:
    """Iterates over tables with a `__row__` column; what is wrong with rows is told to `tell`."""

    def __init__(
        self,
        path: Path,
        options: ReadOptions,
        *,
        tell: Tell,
        block_bytes: int = BLOCK_BYTES,
        limits: Limits = USUAL,
    ) -> None:
        self._path, self._options, self._tell, self._limits = path, options, tell, limits
        self._block_bytes = block_bytes
        self._blanks = options.delimiter == BLANKS
        quote = b"" if self._blanks else options.quote.encode()
        self._dialect = Dialect(options.delimiter.encode(), quote, len(options.columns))
        self._row = 1  # number of the next record, as the user counts
        self._good = self._bad = 0
        self._last_line_open = False
        self.schema = pa.schema([(ROW, pa.int64()), *((name, pa.string()) for name in options.columns)])

    def __iter__(self) -> Iterator[Table]:
        rest, head = b"", self._options.header_row
        for block, at_end in self._blocks():
            block = rest + block
            if head:
                records = leading(block, Dialect(self._dialect.delimiter, self._dialect.quote), head)
                if len(records) < head and at_end:
                    raise RefusedFile("header_missing", header=head)
                if len(records) < head:
                    rest = block
                    continue
                block = block[sum(map(len, records)) :]
                self._row, head = head + 1, 0
            done, table = self._parsed(block, at_end)
            rest = done.rest
            if table.num_rows:
                yield table

    def _blocks(self) -> Iterator[tuple[bytes, bool]]:
        options = self._options
        waiting: bytes | None = None
        for block in text_blocks(
            self._path,
            encoding=options.encoding,
            compressed=options.compressed,
            block_bytes=self._block_bytes,
            limits=self._limits,
        ):
            if waiting is not None:
                yield waiting, False
            waiting = collapse_blanks(block) if self._blanks else block
        if waiting is not None:
            self._last_line_open = not waiting.endswith(b"\n")
            yield waiting, True

    def _parsed(self, block: bytes, at_end: bool) -> tuple[Cut, Table]:
        done = cut(block, self._dialect, at_end=at_end)
        table, invalid = self._arrow(done)
        if table.num_rows + len(invalid) != len(done.numbers):
            # quotation marks inside unquoted cells; look at every line that has one
            done = cut(block, self._dialect, at_end=at_end, careful=True)
            table, invalid = self._arrow(done)
        numbers = done.numbers + self._row
        if table.num_rows + len(invalid) != len(numbers):
            table, invalid, numbers = self._line_by_line(done)
        refused = {int(numbers[index]) for index, _, _ in invalid}
        kept = numbers[~np.isin(numbers, list(refused))] if refused else numbers
        table = table.add_column(0, ROW, pa.array(kept))
        table = self._with_spares(table, self._judge_invalid(invalid, numbers, done, at_end))
        self._tell_broken(done)
        self._row += done.records
        table = self._without_marked(_without_blank(table, self._options.columns), block, at_end)
        if self._options.restore_formulas and b"'" in block:
            table = restored(table)
        self._judge(table.num_rows)
        return done, table

    def _arrow(self, done: Cut) -> tuple[Table, list[tuple[int, str, int]]]:
        """The rows that fit, and (index, text, columns found) of those that don't."""
        names = self._options.columns
        if not done.body:
            return pa.table({name: pa.nulls(0, pa.string()) for name in names}), []
        invalid: list[tuple[int, str, int]] = []

        def note(row: Any) -> Literal["skip", "error"]:
            invalid.append((row.number - 1, row.text, row.actual_columns))
            return "skip"

        table = pyarrow.csv.read_csv(
            pa.BufferReader(done.body),
            read_options=pyarrow.csv.ReadOptions(
                use_threads=False, column_names=list(names), block_size=len(done.body) + 1
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=self._options.delimiter,
                quote_char=self._dialect.quote.decode() or False,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=note,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                strings_can_be_null=True,
                null_values=[""],
                column_types=dict.fromkeys(names, pa.string()),
                check_utf8=False,  # sources made it UTF-8
            ),
        )
        return table, invalid

    def _line_by_line(self, done: Cut) -> tuple[Table, list[tuple[int, str, int]], Integers]:
        """The last resort for blocks that Arrow cuts otherwise than we do: every record by itself."""
        rows: list[list[str | None]] = []
        invalid: list[tuple[int, str, int]] = []
        records = leading(done.body, self._dialect, len(done.body) + 1)
        for index, record in enumerate(records):
            found = split(record.removesuffix(b"\n"), self._dialect)
            text = [cell.decode("utf-8", "replace") or None for cell in found]
            if len(text) == len(self._options.columns) or not record.strip():
                rows.append(
                    text if len(text) == len(self._options.columns) else [None] * len(self._options.columns)
                )
            else:
                invalid.append((index, record.decode("utf-8", "replace").rstrip("\n"), len(text)))
        columns: list[Any] = list(zip(*rows, strict=True)) if rows else [[] for _ in self._options.columns]
        arrays = [pa.array(column, pa.string()) for column in columns]
        return (
            pa.table(arrays, names=list(self._options.columns)),
            invalid,
            np.arange(len(records)) + self._row,
        )

    def _judge_invalid(
        self, invalid: list[tuple[int, str, int]], numbers: Integers, done: Cut, at_end: bool
    ) -> list[Spare]:
        """Rows of another width: some are only padded or shortened by a spreadsheet, the rest are told."""
        spares: list[Spare] = []
        expected = len(self._options.columns)
        for index, text, found in invalid:
            number = int(numbers[index])
            values: list[str | None] = [
                cell.decode("utf-8", "replace") or None for cell in split(text.encode(), self._dialect)
            ]
            if len(values) > expected and not any(values[expected:]):
                spares.append((number, values[:expected]))
            elif len(values) < expected and self._options.fill_short_rows:
                spares.append((number, values + [None] * (expected - len(values))))
            else:
                last = at_end and self._last_line_open and index == len(numbers) - 1 and done.unclosed is None
                code = "truncated_row" if last and found < expected else "wrong_column_count"
                self._reject(code, number, text, {"found": found, "expected": expected})
        return spares

    def _with_spares(self, table: Table, spares: list[Spare]) -> Table:
        if not spares:
            return table
        columns = list(zip(*(values for _, values in spares), strict=True))
        arrays: list[Array] = [pa.array([number for number, _ in spares], pa.int64())]
        arrays += [pa.array(column, pa.string()) for column in columns]
        both = pa.concat_tables([table, pa.table(arrays, schema=table.schema)])
        return both.take(compute.sort_indices(both[ROW]))

    def _tell_broken(self, done: Cut) -> None:
        for number, line in done.broken:
            self._reject("broken_quotes", number + self._row, line.decode("utf-8", "replace"))
        if done.unclosed is not None:
            number, line = done.unclosed
            self._reject("truncated_row", number + self._row, line.decode("utf-8", "replace"))

    def _without_marked(self, table: Table, block: bytes, at_end: bool) -> Table:
        """Take out rows with bytes that could not be decoded, or with NUL."""
        for mark, code in ((CUT, "truncated_row"), (INVALID, "invalid_bytes"), (b"\0", "nul_character")):
            if mark in block:
                table = self._without(table, mark.decode(), code)
        return table

    def _without(self, table: Table, mark: str, code: str) -> Table:
        found = np.zeros(table.num_rows, dtype=bool)
        for name in self._options.columns:
            hits = compute.fill_null(compute.match_substring(table[name], mark), False)
            found |= hits.to_numpy()
        for position in np.flatnonzero(found).tolist():
            values = [table[name][position].as_py() for name in self._options.columns]
            raw = self._options.delimiter.join("" if v is None else v.replace(mark, "\ufffd") for v in values)
            params: dict[str, str | int] = {"encoding": self._options.encoding}
            self._reject(code, table[ROW][position].as_py(), raw, params)
        return table.filter(pa.array(~found)) if found.any() else table

    def _reject(self, code: str, row: int, raw: str, params: dict[str, str | int] | None = None) -> None:
        self._bad += 1
        self._tell(Problem(code, row=row, params=params or {}, raw=raw[:RAW_SHOWN]))

    def _judge(self, rows: int) -> None:
        before = self._good
        self._good += rows
        seen = self._good + self._bad
        if before == 0 and seen >= JUDGED_ROWS and self._bad * 10 > seen * 9:
            raise RefusedFile("mostly_unreadable", count=self._bad, rows=seen)


def _without_blank(table: Table, names: tuple[str, ...]) -> Table:
    """Leave out rows in which every cell is empty; they keep their number."""
    if not table.num_rows or any(table[name].null_count == 0 for name in names):
        return table
    filled = compute.is_valid(table[names[0]])
    for name in names[1:]:
        filled = compute.or_(filled, compute.is_valid(table[name]))
    return table.filter(filled)
