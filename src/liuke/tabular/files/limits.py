"""How much of a file is accepted, and how much a parser may take while it reads one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MIB: Final = 1 << 20
GIB: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    file_bytes: int = 4 * GIB
    unpacked_bytes: int = 2 * GIB  # of a workbook; a full sheet of 1,048,576 rows and 20 columns stays below
    gzip_unpacked_bytes: int = 16 * GIB  # streamed, never held
    ratio: int = 250  # unpacked to packed, judged on parts over `ratio_from`; real sheets pack 5 to 60 times
    ratio_from: int = 64 * MIB
    entries: int = 5_000  # parts of a workbook
    columns: int = 1_000
    row_bytes: int = 16 * MIB
    memory_bytes: int = 3 * GIB  # address space of the child that parses a workbook or a Parquet file
    cpu_seconds: int = 180


USUAL: Final = Limits()


def readable_size(size: int) -> str:
    for unit, factor in (("GB", GIB), ("MB", MIB), ("KB", 1024)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}".replace(".0 ", " ")
    return f"{size} bytes"
