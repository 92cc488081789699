"""Looking at a file before reading it: format, encoding, delimiter, column names, the first rows, how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from liuke.tabular.columns import names
from liuke.tabular.files.dialects import (
    BLANKS,
    CHOICES,
    collapse_blanks,
    detect_delimiter,
    find_layout,
    known_delimiter,
)
from liuke.tabular.files.encodings import (
    CODECS,
    SAMPLE_BYTES,
    Encoding,
    by_bom,
    detect,
    is_utf16,
    known_name,
)
from liuke.tabular.files.inspection import Format, Inspection, ReadOptions
from liuke.tabular.files.isolated import asked
from liuke.tabular.files.jsonlines import BadLine, keys_of, parsed_line
from liuke.tabular.files.limits import USUAL, Limits
from liuke.tabular.files.recognising import Recognised, name_differs, recognise
from liuke.tabular.files.records import Dialect, leading, split
from liuke.tabular.files.sources import chunks, text_blocks
from liuke.tabular.problems import Problem, RefusedFile
from liuke.tabular.values.writing import ROW

SAMPLE_ROWS: Final = 20
HEAD_RECORDS: Final = 320
SCANNED_BYTES: Final = 1 << 30  # unpacked; beyond it the number of rows is an estimate
_HEAD_BYTES: Final = 1 << 20
_KEY_LINES: Final = 20_000


def inspect(
    path: str | Path,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    limits: Limits = USUAL,
) -> Inspection:
    """What the file is and how to read it. Arguments given are taken instead of found; `header_row` 0 means no names.

    Raises RefusedFile when it can't be read at all.
    """
    path = Path(path)
    found = recognise(path, limits=limits)
    if found.format is Format.PARQUET:
        return _parquet(path, found, limits)
    if found.format.is_workbook:
        return _workbook(path, found, sheet, header_row, limits)
    scan = _scan(path, found, limits)
    name, certain = _encoding(scan, encoding)
    if found.format is Format.JSON_LINES:
        return _json_lines(path, found, scan, name, certain, limits)
    return _delimited(path, found, scan, name, certain, _delimiter(delimiter), header_row, limits)


@dataclass(frozen=True, slots=True)
class _Scan:
    head: bytes
    telling: bytes  # lines that are not plain ASCII, which show the encoding
    feeds: int
    returns: int
    blank: int  # line ends that follow a line end
    quotes: bool
    seen: int
    last: bytes
    whole: bool  # whether all of the file was seen


def _scan(path: Path, found: Recognised, limits: Limits) -> _Scan:
    """One pass over the bytes; what is not ASCII may first come far down."""
    head, telling = b"", b""
    feeds = returns = blank = seen = 0
    quotes, ended, last = False, True, b""
    for chunk in chunks(path, compressed=found.compressed, size=4 << 20, limits=limits):
        if len(head) < _HEAD_BYTES:
            head += chunk[: _HEAD_BYTES - len(head)]
        if len(telling) < SAMPLE_BYTES and not chunk.isascii():
            telling += _telling_lines(chunk, SAMPLE_BYTES - len(telling))
        feeds += chunk.count(b"\n")
        returns += chunk.count(b"\r")
        blank += chunk.count(b"\n\n") + chunk.count(b"\n\r\n")
        quotes = quotes or b'"' in chunk
        seen += len(chunk)
        last = chunk[-2:]
        if seen >= SCANNED_BYTES:
            ended = False
            break
    return _Scan(head, telling, feeds, returns, blank, quotes, seen, last, ended)


def _telling_lines(chunk: bytes, at_most: int) -> bytes:
    found: list[bytes] = []
    size = 0
    for line in chunk.splitlines(keepends=True):
        if not line.isascii():
            found.append(line)
            size += len(line)
            if size >= at_most:
                break
    return b"".join(found)


def _encoding(scan: _Scan, wanted: str | None) -> tuple[str, bool]:
    if wanted is not None:
        name = known_name(wanted)
        if name is None:
            raise RefusedFile("encoding_unsupported", name=wanted, known=", ".join(CODECS))
        marked = by_bom(scan.head)
        if is_utf16(name) and marked is not None and is_utf16(marked[0]):
            return marked[0], True
        return name, True
    marked = by_bom(scan.head)
    if marked is not None or b"\0" in scan.head[:4096]:
        judged = detect(scan.head)
    else:
        small = scan.whole and scan.seen <= SAMPLE_BYTES
        judged = detect(scan.head if small else scan.telling) if scan.telling else Encoding("utf-8", True)
    if judged is None:
        raise RefusedFile("unknown_encoding")
    return judged.name, judged.certain


def _delimiter(wanted: str | None) -> str | None:
    if wanted is None:
        return None
    mark = known_delimiter(wanted)
    if mark is None:
        raise RefusedFile("delimiter_unsupported", name=wanted, known=", ".join(CHOICES.values()))
    return mark


def _first_block(path: Path, found: Recognised, encoding: str, limits: Limits) -> bytes:
    blocks = text_blocks(
        path, encoding=encoding, compressed=found.compressed, block_bytes=_HEAD_BYTES, limits=limits
    )
    # a last line without a line end comes as a block of its own
    return b"".join(islice(blocks, 2))


def _delimited(
    path: Path,
    found: Recognised,
    scan: _Scan,
    encoding: str,
    certain: bool,
    delimiter: str | None,
    header_row: int | None,
    limits: Limits,
) -> Inspection:
    block = _first_block(path, found, encoding, limits)
    if not block.strip():
        raise RefusedFile("empty_file")
    mark = delimiter or _stated_delimiter(block) or detect_delimiter(block)
    if mark == BLANKS:
        block = collapse_blanks(block)
    dialect = Dialect(mark.encode(), b"" if mark == BLANKS else b'"')
    records = leading(block, dialect, HEAD_RECORDS)
    rows = [[cell.decode("utf-8", "replace") for cell in split(r.rstrip(b"\n"), dialect)] for r in records]
    rows = [[""] if row == [""] else row for row in rows]
    table = _table(rows, header_row, start=1 if _stated_delimiter(block) else 0)
    options = ReadOptions(
        format=found.format,
        columns=table.columns,
        encoding=encoding,
        compressed=found.compressed,
        delimiter=mark,
        quote='"',
        header_row=table.header_row,
    )
    lines = _lines(scan, encoding)
    total = None if lines is None else max(0, lines - table.header_row - table.blank_above)
    exact = scan.whole and not scan.quotes and scan.blank == 0
    if not scan.whole and total is not None:
        total = round(total * _stretch(path, found, scan))
    if len(records) < HEAD_RECORDS and scan.whole:
        total, exact = table.rows_seen, True
    # short lists are often written by hand, without a last line end, and looked at whole
    more = [Problem("file_ends_early")] if scan.seen >= 1 << 16 and _stops_open(scan) else []
    return _inspection(path, options, table, total, exact, certain, found, limits, more=more)


def _stated_delimiter(block: bytes) -> str | None:
    """Spreadsheets write "sep=;" as the first line of some files."""
    first = block[:8].split(b"\n", 1)[0].strip().strip(b'"')
    return first[4:].decode() or "\t" if first.lower().startswith(b"sep=") and len(first) <= 5 else None


def _lines(scan: _Scan, encoding: str) -> int | None:
    if scan.seen == 0:
        return None
    ends = scan.feeds or scan.returns
    return ends + (1 if _stops_open(scan) else 0)


def _stops_open(scan: _Scan) -> bool:
    """Whether the last line has no line end."""
    return scan.whole and b"\n" not in scan.last and b"\r" not in scan.last


def _stretch(path: Path, found: Recognised, scan: _Scan) -> float:
    size = path.stat().st_size
    return max(1.0, size / scan.seen) if not found.compressed else 1.0


@dataclass(frozen=True, slots=True)
class _Table:
    columns: tuple[str, ...]
    header_row: int
    samples: tuple[tuple[str | None, ...], ...]
    sample_rows: tuple[int, ...]
    rows_seen: int
    blank_above: int
    problems: tuple[Problem, ...]


def _table(
    rows: Sequence[Sequence[str]], header_row: int | None, *, start: int = 0, first_column: int = 0
) -> _Table:
    """Names and samples from the first rows, which count from the top of the file."""
    problems: list[Problem] = []
    layout = find_layout(rows[start:])
    header = None if layout.header is None else layout.header + start
    if header_row is not None:
        header = header_row - 1 if header_row > 0 else None
        if header is not None and header >= len(rows):
            raise RefusedFile("header_missing", header=header_row)
    if header is None:
        width = layout.columns or max((len(row) for row in rows), default=0)
        columns = names.letters(width, first_column)
        below = start
        problems.append(Problem("no_header"))
    else:
        columns, told = names.unique(rows[header], first_column)
        problems.extend(told)
        below = header + 1
        if any(cell.strip() for row in rows[:header] for cell in row):
            problems.append(Problem("rows_above_header", params={"count": header}))
    samples: list[tuple[str | None, ...]] = []
    numbers: list[int] = []
    seen = 0
    for number, row in enumerate(rows[below:], start=below + 1):
        if not any(cell.strip() for cell in row):
            continue
        seen += 1
        if len(samples) < SAMPLE_ROWS:
            cells = [cell or None for cell in row[: len(columns)]]
            samples.append(tuple(cells + [None] * (len(columns) - len(cells))))
            numbers.append(number)
    return _Table(tuple(columns), below, tuple(samples), tuple(numbers), seen, 0, tuple(problems))


def _inspection(
    path: Path,
    options: ReadOptions,
    table: _Table,
    rows: int | None,
    exact: bool,
    certain: bool,
    found: Recognised,
    limits: Limits,
    *,
    sheets: tuple[str, ...] = (),
    more: Sequence[Problem] = (),
) -> Inspection:
    if len(options.columns) > limits.columns:
        raise RefusedFile("too_many_columns", count=len(options.columns), limit=limits.columns)
    told: list[Problem] = []
    suffix = name_differs(path, found)
    if suffix is not None:
        told.append(Problem("format_differs", params={"suffix": suffix, "found": found.format.value.upper()}))
    if not certain:
        told.append(Problem("encoding_guessed", params={"encoding": options.encoding}))
    told.extend((*more, *table.problems))
    if rows == 0 or (not table.samples and exact):
        told.append(Problem("no_rows"))
    return Inspection(
        path=path,
        size=path.stat().st_size,
        options=options,
        samples=table.samples,
        sample_rows=table.sample_rows,
        rows=rows,
        rows_exact=exact,
        encoding_certain=certain,
        sheets=sheets,
        problems=tuple(told),
        excel_epoch=found.excel_epoch,
    )


def _workbook(
    path: Path, found: Recognised, sheet: str | None, header_row: int | None, limits: Limits
) -> Inspection:
    job = {"do": "look", "format": found.format.value, "path": str(path.resolve()), "sheet": sheet}
    seen: dict[str, Any] = asked(job, limits=limits)
    rows: list[list[str]] = seen["rows"]
    table = _table(rows, header_row, first_column=seen["first_column"])
    above = sum(any(cell for cell in row) for row in rows[: table.header_row])
    options = ReadOptions(
        format=found.format, columns=table.columns, header_row=table.header_row, sheet=seen["sheet"]
    )
    others = len(seen["sheets"]) - 1
    more = (
        [Problem("other_sheets", params={"name": seen["sheet"], "count": others})]
        if others and sheet is None
        else []
    )
    counted = seen["filled"] is not None
    total = seen["filled"] - above if counted else max(0, seen["last_row"] - table.header_row)
    return _inspection(
        path, options, table, total, counted, True, found, limits, sheets=tuple(seen["sheets"]), more=more
    )


def _parquet(path: Path, found: Recognised, limits: Limits) -> Inspection:
    seen = asked({"do": "look", "format": "parquet", "path": str(path.resolve())}, limits=limits)
    columns, told = names.unique(seen["headings"])
    samples = tuple(tuple(row) for row in seen["samples"])
    numbers = tuple(range(1, len(samples) + 1))
    nested = [Problem("nested_value", field=name) for name in seen["nested"]]
    table = _Table(columns, 0, samples, numbers, len(samples), 0, told)
    options = ReadOptions(format=Format.PARQUET, columns=columns, header_row=0)
    return _inspection(path, options, table, seen["rows"], True, True, found, limits, more=nested)


def _json_lines(
    path: Path, found: Recognised, scan: _Scan, encoding: str, certain: bool, limits: Limits
) -> Inspection:
    blocks = text_blocks(path, encoding=encoding, compressed=found.compressed, limits=limits)
    lines = b"".join(islice(blocks, 2)).decode("utf-8").split("\n")[:_KEY_LINES]
    columns = tuple(key for key in keys_of(lines) if key != ROW)
    if not columns:
        raise RefusedFile("json_document")
    samples: list[tuple[str | None, ...]] = []
    numbers: list[int] = []
    for number, line in enumerate(lines, start=1):
        try:
            values = parsed_line(line) if line.strip() else {}
        except BadLine:
            continue
        if values:
            samples.append(tuple(values.get(name) for name in columns))
            numbers.append(number)
        if len(samples) == SAMPLE_ROWS:
            break
    options = ReadOptions(
        format=found.format, columns=columns, encoding=encoding, compressed=found.compressed, header_row=0
    )
    table = _Table(columns, 0, tuple(samples), tuple(numbers), len(samples), 0, ())
    return _inspection(
        path, options, table, _lines(scan, encoding), scan.whole and scan.blank == 0, certain, found, limits
    )
