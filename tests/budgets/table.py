"""The URL table as a flat list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Route:
    path: str  # as in the table: customers/<int:pk>/
    name: str

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"<(?:[^:>]+:)?([^>]+)>", self.path)

    def __str__(self) -> str:
        return self.path or "(start)"


def routes() -> list[Route]:
    return list(_below(get_resolver().url_patterns, ""))


def _below(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[Route]:
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _below(entry.url_patterns, path)
        else:
            yield Route(path, entry.name or "")
