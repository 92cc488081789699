"""Visits to two records of one customer were visits to the one; a result that was a slip is waited for again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind, reacts_to
from liuke.customers.moving.actions import carry, moves
from liuke.customers.visits.actions import visit_of
from liuke.customers.visits.models import Visit

moves("customers.Visit.customer")(carry)


@reacts_to(FactKind.WITHDRAWN)
def wait_again(facts: Sequence[Fact], *, now: datetime) -> None:
    """The visit was made, what was written of it was wrong: it is to be written up as before."""
    slips = [fact.subject_id or 0 for fact in facts if fact.data["kind"] == FactKind.VISITED]
    keys = Fact.objects.filter(pk__in=slips).values_list("key", flat=True)
    visits = [pk for pk in map(visit_of, keys) if pk is not None]
    Visit.objects.filter(pk__in=visits).update(written_at=None, outcome="")
