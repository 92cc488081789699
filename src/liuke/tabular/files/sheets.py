"""Sheets of a workbook as Arrow, read inside the child process. Numbers, dates and truth values keep their types."""

# mypy: disable-error-code="no-any-return"
# Arrow's functions are untyped for us, see arrow.py.
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    WorksheetNotFound,
    XmlError,
    ZipError,
    load_workbook,
)

from liuke.tabular.arrow import Array, Batch, Column, Schema, compute, pa
from liuke.tabular.files.inspection import ReadOptions
from liuke.tabular.problems import RefusedFile
from liuke.tabular.values.writing import EXACT_INTEGERS, ROW, as_text

LOOKED_ROWS: Final = 120
COUNTED_CELLS: Final = 200_000
_BLOCK_ROWS: Final = 16_384
_DAMAGED: Final = (CalamineError, ZipError, XmlError, OSError, ValueError)


def _opened(path: Path) -> CalamineWorkbook:
    try:
        return load_workbook(str(path))
    except PasswordError:
        raise RefusedFile("password_protected") from None
    except _DAMAGED:
        raise RefusedFile("truncated_workbook") from None


def _sheet(workbook: CalamineWorkbook, name: str | None) -> CalamineSheet:
    names = [sheet.name for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    if name is not None:
        return _named(workbook, name, names)
    shown = [
        s.name for s in workbook.sheets_metadata if s.name in names and s.visible == SheetVisibleEnum.Visible
    ]
    for candidate in (*shown, *(other for other in names if other not in shown)):
        sheet = _named(workbook, candidate, names)
        if sheet.start is not None:
            return sheet
    raise RefusedFile("no_sheets")


def _named(workbook: CalamineWorkbook, name: str, names: Sequence[str]) -> CalamineSheet:
    if name not in names:
        raise RefusedFile("sheet_missing", name=name, known=", ".join(names))
    try:
        return workbook.get_sheet_by_name(name)
    except WorksheetNotFound:
        raise RefusedFile("sheet_missing", name=name, known=", ".join(names)) from None
    except _DAMAGED:
        raise RefusedFile("truncated_workbook") from None


def look(path: Path, name: str | None) -> dict[str, Any]:
    """The sheets, the one to read, its first rows as text, and how many rows have a cell."""
    workbook = _opened(path)
    sheet = _sheet(workbook, name)
    rows = [[cell_text(cell) for cell in row] for row in islice(sheet.iter_rows(), LOOKED_ROWS)]
    last_row = sheet.end[0] + 1 if sheet.end else 0
    filled = None  # counting takes as long as reading
    if last_row * sheet.width <= COUNTED_CELLS:
        filled = sum(row.count("") < len(row) for row in sheet.iter_rows())
    return {
        "sheets": [s.name for s in workbook.sheets_metadata if s.typ == SheetTypeEnum.WorkSheet],
        "sheet": sheet.name,
        "rows": rows,
        "filled": filled,
        "last_row": last_row,
        "first_column": sheet.start[1] if sheet.start else 0,
    }


def cell_text(cell: Any) -> str:
    """A cell as its user would write it."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < EXACT_INTEGERS else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ")
    return str(cell)


def batches(path: Path, options: ReadOptions, batch_rows: int) -> tuple[Schema, Iterator[Batch]]:
    sheet = _sheet(_opened(path), options.sheet)
    width = len(options.columns)
    parts = list(_parts(sheet, options.header_row, width))
    columns = [_united([part[position] for part in parts]) for position in range(width + 1)]
    table = pa.table(columns, names=[ROW, *options.columns])
    return table.schema, iter(table.combine_chunks().to_batches(max_chunksize=batch_rows))


def _parts(sheet: CalamineSheet, header_row: int, width: int) -> Iterator[list[Array]]:
    """Blocks of rows as arrays, the row number first; rows without a cell are left out."""
    rows = enumerate(sheet.iter_rows(), start=1)
    yield [pa.array([], pa.int64()), *(pa.nulls(0) for _ in range(width))]
    while block := list(islice(rows, _BLOCK_ROWS)):
        kept = [(number, row) for number, row in block if number > header_row and row.count("") < len(row)]
        if kept:
            cells = zip(*(row for _, row in kept), strict=True)
            yield [
                pa.array([number for number, _ in kept], pa.int64()),
                *(_array(column) for column in cells),
            ]


def _array(cells: Sequence[Any]) -> Array:
    """One column of a block in the type of its cells; cells of several types as text. An empty cell is ""."""
    kinds = set(map(type, cells))
    if kinds == {str}:
        return _texts(cells)
    has_texts = str in kinds and any(type(cell) is str and cell for cell in cells)
    values = [None if cell == "" else cell for cell in cells] if str in kinds else list(cells)
    kinds.discard(str)
    if has_texts:
        return pa.array([None if v is None else cell_text(v) for v in values], pa.string())
    if kinds <= {float, int}:
        return pa.array(
            [None if v is None else float(v) for v in values] if int in kinds else values, pa.float64()
        )
    if kinds == {dt.date}:
        return pa.array(values, pa.date32())
    if kinds <= {dt.datetime, dt.date}:
        return pa.array([_moment(v) for v in values] if dt.date in kinds else values, pa.timestamp("us"))
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    return pa.array([None if v is None else cell_text(v) for v in values], pa.string())


def _texts(cells: Sequence[str]) -> Array:
    array = pa.array(cells, pa.string())
    empty = compute.equal(array, "")
    if not compute.any(empty).as_py():
        return array
    if compute.all(empty).as_py():
        return pa.nulls(len(array))
    return compute.if_else(empty, pa.scalar(None, pa.string()), array)


def _moment(value: dt.date | None) -> dt.datetime | None:
    if value is None or isinstance(value, dt.datetime):
        return value
    return dt.datetime.combine(value, dt.time())


def _united(parts: Sequence[Array]) -> Column:
    """The blocks of one column in one type: whole numbers as int64, blocks of different types as text."""
    kinds = {part.type for part in parts if not pa.types.is_null(part.type)}
    if not kinds:
        return pa.chunked_array([pa.nulls(len(part), pa.string()) for part in parts], pa.string())
    if kinds == {pa.float64()} and all(_is_whole(part) for part in parts):
        return pa.chunked_array([compute.cast(part, pa.int64()) for part in parts], pa.int64())
    if kinds == {pa.date32(), pa.timestamp("us")}:
        return pa.chunked_array([compute.cast(part, pa.timestamp("us")) for part in parts])
    if len(kinds) == 1:
        kind = kinds.pop()
        return pa.chunked_array([compute.cast(part, kind) for part in parts], kind)
    return pa.chunked_array([as_text(part) for part in parts], pa.string())


def _is_whole(part: Array) -> bool:
    if pa.types.is_null(part.type):
        return True
    fractions = compute.or_(
        compute.not_equal(compute.floor(part), part), compute.greater_equal(compute.abs(part), EXACT_INTEGERS)
    )
    return not compute.any(fractions).as_py()
