"""Colleagues who are named on the timeline: whoever may read the customer is told, nobody else."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.db.models.functions import Length

from liuke.customers.facts.models import Fact
from liuke.customers.mentions.models import Mention
from liuke.customers.mentions.rules import SIGNS, Person, mentions
from liuke.customers.records.models import Customer
from liuke.platform.access.rules import Right, Scope
from liuke.platform.models import User

if TYPE_CHECKING:
    from collections.abc import Sequence

SUGGESTED = 8


def named(text: str) -> list[tuple[User, str]]:
    """The colleagues at work whom `text` names, whatever they may read; each with how it is written there."""
    if not any(sign in text for sign in SIGNS):
        return []
    people = [Person(*row) for row in User.objects.active().values_list("pk", "name", "username")]
    told = {one.person.pk: text[one.start : one.end] for one in mentions(text, people)}
    found = User.objects.select_related("role", "team").in_bulk(told)
    return [(found[pk], written) for pk, written in told.items() if pk in found]


def may_be_told(user: User, customer: Customer) -> bool:
    return user.may(Right.VIEW_CUSTOMERS) and Customer.objects.for_user(user).filter(pk=customer.pk).exists()


def told_in(text: str, customer: Customer, *, by: User | None) -> dict[str, Any]:
    """What the entry says of those whom its text names: who may read it, and is not its author."""
    if by is None:
        return {}
    told = [
        {"id": user.pk, "name": user.name, "as": written}
        for user, written in named(text)
        if user.pk != by.pk and may_be_told(user, customer)
    ]
    return {"mentions": told} if told else {}


def out_of_reach(text: str, customer: Customer, *, by: User) -> list[User]:
    """Those whom `text` names in vain: they don't see this customer."""
    return [user for user, _as in named(text) if user.pk != by.pk and not may_be_told(user, customer)]


def tell(fact: Fact, *, now: datetime) -> None:
    """Once for each whom the entry names; in the transaction that writes it."""
    ids = [one["id"] for one in fact.data.get("mentions", ())]
    rows = [Mention(fact=fact, whom_id=pk, at=now) for pk in ids]
    Mention.objects.bulk_create(rows, ignore_conflicts=True)  # sent twice, it was told the first time


def tell_no_more(fact: Fact) -> None:
    """The entry is taken back: whoever has not read that he is named hears nothing."""
    Mention.objects.filter(fact=fact, seen_at=None).delete()


def suggested(customer: Customer, words: str, *, by: User) -> Sequence[User]:
    """Colleagues who read this customer by their role, team or as the owner, whose name or user name begins with `words`."""
    reads = Q(role__read_scope=Scope.ALL) | Q(pk=customer.owner_id)
    if customer.team:
        above = [customer.team.path[: place + 1] for place in _ends(customer.team.path)]
        reads |= Q(role__read_scope=Scope.TEAM, team__path__in=above)
    begins = Q(name__istartswith=words) | Q(username__istartswith=words) | Q(name__icontains=f" {words}")
    rows = User.objects.active().filter(reads).exclude(pk=by.pk).select_related("role", "team")
    rows = rows.filter(begins) if words else rows
    return [
        user
        for user in rows.order_by(Length("name"), "name", "pk")[:SUGGESTED]
        if user.may(Right.VIEW_CUSTOMERS)
    ]


def _ends(path: str) -> list[int]:
    """Where the steps of a team's path end."""
    return [place for place, letter in enumerate(path) if letter == "/" and place]


def mark_read(user: User, *, mention: int | None = None, upto: int | None = None, now: datetime) -> int:
    """`user` has read one mention, or all of his up to one: a later one stays new."""
    rows = Mention.objects.filter(whom=user, seen_at=None).order_by()
    rows = rows.filter(pk=mention) if mention is not None else rows.filter(pk__lte=upto or 0)
    return rows.update(seen_at=now)
