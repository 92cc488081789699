"""How grades moved between two days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any


def movement(
    before: Mapping[Any, str | None], now: Mapping[Any, str | None]
) -> dict[tuple[str | None, str | None], int]:
    """(grade then, grade now) -> customers. Who wasn't known then, or has no business now, counts under None."""
    everyone = {*before, *now}
    return dict(Counter((before.get(customer), now.get(customer)) for customer in everyone))
