"""A complaint is somebody's to answer, within the hours that the customer's grade is owed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from liuke.customers.asking.actions import Matter, ask_many
from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind, reacts_to
from liuke.customers.followups.actions import expire
from liuke.customers.models import Customer
from liuke.scores.policy.actions import policies
from liuke.scores.policy.rules import Entitlement
from liuke.scores.runs.models import Score

UNGRADED = "lead"  # whoever has no grade yet is answered as fast as the least


@reacts_to(FactKind.WITHDRAWN)
def ask_no_more(facts: Sequence[Fact], *, now: datetime) -> None:
    slips = [fact.subject_id for fact in facts if fact.data["kind"] == FactKind.COMPLAINED]
    expire(keys=[key_of(complaint) for complaint in slips if complaint], reason="withdrawn", now=now)


@reacts_to(FactKind.COMPLAINED, FactKind.RESOLVED)
def ask_for_an_answer(facts: Sequence[Fact], *, now: datetime) -> None:
    answered = {fact.data["complaint_id"] for fact in facts if fact.kind == FactKind.RESOLVED}
    if answered:
        expire(keys=[key_of(complaint) for complaint in answered], reason="answered", now=now)
    waiting = [fact for fact in facts if fact.kind == FactKind.COMPLAINED and fact.pk not in answered]
    if not waiting:
        return
    # The night does not ask for an order again before the answer.
    expire(customers={fact.customer_id for fact in waiting}, kinds=["rhythm"], reason="complained", now=now)
    customers = Customer.objects.select_related("owner").in_bulk({fact.customer_id for fact in waiting})
    scores = {score.customer_id: score for score in Score.objects.current().filter(customer__in=customers)}
    owed = policies()
    ask_many(
        [_matter(fact, customers[fact.customer_id], scores.get(fact.customer_id), owed) for fact in waiting],
        now=now,
    )


def _matter(fact: Fact, customer: Customer, score: Score | None, owed: Mapping[str, Entitlement]) -> Matter:
    hours = owed[(score.grade if score else "") or UNGRADED].response_hours
    owner = customer.owner
    return Matter(
        customer=customer,
        kind="complaint",
        assignee=owner if owner and owner.is_active else fact.actor,
        due_at=fact.at + timedelta(hours=hours),
        title=str(fact.data["text"])[:200],
        weight_minor=score.expected_value_minor if score else 0,
        source="complaint",
        key=key_of(fact.pk),
    )


def key_of(complaint_id: int) -> str:
    return f"complaint:{complaint_id}"
