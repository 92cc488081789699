"""What can be wrong with a file, a row or a value: one table, so that every message can be translated.

`what` and `remedy` are templates for `str.format`. They may use the problem's own params plus `{row}`, `{field}` and
`{value}`. A layer with translations looks up `CODES[problem.code]`, translates both halves and formats them with
`problem.arguments`.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

VALUE_SHOWN = 80  # characters of a wrong value that a message repeats
INVISIBLE: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


class Severity(StrEnum):
    REFUSED = "refused"  # the file or the column can't be used
    REJECTED = "rejected"  # this row stays out
    TOLD = "told"  # nothing stays out, but the user should know


@dataclass(frozen=True, slots=True)
class Message:
    severity: Severity
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to tell the user. `row` is the row number he sees in his spreadsheet, the header counted."""

    code: str
    row: int | None = None
    field: str | None = None
    value: str | None = None
    params: Mapping[str, str | int] = dataclasses.field(default_factory=dict)
    raw: str | None = (
        None  # the row as it stood in the file, for the rejects file, when it could not be cut into cells
    )

    @property
    def severity(self) -> Severity:
        return CODES[self.code].severity

    @property
    def arguments(self) -> dict[str, str | int]:
        value = "" if self.value is None else shown(self.value)
        return {"row": self.row or "", "field": self.field or "", "value": value, **self.params}

    @property
    def message(self) -> str:
        known = CODES[self.code]
        return f"{self.place}{_filled(known.what, self)} {_filled(known.remedy, self)}".strip()

    @property
    def place(self) -> str:
        parts = [f"row {self.row}"] if self.row is not None else []
        if self.field:
            parts.append(f"“{shown(self.field)}”")
        text = ", ".join(parts)
        return f"{text[0].upper()}{text[1:]}: " if text else ""


class RefusedFile(Exception):
    """The file as a whole can't be read; `problem` says why and what to do."""

    def __init__(self, code: str, **params: str | int) -> None:
        self.problem = Problem(code, params=params)
        super().__init__(self.problem.message)


def _filled(template: str, problem: Problem) -> str:
    return template.format_map(_Known(problem.arguments))


class _Known(dict[str, str | int]):
    def __missing__(self, key: str) -> str:
        return "?"


def visible(text: str) -> str:
    """The text with invisible and direction-changing characters written as ⟨U+202E⟩, so that nothing hides in it."""
    if text.isprintable():
        return text
    return "".join(f"⟨U+{ord(c):04X}⟩" if unicodedata.category(c) in INVISIBLE else c for c in text)


def shown(value: str) -> str:
    """The value as a message may repeat it: visible, on one line, cut when long."""
    cut = value if len(value) <= VALUE_SHOWN else value[: VALUE_SHOWN - 1] + "…"
    return visible(cut)


def _refused(what: str, remedy: str) -> Message:
    return Message(Severity.REFUSED, what, remedy)


def _rejected(what: str, remedy: str) -> Message:
    return Message(Severity.REJECTED, what, remedy)


def _told(what: str, remedy: str = "") -> Message:
    return Message(Severity.TOLD, what, remedy)


_FILE: Final[dict[str, Message]] = {
    "file_missing": _refused(
        "The file “{name}” was not found or can't be opened.", "Check the name and the permission."
    ),
    "empty_file": _refused("The file is empty.", "Export it again and check that it has rows."),
    "file_too_large": _refused(
        "The file has {size} and the limit is {limit}.",
        "Split it into smaller files and import them one by one.",
    ),
    "unknown_format": _refused(
        "The file is not a table that can be read; it begins like {found}.",
        "Save it as CSV, XLSX, XLS, Parquet or JSON lines.",
    ),
    "html_file": _refused(
        "The file is a web page, whatever its name says; some systems export web pages named .xls or .csv.",
        "Open it in a spreadsheet and save it as XLSX.",
    ),
    "xml_file": _refused("The file is an XML document.", "Open it in a spreadsheet and save it as XLSX."),
    "zip_archive": _refused(
        "The file is a ZIP archive, not a workbook.", "Unpack it and choose the file inside."
    ),
    "json_document": _refused(
        "The file is one JSON document, not one object per line.", "Export it as JSON lines, or as CSV."
    ),
    "password_protected": _refused(
        "The workbook is protected by a password.",
        "Open it, save it without a password and import that file.",
    ),
    "unknown_encoding": _refused(
        "This is no text in any encoding known here; perhaps the file holds no table.",
        "Open it with the program that it comes from and save it as CSV in UTF-8, or as XLSX.",
    ),
    "encoding_unsupported": _refused("The encoding “{name}” is not known.", "Choose one of {known}."),
    "delimiter_unsupported": _refused("“{name}” can't separate columns.", "Choose one of {known}."),
    "truncated_gzip": _refused("The compressed file stops in the middle.", "Copy or download it again."),
    "truncated_workbook": _refused(
        "The workbook is damaged or stops in the middle.", "Copy or download it again."
    ),
    "truncated_parquet": _refused(
        "The Parquet file is damaged or stops in the middle.", "Copy or download it again."
    ),
    "bomb_size": _refused(
        "Unpacked, the file would take {size}; the limit is {limit}.",
        "Remove unneeded sheets, or save it as CSV.",
    ),
    "bomb_ratio": _refused(
        "A part of the file unpacks to {ratio} times its size, which no honest table does.",
        "Save the table from a spreadsheet again, or as CSV.",
    ),
    "bomb_entries": _refused(
        "The workbook holds {count} parts; the limit is {limit}.", "Copy the table into a new workbook."
    ),
    "bomb_overlap": _refused(
        "The workbook's parts overlap, which no spreadsheet writes.", "Copy the table into a new workbook."
    ),
    "parser_memory": _refused(
        "Reading the file took more memory than the {limit} allowed.", "Save the sheet as CSV, or split it."
    ),
    "parser_time": _refused(
        "Reading the file took longer than the {seconds} seconds allowed.",
        "Save the sheet as CSV, or split it.",
    ),
    "parser_failed": _refused(
        "The file could not be read: {reason}.", "Open it in a spreadsheet and save it as XLSX or CSV."
    ),
    "sheet_missing": _refused("The workbook has no sheet “{name}”.", "Choose one of {known}."),
    "no_sheets": _refused("The workbook has no sheet with cells.", "Check that it is the right file."),
    "line_too_long": _refused(
        "The file has a line longer than {limit}, as no table has.",
        "Check that the file is text with line ends.",
    ),
    "header_missing": _refused(
        "There is no row {header} to take column names from.", "Choose an earlier header row."
    ),
    "too_many_columns": _refused(
        "The table has {count} columns; the limit is {limit}.", "Remove unneeded columns."
    ),
    "mostly_unreadable": _refused(
        "{count} of the first {rows} rows do not fit the columns.",
        "Check the delimiter, the encoding and the header row.",
    ),
}

_COLUMN: Final[dict[str, Message]] = {
    "column_missing": _refused(
        "There is no column for this field.", "Choose the column by hand, or add it to the file."
    ),
    "unknown_column": _refused("The file has no column “{value}”.", "Choose one of {known}."),
    "unknown_field": _refused("There is no field “{value}” to put a column into.", "Choose one of {known}."),
    "column_taken_twice": _refused(
        "The column “{value}” was chosen for two fields.", "Choose one column for each field."
    ),
    "date_orders_mixed": _refused(
        "Some dates in this column begin with the day (row {day_row}: {day_first}) and some with the month "
        "(row {month_row}: {month_first}), so a date such as 3/4/2025 can't be read.",
        "Write all dates as year-month-day and import again.",
    ),
    "date_order_unknown": _rejected(
        "“{value}” may begin with the day or with the month.",
        "Choose the order of dates for this column, or write year-month-day.",
    ),
    "number_styles_mixed": _refused(
        "Some numbers in this column use a point as decimal mark (row {point_row}: {point}) and some a comma "
        "(row {comma_row}: {comma}).",
        "Write all numbers with a point and without separators, and import again.",
    ),
}

_ROW: Final[dict[str, Message]] = {
    "wrong_column_count": _rejected(
        "The row has {found} columns where {expected} are expected.",
        "Check for a missing or surplus delimiter, or put the text that contains it in quotation marks.",
    ),
    "broken_quotes": _rejected(
        "A quotation mark is opened and never closed.",
        "Close it, or double a quotation mark that belongs to the text.",
    ),
    "truncated_row": _rejected(
        "The file stops in the middle of this row, so rows after it may be missing.",
        "Export or copy the file again and compare the number of rows.",
    ),
    "invalid_bytes": _rejected(
        "The row holds bytes that are not {encoding}.", "Choose another encoding, or save the file as UTF-8."
    ),
    "nul_character": _rejected("The text holds a NUL character.", "Delete it and type the text again."),
    "lone_surrogate": _rejected(
        "The text holds half a character (a lone surrogate).", "Type the text again."
    ),
    "json_invalid": _rejected("The line is not valid JSON.", "Write one complete JSON object on each line."),
    "json_not_object": _rejected(
        "The line is JSON but not an object.", 'Write each row as {{"column": value}}.'
    ),
}

_VALUE: Final[dict[str, Message]] = {
    "blank_required": _rejected("The value is missing.", "Fill it in."),
    "text_too_long": _rejected("The text has {length} characters; the limit is {limit}.", "Shorten it."),
    "digits_lost": _rejected(
        "“{value}” is a number that a spreadsheet shortened, so its last digits are lost.",
        "Format the column as text and export it again.",
    ),
    "bidi_control": _told(
        "“{value}” holds an invisible character that changes the direction of text.",
        "Delete the character if nobody needs it.",
    ),
    "amount_not_a_number": _rejected("“{value}” is not an amount.", "Write a number such as 1234.50."),
    "amount_percent": _rejected("“{value}” is a percentage, not an amount.", "Write the amount in money."),
    "amount_too_large": _rejected(
        "“{value}” is too large.", "Check the number; at most {limit} can be kept."
    ),
    "amount_other_currency": _rejected(
        "“{value}” names another currency than {currency}.",
        "Choose that currency, or add a column with the currency.",
    ),
    "currency_unknown": _rejected("“{value}” is not a currency.", "Write a code such as CNY, USD or EUR."),
    "quantity_not_a_number": _rejected("“{value}” is not a quantity.", "Write a number such as 3 or 2.5."),
    "quantity_fraction": _rejected("“{value}” is not a whole number.", "Write a whole number."),
    "quantity_too_large": _rejected(
        "“{value}” is too large.", "Check the number; at most {limit} can be kept."
    ),
    "date_unreadable": _rejected("“{value}” is not a date that can be read.", "Write it as 2025-01-31."),
    "date_impossible": _rejected("There is no day “{value}”.", "Correct the date; write it as 2025-01-31."),
    "date_too_early": _rejected("“{value}” lies before {earliest}.", "Correct the year."),
    "date_too_late": _rejected("“{value}” lies after {latest}.", "Correct the year."),
    "time_impossible": _rejected("There is no time of day as in “{value}”.", "Write it as 2025-01-31 17:30."),
    "zone_unknown": _rejected(
        "The time zone in “{value}” is not known.", "Write the offset, such as +08:00."
    ),
}

_TOLD: Final[dict[str, Message]] = {
    "no_rows": _told("The file has column names but no rows.", "Check that it is the right file."),
    "format_differs": _told("The name ends with {suffix} but the content is {found}; the content counts."),
    "encoding_guessed": _told(
        "The encoding was taken to be {encoding}, without certainty.",
        "Look at the first rows; if characters are wrong, choose another encoding.",
    ),
    "rows_above_header": _told("{count} rows above the column names were skipped."),
    "no_header": _told("The first row holds data, not names; columns are called by their letters."),
    "duplicate_column": _told(
        "The name “{value}” stands above more than one column; the later ones got a number."
    ),
    "unnamed_column": _told("Column {letter} has no name; it is called by its letter."),
    "file_ends_early": _told(
        "The last row has no line end, so the file may have been cut.",
        "Compare the number of rows with the source.",
    ),
    "other_sheets": _told(
        "The sheet “{name}” is read; the workbook has {count} more.", "Choose another if it is wrong."
    ),
    "unknown_key": _told(
        "The key “{value}” first appears in row {row} and is left out.", "Name it in the first rows."
    ),
    "nested_value": _told("The column holds lists or records; they are kept as JSON text."),
}

CODES: Final[Mapping[str, Message]] = {**_FILE, **_COLUMN, **_ROW, **_VALUE, **_TOLD}
