from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Model

from liuke.platform.audit.models import AuditEntry
from liuke.platform.audit.rules import GENESIS, Changes, changes_between, plain, plain_address, seal

if TYPE_CHECKING:
    from liuke.platform.models import User

__all__ = ["Verdict", "changes_between", "record", "verify_chain"]

SEALED = (
    "at",
    "actor_id",
    "action",
    "subject_type",
    "subject_id",
    "subject_label",
    "changes",
    "reason",
    "address",
)
CHAIN_LOCK = 0x11_0E_AD_17  # any number, the same in every process


def record(
    action: str,
    *,
    by: User | None,
    now: datetime,
    subject: Model | None = None,
    changes: Changes | None = None,
    reason: str = "",
    address: str | None = None,
) -> AuditEntry:
    """Adds an entry to the chain. Call it last: on PostgreSQL the chain stays locked until the commit."""
    with transaction.atomic():
        _wait_for_the_chain()
        entry = AuditEntry(
            at=now,
            actor=by,
            action=action,
            subject_type=subject._meta.label_lower if subject else "",
            subject_id=subject.pk if subject else None,
            subject_label=str(subject)[:200] if subject else "",
            changes=plain(changes or {}),
            reason=reason[:300],
            address=plain_address(address),
            previous_hash=AuditEntry.objects.order_by("-id").values_list("hash", flat=True).first()
            or GENESIS,
        )
        entry.hash = seal(entry.previous_hash, {name: getattr(entry, name) for name in SEALED})
        entry.save(force_insert=True)
    return entry


def _wait_for_the_chain() -> None:
    """One writer at a time. SQLite's IMMEDIATE transactions are that already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])


@dataclass(frozen=True)
class Verdict:
    """`broken_at` is the id of the first entry that was altered, or that follows one that is missing."""

    entries: int
    head: str
    broken_at: int | None = None

    @property
    def intact(self) -> bool:
        return self.broken_at is None


def verify_chain(progress: Callable[[int], None] | None = None) -> Verdict:
    """Recomputes every hash, oldest first. What was cut off the end shows only against a noted `head`."""
    count, head = 0, GENESIS
    for row in _rows():
        if progress and count % 5000 == 0:
            progress(count)
        if row["previous_hash"] != head or row["hash"] != seal(head, {name: row[name] for name in SEALED}):
            return Verdict(entries=count, head=head, broken_at=row["id"])
        count, head = count + 1, row["hash"]
    return Verdict(entries=count, head=head)


def _rows() -> Iterator[dict[str, Any]]:
    fields = ("id", "previous_hash", "hash", *SEALED)
    yield from AuditEntry.objects.order_by("id").values(*fields).iterator(chunk_size=2000)
