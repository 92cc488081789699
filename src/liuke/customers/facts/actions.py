"""Writing the ledger. Whether one may was decided by the action that tells the fact; nobody asks again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import Model

from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import REACTIONS, FactKind, NewFact, Reaction, check, version_of
from liuke.platform.bulk.actions import insert_rows, reserve_ids
from liuke.platform.bulk.rules import pieces

if TYPE_CHECKING:
    from liuke.customers.imports.models import ImportBatch
    from liuke.customers.records.models import Customer
    from liuke.platform.models import User

COLUMNS = [field.attname for field in Fact._meta.concrete_fields]


def record(
    kind: FactKind,
    *,
    customer: Customer,
    at: datetime,
    by: User | None,
    now: datetime,
    subject: Model | None = None,
    amount_minor: int | None = None,
    cost_minor: int | None = None,
    currency: str = "",
    data: Mapping[str, Any] | None = None,
    key: str | None = None,
    batch: ImportBatch | None = None,
) -> Fact:
    """One fact. The same `key` again gives the fact that is there, and no reaction runs a second time."""
    new = NewFact(
        kind=kind,
        customer_id=customer.pk,
        at=at,
        actor_id=by.pk if by else None,
        subject_type=subject._meta.label if subject else "",
        subject_id=subject.pk if subject else None,
        amount_minor=amount_minor,
        cost_minor=cost_minor,
        currency=currency,
        data=data,
        key=key,
        batch_id=batch.pk if batch else None,
    )
    written = record_many([new], now=now)
    return written[0] if written else Fact.objects.get(key=key)


@transaction.atomic
def record_many(rows: Sequence[NewFact], now: datetime) -> list[Fact]:
    """Writes in a few statements, tells the reactions, gives the new facts; a key told before is left out."""
    for row in rows:
        check(row)
    keys = [row.key for row in rows if row.key is not None]
    try:
        with transaction.atomic() if keys else nullcontext():
            facts = _write(_not_told(rows, keys), now)
    except IntegrityError:
        # Somebody told one of the keys between look and write (PostgreSQL; SQLite has one writer at a time).
        facts = _write(_not_told(rows, keys), now)
    react(facts, now=now)
    return facts


def react(facts: Sequence[Fact], *, now: datetime) -> None:
    """Each reaction once, with all the facts of its kinds."""
    wanted: dict[Reaction, list[Fact]] = {}
    for fact in facts:
        for reaction in REACTIONS.get(FactKind(fact.kind), ()):
            wanted.setdefault(reaction, []).append(fact)
    for reaction, batch in wanted.items():
        reaction(batch, now=now)


def _write(rows: Sequence[NewFact], now: datetime) -> list[Fact]:
    if not rows:
        return []
    ids = reserve_ids(Fact, len(rows))
    facts = [_fact(row, pk, now) for pk, row in zip(ids, rows, strict=True)]
    insert_rows(Fact, COLUMNS, ([getattr(fact, name) for name in COLUMNS] for fact in facts))
    return facts


def _not_told(rows: Sequence[NewFact], keys: Sequence[str]) -> Sequence[NewFact]:
    if not keys:
        return rows
    told: set[str | None] = set()
    for piece in pieces(keys):
        told.update(Fact.objects.filter(key__in=piece).values_list("key", flat=True))
    fresh = []
    for row in rows:
        if row.key is None or row.key not in told:
            fresh.append(row)
            told.add(row.key)
    return fresh


def _fact(row: NewFact, pk: int, now: datetime) -> Fact:
    fact = Fact(
        pk=pk,
        customer_id=row.customer_id,
        kind=row.kind.value,
        version=version_of(row.kind),
        at=row.at,
        recorded_at=now,
        actor_id=row.actor_id,
        subject_type=row.subject_type,
        subject_id=row.subject_id,
        amount_minor=row.amount_minor,
        cost_minor=row.cost_minor,
        currency=row.currency,
        data=dict(row.data or {}),
        key=row.key,
        batch_id=row.batch_id,
    )
    fact._state.adding = False  # written by insert_rows, which Django does not see
    return fact
