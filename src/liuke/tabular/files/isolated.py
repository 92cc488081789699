"""Workbooks and Parquet files are parsed in a child process with limits: their parsers are large and files can lie."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, cast

import pyarrow.ipc

from liuke.tabular.arrow import Schema, Table, pa
from liuke.tabular.files.delimited import Tell
from liuke.tabular.files.formulas import restored
from liuke.tabular.files.inspection import ReadOptions
from liuke.tabular.files.limits import USUAL, Limits, readable_size
from liuke.tabular.problems import CODES, RefusedFile

_PACKAGES: Final = Path(__file__).resolve().parents[3]
# Arrow loads NumPy and pandas where they are installed, which takes longer than reading most files, and this package
# loads all of its modules. The child needs none of them.
_PROGRAM: Final = """
import sys, types

class Without:
    def find_spec(self, name, path=None, target=None):
        if name in ("numpy", "pandas"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Without())
import liuke
package = sys.modules["liuke.tabular"] = types.ModuleType("liuke.tabular")
package.__path__ = [sys.argv[1]]
from liuke.tabular.files import child
sys.exit(child.main(sys.argv[2]))
"""
_ANSWER_BYTES: Final = 64 << 20
# After one of these the child's own words are lost; allocators give up by aborting.
_OUT_OF_MEMORY: Final = {signal.SIGABRT, signal.SIGKILL, signal.SIGBUS}


def _started(job: Mapping[str, object], limits: Limits) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": str(_PACKAGES),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",  # the others reserve address space that the limit counts
        "MALLOC_ARENA_MAX": "2",
        "OPENBLAS_NUM_THREADS": "1",  # each of its threads would reserve address space as well
        "TZDIR": os.environ.get("TZDIR", ""),
    }
    words = json.dumps({**job, "limits": asdict(limits)})
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(Path(__file__).parents[1]), words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: value for name, value in environment.items() if value},
        close_fds=True,
    )


def asked(job: Mapping[str, object], *, limits: Limits = USUAL) -> dict[str, Any]:
    """One answer from a child, as a dictionary; RefusedFile when it refuses or dies."""
    with _started(job, limits) as child:
        output = child.stdout.read(_ANSWER_BYTES) if child.stdout is not None else b""
        child.wait()
    return _answer(output, child.returncode, limits)


def _answer(line: bytes, status: int | None, limits: Limits) -> dict[str, Any]:
    try:
        answer = json.loads(line)
    except ValueError:
        raise _death(status, limits) from None
    if not isinstance(answer, dict):
        raise _death(status, limits)
    code = answer.get("refused")
    if code is not None:
        raise RefusedFile(
            code if code in CODES else "parser_failed", **answer.get("params", {"reason": str(code)})
        )
    return cast("dict[str, Any]", answer)


def _death(status: int | None, limits: Limits) -> RefusedFile:
    if status is not None and -status == signal.SIGXCPU:
        return RefusedFile("parser_time", seconds=limits.cpu_seconds)
    if status is not None and -status in _OUT_OF_MEMORY:
        return RefusedFile("parser_memory", limit=readable_size(limits.memory_bytes))
    return RefusedFile("parser_failed", reason=f"its reader stopped with status {status}")


class IsolatedReader:
    """Iterates over tables that a child process reads from a workbook or a Parquet file."""

    def __init__(
        self, path: Path, options: ReadOptions, *, tell: Tell, batch_rows: int, limits: Limits = USUAL
    ) -> None:
        self._job = {
            "do": "read",
            "path": str(path.resolve()),
            "options": options.to_dict(),
            "batch_rows": batch_rows,
        }
        self._limits = limits
        self._restore = options.restore_formulas and options.format.is_workbook
        self._tell = tell
        self._schema: Schema | None = None

    @property
    def schema(self) -> Schema:
        if self._schema is None:
            tables = iter(self)
            try:
                next(tables, None)
            finally:
                tables.close()
        if self._schema is None:
            raise RefusedFile("parser_failed", reason="its reader gave no columns")
        return self._schema

    def __iter__(self) -> Generator[Table]:
        with _started(self._job, self._limits) as child:
            try:
                yield from self._tables(child)
            finally:
                child.kill()

    def _tables(self, child: subprocess.Popen[bytes]) -> Iterator[Table]:
        if child.stdout is None:
            raise RefusedFile("parser_failed", reason="its reader has no output")
        line = child.stdout.readline(_ANSWER_BYTES)
        _answer(line, None if line else child.wait(), self._limits)
        try:
            stream = pyarrow.ipc.open_stream(cast("Any", child.stdout))
            self._schema = stream.schema
            for batch in stream:
                table = pa.Table.from_batches([batch])
                yield restored(table) if self._restore else table
        except (pa.ArrowInvalid, OSError):
            raise _death(child.wait(), self._limits) from None
        if child.wait() != 0:
            raise _death(child.returncode, self._limits)
