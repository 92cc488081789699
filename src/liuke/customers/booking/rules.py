"""How much goes into one transaction, and what the ledger is told of an entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from liuke.customers.facts.rules import FactKind, NewFact

FEWEST_LINES: Final = 5_000  # each transaction writes most pages of the products' index, however small it is
MOST_LINES: Final = 25_000
LONGEST_SECONDS: Final = 0.2  # what somebody at the next desk may have to wait for the write lock
AIM_SECONDS: Final = 0.15

Integers = npt.NDArray[np.int64]


@dataclass(slots=True)
class Pace:
    """How many lines one transaction takes: as many as fit in the time that others can be made to wait."""

    lines: int = 10_000
    longest: float = field(default=0.0)

    def took(self, lines: int, seconds: float) -> None:
        self.longest = max(self.longest, seconds)
        if seconds <= 0 or lines < self.lines // 2:
            return  # a small rest says nothing about speed
        fitting = int(self.lines * AIM_SECONDS / seconds)
        self.lines = max(FEWEST_LINES, min(MOST_LINES, fitting, self.lines * 2))


def portion(line_counts: Integers, first: int, lines: int) -> int:
    """Where the portion that begins at order `first` ends: at least one order, then as many as hold `lines`."""
    room = np.cumsum(line_counts[first : first + lines])
    return first + max(1, int(np.searchsorted(room, lines, side="right")))


def fact_kind(purchase_kind: str) -> FactKind | None:
    """What the ledger is told of an entry. Postage alone, a fee or a correction is nothing that a customer did."""
    if purchase_kind == "order":
        return FactKind.PURCHASED
    return FactKind.REFUNDED if purchase_kind in {"refund", "cancellation"} else None


def purchase_fact(
    row: Mapping[str, Any],
    *,
    customer_id: int,
    purchase_id: int,
    actor_id: int | None,
    batch_id: int,
    reverses: str | None,
) -> NewFact | None:
    """The fact of one entry, or None where there is none to tell."""
    kind = fact_kind(row["kind"])
    if kind is None:
        return None
    data: dict[str, Any] = {"number": row["number"]}
    if kind is FactKind.PURCHASED:
        data |= {"lines": row["line_count"], "products": row["product_count"]}
        if row["channel"]:
            data["channel"] = row["channel"]
    else:
        data["kind"] = row["kind"]
        if reverses:
            data["reverses"] = reverses
    return NewFact(
        kind=kind,
        customer_id=customer_id,
        at=row["at"],
        actor_id=actor_id,
        subject_type="customers.Purchase",
        subject_id=purchase_id,
        amount_minor=row["amount"],
        currency=row["currency"],
        data=data,
        batch_id=batch_id,
    )


def correction_facts(before: NewFact | None, after: NewFact | None) -> Sequence[NewFact]:
    """What the ledger is told when an order that it knows reads otherwise in a later file.

    A fact is never changed: the old entry is taken back and the new one told, or nothing when both say the same.
    """
    if before is None or after is None:
        return [after] if after is not None else [] if before is None else [_taken_back(before)]
    same = (before.kind, before.customer_id, before.at, before.amount_minor, before.currency) == (
        after.kind, after.customer_id, after.at, after.amount_minor, after.currency,
    )  # fmt: skip
    return [] if same else [_taken_back(before), after]


def _taken_back(fact: NewFact) -> NewFact:
    data = fact.data or {}
    return NewFact(
        kind=FactKind.REFUNDED,
        customer_id=fact.customer_id,
        at=fact.at,
        actor_id=fact.actor_id,
        subject_type=fact.subject_type,
        subject_id=fact.subject_id,
        amount_minor=-(fact.amount_minor or 0),
        currency=fact.currency,
        data={"number": data["number"], "kind": "refund", "reverses": data["number"]},
        batch_id=fact.batch_id,
    )
