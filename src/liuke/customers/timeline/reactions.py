"""What happened with a customer is told to webhooks: that there is something to read, not what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind, reacts_to
from liuke.customers.timeline.rules import FILTERS
from liuke.platform.webhooks.actions import publish
from liuke.platform.webhooks.rules import payload_of

if TYPE_CHECKING:
    from liuke.platform.models import User

TOPICS: Mapping[str, str] = {kind.value: name for name, (_label, kinds) in FILTERS.items() for kind in kinds}


@reacts_to(*FactKind)
def announce(facts: Sequence[Fact], *, now: datetime) -> None:
    told: dict[str, list[tuple[str, int]]] = {}
    for fact in facts:
        if topic := TOPICS.get(fact.kind):
            told.setdefault(topic, []).append((f"fact.{fact.kind}", fact.pk))
    publish(told, subject="fact", now=now)


@payload_of("fact")
def payload(pk: int, user: User) -> Mapping[str, Any] | None:
    fact = Fact.objects.for_user(user).select_related("customer").filter(pk=pk).first()
    if fact is None:
        return None
    customer = fact.customer
    return {
        "fact_id": fact.pk,
        "kind": fact.kind,
        "at": fact.at,
        "customer_id": customer.pk,
        "customer_number": customer.number,
        "read": f"/api/v1/customers/{customer.pk}/timeline?kind={fact.kind}",
    }
