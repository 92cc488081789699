"""The child process in which workbooks and Parquet files are parsed: one job, one answer, then it ends.

The answer is a line of JSON on standard output, followed for "read" by an Arrow stream.
"""

from __future__ import annotations

import json
import os
import resource
from pathlib import Path
from typing import IO, Any, cast

import pyarrow.ipc

from liuke.tabular.arrow import pa
from liuke.tabular.files import columnar, sheets
from liuke.tabular.files.inspection import ReadOptions
from liuke.tabular.problems import RefusedFile


def main(words: str) -> int:
    job: dict[str, Any] = json.loads(words)
    _limit(job["limits"])
    pa.set_cpu_count(1)
    output = os.fdopen(1, "wb", buffering=1 << 20)
    try:
        if job["do"] == "look":
            _say(output, _look(job))
        else:
            _read(job, output)
    except RefusedFile as refused:
        _say(output, {"refused": refused.problem.code, "params": dict(refused.problem.params)})
        return 3
    except MemoryError:
        os.abort()  # as an allocator in Rust or C++ does; the parent tells the user
    output.close()
    return 0


def _limit(limits: dict[str, int]) -> None:
    """Address space, processor time, no files written, no core dumps. The parent keeps its own."""
    for what, most in (
        (resource.RLIMIT_AS, limits["memory_bytes"]),
        (resource.RLIMIT_CPU, limits["cpu_seconds"]),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (wanted, hard))


def _say(output: IO[bytes], answer: dict[str, Any]) -> None:
    output.write(json.dumps(answer).encode() + b"\n")
    output.flush()


def _look(job: dict[str, Any]) -> dict[str, Any]:
    path = Path(job["path"])
    if job["format"] == "parquet":
        return columnar.look(path)
    return sheets.look(path, job["sheet"])


def _read(job: dict[str, Any], output: IO[bytes]) -> None:
    options = ReadOptions.from_dict(job["options"])
    reader = columnar if options.format.value == "parquet" else sheets
    schema, batches = reader.batches(Path(job["path"]), options, job["batch_rows"])
    _say(output, {"columns": len(schema)})
    with pyarrow.ipc.new_stream(cast("Any", output), schema) as stream:
        for batch in batches:
            stream.write(batch)
