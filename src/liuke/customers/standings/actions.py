"""Deciding where a customer stands: the decision before ends, the new one begins, and the fact is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from liuke.customers.facts.actions import record_many
from liuke.customers.facts.rules import FactKind, NewFact
from liuke.customers.followups.actions import ask, expire, expire_rows
from liuke.customers.followups.models import FollowUp
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit, clean
from liuke.customers.standings.models import Standing
from liuke.customers.standings.rules import NOT_AMONG, SERIES
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit
from liuke.platform.bulk.rules import pieces

if TYPE_CHECKING:
    from liuke.platform.models import User

COLUMNS = ("level", "attitude")  # those that the customer list filters by stand on the record, too


@transaction.atomic
def decide(
    customer: Customer, what: str, value: str, *, reason: str = "", by: User | None, now: datetime
) -> Customer:
    """`value` "" takes the decision back. A hostile customer is asked for on Today (CL11)."""
    permit(by, Right.EDIT_CUSTOMERS)
    reach = Customer.objects.writable_by(by) if by else Customer.objects.all()
    held = reach.select_for_update().get(pk=customer.pk)
    needed = (what == "relation" and bool(value)) or (what, value) == ("decline", "other")
    reason = clean("reason", reason, required=needed)
    if changed := _decide([held], what, value, reason, by=by, now=now):
        before = changed[held.pk]
        changes = {what: [before or None, value or None]}
        audit.record("customers.standing", by=by, now=now, subject=held, changes=changes, reason=reason)
        if what == "attitude" and value == "hostile":
            _care(held, reason, by=by, now=now)
    if what == "decline" and value:  # also where it is still the same reason
        expire([decline_key(held.pk)], reason="explained", now=now)
    held.refresh_from_db()
    return held


@transaction.atomic
def decide_for(
    ids: Iterable[int], what: str, value: str, *, reason: str = "", by: User | None, now: datetime
) -> int:
    """The same for many at once, all within reach or none; how many now stand elsewhere than before."""
    permit(by, Right.EDIT_CUSTOMERS)
    wanted = sorted(set(ids))
    reach = Customer.objects.writable_by(by) if by else Customer.objects.all()
    held = [row for some in pieces(wanted) for row in reach.filter(pk__in=some).select_for_update()]
    if len(held) != len(wanted):
        raise Customer.DoesNotExist("not all of these customers are within reach")
    changed = _decide(held, what, value, clean("reason", reason), by=by, now=now)
    if changed:
        numbers = [row.number for row in held if row.pk in changed]
        audit.record(
            "customers.standing", by=by, now=now, changes={what: [None, value], "customers": [None, numbers]}
        )
    return len(changed)


def _decide(
    held: list[Customer], what: str, value: str, reason: str, *, by: User | None, now: datetime
) -> dict[int, str]:
    """Customer -> where he stood before, of those for whom this is something new."""
    if what not in SERIES or (value and value not in SERIES[what]):
        raise Unfit(what, NOT_AMONG, value=value)
    was: dict[int, str] = {}
    for some in pieces([row.pk for row in held]):
        rows = Standing.objects.current(what).filter(customer__in=some).select_for_update()
        was |= dict(rows.values_list("customer_id", "value"))
    moved = {row.pk: was.get(row.pk, "") for row in held if was.get(row.pk, "") != value}
    for some in pieces(sorted(moved)):
        Standing.objects.current(what).filter(customer__in=some).update(ended_at=now)
        if value:
            Standing.objects.bulk_create(
                Standing(customer_id=pk, what=what, value=value, reason=reason, at=now, by=by) for pk in some
            )
        if what in COLUMNS:
            Customer.objects.filter(pk__in=some).update(**{what: value})
    facts = [
        NewFact(
            FactKind.GRADED,
            pk,
            now,
            actor_id=by.pk if by else None,
            data={"measure": what, "before": before, "after": value} | ({"reason": reason} if reason else {}),
        )
        for pk, before in moved.items()
    ]
    record_many(facts, now=now)
    return moved


def decline_key(customer_id: int) -> str:
    """Of the matter to find out why a customer buys less."""
    return f"decline:{customer_id}"


def _care(customer: Customer, reason: str, *, by: User | None, now: datetime) -> None:
    ask(
        customer,
        kind="task",
        assignee=customer.owner,
        due_at=now,
        reasons=[{"code": "hostile"} | ({"reason": reason} if reason else {})],
        source="standings.attitude",
        key=f"attitude:{customer.pk}",
        by=None,  # Liuke proposes it; whoever noted the attitude need not be who may assign
        now=now,
    )


def forget_sales(whose: Mapping[str, int], *, now: datetime) -> int:
    """Lets go what these orders (number -> customer) set off (CL09), now that they were wholly taken back; how many."""
    rows = FollowUp.objects.open().filter(source__startswith="standings.", customer__in=set(whose.values()))
    gone = [
        pk
        for pk, customer, reasons in rows.values_list("pk", "customer_id", "reasons")
        if any(whose.get(reason.get("number")) == customer for reason in reasons)
    ]
    expire_rows(gone, reason="settled", now=now)
    return len(gone)
