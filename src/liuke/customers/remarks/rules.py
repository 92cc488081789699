"""What is told of problems with a file: each code in words that the catalogues translate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext, pgettext

from liuke.customers.findings.rules import FIELDS, OF_IMPORTS
from liuke.tabular.problems import shown
from liuke.tabular.values.amounts import LARGEST_MINOR, LARGEST_QUANTITY


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues. Django's own wants settings as soon as this file is read."""
    return message


# The words of tabular, so that they can be translated; a test holds the two together.
OF_FILES: Final[Mapping[str, tuple[str, str]]] = {
    "file_missing": (
        gettext_noop("The file “{name}” was not found or can't be opened."),
        gettext_noop("Check the name and the permission."),
    ),
    "empty_file": (
        gettext_noop("The file is empty."),
        gettext_noop("Export it again and check that it has rows."),
    ),
    "file_too_large": (
        gettext_noop("The file has {size} and the limit is {limit}."),
        gettext_noop("Split it into smaller files and import them one by one."),
    ),
    "unknown_format": (
        gettext_noop("The file is not a table that can be read; it begins like {found}."),
        gettext_noop("Save it as CSV, XLSX, XLS, Parquet or JSON lines."),
    ),
    "html_file": (
        gettext_noop(
            "The file is a web page, whatever its name says; some systems export web pages named .xls or .csv."
        ),
        gettext_noop("Open it in a spreadsheet and save it as XLSX."),
    ),
    "xml_file": (
        gettext_noop("The file is an XML document."),
        gettext_noop("Open it in a spreadsheet and save it as XLSX."),
    ),
    "zip_archive": (
        gettext_noop("The file is a ZIP archive, not a workbook."),
        gettext_noop("Unpack it and choose the file inside."),
    ),
    "json_document": (
        gettext_noop("The file is one JSON document, not one object per line."),
        gettext_noop("Export it as JSON lines, or as CSV."),
    ),
    "password_protected": (
        gettext_noop("The workbook is protected by a password."),
        gettext_noop("Open it, save it without a password and import that file."),
    ),
    "unknown_encoding": (
        gettext_noop("This is no text in any encoding known here; perhaps the file holds no table."),
        gettext_noop("Open it with the program that it comes from and save it as CSV in UTF-8, or as XLSX."),
    ),
    "encoding_unsupported": (
        gettext_noop("The encoding “{name}” is not known."),
        gettext_noop("Choose one of {known}."),
    ),
    "delimiter_unsupported": (
        gettext_noop("“{name}” can't separate columns."),
        gettext_noop("Choose one of {known}."),
    ),
    "truncated_gzip": (
        gettext_noop("The compressed file stops in the middle."),
        gettext_noop("Copy or download it again."),
    ),
    "truncated_workbook": (
        gettext_noop("The workbook is damaged or stops in the middle."),
        gettext_noop("Copy or download it again."),
    ),
    "truncated_parquet": (
        gettext_noop("The Parquet file is damaged or stops in the middle."),
        gettext_noop("Copy or download it again."),
    ),
    "bomb_size": (
        gettext_noop("Unpacked, the file would take {size}; the limit is {limit}."),
        gettext_noop("Remove unneeded sheets, or save it as CSV."),
    ),
    "bomb_ratio": (
        gettext_noop("A part of the file unpacks to {ratio} times its size, which no honest table does."),
        gettext_noop("Save the table from a spreadsheet again, or as CSV."),
    ),
    "bomb_entries": (
        gettext_noop("The workbook holds {count} parts; the limit is {limit}."),
        gettext_noop("Copy the table into a new workbook."),
    ),
    "bomb_overlap": (
        gettext_noop("The workbook's parts overlap, which no spreadsheet writes."),
        gettext_noop("Copy the table into a new workbook."),
    ),
    "parser_memory": (
        gettext_noop("Reading the file took more memory than the {limit} allowed."),
        gettext_noop("Save the sheet as CSV, or split it."),
    ),
    "parser_time": (
        gettext_noop("Reading the file took longer than the {seconds} seconds allowed."),
        gettext_noop("Save the sheet as CSV, or split it."),
    ),
    "parser_failed": (
        gettext_noop("The file could not be read: {reason}."),
        gettext_noop("Open it in a spreadsheet and save it as XLSX or CSV."),
    ),
    "sheet_missing": (
        gettext_noop("The workbook has no sheet “{name}”."),
        gettext_noop("Choose one of {known}."),
    ),
    "no_sheets": (
        gettext_noop("The workbook has no sheet with cells."),
        gettext_noop("Check that it is the right file."),
    ),
    "line_too_long": (
        gettext_noop("The file has a line longer than {limit}, as no table has."),
        gettext_noop("Check that the file is text with line ends."),
    ),
    "header_missing": (
        gettext_noop("There is no row {header} to take column names from."),
        gettext_noop("Choose an earlier header row."),
    ),
    "too_many_columns": (
        gettext_noop("The table has {count} columns; the limit is {limit}."),
        gettext_noop("Remove unneeded columns."),
    ),
    "mostly_unreadable": (
        gettext_noop("{count} of the first {rows} rows do not fit the columns."),
        gettext_noop("Check the delimiter, the encoding and the header row."),
    ),
    "column_missing": (
        gettext_noop("There is no column for this field."),
        gettext_noop("Choose the column by hand, or add it to the file."),
    ),
    "unknown_column": (
        gettext_noop("The file has no column “{value}”."),
        gettext_noop("Choose one of {known}."),
    ),
    "unknown_field": (
        gettext_noop("There is no field “{value}” to put a column into."),
        gettext_noop("Choose one of {known}."),
    ),
    "column_taken_twice": (
        gettext_noop("The column “{value}” was chosen for two fields."),
        gettext_noop("Choose one column for each field."),
    ),
    "date_orders_mixed": (
        gettext_noop(
            "Some dates in this column begin with the day (row {day_row}: {day_first}) and some with "
            "the month (row {month_row}: {month_first}), so a date such as 3/4/2025 can't be read."
        ),
        gettext_noop("Write all dates as year-month-day and import again."),
    ),
    "date_order_unknown": (
        gettext_noop("“{value}” may begin with the day or with the month."),
        gettext_noop("Choose the order of dates for this column, or write year-month-day."),
    ),
    "number_styles_mixed": (
        gettext_noop(
            "Some numbers in this column use a point as decimal mark (row {point_row}: {point}) and "
            "some a comma (row {comma_row}: {comma})."
        ),
        gettext_noop("Write all numbers with a point and without separators, and import again."),
    ),
    "wrong_column_count": (
        gettext_noop("The row has {found} columns where {expected} are expected."),
        gettext_noop(
            "Check for a missing or surplus delimiter, or put the text that contains it in quotation marks."
        ),
    ),
    "broken_quotes": (
        gettext_noop("A quotation mark is opened and never closed."),
        gettext_noop("Close it, or double a quotation mark that belongs to the text."),
    ),
    "truncated_row": (
        gettext_noop("The file stops in the middle of this row, so rows after it may be missing."),
        gettext_noop("Export or copy the file again and compare the number of rows."),
    ),
    "invalid_bytes": (
        gettext_noop("The row holds bytes that are not {encoding}."),
        gettext_noop("Choose another encoding, or save the file as UTF-8."),
    ),
    "nul_character": (
        gettext_noop("The text holds a NUL character."),
        gettext_noop("Delete it and type the text again."),
    ),
    "lone_surrogate": (
        gettext_noop("The text holds half a character (a lone surrogate)."),
        gettext_noop("Type the text again."),
    ),
    "json_invalid": (
        gettext_noop("The line is not valid JSON."),
        gettext_noop("Write one complete JSON object on each line."),
    ),
    "json_not_object": (
        gettext_noop("The line is JSON but not an object."),
        gettext_noop('Write each row as {{"column": value}}.'),
    ),
    "blank_required": (
        gettext_noop("The value is missing."),
        gettext_noop("Fill it in."),
    ),
    "text_too_long": (
        gettext_noop("The text has {length} characters; the limit is {limit}."),
        gettext_noop("Shorten it."),
    ),
    "bidi_control": (
        gettext_noop("“{value}” holds an invisible character that changes the direction of text."),
        gettext_noop("Delete the character if nobody needs it."),
    ),
    "amount_not_a_number": (
        gettext_noop("“{value}” is not an amount."),
        gettext_noop("Write a number such as 1234.50."),
    ),
    "amount_percent": (
        gettext_noop("“{value}” is a percentage, not an amount."),
        gettext_noop("Write the amount in money."),
    ),
    "amount_too_large": (
        gettext_noop("“{value}” is too large."),
        gettext_noop("Check the number; at most {limit} can be kept."),
    ),
    "amount_other_currency": (
        gettext_noop("“{value}” names another currency than {currency}."),
        gettext_noop("Choose that currency, or add a column with the currency."),
    ),
    "currency_unknown": (
        gettext_noop("“{value}” is not a currency."),
        gettext_noop("Write a code such as CNY, USD or EUR."),
    ),
    "quantity_not_a_number": (
        gettext_noop("“{value}” is not a quantity."),
        gettext_noop("Write a number such as 3 or 2.5."),
    ),
    "quantity_fraction": (
        gettext_noop("“{value}” is not a whole number."),
        gettext_noop("Write a whole number."),
    ),
    "quantity_too_large": (
        gettext_noop("“{value}” is too large."),
        gettext_noop("Check the number; at most {limit} can be kept."),
    ),
    "digits_lost": (
        gettext_noop("“{value}” is a number that a spreadsheet shortened, so its last digits are lost."),
        gettext_noop("Format the column as text and export it again."),
    ),
    "date_unreadable": (
        gettext_noop("“{value}” is not a date that can be read."),
        gettext_noop("Write it as 2025-01-31."),
    ),
    "date_impossible": (
        gettext_noop("There is no day “{value}”."),
        gettext_noop("Correct the date; write it as 2025-01-31."),
    ),
    "date_too_early": (
        gettext_noop("“{value}” lies before {earliest}."),
        gettext_noop("Correct the year."),
    ),
    "date_too_late": (
        gettext_noop("“{value}” lies after {latest}."),
        gettext_noop("Correct the year."),
    ),
    "time_impossible": (
        gettext_noop("There is no time of day as in “{value}”."),
        gettext_noop("Write it as 2025-01-31 17:30."),
    ),
    "zone_unknown": (
        gettext_noop("The time zone in “{value}” is not known."),
        gettext_noop("Write the offset, such as +08:00."),
    ),
    "no_rows": (
        gettext_noop("The file has column names but no rows."),
        gettext_noop("Check that it is the right file."),
    ),
    "format_differs": (
        gettext_noop("The name ends with {suffix} but the content is {found}; the content counts."),
        "",
    ),
    "encoding_guessed": (
        gettext_noop("The encoding was taken to be {encoding}, without certainty."),
        gettext_noop("Look at the first rows; if characters are wrong, choose another encoding."),
    ),
    "rows_above_header": (
        gettext_noop("{count} rows above the column names were skipped."),
        "",
    ),
    "no_header": (
        gettext_noop("The first row holds data, not names; columns are called by their letters."),
        "",
    ),
    "duplicate_column": (
        gettext_noop("The name “{value}” stands above more than one column; the later ones got a number."),
        "",
    ),
    "unnamed_column": (
        gettext_noop("Column {letter} has no name; it is called by its letter."),
        "",
    ),
    "file_ends_early": (
        gettext_noop("The last row has no line end, so the file may have been cut."),
        gettext_noop("Compare the number of rows with the source."),
    ),
    "other_sheets": (
        gettext_noop("The sheet “{name}” is read; the workbook has {count} more."),
        gettext_noop("Choose another if it is wrong."),
    ),
    "unknown_key": (
        gettext_noop("The key “{value}” first appears in row {row} and is left out."),
        gettext_noop("Name it in the first rows."),
    ),
    "nested_value": (
        gettext_noop("The column holds lists or records; they are kept as JSON text."),
        "",
    ),
}
TEXTS: Final[Mapping[str, tuple[str, str]]] = {**OF_FILES, **OF_IMPORTS}


@dataclass(frozen=True, slots=True)
class Remark:
    """A problem in the reader's language: where it is, what it is, what helps."""

    code: str
    row: int | None
    column: str
    what: str
    remedy: str

    @property
    def place(self) -> str:
        if self.row is None:
            return f"“{self.column}”" if self.column else ""
        if not self.column:
            return gettext("row %(row)s") % {"row": self.row}
        return gettext("row %(row)s, “%(column)s”") % {"row": self.row, "column": self.column}

    @property
    def fault(self) -> str:
        """What is wrong, and where."""
        return self._placed(self.what)

    @property
    def text(self) -> str:
        """And what helps."""
        gap = "" if self.what.endswith(CHINESE_ENDS) else " "
        return self._placed(f"{self.what}{gap}{self.remedy}".strip())

    def _placed(self, told: str) -> str:
        return gettext("%(place)s: %(text)s") % {"place": self.place, "text": told} if self.place else told


CHINESE_ENDS = ("。", "！", "？", "；")  # no gap follows them

# Where a column is read as a whole, its problems carry no limit of their own.
LIMITS: Mapping[str, str] = {
    "amount_too_large": f"{LARGEST_MINOR // 100:,}",
    "quantity_too_large": f"{LARGEST_QUANTITY:,}",
}
# What a file may be that is no table, as tabular names it.
FOREIGN = (
    gettext_noop("a PDF document"),
    gettext_noop("an RTF document"),
    gettext_noop("a picture"),
    gettext_noop("a 7-Zip archive"),
    gettext_noop("a RAR archive"),
    gettext_noop("a bzip2 archive"),
    gettext_noop("an XZ archive"),
    gettext_noop("a Zstandard archive"),
    gettext_noop("an SQLite database"),
    gettext_noop("an Arrow file"),
    gettext_noop("a program"),
    gettext_noop("a Word or PowerPoint document"),
    gettext_noop("binary data"),
)


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def remark(problem: Mapping[str, Any]) -> Remark:
    """The words for a problem as it is kept (code, row, field, value, params), in the language that is active."""
    what, remedy = TEXTS[problem["code"]]
    column = problem.get("field") or ""
    column = gettext(FIELDS[column]) if column in FIELDS else shown(column)
    value = "" if problem.get("value") is None else shown(str(problem["value"]))
    params = dict(problem.get("params") or {})
    if isinstance(params.get("rows"), str):  # kept as 3, 5: told as the reader's language counts up
        params["rows"] = params["rows"].replace(", ", pgettext("in a list", ", "))
    if problem["code"] in LIMITS:
        params.setdefault("limit", LIMITS[problem["code"]])
    if "found" in params:
        params["found"] = gettext(str(params["found"]))
    arguments = _Known(row=problem.get("row") or "", field=column, value=value, **params)
    return Remark(
        code=problem["code"],
        row=problem.get("row"),
        column=column,
        what=gettext(what).format_map(arguments),
        remedy=gettext(remedy).format_map(arguments) if remedy else "",
    )
