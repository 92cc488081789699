"""How grades, classes, cells, types or levels moved between two days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from liuke.insight.errors import BadFigure


def movement(
    before: Mapping[Any, str | None], now: Mapping[Any, str | None]
) -> dict[tuple[str | None, str | None], int]:
    """(grade then, grade now) -> customers. Who wasn't known then, or has no business now, counts under None.

    Formula: the count of each pair. Errors: none; any two columns (n,) of grades will do. Source: CL03 of the requirements.
    """
    everyone = {*before, *now}
    return dict(Counter((before.get(customer), now.get(customer)) for customer in everyone))


@dataclass(frozen=True)
class Movement:
    """Who moved, and where to; each customer stands in exactly one of the five lists, in the order of their names.

    `counts`            (then, now) -> customers
    `rose`, `fell`      to a better or a worse grade
    `stayed`            in the same
    `came`, `left`      had no grade then, has none now
    """

    counts: dict[tuple[str | None, str | None], int]
    rose: tuple[Any, ...]
    fell: tuple[Any, ...]
    stayed: tuple[Any, ...]
    came: tuple[Any, ...]
    left: tuple[Any, ...]


def moved(
    before: Mapping[Any, str | None], now: Mapping[Any, str | None], *, order: Sequence[Hashable]
) -> Movement:
    """The movement between two days of anything that `order` ranks from best to worst (grades, A-B-C, levels turned round).

    `before` and `now` map customers to their grade. Customers without a grade on both days are in no list, nor counted.
    Changing the days over changes rose and fell, came and left over. Errors: `BadFigure` for a grade `order` lacks.

    `before`, `now` customer -> grade. Formula: rose where the place in `order` is less than before, fell where it is more.
    Source: CL03 of the requirements.
    """
    rank = {name: place for place, name in enumerate(order)}
    for when, grades in (("before", before), ("now", now)):
        strange = {str(name) for name in grades.values() if name is not None and name not in rank}
        if strange:
            raise BadFigure(f"{min(strange)!r} is not in the order {tuple(rank)}", name=when)
    lists: dict[str, list[Any]] = {name: [] for name in ("rose", "fell", "stayed", "came", "left")}
    for customer in {*before, *now}:
        then, today = before.get(customer), now.get(customer)
        if then is None and today is None:
            continue
        lists[_way(then, today, rank)].append(customer)
    counts = {pair: count for pair, count in movement(before, now).items() if pair != (None, None)}
    return Movement(counts, **{name: tuple(sorted(found, key=str)) for name, found in lists.items()})


def _way(then: str | None, today: str | None, rank: Mapping[Any, int]) -> str:
    if then is None:
        return "came"
    if today is None:
        return "left"
    if rank[then] == rank[today]:
        return "stayed"
    return "rose" if rank[today] < rank[then] else "fell"
