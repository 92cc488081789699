"""Showing what a role does not see: veiled on every page, and in full once for a reason that is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import transaction

from liuke.customers.masking.rules import OF_FIELDS, hidden_from, is_hidden, veiled
from liuke.customers.records.models import ContactPoint, Customer
from liuke.customers.records.rules import Unfit, clean, gettext_noop
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit.actions import record
from liuke.platform.audit.models import AuditEntry
from liuke.platform.preferences.actions import get
from liuke.platform.users.models import User as Colleague

if TYPE_CHECKING:
    from liuke.platform.models import User

REVEALED = "customers.reveal"
REFUSED = "customers.reveal_refused"
A_DAY = timedelta(days=1)


class TooMany(Exception):
    """More than the company's settings allow in a day; the attempt is in the audit."""


def veil(customer: Customer, points: Iterable[ContactPoint], user: User, now: datetime) -> frozenset[str]:
    """Puts veils over what `user` does not see of these rows, which are for showing only; gives what was hidden."""
    hidden = hidden_from(user, customer.owner_id, now)
    if hidden:
        if "address" in hidden:
            customer.address = veiled("address", customer.address)
        for point in points:
            if is_hidden(point.kind, hidden):
                point.value, point.normal = veiled(point.kind, point.value), ""
    return hidden


@dataclass(frozen=True)
class Revealed:
    whose: str  # the person, or nobody: the customer's own
    kind: str
    value: str


def _reveal(customer: Customer, *, reason: str, by: User, now: datetime) -> list[Revealed]:
    """Who, when, of whom and why stays in the audit; what was read does not."""
    permit(by, Right.VIEW_CUSTOMERS)
    held = Customer.objects.for_user(by).get(pk=customer.pk)
    why = clean("reason", reason, required=True)
    if len(why) < 4:
        raise Unfit("reason", gettext_noop("Please say in a few words what you need it for."))
    hidden = hidden_from(by, held.owner_id, now)
    points = ContactPoint.objects.filter(customer=held).select_related("contact")
    found = [
        Revealed(one.contact.name if one.contact else "", one.kind, one.value)
        for one in points
        if is_hidden(one.kind, hidden)
    ]
    # by name: the company's own fields lie beside
    own = apps.get_model("customers", "FieldValue").objects.filter(
        customer=held, field__type__in=hidden & OF_FIELDS, field__archived_at=None
    )
    found += [Revealed(str(one.field), one.field.type, one.text or "") for one in own.select_related("field")]
    if held.address and "address" in hidden:
        found.append(Revealed("", "address", held.address))
    record(REVEALED, by=by, now=now, subject=held, changes={"hidden": [None, sorted(hidden)]}, reason=why)
    return found


def may_reveal(by: User, now: datetime) -> bool:
    """Whether `by` has not yet had as many as a day allows."""
    since = AuditEntry.objects.filter(actor=by, action=REVEALED, at__gt=now - A_DAY)
    return since.count() < int(get("masking.reveals_a_day"))


def reveal(customer: Customer, *, reason: str, by: User, now: datetime) -> list[Revealed]:
    """What was hidden of one customer, in full, so many times a day; one more is refused, and that it was tried is kept."""
    with transaction.atomic():
        # two at once wait for one another here, so that the last one is not had twice
        Colleague.objects.select_for_update(of=("self",)).get(pk=by.pk)
        if may_reveal(by, now):
            return _reveal(customer, reason=reason, by=by, now=now)
        record(REFUSED, by=by, now=now, subject=customer, reason=" ".join(reason.split())[:200])
    raise TooMany
