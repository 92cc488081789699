"""How a file that was brought is read, and which of its columns goes into which field."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from liuke import tabular
from liuke.customers.fields.actions import imported_fields
from liuke.customers.matching.rules import SHOWN_SAMPLES, by_name_alone, first_values, likely_target
from liuke.customers.reading.actions import Refused, as_dict
from liuke.customers.reading.rules import fields_of
from liuke.customers.recognising.rules import columns_lacking, fields_of_key
from liuke.platform.files.actions import path_of
from liuke.tabular import Problem, RefusedFile

if TYPE_CHECKING:
    from liuke.customers.models import ImportBatch


def look(batch: ImportBatch, given: Mapping[str, Any], *, among: Collection[str] = ()) -> None:
    """Looks at the file anew, with what the person decided about it. Of a batch without a target it finds out which `among`
    these is in the file.
    """
    chosen = {name: value for name, value in given.items() if value not in (None, "")}
    try:
        found = tabular.inspect(path_of(batch.file), **chosen)
    except RefusedFile as refusal:
        raise Refused([refusal.problem]) from refusal
    if len(found.sheets) < 2 and (empty := [p for p in found.problems if p.code == "no_rows"]):
        raise Refused(empty)
    batch.reading = {
        "options": found.options.to_dict(),
        "given": chosen,
        "sheets": list(found.sheets),
        "rows": found.rows,
        "rows_exact": found.rows_exact,
        "encoding_certain": found.encoding_certain,
        "epoch": found.excel_epoch,
        "samples": [list(row) for row in found.samples[:SHOWN_SAMPLES]],
        "sample_rows": list(found.sample_rows[:SHOWN_SAMPLES]),
        "remarks": [as_dict(p) for p in found.problems],
        "all_samples": [list(row) for row in found.samples],
        "how": batch.reading.get("how", {}),
    }
    if not batch.target:
        fields = {target: fields_of(target, imported_fields()) for target in among}
        batch.target = likely_target(found.columns, first_values(found.samples), fields)
    known = {name: column for name, column in batch.mapping.items() if column in found.columns}
    match(batch, known if batch.mapping else {})


def match(batch: ImportBatch, chosen: Mapping[str, str | None]) -> None:
    columns = batch.reading["options"]["columns"]
    samples = first_values(batch.reading["all_samples"])
    fields = fields_of(batch.target, imported_fields())
    matching = tabular.match_columns(columns, samples, fields, chosen=dict(chosen))
    lost = {n: c for n, c in by_name_alone(matching, fields).items() if n not in chosen}
    if lost:
        # Called as it should be, though what it holds looks otherwise: its rows say better what is wrong.
        matching = tabular.match_columns(columns, samples, fields, chosen={**chosen, **lost})
    # What the product found and the person left as it was is not chosen by hand.
    left = {n for n, column in matching.columns.items() if batch.mapping.get(n) == column}
    how = {n: how for n, how in batch.reading.get("how", {}).items() if n in left}
    for name, one in matching.matches.items():
        how.setdefault(name, "name" if name in lost else one.how.value)
    batch.mapping, batch.reading["how"] = matching.columns, how
    batch.reading["unmatched"] = list(matching.unmatched)
    wrong = {p.field for p in matching.problems if p.code == "unknown_column"}
    told = [p for p in matching.problems if p.code != "column_missing" or p.field not in wrong]
    key = fields_of_key(batch.choices.get("key") or "")
    told += [Problem("column_missing", field=name) for name in columns_lacking(key, matching.columns)]
    batch.reading["mismatches"] = [as_dict(problem) for problem in told]
