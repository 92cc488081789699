"""A file as Arrow batches: one way in for all formats."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final

from liuke.tabular.arrow import Batch, Schema
from liuke.tabular.files.delimited import DelimitedReader
from liuke.tabular.files.inspection import Format, ReadOptions
from liuke.tabular.files.isolated import IsolatedReader
from liuke.tabular.files.jsonlines import JsonLinesReader
from liuke.tabular.files.limits import USUAL, Limits
from liuke.tabular.problems import Problem, RefusedFile
from liuke.tabular.values.writing import ROW

BATCH_ROWS: Final = 65_536
KEPT: Final = 200_000  # problems that wait to be taken; more than these means nobody can use the list anyway


class Reading(Iterator[Batch]):
    """Batches with `__row__` first. `problems` grows while it is iterated; `take_problems` empties it.

    An importer that takes the problems after each batch stays in little memory however bad the file is.
    """

    def __init__(self, path: Path, options: ReadOptions, *, batch_rows: int, limits: Limits) -> None:
        self.problems: list[Problem] = []
        self.problem_count = 0  # of all problems, taken ones included
        self.rows = 0  # delivered so far
        self._batch_rows = batch_rows
        if options.format is Format.DELIMITED:
            reader: DelimitedReader | JsonLinesReader | IsolatedReader = DelimitedReader(
                path, options, tell=self._told, limits=limits
            )
        elif options.format is Format.JSON_LINES:
            reader = JsonLinesReader(path, options, tell=self._told, limits=limits)
        else:
            reader = IsolatedReader(path, options, tell=self._told, batch_rows=batch_rows, limits=limits)
        self._reader = reader
        self._batches = self._cut()

    @property
    def schema(self) -> Schema:
        """Of the batches; for workbooks and Parquet it takes opening the file."""
        return self._reader.schema

    def __iter__(self) -> Reading:
        return self

    def __next__(self) -> Batch:
        batch = next(self._batches)
        self.rows += batch.num_rows
        return batch

    def __enter__(self) -> Reading:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop in the middle; a child process that still reads is ended."""
        self._batches.close()

    def take_problems(self) -> list[Problem]:
        taken, self.problems = self.problems, []
        return taken

    def _told(self, problem: Problem) -> None:
        self.problem_count += 1
        if len(self.problems) >= KEPT:
            raise RefusedFile("mostly_unreadable", count=len(self.problems), rows=problem.row or 0)
        self.problems.append(problem)

    def _cut(self) -> Generator[Batch]:
        for table in self._reader:
            yield from table.combine_chunks().to_batches(max_chunksize=self._batch_rows)


def read(
    path: str | Path, *, options: ReadOptions, batch_rows: int = BATCH_ROWS, limits: Limits = USUAL
) -> Reading:
    """The rows of the file as `options` say. Raises RefusedFile, now or while iterated, when the whole file is bad."""
    if ROW in options.columns:
        raise ValueError(f"{ROW} is the name of the row number and can't be a column")
    return Reading(Path(path), options, batch_rows=batch_rows, limits=limits)
