"""The rows that stay out, or come in without a cell: shown, and written to a file that can be corrected and brought again."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

from django.utils.translation import gettext

from liuke import tabular
from liuke.customers.reading.actions import columns_of, spooled
from liuke.customers.remarks.rules import remark
from liuke.customers.sorting.actions import kept
from liuke.tabular import Reject
from liuke.tabular.arrow import Array, Table, compute, pa

KEPT_BACK = ("wrong.arrow", "out_of_reach.arrow")  # by the file itself, by what the person may write
IN_ORDER: Final[list[tuple[str, Literal["ascending", "descending"]]]] = [
    ("row", "ascending"),
    ("field", "ascending"),
    ("code", "ascending"),
]
LEFT_OUT = "lost.arrow"  # single cells, whose rows come in


def wrong_rows(folder: Path) -> Table:
    """All that keeps rows out, in the order of the file; a row with several faults has several."""
    tables = [kept(folder / name) for name in KEPT_BACK if (folder / name).exists()]
    rows: Table = pa.concat_tables(tables).sort_by(IN_ORDER)
    return rows


def noted(folder: Path) -> tuple[Table, Table]:
    """All that is wrong with rows, and with the others which cells they come in without."""
    wrong = wrong_rows(folder)
    if not (folder / LEFT_OUT).exists():
        return wrong, wrong.schema.empty_table()
    cells = kept(folder / LEFT_OUT)
    outside = compute.is_in(cells["row"], wrong["row"].combine_chunks())
    both = pa.concat_tables([wrong, cells.filter(outside)]).sort_by(IN_ORDER)
    return both, cells.filter(compute.invert(outside)).sort_by(IN_ORDER)


def incomplete_rows(folder: Path) -> int:
    """How many rows come in without one of their cells."""
    return int(compute.count_distinct(noted(folder)[1]["row"]).as_py())


def first_problems(folder: Path, limit: int) -> list[dict[str, Any]]:
    return [_problem(row) for row in noted(folder)[0].slice(0, limit).to_pylist()]


def remarks_kept(folder: Path) -> dict[str, dict[str, Any]]:
    """What the comparison with the database had to remark."""
    path = folder / "remarks.json"
    found: dict[str, dict[str, Any]] = json.loads(path.read_text()) if path.exists() else {}
    return found


def write_rejects(folder: Path, target: Path) -> int:
    """Writes the rows to correct as they stood in the file, each with its reasons in the language that is active: those
    that stay out, and those that come in without a cell.
    """
    wrong, lost = noted(folder)
    if not wrong.num_rows and not lost.num_rows:
        return 0
    titles = (gettext("Row"), gettext("Reason"))
    names = [name for name in columns_of(folder / "rows.arrow") if name != tabular.ROW]
    rejects = heapq.merge(_uncut(wrong), _cut(folder, wrong, lost), key=lambda reject: reject.row)
    return tabular.write_rejects(target, columns=names, rejects=rejects, titles=titles)


def _uncut(wrong: Table) -> Iterator[Reject]:
    """Rows that could not be cut into cells are in no batch; their text is in the problem."""
    mentions = compute.match_substring(compute.fill_null(wrong["params"], ""), '"raw"')
    for problem in map(_problem, wrong.filter(mentions).to_pylist()):
        if "raw" in problem["params"]:
            yield Reject(problem["row"], (), (_reason(problem),), raw=str(problem["params"]["raw"]))


def _cut(folder: Path, wrong: Table, lost: Table) -> Iterator[Reject]:
    """A batch at a time, so that a file of nothing but wrong rows does not fill the memory."""
    for batch in spooled(folder / "rows.arrow"):
        rows = compute.cast(batch.column(tabular.ROW), pa.int64())
        reasons: dict[int, list[str]] = {}
        for row in _of(rows, lost):
            reasons.setdefault(row["row"], [gettext("The customer comes in without this:")]).append(
                _reason(_problem(row))
            )
        for row in _of(rows, wrong):
            reasons.setdefault(row["row"], []).append(_reason(_problem(row)))
        chosen = batch.filter(compute.is_in(rows, pa.array(list(reasons), pa.int64())))
        named = zip(batch.schema.names, chosen.columns, strict=True)
        cells = [tabular.as_text(column).to_pylist() for name, column in named if name != tabular.ROW]
        for number, *values in zip(chosen.column(tabular.ROW).to_pylist(), *cells, strict=True):
            yield Reject(number, values, tuple(dict.fromkeys(reasons[number])))


def _of(rows: Array, told: Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = told.filter(compute.is_in(told["row"], rows)).to_pylist()
    return found


def _reason(problem: dict[str, Any]) -> str:
    return remark({**problem, "row": None}).text


def _problem(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "params": json.loads(row["params"] or "{}")}
