"""Relations between customers, told once and shown on both cards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from liuke.customers.records.models import Contact, Customer
from liuke.customers.records.rules import Unfit, clean, gettext_noop
from liuke.customers.relations.models import Relation
from liuke.customers.relations.rules import KINDS, kept, seen_from
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit

if TYPE_CHECKING:
    from liuke.platform.models import User


@transaction.atomic
def relate(
    customer: Customer,
    *,
    to: Customer,
    kind: str,
    contact: Contact | None = None,
    their_contact: Contact | None = None,
    note: str = "",
    by: User | None,
    now: datetime,
) -> Relation:
    """`to` is `kind` to `customer`. Who says so may write the one and read the other; told again, it is the same row."""
    permit(by, Right.EDIT_CUSTOMERS)
    if kind not in KINDS:
        raise Unfit("kind", gettext_noop("“%(value)s” is not among the choices."), value=kind)
    held = (
        (Customer.objects.writable_by(by) if by else Customer.objects).select_for_update().get(pk=customer.pk)
    )
    other = (Customer.objects.for_user(by) if by else Customer.objects).get(pk=to.pk)
    if held == other:
        raise Unfit(
            "whom", gettext_noop("Please choose another customer: this one is on whose card you are.")
        )
    for one, owner in ((contact, held), (their_contact, other)):
        if one and one.customer_id != owner.pk:
            raise Contact.DoesNotExist("a contact of another customer")
    whose, who, name = kept(held.pk, other.pk, kind)
    persons = (contact, their_contact) if whose == held.pk else (their_contact, contact)
    relation, made = Relation.objects.get_or_create(
        whose_id=whose,
        who_id=who,
        kind=name,
        defaults={
            "whose_contact": persons[0],
            "who_contact": persons[1],
            "note": clean("relation_note", note, limit=240),
            "created_by": by,
            "created_at": now,
        },
    )
    if made:
        audit.record("relations.add", by=by, now=now, subject=held, changes={kind: [None, other.number]})
    return relation


@transaction.atomic
def unrelate(relation: Relation, *, by: User | None, now: datetime) -> None:
    """By whoever may write one of the two and read both."""
    permit(by, Right.EDIT_CUSTOMERS)
    held = (
        (Relation.objects.for_user(by) if by else Relation.objects)
        .select_related("whose", "who")
        .get(pk=relation.pk)
    )
    if by and not Customer.objects.writable_by(by).filter(pk__in=[held.whose_id, held.who_id]).exists():
        raise Relation.DoesNotExist("neither of the two is within reach")
    held.delete()
    audit.record(
        "relations.remove", by=by, now=now, subject=held.whose, changes={held.kind: [held.who.number, None]}
    )


@dataclass(frozen=True)
class Kin:
    """A relation as the card of one of the two shows it."""

    relation: Relation
    customer: Customer  # the other one
    kind: str
    own_contact: Contact | None
    contact: Contact | None


def kin_of(customer: Customer, *, user: User) -> list[Kin]:
    rows = Relation.objects.for_user(user).of(customer)
    rows = rows.select_related("whose", "who", "whose_contact", "who_contact")
    found = []
    for row in rows:
        first = row.whose_id == customer.pk
        other, own, theirs = (
            (row.who, row.whose_contact, row.who_contact)
            if first
            else (row.whose, row.who_contact, row.whose_contact)
        )
        found.append(Kin(row, other, seen_from(customer.pk, row.whose_id, row.kind), own, theirs))
    return found
