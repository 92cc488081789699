"""A record's three dates follow the ledger, whoever wrote it: a person, an import, a reaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import CONTACTS, NOT_REACHED, FactKind, reacts_to
from liuke.platform.bulk.actions import update_rows


@reacts_to(FactKind.PURCHASED)
def keep_purchase_dates(facts: Sequence[Fact], *, now: datetime) -> None:
    update_rows(
        "UPDATE customers_customer SET"
        " first_purchase_at = CASE WHEN first_purchase_at < %s THEN first_purchase_at ELSE %s END,"
        " last_purchase_at = CASE WHEN last_purchase_at > %s THEN last_purchase_at ELSE %s END"
        " WHERE id = %s",
        [(first, first, last, last, pk) for pk, (first, last) in _spans(facts).items()],
    )


@reacts_to(*CONTACTS)
def keep_contact_date(facts: Sequence[Fact], *, now: datetime) -> None:
    reached = (fact for fact in facts if fact.data["outcome"] not in NOT_REACHED)
    update_rows(
        "UPDATE customers_customer SET last_contact_at = %s"
        " WHERE id = %s AND (last_contact_at IS NULL OR last_contact_at < %s)",
        [(last, pk, last) for pk, (_, last) in _spans(reached).items()],
    )


@reacts_to(FactKind.WITHDRAWN)
def keep_contact_date_without(facts: Sequence[Fact], *, now: datetime) -> None:
    """A contact that was a slip: the one before it is the last again."""
    customers = sorted({fact.customer_id for fact in facts if fact.data["kind"] in CONTACTS})
    update_rows(
        "UPDATE customers_customer SET last_contact_at = %s WHERE id = %s",
        [(at, pk) for pk, at in Fact.objects.last_talks(customers).items()],
    )


def _spans(facts: Iterable[Fact]) -> dict[int, tuple[datetime, datetime]]:
    """customer -> first and last instant."""
    spans: dict[int, tuple[datetime, datetime]] = {}
    for fact in facts:
        first, last = spans.get(fact.customer_id, (fact.at, fact.at))
        spans[fact.customer_id] = (min(first, fact.at), max(last, fact.at))
    return dict(sorted(spans.items()))  # always in one order: two imports at once cannot lock each other out
