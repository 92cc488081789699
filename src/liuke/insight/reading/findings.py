"""What is wrong with the cells of a log, gathered over all its columns before anybody is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from liuke.insight.kinds import Column, pc
from liuke.insight.reading.problems import AT_MOST, Trouble, UnreadablePurchases
from liuke.insight.reading.source import Source

T = TypeVar("T")
KEPT = 100_000  # rows that are left out and can be shown again; a log with more of them is another file


@dataclass(frozen=True)
class LeftOut:
    """A row that was left out: its number, its cells as text by column (none and the line, where it could not be cut) and why."""

    row: int
    cells: Mapping[str, str | None]
    troubles: tuple[Trouble, ...]
    raw: str | None = None


class Findings:
    """Of the rows of one source. A column that is refused as a whole (two currencies, two orders of dates) is a finding too."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.bad: Column | None = None  # which rows
        self.whole: list[Trouble] = []  # of a column, or of the rows of a file that are none
        self.cells: list[Trouble] = []
        self.count = 0

    def add(self, bad: Column, name: Callable[[int], Iterable[Trouble]]) -> Column:
        """Notes the rows of `bad` and gives it back without nulls; `name` says what is wrong in the first so many."""
        bad = pc.fill_null(bad, False)
        number = int(pc.sum(bad).as_py() or 0)
        if number:
            self.bad = bad if self.bad is None else pc.or_(self.bad, bad)
            self.count += number
            self.cells += name(KEPT)
        return bad

    def take(self, read: Callable[[], T], otherwise: T) -> T:
        """What `read` gives; `otherwise` where the column is refused as a whole, so that the others are looked at as well."""
        try:
            return read()
        except UnreadablePurchases as refused:
            self.whole += refused.troubles
            self.count += refused.count
            return otherwise

    def sound(self) -> Column | None:
        """Which rows are; None for all."""
        return None if self.bad is None else pc.invert(self.bad)


def refuse(findings: Iterable[Findings], order: list[str], *, skip_bad: bool) -> None:
    """Raise all that is wrong, by rows and then columns in `order`; with `skip_bad` only what is wrong with whole columns."""
    found = list(findings)
    troubles = [trouble for one in found for trouble in one.whole]
    count = sum(one.count for one in found)
    if skip_bad:
        count = len(troubles)
    else:
        troubles += [trouble for one in found for trouble in one.cells]
    if troubles:
        raise UnreadablePurchases.of(found[0].source.table, in_order(troubles, order), count)


def in_order(troubles: Iterable[Trouble], order: list[str]) -> list[Trouble]:
    def place(trouble: Trouble) -> tuple[int, int]:
        return trouble.row or 0, order.index(trouble.column) if trouble.column in order else -1

    return sorted(troubles, key=place)[:AT_MOST]


def left_out(findings: Iterable[Findings]) -> tuple[LeftOut, ...]:
    """The rows with their cells, so that their owner can mend and give them again."""
    found: dict[int, LeftOut] = {}
    for one in findings:
        if one.bad is None:
            continue
        troubles: dict[int, list[Trouble]] = {}
        for trouble in one.cells:
            troubles.setdefault(trouble.row or 0, []).append(trouble)
        rows = one.source.filter(one.bad)
        cells = [rows.columns[name].slice(0, KEPT).to_pylist() for name in rows.names]
        for row, *values in zip(rows.rows.slice(0, KEPT).to_pylist(), *cells, strict=True):
            texts = {
                name: None if value is None else str(value)
                for name, value in zip(rows.names, values, strict=True)
            }
            before = found[row].troubles if row in found else ()
            found[row] = LeftOut(row, texts, (*before, *troubles.get(row, ())))
    return tuple(found[row] for row in sorted(found))
