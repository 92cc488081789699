"""How the list of the day is told: which tabs, which words, what the first few are worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from liuke.customers.followups.rules import TIMED

FIRST = 5
SHOWN = ("overdue", "done")  # instead of what is to be done
KINDS = ("complaint", "promise", "risk", "task", "rhythm", "gap")


@dataclass(frozen=True)
class Count:
    """Open items of one person and kind."""

    assignee_id: int | None
    kind: str
    items: int
    overdue: int
    name: str = ""  # of the assignee


def page_start(asked: str, total: int, longest: int) -> int:
    """Where a page of the list begins; past the end, as the list gets shorter by what is done, the last page."""
    start = int(asked) if asked.isdecimal() and asked.isascii() and len(asked) < 9 else 0
    last = max(0, (total - 1) // longest * longest)
    return min(start // longest * longest, last)


def overdue_of(counts: Sequence[Count]) -> list[Count]:
    """The same, of what is overdue alone."""
    return [replace(count, items=count.overdue) for count in counts if count.overdue]


def by_kind(counts: Sequence[Count]) -> dict[str, int]:
    return {kind: total for kind in KINDS if (total := sum(c.items for c in counts if c.kind == kind))}


@dataclass
class Share:
    """What of the list is one person's; nobody's where there is no id."""

    pk: int | None
    name: str
    items: int = 0


def by_person(counts: Sequence[Count]) -> list[Share]:
    """Whoever has most comes first."""
    found: dict[int | None, Share] = {}
    for count in counts:
        found.setdefault(count.assignee_id, Share(count.assignee_id, count.name)).items += count.items
    return sorted(found.values(), key=lambda share: -share.items)


@dataclass
class Item:
    """A row of the list, with what is told of it in the reader's language."""

    followup: Any
    score: Any = None
    sentences: Sequence[str] = ()
    advice: str = ""
    overdue: bool = False
    complaint: bool = False
    complaint_id: int | None = None  # whose answer it asks for
    worth: bool = False  # whether its money is any at all once rounded
    tags: Mapping[str, str] = field(default_factory=dict)


def tone(kind: str, *, overdue: bool) -> str:
    """The colour of the tag, always beside its word."""
    if kind in {"risk", "complaint"} or overdue:
        return "danger"
    return {"promise": "warn", "rhythm": "ok"}.get(kind, "plain")


def is_overdue(due_at: datetime, now: datetime, *, kind: str) -> bool:
    """Promises and follow-ups have a time; what a judgement suggests is merely there from a day on."""
    return kind in TIMED and due_at < now


def handover_of(key: str | None) -> int | None:
    """The handover that a follow-up introduces a successor by, by its key."""
    name, _colon, rest = (key or "").partition(":")
    pk = rest.partition(":")[0]
    return int(pk) if name == "handover" and pk.isdecimal() else None


def complaint_of(key: str | None) -> int | None:
    """The complaint that a follow-up asks an answer to, by its key."""
    name, _colon, pk = (key or "").partition(":")
    return int(pk) if name == "complaint" and pk.isdecimal() else None
