"""Lines and records of a delimited text: where a row ends when cells hold line breaks and quotation marks go astray.

Nearly all files have one row on each line, and whole blocks go to Arrow as they are. Only lines with an odd number of
quotation marks are looked at one by one: either the cell goes on in the next lines, or the mark is broken and the line
alone is refused, so that one stray mark does not swallow the rest of the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from liuke.tabular.arrow import Booleans, Integers

LINES_IN_A_CELL: Final = 1_000  # a quoted cell over more lines is a broken quotation mark
BYTES_IN_A_CELL: Final = 1 << 20
ROWS_IN_A_CELL: Final = 3  # lines of a cell that may by chance look like rows
LINES_AHEAD: Final = (
    200_000  # looked at in one block for the ends of cells; a file full of stray marks gets no more
)


@dataclass(frozen=True, slots=True)
class Dialect:
    delimiter: bytes
    quote: bytes
    columns: int = 0  # 0 while not known


@dataclass(slots=True)
class Cut:
    """A block of lines cut into records."""

    body: bytes  # what Arrow parses
    numbers: Integers  # of each record in the body, 0 for the block's first
    records: int  # all records of the block, refused ones counted
    broken: list[tuple[int, bytes]]  # number and line of refused records
    unclosed: tuple[int, bytes] | None  # the last record when the file stops inside a quoted cell
    rest: bytes  # the beginning of a record that goes on in the next block
    multiline: bool


def cells(line: bytes, dialect: Dialect, *, inside: bool = False) -> tuple[int, bool]:
    """How many cells the text has and whether it ends inside a quoted one, by the rules Arrow parses with.

    `inside` when the text goes on in a quoted cell; that cell is counted again.
    """
    count, position, length = 1, 0, len(line)
    quote, delimiter = dialect.quote, dialect.delimiter
    while position < length or inside:
        if inside or (quote and line.startswith(quote, position)):
            position = _after_quoted(line, position if inside else position + 1, quote)
            inside = False
            if position < 0:
                return count, True
        following = line.find(delimiter, position)
        if following < 0:
            break
        count += 1
        position = following + 1
    return count, False


def _after_quoted(line: bytes, position: int, quote: bytes) -> int:
    while True:
        position = line.find(quote, position)
        if position < 0:
            return -1
        if not line.startswith(quote, position + 1):
            return position + 1
        position += 2


def split(line: bytes, dialect: Dialect) -> list[bytes]:
    """The cells of one record, by the same rules; a quotation mark that never closes belongs to the text."""
    found: list[bytes] = []
    position, length = 0, len(line)
    quote, delimiter = dialect.quote, dialect.delimiter
    while position <= length:
        text = b""
        if quote and line.startswith(quote, position):
            after = _after_quoted(line, position + 1, quote)
            if after > 0:
                text = line[position + 1 : after - 1].replace(quote + quote, quote)
                position = after
        following = line.find(delimiter, position)
        end = length if following < 0 else following
        found.append(text + line[position:end])
        position = end + 1
    return found


def leading(block: bytes, dialect: Dialect, at_most: int) -> list[bytes]:
    """The first records of a text whose columns are not known yet, line ends included."""
    lines = block.split(b"\n")
    ended = lines.pop() if lines and not lines[-1] else None
    records: list[bytes] = []
    index, ahead = 0, LINES_AHEAD
    while index < len(lines) and len(records) < at_most:
        taken = 1
        if dialect.quote and dialect.quote in lines[index] and cells(lines[index], dialect)[1]:
            taken, looked = _lines_until_closed(lines, index, dialect, min(ahead, LINES_IN_A_CELL))
            ahead -= looked
        last = index + taken == len(lines) and ended is None
        records.append(b"\n".join(lines[index : index + taken]) + (b"" if last else b"\n"))
        index += taken
    return records


def _lines_until_closed(
    lines: Sequence[bytes], index: int, dialect: Dialect, at_most: int
) -> tuple[int, int]:
    """The lines of the record that opens a cell on a line, one when it never closes; and how many were looked at."""
    size, looked = len(lines[index]), 0
    for looked, line in enumerate(lines[index + 1 : index + at_most], start=1):
        size += len(line)
        if dialect.quote in line and not cells(line, dialect, inside=True)[1]:
            return looked + 1, looked
        if size > BYTES_IN_A_CELL:
            break
    return 1, looked


def cut(block: bytes, dialect: Dialect, *, at_end: bool, careful: bool = False) -> Cut:
    """Cut whole lines into records. `careful` looks at every line with a quotation mark, not only at the odd ones."""
    ends = _line_ends(block)
    count = len(ends)
    if not dialect.quote or dialect.quote not in block:
        return Cut(block, np.arange(count), count, [], None, b"", False)
    suspects = _suspects(block, ends, dialect.quote, careful)
    if not suspects:
        return Cut(block, np.arange(count), count, [], None, b"", False)
    return _resolved(block, ends.tolist(), suspects, dialect, at_end)


def _line_ends(block: bytes) -> Integers:
    """The position after each line end; the last line may lack one."""
    ends: Integers = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == 10) + 1
    if block and not block.endswith(b"\n"):
        ends = np.append(ends, len(block))
    return ends


def _suspects(block: bytes, ends: Integers, quote: bytes, careful: bool) -> list[int]:
    marks = np.flatnonzero(np.frombuffer(block, dtype=np.uint8) == quote[0])
    per_line = np.diff(np.searchsorted(marks, ends), prepend=0)
    found: list[int] = np.flatnonzero(per_line > 0 if careful else per_line % 2 == 1).tolist()
    return found


def _resolved(
    block: bytes, ends: Sequence[int], suspects: Sequence[int], dialect: Dialect, at_end: bool
) -> Cut:
    starts = [0, *ends[:-1]]
    continuation = np.zeros(len(ends), dtype=bool)
    broken_lines: list[int] = []
    last, unclosed = len(ends), None
    ahead, busy_until = LINES_AHEAD, -1
    final = len(ends) - 1 if block.endswith(b"\n") else len(ends)
    cut_after = min(final, _last_proper(block, starts, ends, dialect) + 1) if at_end else 0
    for index, line in enumerate(suspects):
        if line <= busy_until or not cells(block[starts[line] : ends[line]], dialect)[1]:
            continue
        close, looked = line, 0
        if ahead > 0:
            near = suspects[index : index + LINES_IN_A_CELL + 2]
            close, looked = _closing_line(block, starts, ends, near, dialect)
        ahead -= looked
        if close > line:
            continuation[line + 1 : close + 1] = True
            busy_until = close
        elif close == line or len(ends) - line > LINES_IN_A_CELL or ends[-1] - starts[line] > BYTES_IN_A_CELL:
            broken_lines.append(line)
        elif not at_end:
            last = line
            break
        elif line >= cut_after:
            last, unclosed = line, line
            break
        else:
            broken_lines.append(line)
    return _assembled(block, starts, ends, continuation, broken_lines, last, unclosed)


def _closing_line(
    block: bytes, starts: Sequence[int], ends: Sequence[int], suspects: Sequence[int], dialect: Dialect
) -> tuple[int, int]:
    """The line where the quoted cell that opens on the first suspect closes, and how many lines were looked at.

    -1 when it doesn't close in this block; the first line itself when the lines together make no proper row, so that
    the mark must be broken. Lines without a mark can't close a cell and need no look.
    """
    line = suspects[0]
    count = cells(block[starts[line] : ends[line]], dialect)[0]
    for looked, later in enumerate(suspects[1:], start=1):
        if later - line > LINES_IN_A_CELL or ends[later] - starts[line] > BYTES_IN_A_CELL:
            return line, looked
        found, open_still = cells(block[starts[later] : ends[later]], dialect, inside=True)
        count += found - 1
        if not open_still:
            proper = count == dialect.columns and not _swallows_rows(
                block, starts, ends, line, later, dialect
            )
            return (later if proper else line), looked
    return -1, len(suspects) - 1


def _swallows_rows(
    block: bytes, starts: Sequence[int], ends: Sequence[int], first: int, last: int, dialect: Dialect
) -> bool:
    """Whether all lines inside a cell are rows of the table: then its mark is stray, and closed by another stray one."""
    if last - first <= ROWS_IN_A_CELL or dialect.columns < 3:
        return False
    row = (dialect.columns, False)
    return all(cells(block[starts[line] : ends[line]], dialect) == row for line in range(first + 1, last))


def _last_proper(block: bytes, starts: Sequence[int], ends: Sequence[int], dialect: Dialect) -> int:
    """The last line that is a row by itself. A cell that opens later and never closes was cut with the file."""
    for line in range(len(ends) - 1, max(-1, len(ends) - 1 - LINES_IN_A_CELL), -1):
        if cells(block[starts[line] : ends[line]], dialect) == (dialect.columns, False):
            return line
    return max(-1, len(ends) - 1 - LINES_IN_A_CELL)


def _assembled(
    block: bytes,
    starts: Sequence[int],
    ends: Sequence[int],
    continuation: Booleans,
    broken_lines: Sequence[int],
    last: int,
    unclosed: int | None,
) -> Cut:
    begins = ~continuation[:last]
    numbers = np.cumsum(begins) - 1
    kept = begins.copy()
    kept[list(broken_lines)] = False
    body = block[: starts[last]] if last < len(ends) else block
    if broken_lines:
        pieces, position = [], 0
        for line in broken_lines:
            pieces.append(block[position : starts[line]])
            position = int(ends[line])
        body = b"".join([*pieces, body[position:]])
    broken = [(int(numbers[line]), block[starts[line] : ends[line]].rstrip(b"\n")) for line in broken_lines]
    records = int(begins.sum())
    stopped = (records, block[starts[unclosed] :]) if unclosed is not None else None
    rest = block[starts[last] :] if last < len(ends) and unclosed is None else b""
    return Cut(
        body, numbers[kept], records + (stopped is not None), broken, stopped, rest, bool(continuation.any())
    )
