"""What a file is, before any of it counts: everything found is shown to the user and can be overridden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from liuke.tabular.problems import Problem


class Format(StrEnum):
    DELIMITED = "csv"  # comma, tab, semicolon, bar or blanks between the columns
    XLSX = "xlsx"
    XLSB = "xlsb"
    XLS = "xls"
    ODS = "ods"
    PARQUET = "parquet"
    JSON_LINES = "jsonl"

    @property
    def is_workbook(self) -> bool:
        return self in {Format.XLSX, Format.XLSB, Format.XLS, Format.ODS}

    @property
    def is_text(self) -> bool:
        return self in {Format.DELIMITED, Format.JSON_LINES}


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read one file. Taken from an `Inspection`, with what the user corrected; plain values, so it can be stored."""

    format: Format
    columns: tuple[str, ...]  # the names of the columns, unique, in the order of the file
    encoding: str = "utf-8"
    compressed: bool = False  # gzip around a text file
    delimiter: str = ","
    quote: str = '"'
    header_row: int = 1  # as the user counts rows; 0 when the file has no names
    sheet: str | None = None
    fill_short_rows: bool = (
        False  # take missing cells at the end of a row as blank instead of rejecting the row
    )
    restore_formulas: bool = True  # '=x as written by an export becomes =x again

    def to_dict(self) -> dict[str, object]:
        return {**asdict(self), "format": self.format.value, "columns": list(self.columns)}

    @classmethod
    def from_dict(cls, stored: Mapping[str, object]) -> ReadOptions:
        """From what `to_dict` gave, after a way through JSON."""
        values: dict[str, Any] = dict(stored)
        values["format"] = Format(values["format"])
        values["columns"] = tuple(values["columns"])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Inspection:
    path: Path
    size: int  # bytes on disk
    options: ReadOptions
    samples: tuple[tuple[str | None, ...], ...]  # the first rows below the header, as text
    sample_rows: tuple[int, ...]  # their row numbers
    rows: int | None  # rows below the header; None when only reading the file would tell
    rows_exact: bool  # False: `rows` is an estimate
    encoding_certain: bool = True
    sheets: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()  # told, never fatal: a fatal one raises RefusedFile
    excel_epoch: int = 1900  # 1904 in workbooks that count days the old Macintosh way

    @property
    def format(self) -> Format:
        return self.options.format

    @property
    def encoding(self) -> str | None:
        return self.options.encoding if self.format.is_text else None

    @property
    def delimiter(self) -> str | None:
        return self.options.delimiter if self.format is Format.DELIMITED else None

    @property
    def header_row(self) -> int:
        return self.options.header_row

    @property
    def sheet(self) -> str | None:
        return self.options.sheet

    @property
    def columns(self) -> tuple[str, ...]:
        return self.options.columns
