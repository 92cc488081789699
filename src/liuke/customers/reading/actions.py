"""A file staged for an import: read once, judged as a whole, then column by column; all of it on the disk or nothing."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import pyarrow as pa
from pyarrow import ipc

from liuke import tabular
from liuke.customers.fields.actions import imported_fields
from liuke.customers.reading.rules import WRONG, Choices, Styles, Told, fields_of
from liuke.tabular import Problem, RefusedFile, Severity


class Progress(Protocol):
    def __call__(self, done: int, total: int | None, note: str = "") -> None: ...


class Refused(Exception):
    """The file can't be imported as it is; nothing was written."""

    def __init__(self, problems: list[Problem]) -> None:
        known = (
            p.message if p.code in tabular.CODES else p.code for p in problems
        )  # others' words lie above
        super().__init__("; ".join(known))
        self.problems = problems


@dataclass(slots=True)
class Spool:
    """A file's rows as Arrow, how it writes its dates and numbers, and what is wrong with single rows."""

    path: Path
    columns: Mapping[str, str]
    choices: Choices
    styles: Styles = field(default_factory=Styles)
    rows: int = 0
    wrong: list[pa.Table] = field(default_factory=list)  # complete once all batches have been looked through
    told: dict[str, Told] = field(default_factory=dict)
    remarks: list[Problem] = field(default_factory=list)

    def batches(self) -> Iterator[pa.RecordBatch]:
        return spooled(self.path)

    def tell(self, told: Mapping[str, Told]) -> None:
        for code, seen in told.items():
            self.told.setdefault(code, Told()).add(seen)


Sort: TypeAlias = Callable[[Spool, Path, Progress], dict[str, int]]


def spooled(path: Path) -> Iterator[pa.RecordBatch]:
    """The rows as they were read, a batch at a time. Not mapped: of a mapped file every page that was read counts as the
    process's memory until the end.
    """
    with pa.OSFile(str(path), "rb") as source:
        reader = ipc.open_file(source)
        for index in range(reader.num_record_batches):
            yield reader.get_batch(index)


def columns_of(path: Path) -> list[str]:
    with pa.memory_map(str(path), "r") as source:
        return list(ipc.open_file(source).schema.names)


def quiet(done: int, total: int | None, note: str = "") -> None:
    """For whoever does not want to know."""


def stage(
    path: Path,
    *,
    target: str,
    options: tabular.ReadOptions,
    columns: Mapping[str, str],
    choices: Choices,
    folder: Path,
    sort: Sort,
    signature: Mapping[str, Any] | None = None,
    progress: Progress = quiet,
    expected: int | None = None,
) -> dict[str, Any]:
    """Reads the file into `folder`, where `sort` leaves what it makes of the rows, and gives a summary.

    Written beside and renamed at the end, so a folder of that name is complete whatever happened. `signature` says from
    what it was made; it comes back with the summary.
    """
    part = folder.with_name(f"{folder.name}.part-{os.getpid()}")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    try:
        found = Spool(part / "rows.arrow", columns, choices)
        _spool(found, path, options, target, progress, expected)
        if refusals := found.styles.refusals(columns, order=choices.date_order):
            raise Refused(refusals)
        counted = sort(found, part, progress)
        summary = {
            "rows": found.rows,
            "told": {code: told.to_dict() for code, told in found.told.items()},
            "remarks": [as_dict(problem) for problem in found.remarks],
            "signature": signature,
            **counted,
        }
        (part / "summary.json").write_text(json.dumps(summary, ensure_ascii=False))
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return summary


def forget(folder: Path) -> None:
    """The folder, and what processes that were killed have left beside it."""
    for one in (folder, *folder.parent.glob(f"{folder.name}.part-*")):
        shutil.rmtree(one, ignore_errors=True)


def summary_of(folder: Path) -> dict[str, Any] | None:
    """What `stage` said when it made the folder; None when there is none."""
    try:
        kept: dict[str, Any] = json.loads((folder / "summary.json").read_text())
    except FileNotFoundError:
        return None
    return kept


def _spool(
    found: Spool,
    path: Path,
    options: tabular.ReadOptions,
    target: str,
    progress: Progress,
    expected: int | None,
) -> None:
    """A second pass over Arrow is far cheaper than one over text, and the styles of a file need two."""
    writer = None
    try:
        with tabular.read(path, options=options) as reading, pa.OSFile(str(found.path), "wb") as sink:
            for batch in reading:
                writer = writer or ipc.new_file(sink, batch.schema)
                writer.write_batch(batch)
                found.styles.see(batch, found.columns, fields_of(target, imported_fields()))
                found.rows += batch.num_rows
                _note_problems(reading, found)
                progress(found.rows, expected, "reading")
            _note_problems(reading, found)
            writer = writer or ipc.new_file(sink, pa.schema([(tabular.ROW, pa.int64())]))
            writer.close()
    except RefusedFile as refusal:
        raise Refused([refusal.problem]) from refusal
    if not found.rows:
        raise Refused([Problem("no_rows")])


def _note_problems(reading: tabular.Reading, found: Spool) -> None:
    uncut = []
    for problem in reading.take_problems():
        if problem.severity is Severity.REJECTED and problem.row is not None:
            uncut.append(_wrong_row(problem))
        else:
            found.remarks.append(problem)
    if uncut:
        found.wrong.append(pa.Table.from_pylist(uncut, schema=WRONG))
        found.rows += len(uncut)


def _wrong_row(problem: Problem) -> dict[str, Any]:
    """A row that could not be cut into cells, in the form of the other rejects."""
    params = {**problem.params, **({"raw": problem.raw} if problem.raw is not None else {})}
    return {
        "row": problem.row,
        "field": problem.field,
        "code": problem.code,
        "value": problem.value,
        "params": json.dumps(params, ensure_ascii=False),
    }


def as_dict(problem: Problem) -> dict[str, Any]:
    """A problem as JSON keeps it."""
    return {
        "code": problem.code,
        "row": problem.row,
        "field": problem.field,
        "value": problem.value,
        "params": dict(problem.params),
    }
