from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind, reacts_to
from liuke.customers.records.models import Customer
from liuke.customers.stages.actions import Step, move_all
from liuke.customers.stages.rules import AFTER_SILENCE, after_order
from liuke.platform.bulk.rules import pieces

MOVED_BY_ORDERS = ("lead", "prospect", "non_customer", "dormant", "lost", "won_back")


@reacts_to(FactKind.PURCHASED, FactKind.SERVICED)
def follow_orders(facts: Sequence[Fact], *, now: datetime) -> None:
    """The first order or service job makes a customer; one after silence wins him back, the next makes it last.

    An order of before the silence, brought in late, wins nobody back.
    """
    stages: dict[int, tuple[str, datetime | None]] = {}
    for piece in pieces(sorted({fact.customer_id for fact in facts})):
        held = Customer.objects.filter(pk__in=piece, stage__in=MOVED_BY_ORDERS).order_by("pk")
        for pk, stage, since in held.select_for_update().values_list("pk", "stage", "stage_since_at"):
            stages[pk] = (stage, since)
    steps: list[Step] = []
    for fact in sorted(facts, key=lambda fact: (fact.at, fact.pk)):
        stage, since = stages.get(fact.customer_id, ("", None))
        move = after_order(stage, service=fact.kind == FactKind.SERVICED)
        if move is None or (stage in AFTER_SILENCE and since and fact.at <= since):
            continue
        at = max(fact.at, since) if since else fact.at  # the steps of one life follow each other
        steps.append(Step(fact.customer_id, stage, move, at, {}, fact.batch_id))
        stages[fact.customer_id] = (move.stage, at)
    if steps:
        move_all(steps, by=None, now=now)
