"""A customer's persons as vCards, and persons from vCards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from liuke.customers.masking.rules import hidden_from, is_hidden
from liuke.customers.records.actions import add_contact, add_point
from liuke.customers.records.models import Contact, ContactPoint, Customer
from liuke.customers.records.rules import NewContact, Unfit, normal_point
from liuke.customers.vcards.rules import Card, written
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit

if TYPE_CHECKING:
    from liuke.platform.models import User


@transaction.atomic
def vcards_of(customer: Customer, *, by: User, now: datetime) -> str:
    """Everybody at the customer, or he himself; background notes are none of it. Who took it is in the audit."""
    permit(by, Right.EXPORT_CUSTOMERS)
    held = Customer.objects.for_user(by).get(pk=customer.pk)
    hidden = hidden_from(by, held.owner_id, now)
    points = [one for one in ContactPoint.objects.filter(customer=held) if not is_hidden(one.kind, hidden)]
    people = list(Contact.objects.filter(customer=held).select_related("department"))
    firm = held.name if held.kind == "enterprise" else ""
    cards = [
        Card(
            one.name,
            firm,
            one.department.name if one.department else "",
            one.title,
            points=tuple((point.kind, point.value) for point in points if point.contact_id == one.pk),
        )
        for one in people
    ]
    own = tuple((point.kind, point.value) for point in points if point.contact_id is None)
    if own or not cards:
        address = f"{held.province}{held.city if held.city != held.province else ''}"
        address = f"{address} {held.address if 'address' not in hidden else ''}".strip()
        cards.insert(0, Card(held.name, firm, points=(*own, ("address", address)) if address else own))
    audit.record("customers.vcard", by=by, now=now, subject=held, changes={"cards": [None, len(cards)]})
    return written(cards)


@dataclass
class Taken:
    """What came of it: names of new persons, of those who got a number more, and what was left out of whom."""

    added: list[str] = field(default_factory=list)
    extended: list[str] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)


@transaction.atomic
def take_in(customer: Customer, cards: Sequence[Card], *, by: User, now: datetime) -> Taken:
    """Persons by their names: a new one comes with all that can be read, one who is there gets what he lacks."""
    permit(by, Right.EDIT_CUSTOMERS)
    held = Customer.objects.writable_by(by).select_for_update().get(pk=customer.pk)
    taken = Taken()
    for card in cards:
        person = held.contacts.filter(name=card.name).first()
        before = len(taken.left)
        points = _fit(held, card, taken)
        if person is None:
            new = NewContact(
                card.name[:80], card.title[:80], note=card.note[:240], department=card.department[:80]
            )
            person = add_contact(held, new, by=by, now=now)
            taken.added.append(person.name)
        elif points:
            taken.extended.append(person.name)
        for kind, value in points:
            add_point(held, kind=kind, value=value, contact=person, by=by, now=now)
        del taken.left[before + 20 :]  # a card full of nonsense is told in part
    return taken


def _fit(customer: Customer, card: Card, taken: Taken) -> list[tuple[str, str]]:
    """Those that can be read and are not noted yet."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    there = set(customer.points.values_list("kind", "normal"))
    for kind, value in card.points:
        try:
            normal = normal_point(kind, value, customer.country)
        except Unfit:
            taken.left.append((card.name, value))
            continue
        if (kind, normal) not in there:
            found[kind, normal] = (kind, value)
    return list(found.values())
