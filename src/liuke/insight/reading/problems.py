"""What is wrong with a purchase log, said with table, column and row."""

from __future__ import annotations

from liuke.insight.errors import InsightError


class UnreadablePurchases(InsightError):
    """The log can't be used as it is; the message says where and what would mend it.

    `table` is the file or frame, `column` its column when one is to blame, `row` the first bad row
    (1 is the first row below the header).
    """

    def __init__(self, what: str, *, table: str, column: str | None = None, row: int | None = None) -> None:
        place = table
        if column is not None:
            place += f", column “{column}”"
        if row is not None:
            place += f", row {row}"
        super().__init__(f"{place}: {what}")
        self.what = what
        self.table = table
        self.column = column
        self.row = row
