"""A customer list staged: its rows as persons, a batch at a time; whoever stands in it twice is joined or kept back."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from pyarrow import ipc

from liuke.customers.comparing.actions import PIECE
from liuke.customers.fields.actions import imported_fields
from liuke.customers.gathering.rules import join, may_be_one
from liuke.customers.meeting.actions import wrong_row
from liuke.customers.meeting.rules import PEOPLE, CustomerBatch, keys_of, person_from
from liuke.customers.reading.actions import Progress, Spool, spooled
from liuke.customers.reading.rules import WRONG, Told
from liuke.customers.recognising.rules import signs
from liuke.customers.sorting.actions import Pages, keep, values
from liuke.platform.bulk.rules import pieces
from liuke.tabular.arrow import Booleans, Table, compute, pa

Places: TypeAlias = npt.NDArray[np.int64]


def sort_customers(found: Spool, folder: Path, progress: Progress) -> dict[str, int]:
    """Leaves people.arrow, faulty.arrow, fields.json, wrong.arrow and lost.arrow in `folder`; whoever stands in the file
    twice is kept back, unless the row brings another person of his. Faulty rows stay out, and are kept to be told all that
    is wrong with them.

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
    parts = Parts(folder, found)
    parts.part(masks, keys.repeated())
    sizes = parts.sizes
    if parts.joining:
        lost.append(parts.join())
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


class Parts:
    """Parts good rows from faulty ones and from those that belong to a customer further up, and joins these."""

    def __init__(self, folder: Path, found: Spool) -> None:
        self.folder, self.found = folder, found
        self.sizes: list[int] = []  # of the good batches
        self._first_rows: dict[str, tuple[int, str]] = {}  # where somebody stands first, and his name
        self._firsts = array("q")  # of each row that is to be joined, the row it belongs to
        self._joining: list[int] = []  # sizes of their batches

    @property
    def joining(self) -> bool:
        return bool(self._joining)

    def part(self, masks: Sequence[Booleans], repeated: Places) -> None:
        start, parsed = 0, self.folder / "parsed.arrow"
        with (
            ipc.new_file(str(self.folder / "people.arrow"), PEOPLE) as good,
            ipc.new_file(str(self.folder / "faulty.arrow"), PEOPLE) as faulty,
            ipc.new_file(str(self.folder / "joining.arrow"), PEOPLE) as joining,
        ):
            batches = iter(spooled(parsed))
            for bad in masks:
                if not len(bad):
                    continue
                people = pa.Table.from_batches([next(batches)])
                here = repeated[(repeated >= start) & (repeated < start + len(bad))] - start
                joins = self._once(people, here, bad)
                _write(good, people.filter(pa.array(~bad & ~joins)), self.sizes)
                _write(joining, people.filter(pa.array(joins)), self._joining)
                faulty.write_table(people.filter(pa.array(bad)))
                start += len(bad)
        parsed.unlink()

    def _once(self, people: Table, places: Places, bad: Booleans) -> Booleans:
        """Whoever has been in the file before: a row with a person is joined to his, any other is bad, and says why."""
        told, joins = [], np.zeros(len(bad), dtype=bool)
        some = people.take(pa.array(places))
        names, contacts = values(some, "name"), values(some, "contact_name")
        rows = zip(places, _keys(some, self.found), names, contacts, strict=True)
        for place, (row, named, keys), name, contact in rows:
            if not (named and keys):
                continue
            before = next((key for key in keys if key in self._first_rows), None)
            if before is None:
                if not bad[place]:
                    self._first_rows.update(dict.fromkeys(keys, (row, name or "")))
                continue
            first_row, first_name = self._first_rows[before]
            if contact and may_be_one(first_name, name):
                if not bad[place]:
                    joins[place] = True
                    self._firsts.append(first_row)
                continue
            bad[place] = True
            told.append(self._repeated(row, before, first_row))
        self._tell(told)
        return joins

    def _repeated(self, row: int, key: str, first_row: int) -> dict[str, Any]:
        kind, _, value = key.replace("\n", ", ").partition(":")
        code = "duplicate_number" if kind == "number" else "duplicate_customer"
        column = self.found.columns.get("number" if kind == "number" else "name", "")
        return wrong_row(row, column, code, value, {"first_row": first_row})

    def _tell(self, wrong: list[dict[str, Any]]) -> None:
        if wrong:
            self.found.wrong.append(pa.Table.from_pylist(wrong, schema=WRONG))

    def join(self) -> Table:
        """Gives the good rows the persons of the rows that belong to them; the cells that differ, which stay out.

        A batch at a time: of the others those are read that belong to it, wherever they stand.
        """
        firsts = np.frombuffer(self._firsts, dtype=np.int64)
        others = Pages(self.folder / "joining.arrow", self._joining)
        differing: list[dict[str, Any]] = []
        with ipc.new_file(str(self.folder / "joined.arrow"), PEOPLE) as out:
            for batch in spooled(self.folder / "people.arrow"):
                people = pa.Table.from_batches([batch])
                rows = people["row"].to_numpy()
                mine = np.isin(rows, firsts)
                tables = [people.filter(pa.array(~mine))]
                for some in pieces(rows[mine].tolist(), PIECE):
                    places = np.flatnonzero(np.isin(firsts, some)).tolist()
                    his: dict[int, list[dict[str, Any]]] = {}
                    for place, row in zip(places, others.rows(places, PEOPLE.names), strict=True):
                        his.setdefault(int(firsts[place]), []).append(row)
                    first = people.filter(compute.is_in(people["row"], pa.array(some, pa.int64())))
                    tables.append(self._joined(first, his, differing))
                out.write_table(pa.concat_tables(tables).sort_by("row").combine_chunks())
        (self.folder / "joined.arrow").replace(self.folder / "people.arrow")
        (self.folder / "joining.arrow").unlink()
        cells: Table = pa.Table.from_pylist(differing, schema=WRONG)
        return cells

    def _joined(
        self, first: Table, his: dict[int, list[dict[str, Any]]], differing: list[dict[str, Any]]
    ) -> Table:
        made = []
        for row in first.to_pylist():
            one = join(row, his[row["row"]], self.found.columns)
            made.append(one.row)
            said = {other["row"]: other for other in his[row["row"]]}
            self._tell([self._same(row, said[again]) for again in one.again])
            for cell in one.differing:
                column = self.found.columns[cell.field]
                value = said[cell.row].get(cell.field)
                params = {"first_row": row["row"]}
                differing.append(wrong_row(cell.row, column, "differs_from_first", value, params))
                seen = Told(1, column, [value] if value else [], [cell.row])
                self.found.tell({"rows_differ": seen})
        rows: Table = pa.Table.from_pylist(made, schema=PEOPLE)
        return rows

    def _same(self, first: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
        """The row that says nothing new, by the key that it shares with the first."""
        both = pa.Table.from_pylist([first, other], schema=PEOPLE)
        (_row, _named, mine), (row, _, theirs) = _keys(both, self.found)
        return self._repeated(row, next((key for key in theirs if key in mine), theirs[0]), first["row"])


def _write(out: Any, rows: Table, sizes: list[int]) -> None:
    if rows.num_rows:
        out.write_table(rows.combine_chunks())
        sizes.append(rows.num_rows)


def _signs(people: Table, found: Spool) -> list[tuple[str, ...]]:
    key = found.choices.key
    kind = "number" if key == ("number",) else "key"
    persons = (person_from(row, found.columns) for row in people.to_pylist())
    return [tuple(f"{kind}:{sign}" for sign in signs(key, person.parts(key))) for person in persons]
