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
    told = [_values(row, pk, now) for pk, row in zip(ids, rows, strict=True)]
    insert_rows(Fact, COLUMNS, told)
    return [_fact(values) for values in told]


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


def _values(row: NewFact, pk: int, now: datetime) -> tuple[Any, ...]:
    """In the order of COLUMNS."""
    return (
        pk,
        row.customer_id,
        row.kind.value,
        version_of(row.kind),
        row.at,
        now,
        row.actor_id,
        row.subject_type,
        row.subject_id,
        row.amount_minor,
        row.cost_minor,
        row.currency,
        dict(row.data or {}),
        row.key,
        row.batch_id,
    )


def _fact(values: tuple[Any, ...]) -> Fact:
    fact = Fact(
        *values
    )  # by place: by name Django takes three times as long, and an import makes hundreds of thousands
    fact._state.adding = False  # written by insert_rows, which Django does not see
    return fact
