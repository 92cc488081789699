"""The rows that stay out: shown, and written to a file that can be corrected and brought again."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from liuke import tabular
from liuke.customers.reading.actions import columns_of, spooled
from liuke.customers.remarks.rules import remark
from liuke.customers.sorting.actions import kept
from liuke.tabular import Reject
from liuke.tabular.arrow import Table, compute, pa

KEPT_BACK = ("wrong.arrow", "out_of_reach.arrow")  # by the file itself, by what the person may write


def wrong_rows(folder: Path) -> Table:
    """All rows of a stage that stay out, in the order of the file."""
    tables = [kept(folder / name) for name in KEPT_BACK if (folder / name).exists()]
    rows: Table = pa.concat_tables(tables).sort_by("row")
    return rows


def first_problems(folder: Path, limit: int) -> list[dict[str, Any]]:
    return [_problem(row) for row in wrong_rows(folder).slice(0, limit).to_pylist()]


def remarks_kept(folder: Path) -> dict[str, dict[str, Any]]:
    """What the comparison with the database had to remark."""
    path = folder / "remarks.json"
    found: dict[str, dict[str, Any]] = json.loads(path.read_text()) if path.exists() else {}
    return found


def write_rejects(folder: Path, target: Path) -> int:
    """Writes the rows that stay out as they stood in the file, each with its reason in the language that is active."""
    wrong = wrong_rows(folder)
    if not wrong.num_rows:
        return 0
    titles = (gettext("Row"), gettext("Reason"))
    names = [name for name in columns_of(folder / "rows.arrow") if name != tabular.ROW]
    rejects = heapq.merge(_uncut(wrong), _cut(folder, wrong), key=lambda reject: reject.row)
    return tabular.write_rejects(target, columns=names, rejects=rejects, titles=titles)


def _uncut(wrong: Table) -> Iterator[Reject]:
    """Rows that could not be cut into cells are in no batch; their text is in the problem."""
    mentions = compute.match_substring(compute.fill_null(wrong["params"], ""), '"raw"')
    for problem in map(_problem, wrong.filter(mentions).to_pylist()):
        if "raw" in problem["params"]:
            yield Reject(problem["row"], (), (_reason(problem),), raw=str(problem["params"]["raw"]))


def _cut(folder: Path, wrong: Table) -> Iterator[Reject]:
    """A batch at a time, so that a file of nothing but wrong rows does not fill the memory."""
    for batch in spooled(folder / "rows.arrow"):
        rows = batch.column(tabular.ROW)
        here = wrong.filter(compute.is_in(wrong["row"], compute.cast(rows, pa.int64())))
        reasons = {row["row"]: _reason(_problem(row)) for row in here.to_pylist()}
        chosen = batch.filter(compute.is_in(compute.cast(rows, pa.int64()), here["row"].combine_chunks()))
        named = zip(batch.schema.names, chosen.columns, strict=True)
        cells = [tabular.as_text(column).to_pylist() for name, column in named if name != tabular.ROW]
        for row, *values in zip(chosen.column(tabular.ROW).to_pylist(), *cells, strict=True):
            yield Reject(row, values, (reasons[row],))


def _reason(problem: dict[str, Any]) -> str:
    return remark({**problem, "row": None}).text


def _problem(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "params": json.loads(row["params"] or "{}")}
