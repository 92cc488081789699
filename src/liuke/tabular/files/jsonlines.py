"""JSON lines: one object on each line, each key a column. Numbers keep the digits they are written with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from liuke.tabular.arrow import Table, pa
from liuke.tabular.files.delimited import RAW_SHOWN, Tell
from liuke.tabular.files.inspection import ReadOptions
from liuke.tabular.files.limits import USUAL, Limits
from liuke.tabular.files.sources import BLOCK_BYTES, CUT, INVALID, text_blocks
from liuke.tabular.problems import Problem
from liuke.tabular.values.writing import ROW

_LONE: Final = re.compile("[\ud800-\udfff]")
_DECODER: Final = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)


class BadLine(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parsed_line(line: str) -> dict[str, str | None]:
    """The object on a line, values as text; BadLine with the code of what is wrong."""
    if INVALID.decode() in line:
        raise BadLine("invalid_bytes")
    try:
        found = _DECODER.decode(line)
    except (ValueError, RecursionError):
        raise BadLine("truncated_row" if CUT.decode() in line else "json_invalid") from None
    if not isinstance(found, dict):
        raise BadLine("json_not_object")
    values = {key: _text(value) for key, value in found.items()}
    for text in (*values, *values.values()):
        if text is not None and "\0" in text:
            raise BadLine("nul_character")
        if text is not None and not text.isascii() and _LONE.search(text):
            raise BadLine("lone_surrogate")
    return values


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def keys_of(lines: Iterable[str]) -> list[str]:
    """The keys of the objects in the order in which they first appear; bad lines are passed over."""
    keys: dict[str, None] = {}
    for line in lines:
        if line.strip():
            try:
                keys.update(dict.fromkeys(parsed_line(line)))
            except BadLine:
                continue
    return list(keys)


class JsonLinesReader:
    """Iterates over tables with a `__row__` column, the number of the line; bad lines are told to `tell`."""

    def __init__(
        self,
        path: Path,
        options: ReadOptions,
        *,
        tell: Tell,
        block_bytes: int = BLOCK_BYTES,
        limits: Limits = USUAL,
    ) -> None:
        self._path, self._options, self._tell, self._limits = path, options, tell, limits
        self._block_bytes = block_bytes
        self._unknown: set[str] = set()
        self.schema = pa.schema([(ROW, pa.int64()), *((name, pa.string()) for name in options.columns)])

    def __iter__(self) -> Iterator[Table]:
        number = 0
        options = self._options
        for block in text_blocks(
            self._path,
            encoding=options.encoding,
            compressed=options.compressed,
            block_bytes=self._block_bytes,
            limits=self._limits,
        ):
            lines = block.decode("utf-8").split("\n")
            open_end = lines[-1] != ""
            if not open_end:
                lines.pop()
            rows, numbers = self._rows(lines, number, open_end)
            number += len(lines)
            if rows:
                columns = [pa.array([row.get(name) for row in rows], pa.string()) for name in options.columns]
                yield pa.table([pa.array(numbers, pa.int64()), *columns], schema=self.schema)

    def _rows(
        self, lines: list[str], before: int, open_end: bool
    ) -> tuple[list[dict[str, str | None]], list[int]]:
        rows: list[dict[str, str | None]] = []
        numbers: list[int] = []
        known = set(self._options.columns)
        for number, line in enumerate(lines, start=before + 1):
            if not line.strip():
                continue
            try:
                row = parsed_line(line)
            except BadLine as bad:
                last = open_end and number == before + len(lines)
                code = "truncated_row" if last and bad.code == "json_invalid" else bad.code
                params = {"encoding": self._options.encoding}
                self._tell(Problem(code, row=number, params=params, raw=line[:RAW_SHOWN]))
                continue
            self._tell_unknown(row.keys() - known, number)
            rows.append(row)
            numbers.append(number)
        return rows, numbers

    def _tell_unknown(self, keys: set[str], number: int) -> None:
        for key in sorted(keys - self._unknown):
            self._unknown.add(key)
            self._tell(Problem("unknown_key", row=number, value=key))
