"""Every door there is, read from the URL table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from liuke.platform.access.rules import Door
from liuke.platform.access.views import door_of

PARAMETER = re.compile(r"<(?:[^:>]+:)?([^>]+)>")


@dataclass(frozen=True)
class Route:
    path: str  # as in the URL table: customers/<int:pk>/
    name: str
    view: Callable[..., object]

    @property
    def door(self) -> Door | None:
        return door_of(self.view)

    @property
    def parameters(self) -> list[str]:
        return PARAMETER.findall(self.path)

    @property
    def function(self) -> str:
        return f"{self.view.__module__}.{getattr(self.view, '__name__', self.view)}"

    def url(self, values: Mapping[str, object]) -> str:
        if not self.parameters:
            return f"/{self.path}"
        return reverse(self.name, kwargs={name: values[name] for name in self.parameters})

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
            yield Route(path, entry.name or "", entry.callback)
