"""What a repeated file changes, and which order a return takes back."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

NO_PARTS: Final[Mapping[str, frozenset[bytes]]] = MappingProxyType({})
TRIED_ORDERS: Final = (
    200  # how many earlier orders are looked through; who has more with one product is a till
)


class Outcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    COMPLETED = "completed"  # rows that had stayed out come after the others of their order
    UNCHANGED = "unchanged"
    UNCLEAR = "unclear"  # several customers bear the name that the order gives
    OUT_OF_REACH = "out_of_reach"  # the customer or the order belongs to people outside the importer's scope


def outcome(
    number: str,
    digest: bytes,
    known: Mapping[str, bytes | None],
    parts: Mapping[str, frozenset[bytes]] = NO_PARTS,
) -> Outcome:
    """`parts` are the digests of what came in of an order that a file could bring in part only."""
    if number not in known:
        return Outcome.NEW
    if known[number] == digest or digest in parts.get(number, ()):
        return Outcome.UNCHANGED
    return Outcome.COMPLETED if number in parts else Outcome.CHANGED


Line: TypeAlias = tuple[str | None, int, int, int | None]  # product, quantity, amount, cost


def holds_all(lines: Sequence[Line], others: Sequence[Line]) -> bool:
    """Whether each of the other lines is among the lines, as often as it occurs."""
    return not Counter(others) - Counter(lines)


@dataclass(frozen=True, slots=True)
class Sale:
    """One product on one order that could be taken back, in the order of time."""

    customer: str
    product: str
    at: int  # microseconds since 1970
    order: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Reversal:
    """An entry that takes something back, with what and how much of each product."""

    order: str
    customer: str
    at: int
    quantities: dict[str, int]


@dataclass(slots=True)
class _Shelf:
    """What a customer bought of one product and still has, oldest first."""

    times: list[int]
    orders: list[str]
    left: list[int]

    def can_give(self, at: int, quantity: int) -> dict[str, int]:
        """Orders up to `at` that still hold `quantity`, with their position; the most recent `TRIED_ORDERS` only."""
        last = bisect_right(self.times, at)
        return {
            self.orders[i]: i for i in range(max(0, last - TRIED_ORDERS), last) if self.left[i] >= quantity
        }


def match_reversals(sales: Iterable[Sale], reversals: Sequence[Reversal]) -> dict[str, str]:
    """For each entry that takes something back the order that it takes back, where there is one.

    The most recent order of the same customer, not later than the entry, that holds every product of it in sufficient
    quantity; what one entry has taken back is no longer there for the next.
    """
    shelves: dict[tuple[str, str], _Shelf] = {}
    for sale in sorted(sales, key=lambda s: (s.at, s.order)):
        shelf = shelves.setdefault((sale.customer, sale.product), _Shelf([], [], []))
        if shelf.orders and shelf.orders[-1] == sale.order:
            shelf.left[-1] += sale.quantity
        else:
            shelf.times.append(sale.at)
            shelf.orders.append(sale.order)
            shelf.left.append(sale.quantity)
    found: dict[str, str] = {}
    for reversal in sorted(reversals, key=lambda r: (r.at, r.order)):
        wanted = [
            (shelves.get((reversal.customer, product)), quantity)
            for product, quantity in reversal.quantities.items()
        ]
        target = _latest_holding_all(wanted, reversal.at)
        if target is not None:
            found[reversal.order] = target
            for held, quantity in wanted:
                if held is not None:
                    held.left[held.can_give(reversal.at, quantity)[target]] -= quantity
    return found


def _latest_holding_all(wanted: Sequence[tuple[_Shelf | None, int]], at: int) -> str | None:
    rankings: list[dict[str, int]] = []
    for shelf, quantity in wanted:
        rankings.append(shelf.can_give(at, quantity) if shelf is not None else {})
    if not rankings or not all(rankings):
        return None
    common = [order for order in rankings[0] if all(order in other for other in rankings[1:])]
    return max(common, key=lambda order: rankings[0][order]) if common else None
