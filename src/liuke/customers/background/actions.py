"""Background notes: written with consent, read by few, and every reading told to the audit (CT06)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from liuke.customers.background.models import Background
from liuke.customers.background.rules import FIELDS, LIMIT
from liuke.customers.records.models import Contact, Customer
from liuke.customers.records.rules import Unfit, clean, gettext_noop
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit

if TYPE_CHECKING:
    from liuke.platform.models import User


def may_see(customer: Customer, user: User) -> bool:
    """Whoever looks after the customer, and who has the right; that he reaches the customer is the caller's matter."""
    return user.is_active and (customer.owner_id == user.pk or user.may(Right.SEE_BACKGROUND))


@transaction.atomic
def read_background(
    customer: Customer, contact: Contact | None, *, by: User, now: datetime
) -> Background | None:
    """The notes, and a line in the audit that `by` has read them. Where there is nothing, there is nothing to tell."""
    held = Background.objects.for_user(by).filter(customer=customer, contact=contact).first()
    if held is not None:
        audit.record(
            "background.read",
            by=by,
            now=now,
            subject=customer,
            changes={"person": [None, str(contact or customer)]},
        )
    return held


@transaction.atomic
def write_background(
    customer: Customer,
    contact: Contact | None,
    notes: Mapping[str, str],
    *,
    consent: str,
    by: User,
    now: datetime,
) -> Background:
    """The audit keeps which notes changed, not what they say."""
    permit(by, Right.EDIT_CUSTOMERS)
    held = _held(customer, contact, by)
    kept = {name: clean("note", notes.get(name, ""), limit=LIMIT) for name in FIELDS}
    if not (consented := clean("consent", consent, limit=240)):
        raise Unfit(
            "consent", gettext_noop("Please note how the person agreed. Without consent nothing is kept.")
        )
    before = Background.objects.filter(customer=held, contact=contact).first()
    changed = [name for name in FIELDS if kept[name] != (getattr(before, name) if before else "")]
    now_kept, _made = Background.objects.update_or_create(
        customer=held,
        contact=contact,
        defaults={**kept, "consent": consented, "updated_by": by, "updated_at": now},
    )
    changes: dict[str, list[Any]] = {"person": [None, str(contact or held)], "notes": [None, changed]}
    audit.record("background.write", by=by, now=now, subject=held, changes=changes)
    return now_kept


@transaction.atomic
def erase_background(customer: Customer, contact: Contact | None, *, by: User, now: datetime) -> None:
    """The consent is withdrawn: all of it goes."""
    permit(by, Right.EDIT_CUSTOMERS)
    held = _held(customer, contact, by)
    Background.objects.get(customer=held, contact=contact).delete()
    audit.record(
        "background.erase", by=by, now=now, subject=held, changes={"person": [str(contact or held), None]}
    )


def _held(customer: Customer, contact: Contact | None, by: User) -> Customer:
    held = Customer.objects.writable_by(by).select_for_update().get(pk=customer.pk)
    if not may_see(held, by):
        raise Background.DoesNotExist("these notes are not for everybody")
    if contact and contact.customer_id != held.pk:
        raise Contact.DoesNotExist("a contact of another customer")
    return held
