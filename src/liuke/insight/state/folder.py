"""The folder of a kept state: Parquet files that are never changed, and a small JSON that says which of them count.

    state.json                      the record: format, what the rows are like, which files count, what was folded in
    lines-YYYY-MM-GENERATION.parquet     the checked lines of the days of a month
    days-YYYY-MM-GENERATION.parquet      the purchase days made of them (`features.days`)
    customers-GENERATION.parquet         what is settled of each customer (`features.settled`)

A change writes new files beside the old, flushes them to the disk and then puts a new `state.json` in the place of the old
in one step: a process that is killed leaves the state it found. Files of the generation before last are removed by the next
change, so that whoever reads while somebody else folds keeps what he opened.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from liuke.insight.errors import BadState, gettext_noop
from liuke.insight.kinds import pa
from liuke.insight.reading.lines import Reading

FORMAT: Final = 1
RECORD: Final = "state.json"


@dataclass(frozen=True)
class Part:
    """A file of the folder and its rows."""

    file: str
    rows: int


@dataclass(frozen=True)
class Month:
    """The lines of a month and the days made of them."""

    lines: Part
    days: Part


@dataclass(frozen=True)
class Batch:
    """Rows that were folded in, or `retracted`: the name of what held them, the digest of their content, how many they were."""

    digest: str
    name: str
    rows: int
    generation: int
    retracted: bool = False


@dataclass(frozen=True)
class Record:
    """What `state.json` says.

    `first_on`, `last_on`, `any_bought` as in `Purchases`; `customer` the type of the customers' names; `fields` the optional
    columns that the log has; `months` YYYY-MM -> its files; `merged` customer -> the one he is now, in all rows to come; the
    counts of `reading` are those of all batches.
    """

    timezone: str
    customer: str
    fields: tuple[str, ...]
    reading: Reading
    generation: int = 0
    first_on: date | None = None
    last_on: date | None = None
    any_bought: bool = False
    months: dict[str, Month] = field(default_factory=dict)
    customers: Part | None = None
    merged: dict[Any, Any] = field(default_factory=dict)
    batches: tuple[Batch, ...] = ()

    def files(self) -> Iterator[Part]:
        for month in self.months.values():
            yield from (month.lines, month.days)
        if self.customers is not None:
            yield self.customers

    def as_json(self) -> str:
        plain = asdict(self)
        for day in ("first_on", "last_on"):
            plain[day] = None if plain[day] is None else plain[day].isoformat()
        plain["merged"] = list(self.merged.items())  # names that are numbers stay numbers
        return json.dumps({"format": FORMAT, **plain}, ensure_ascii=False, indent=1)


def read_record(folder: Path) -> Record | None:
    """The record, None where nothing was folded in yet; the files it names are there and whole.

    Raises `BadState` for a record of another version, and for a damaged record or file.
    """
    path = folder / RECORD
    if not path.exists():
        return None
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        if plain.pop("format") != FORMAT:
            raise BadState(
                gettext_noop("written by another version of Liuke; make it anew from the log"),
                folder=str(folder),
            )
        found = _record(plain)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, BadState):
            raise
        damaged = gettext_noop("{file} is damaged ({reason})")
        raise BadState(damaged, folder=str(folder), file=RECORD, reason=error) from error
    for part in found.files():
        _check(folder / part.file, part.rows)
    return found


def _record(plain: dict[str, Any]) -> Record:
    months = {
        name: Month(Part(**month["lines"]), Part(**month["days"])) for name, month in plain["months"].items()
    }
    read: dict[str, Any] = {
        **plain,
        "fields": tuple(plain["fields"]),
        "reading": Reading(**plain["reading"]),
        "months": months,
        "customers": None if plain["customers"] is None else Part(**plain["customers"]),
        "merged": dict(plain["merged"]),
        "batches": tuple(Batch(**batch) for batch in plain["batches"]),
    }
    for day in ("first_on", "last_on"):
        read[day] = None if plain[day] is None else date.fromisoformat(plain[day])
    return Record(**{each.name: read[each.name] for each in fields(Record)})


def _check(path: Path, rows: int) -> None:
    try:
        found = pq.read_metadata(path).num_rows
    except (OSError, pa.ArrowInvalid) as error:
        damaged = gettext_noop("{file} is missing or damaged ({reason})")
        raise BadState(damaged, folder=str(path.parent), file=path.name, reason=error) from error
    if found != rows:
        other = gettext_noop("{file} has {found} rows, not {rows}")
        raise BadState(other, folder=str(path.parent), file=path.name, found=found, rows=rows)


def write_record(folder: Path, record: Record) -> None:
    """From here on the new state counts."""
    part = folder / f"{RECORD}.part"
    part.write_text(record.as_json(), encoding="utf-8")
    flush(part)
    part.replace(folder / RECORD)
    flush(folder)


def flush(path: Path) -> None:
    """Onto the disk, before anything that relies on it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path, record: Record | None) -> None:
    """Remove what no longer counts: files of the generation before the record's, and of changes that never ended."""
    counting = {part.file for part in record.files()} if record else set()
    for path in [*folder.glob("*.parquet"), *folder.glob("*.part")]:
        if path.name not in counting:
            path.unlink(missing_ok=True)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder for a change; `BadState` where somebody else does. A killed process holds nothing."""
    try:
        import fcntl  # noqa: PLC0415 - there is none on Windows, where nobody is kept out
    except ImportError:
        yield
        return
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            taken = gettext_noop("somebody else is folding rows into it just now")
            raise BadState(taken, folder=str(folder)) from None
        yield
