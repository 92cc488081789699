"""The file of rows that stayed out, to be corrected and imported again: each row as it was, and why.

UTF-8 with a byte order mark and CRLF, which is what spreadsheets open right. Cells that a spreadsheet would run as a
formula get an apostrophe in front; `read` takes it off again.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from liuke.tabular.columns import names
from liuke.tabular.files.formulas import neutralised

TITLES: Final = ("Row", "Reason")
# Titles of earlier rejects files in any language, so that a corrected and rejected file does not gather such columns.
_KNOWN_TITLES: Final = frozenset(
    names.key(title) for title in ("Row", "Reason", "行号", "原因", "行號", "Row in file")
)


@dataclass(frozen=True, slots=True)
class Reject:
    row: int
    values: Sequence[str | None]  # one for each column; empty when the row could not be cut into cells
    reasons: Sequence[str]  # in the user's language
    raw: str | None = None  # the row as it stood, when it could not be cut into cells


def write_rejects(
    path: str | Path,
    *,
    columns: Sequence[str],
    rejects: Iterable[Reject],
    titles: tuple[str, str] = TITLES,
) -> int:
    """Write the rejects as CSV and return how many there were. The first two columns are the row and the reason."""
    kept = [position for position, name in enumerate(columns) if not _is_title(name, titles)]
    count = 0
    with Path(path).open("w", encoding="utf-8-sig", errors="replace", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow([*titles, *(neutralised(columns[position]) for position in kept)])
        for reject in rejects:
            count += 1
            cells = _cells(reject, kept)
            writer.writerow([reject.row, neutralised(" ".join(reject.reasons)), *map(neutralised, cells)])
    return count


def _is_title(name: str, titles: tuple[str, str]) -> bool:
    return names.key(name) in _KNOWN_TITLES or name in titles


def _cells(reject: Reject, kept: Sequence[int]) -> list[str]:
    if not reject.values and reject.raw is not None:
        return [reject.raw]  # in the first column, where it shows; the user cuts it by hand
    return [(reject.values[p] or "") if p < len(reject.values) else "" for p in kept]
