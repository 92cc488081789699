from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def pieces(items: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """`items` in portions that one statement can name: SQLite takes 32,766 parameters, a plan is made for each."""
    return (items[start : start + size] for start in range(0, len(items), size))
