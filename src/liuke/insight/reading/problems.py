"""What is wrong with a purchase log, said with table, column and row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from liuke.insight.errors import InsightError, gettext_noop

AT_MOST: Final = 20  # are told; the others are counted
TABLE: Final = gettext_noop("{table}: {said}")
COLUMN: Final = gettext_noop("{table}, column “{column}”: {said}")
CELL: Final = gettext_noop("{table}, column “{column}”, row {row}: {said}")
ROW: Final = gettext_noop("{table}, row {row}: {said}")
BOTH: Final = gettext_noop("{what} {remedy}")
MORE: Final = gettext_noop("{table}: and {more} more of the kind")


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong: `what` and `remedy` are texts with {names}, which `known` fills.

    `row` is the number that its owner sees: a spreadsheet's for files, 1 for the first row of a frame.
    """

    what: str
    known: Mapping[str, Any] = field(default_factory=dict)
    column: str | None = None
    row: int | None = None
    remedy: str = ""

    def told(self, table: str, words: Callable[[str], str] = str) -> str:
        return words(self.place).format(table=table, column=self.column, row=self.row, said=self.said(words))

    def said(self, words: Callable[[str], str] = str) -> str:
        """What it is and what helps, without where it is."""
        known = dict(self.known)
        if "found" in known:  # what a file is instead of a table
            known["found"] = words(str(known["found"]))
        what, remedy = (words(text).format_map(known) if text else "" for text in (self.what, self.remedy))
        return words(BOTH).format(what=what, remedy=remedy) if remedy else what

    @property
    def place(self) -> str:
        if self.column is None:
            return TABLE if self.row is None else ROW
        return COLUMN if self.row is None else CELL


class UnreadablePurchases(InsightError):
    """The log can't be used as it is; the message says where and what would mend it.

    `table` is the file or frame, `column` its column when one is to blame, `row` the first bad row
    (1 is the first row below the header). `troubles` are the first of all that is wrong, in the order of the rows, and
    `count` how much there is.
    """

    def __init__(
        self,
        what: str,
        *,
        table: str,
        column: str | None = None,
        row: int | None = None,
        remedy: str = "",
        **known: Any,
    ) -> None:
        self._begin(table, [Trouble(what, known, column, row, remedy)], 1)

    @classmethod
    def of(cls, table: str, troubles: Sequence[Trouble], count: int) -> UnreadablePurchases:
        """Of several at once."""
        error = cls.__new__(cls)
        error._begin(table, troubles, count)
        return error

    def _begin(self, table: str, troubles: Sequence[Trouble], count: int) -> None:
        self.table, self.troubles, self.count = table, tuple(troubles), count
        first = self.troubles[0]
        self.what, self.column, self.row = first.said(), first.column, first.row
        super().__init__(self.told())

    def told(self, words: Callable[[str], str] = str) -> str:
        lines = [trouble.told(self.table, words) for trouble in self.troubles]
        if more := self.count - len(lines):
            lines.append(words(MORE).format(table=self.table, more=more))
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        return UnreadablePurchases.of, (self.table, self.troubles, self.count)
