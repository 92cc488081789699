"""Agreeing on credit: the agreement before ends, the new one begins."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from liuke.customers.credit.models import Credit
from liuke.customers.credit.rules import LARGEST_MINOR, LONGEST_DAYS
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit, clean, gettext_noop
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit
from liuke.platform.preferences.actions import get

if TYPE_CHECKING:
    from liuke.platform.models import User


@transaction.atomic
def agree(
    customer: Customer, *, limit_minor: int, days: int, note: str = "", by: User | None, now: datetime
) -> Credit:
    """Whoever sells does not set what may be owed: it takes the right to see the team's work."""
    permit(by, Right.EDIT_CUSTOMERS)
    permit(by, Right.SEE_TEAM)
    reach = Customer.objects.writable_by(by) if by else Customer.objects.all()
    held = reach.select_for_update(of=("self",)).get(pk=customer.pk)
    if not 0 <= limit_minor <= LARGEST_MINOR:
        raise Unfit("limit", gettext_noop("A credit limit is not below zero."))
    if not 0 <= days <= LONGEST_DAYS:
        raise Unfit("days", gettext_noop("Please give 0 to %(limit)s days."), limit=LONGEST_DAYS)
    words, currency = clean("reason", note), get("company.currency")
    was = Credit.objects.current().filter(customer=held).first()
    if was and (was.limit_minor, was.currency, was.days, was.note) == (limit_minor, currency, days, words):
        return was
    if was:
        was.ended_at = now
        was.save(update_fields=["ended_at"])
    made = Credit.objects.create(
        customer=held, limit_minor=limit_minor, currency=currency, days=days, note=words, at=now, by=by
    )
    changes = {
        "limit_minor": [was.limit_minor if was else None, limit_minor],
        "days": [was.days if was else None, days],
    }
    audit.record("credit.agree", by=by, now=now, subject=held, changes=changes, reason=words)
    return made
