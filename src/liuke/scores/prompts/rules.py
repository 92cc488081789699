"""Which judgements become something to do, and how many a day one person can take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

CARED_FOR = (
    "platinum",
    "gold",
    "iron",
)  # grades whose contact gap is alarmed; lead customers are reached by campaigns

ALARMED = ("platinum", "gold")  # grades whose loss the owner is told of at once (CL03)


@dataclass(frozen=True)
class Candidate:
    """A customer that might be asked about, with the money it is about."""

    customer_id: int
    owner_id: int | None
    kind: str  # risk, rhythm, gap
    weight_minor: int
    reasons: Sequence[object] = ()
    rest_days: int | None = (
        None  # done, it comes again after so many days: whom the grade says to contact in two weeks, sooner
    )

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.customer_id}"


def heaviest(candidates: Iterable[Candidate]) -> list[Candidate]:
    """One for each customer, the one about the most money, in that order: nobody is called twice a day."""
    best: dict[int, Candidate] = {}
    for candidate in candidates:
        there = best.get(candidate.customer_id)
        if there is None or _order(candidate) < _order(there):
            best[candidate.customer_id] = candidate
    return sorted(best.values(), key=_order)


def chosen(candidates: Iterable[Candidate], *, limit: int) -> list[Candidate]:
    """At most `limit` for each person, those about the most money."""
    taken: dict[int | None, int] = {}
    found = []
    for candidate in heaviest(candidates):
        if taken.get(candidate.owner_id, 0) < limit:
            taken[candidate.owner_id] = taken.get(candidate.owner_id, 0) + 1
            found.append(candidate)
    return found


_KINDS = {"risk": 0, "rhythm": 1, "gap": 2}


def _order(candidate: Candidate) -> tuple[int, int, int]:
    return (-candidate.weight_minor, _KINDS[candidate.kind], candidate.customer_id)


def fall(before: str, after: str, moved: str) -> list[dict[str, str]]:
    """The first reason to tell when a customer has left one of the highest grades."""
    return (
        [{"code": "fell", "before": before, "after": after}] if moved == "fell" and before in ALARMED else []
    )
