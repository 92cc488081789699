"""A customer list staged: its rows as persons, a batch at a time, and whoever stands in it twice kept back."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from pyarrow import ipc

from liuke.customers.fields.actions import imported_fields
from liuke.customers.meeting.actions import wrong_row
from liuke.customers.meeting.rules import PEOPLE, CustomerBatch, keys_of, person_from
from liuke.customers.reading.actions import Progress, Spool, spooled
from liuke.customers.reading.rules import WRONG
from liuke.customers.recognising.rules import signs
from liuke.customers.sorting.actions import keep, values
from liuke.tabular.arrow import Booleans, Table, compute, pa

Places: TypeAlias = npt.NDArray[np.int64]


def sort_customers(found: Spool, folder: Path, progress: Progress) -> dict[str, int]:
    """Leaves people.arrow, faulty.arrow, fields.json, wrong.arrow and lost.arrow in `folder`; whoever stands in the file
    twice is kept back. Faulty rows stay out, and are kept to be told all that is wrong with them.

    A batch at a time and twice over the file, so that a million rows take little more memory than a thousand.
    """
    keys, masks, lost, done = Keys(), [], [WRONG.empty_table()], 0
    with ipc.new_file(str(folder / "parsed.arrow"), PEOPLE) as out:
        for batch in found.batches():
            one = CustomerBatch(batch, found.columns, found.styles, found.choices, imported_fields())
            people = one.people()
            found.wrong.extend(one.sieve.wrong)
            masks.append(_nameless(people, one.sieve.bad, found, keys))
            out.write_table(people)
            lost += one.sieve.lost
            found.tell(one.sieve.told)
            done += batch.num_rows
            progress(done, found.rows, "checking")
    sizes = _part(folder, masks, keys.repeated(), found)
    keep(pa.concat_tables(lost), folder / "lost.arrow")
    wrong = pa.concat_tables([*found.wrong, WRONG.empty_table()]).sort_by("row")
    keep(wrong, folder / "wrong.arrow")
    held = {"columns": dict(found.columns), "sizes": sizes}
    choices = {"clear_blanks": found.choices.clear_blanks, "key": list(found.choices.key)}
    (folder / "fields.json").write_text(json.dumps(held | choices))
    return {"rejected": compute.count_distinct(wrong["row"]).as_py()}


class Keys:
    """What tells the rows of a file apart, 16 bytes for each: enough to find the few that must be looked at closely."""

    def __init__(self) -> None:
        self._hashes, self._places, self._rows = array("q"), array("q"), 0

    def note(self, keys: Iterable[str]) -> None:
        """Of the next row."""
        for key in keys:
            self._hashes.append(hash(key))
            self._places.append(self._rows)
        self._rows += 1

    def repeated(self) -> Places:
        """The rows that share a key with another one, or seem to."""
        hashes, places = (np.frombuffer(one, dtype=np.int64) for one in (self._hashes, self._places))
        values, counts = np.unique(hashes, return_counts=True)
        return np.unique(places[np.isin(hashes, values[counts > 1])])


def _nameless(people: Table, bad: Booleans, found: Spool, keys: Keys) -> Booleans:
    """The rows that stay out so far: those that are bad already, and new ones without a name or the key that was chosen."""
    staying_out, told = bad.copy(), []
    for place, (row, named, theirs) in enumerate(_keys(people, found)):
        keys.note(theirs)
        if named and theirs:
            continue
        staying_out[place] = True
        column = found.columns.get("name", "name")
        if named:
            column = next(found.columns[one] for one in found.choices.key if one in found.columns)
        told.append(wrong_row(row, column, "key_blank" if named else "blank_required", None, {}))
    if told:
        found.wrong.append(pa.Table.from_pylist(told, schema=WRONG))
    return staying_out


def _keys(people: Table, found: Spool) -> Iterator[tuple[int, bool, tuple[str, ...]]]:
    """Of each row its number in the file, whether it names somebody, and what tells it apart."""
    chosen = _signs(people, found) if found.choices.key else []
    columns = (values(people, name) for name in ("row", "number", "name", "points"))
    for place, (row, number, name, points) in enumerate(zip(*columns, strict=True)):
        named = bool(number or name)
        keys = chosen[place] if chosen else keys_of(number, points, name) if named else ()
        yield row, named, keys if named else ()


def _part(folder: Path, masks: Sequence[Booleans], repeated: Places, found: Spool) -> list[int]:
    """Parts good rows from faulty ones, among these whoever has been in the file before; the sizes of the good batches."""
    first_rows: dict[str, int] = {}
    sizes, start = [], 0
    parsed = folder / "parsed.arrow"
    with (
        ipc.new_file(str(folder / "people.arrow"), PEOPLE) as good,
        ipc.new_file(str(folder / "faulty.arrow"), PEOPLE) as faulty,
    ):
        batches = iter(spooled(parsed))
        for bad in masks:
            if not len(bad):
                continue
            people = pa.Table.from_batches([next(batches)])
            here = repeated[(repeated >= start) & (repeated < start + len(bad))] - start
            _once(people, here, bad, found, first_rows)
            staying = people.filter(pa.array(~bad))
            if staying.num_rows:
                good.write_table(staying.combine_chunks())
                sizes.append(staying.num_rows)
            faulty.write_table(people.filter(pa.array(bad)))
            start += len(bad)
    parsed.unlink()
    return sizes


def _once(people: Table, places: Places, bad: Booleans, found: Spool, first_rows: dict[str, int]) -> None:
    """Marks whoever has been in the file before as bad, and says in which row."""
    told = []
    some = people.take(pa.array(places))
    for place, (row, named, keys) in zip(places, _keys(some, found), strict=True):
        if not (named and keys):
            continue
        before = next((key for key in keys if key in first_rows), None)
        if before is None:
            if not bad[place]:
                first_rows.update(dict.fromkeys(keys, row))
            continue
        bad[place] = True
        kind, _, value = before.replace("\n", ", ").partition(":")
        code = "duplicate_number" if kind == "number" else "duplicate_customer"
        column = found.columns.get("number" if kind == "number" else "name", "")
        told.append(wrong_row(row, column, code, value, {"first_row": first_rows[before]}))
    if told:
        found.wrong.append(pa.Table.from_pylist(told, schema=WRONG))


def _signs(people: Table, found: Spool) -> list[tuple[str, ...]]:
    key = found.choices.key
    kind = "number" if key == ("number",) else "key"
    persons = (person_from(row, found.columns) for row in people.to_pylist())
    return [tuple(f"{kind}:{sign}" for sign in signs(key, person.parts(key))) for person in persons]
