"""What may be taken back, by whom and for how long. No database."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from liuke.customers.facts.rules import CONTACTS, FactKind
from liuke.customers.followups.rules import TAKEN_BACK_WITHIN

if TYPE_CHECKING:
    from liuke.customers.facts.models import Fact

SLIPS = (*CONTACTS, FactKind.NOTED, FactKind.PROMISED, FactKind.COMPLAINED)


def is_a_slip(fact: Fact, *, by: int, now: datetime) -> bool:
    """Whether `by` may still take it back: his own words, as soon as any other step. What tells of something else (a plan,

    an import) goes with that; a complaint that came up in a contact goes with the contact.
    """
    if fact.kind not in SLIPS or fact.subject_id is not None or fact.batch_id is not None:
        return False
    if fact.kind == FactKind.COMPLAINED and "contact_id" in fact.data:
        return False
    return fact.actor_id == by and now - fact.recorded_at <= TAKEN_BACK_WITHIN
