"""A sale sets off what the customer's relation level asks for (CL09)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind, reacts_to
from liuke.customers.followups.actions import ask, before_done
from liuke.customers.followups.models import FollowUp
from liuke.customers.records.models import Customer
from liuke.customers.standings.models import Standing
from liuke.customers.standings.rules import NOT_EXPLAINED, RECENT_DAYS, plan_of
from liuke.platform.bulk.rules import pieces
from liuke.platform.preferences.actions import get


@before_done("standings.decline")
def explained(followup: FollowUp) -> str:
    """Whoever closes the matter of a fallen customer has said why he buys less (CL16)."""
    said = Standing.objects.current("decline").filter(customer=followup.customer_id)
    return "" if said.filter(at__gte=followup.created_at).exists() else NOT_EXPLAINED


@reacts_to(FactKind.PURCHASED)
def plan_after_a_sale(facts: Sequence[Fact], *, now: datetime) -> None:
    """One open matter for each step and customer: the next sale within the wait does not double it."""
    newest: dict[int, Fact] = {}
    for fact in facts:
        if fact.at >= now - timedelta(days=RECENT_DAYS):
            held = newest.get(fact.customer_id)
            newest[fact.customer_id] = fact if held is None or fact.at > held.at else held
    looked_after = Customer.objects.exclude(level="").exclude(level="basic")
    if not newest or not looked_after.exists():
        return
    for some in pieces(sorted(newest)):
        for customer in looked_after.filter(pk__in=some).select_related("owner"):
            _ask_for_steps(customer, newest[customer.pk], now)


def _ask_for_steps(customer: Customer, sale: Fact, now: datetime) -> None:
    for step in plan_of(customer.level):
        if days := get(step.setting):
            ask(
                customer,
                kind="task",
                assignee=customer.owner if customer.owner and customer.owner.is_active else None,
                due_at=sale.at + timedelta(days=days),
                reasons=[{"code": step.code, "number": sale.data["number"]}],
                source=f"standings.{step.level}",
                key=f"{step.code}:{customer.pk}",
                rest_days=1,
                by=None,
                now=now,
            )
