"""Who was lost, by segment, by seller, to whom (CH08)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from liuke.insight.errors import BadFigure
from liuke.insight.figures import figures
from liuke.insight.intervals import Rate, rate_of


@dataclass(frozen=True)
class GroupLoss:
    """One group: `customers` at the start, `churn` the share of them that was lost with its interval, `value` lost in money."""

    group: Any
    customers: int
    lost: int
    churn: Rate
    value: float


@dataclass(frozen=True)
class Losses:
    """Losses by group, the greatest churn first; their sums are those of all customers.

    `groups` a `GroupLoss` for each, `lost` how many of the `customers`, `value` lost in money.
    """

    groups: tuple[GroupLoss, ...]
    customers: int
    lost: int
    value: float

    @property
    def churn(self) -> float:
        """Share lost of all, 0 without customers."""
        return self.lost / self.customers if self.customers else 0.0


def losses(
    groups: Sequence[Hashable | None],
    lost: Sequence[bool],
    *,
    values: Sequence[float] | None = None,
    level: float = 0.9,
) -> Losses:
    """Customers at the start of a period and how many of them were lost in it, by any group (CH08).

    One entry per customer: `groups` his segment, seller, the competitor he went to, or a tuple of these; None is a group
    of its own (a customer without a seller is lost too, or the report wouldn't sum). `lost` whether he was lost,
    `values` what he was worth, in money.

    Errors: `BadFigure` naming column and row.
    Formula: churn = lost / customers of the group, with Wilson's interval (`intervals.rate_of`).
    """
    if len(lost) != len(groups):
        raise BadFigure(f"{len(lost)} entries for {len(groups)} customers", name="lost")
    for row, gone in enumerate(lost):
        if gone not in (True, False):
            raise BadFigure(f"{gone!r} is not true or false", name="lost", row=row)
    worth = figures([0.0] * len(groups) if values is None else values, "values")
    if len(worth) != len(groups):
        raise BadFigure(f"{len(worth)} figures for {len(groups)} customers", name="values")
    members: dict[Any, list[int]] = {}
    for row, group in enumerate(groups):
        members.setdefault(group, []).append(row)
    found = [_group(group, rows, lost, worth, level) for group, rows in members.items()]
    # groups of one churn stand by name, so that the order of customers is of no account
    found.sort(key=lambda each: (-each.churn.share, -each.lost, str(each.group)))
    return Losses(
        groups=tuple(found),
        customers=len(groups),
        lost=sum(each.lost for each in found),
        value=sum(each.value for each in found),
    )


def _group(group: Any, rows: list[int], lost: Sequence[bool], worth: Any, level: float) -> GroupLoss:
    gone = [row for row in rows if lost[row]]
    rate = rate_of(len(gone), len(rows), level=level)
    return GroupLoss(group, len(rows), len(gone), rate, float(sum(sorted(worth[row] for row in gone))))
