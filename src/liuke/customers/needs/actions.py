"""A customer's needs: noted, raised from need to want to demand, ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from liuke.customers.needs.models import Need, NeedStep
from liuke.customers.needs.rules import ENDINGS, LEVELS, MONEY, NOT_PAID_FOR, STRENGTHS, stands
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit, clean, gettext_noop
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit

if TYPE_CHECKING:
    from liuke.platform.models import User

CHOICES: Mapping[str, Mapping[str, Any]] = {"level": LEVELS, "money": MONEY, "strength": STRENGTHS}
KEPT = ("what", "level", "money", "strength", "product", "source", "noted_on")


@transaction.atomic
def add_need(customer: Customer, *, by: User | None, now: datetime, **told: Any) -> Need:
    """`told`: what, level, money, strength, product, source, noted_on."""
    held = _held(customer.pk, by)
    made = Need.objects.create(customer=held, **_fields(told, now))
    _step(made, made.level, by=by, now=now)
    audit.record("needs.add", by=by, now=now, subject=held, changes={made.level: [None, made.what]})
    return made


@transaction.atomic
def edit_need(need: Need, *, by: User | None, now: datetime, **told: Any) -> Need:
    held = _open(need, by)
    before = {name: getattr(held, name) for name in KEPT}
    kept = _fields(told, now)
    if before != kept:
        for name, value in kept.items():
            setattr(held, name, value)
        held.save(update_fields=list(kept))
        if before["level"] != held.level:
            _step(held, held.level, by=by, now=now)
        shown = audit.changes_between(_told(before), _told(kept))
        audit.record("needs.edit", by=by, now=now, subject=held.customer, changes=shown)
    return held


@transaction.atomic
def promote(need: Need, *, by: User | None, now: datetime) -> Need:
    """To the level that its own money and strength offer."""
    held = _open(need, by)
    if not (following := held.offered):
        raise Unfit("level", NOT_PAID_FOR)
    before, held.level = held.level, following
    held.save(update_fields=["level"])
    _step(held, following, by=by, now=now)
    changes = {"level": [before, following]}
    audit.record("needs.promote", by=by, now=now, subject=held.customer, changes=changes)
    return held


@transaction.atomic
def end_need(need: Need, how: str, *, reason: str = "", by: User | None, now: datetime) -> Need:
    """Met, or no longer there. It stays with the customer, and counts no more."""
    held = _open(need, by)
    if how not in ENDINGS:
        raise Unfit("how", gettext_noop("“%(value)s” is not among the choices."), value=how)
    held.ended_at = now
    held.save(update_fields=["ended_at"])
    words = clean("reason", reason)
    _step(held, how, reason=words, by=by, now=now)
    audit.record(
        "needs.end",
        by=by,
        now=now,
        subject=held.customer,
        changes={how: [held.what, None]},
        reason=words,
    )
    return held


def by_level(user: User) -> list[tuple[str, Any, int, int]]:
    """(level, its name, needs, customers with one) of what `user` may see and has not ended, from need to demand."""
    counted = (
        Need.objects.for_user(user)
        .open()
        .order_by()
        .values_list("level")
        .annotate(Count("pk"), Count("customer", distinct=True))
    )
    found = {level: (needs, customers) for level, needs, customers in counted}
    return [(level, name, *found.get(level, (0, 0))) for level, name in LEVELS.items()]


def _step(need: Need, what: str, *, reason: str = "", by: User | None, now: datetime) -> None:
    NeedStep.objects.create(need=need, what=what, reason=reason, at=now, by=by)


def _fields(told: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    kept: dict[str, Any] = {"what": clean("what", told["what"], limit=200, required=True)}
    for name, table in CHOICES.items():
        kept[name] = told.get(name) or ("need" if name == "level" else "")
        if kept[name] not in table:
            raise Unfit(name, gettext_noop("“%(value)s” is not among the choices."), value=kept[name])
    if not stands(kept["level"], money=kept["money"], strength=kept["strength"]):
        raise Unfit("level", NOT_PAID_FOR)
    today = timezone.localdate(now)
    noted_on: date = told.get("noted_on") or today
    if noted_on > today:
        raise Unfit("noted_on", gettext_noop("This day is still to come."))
    source = clean("source", told.get("source", ""))
    return kept | {"product": told.get("product"), "source": source, "noted_on": noted_on}


def _told(kept: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if name == "product" and value else value for name, value in kept.items()}


def _held(pk: int, by: User | None) -> Customer:
    permit(by, Right.EDIT_CUSTOMERS)
    reach = Customer.objects.writable_by(by) if by else Customer.objects.all()
    return reach.select_for_update(of=("self",)).get(pk=pk)


def _open(need: Need, by: User | None) -> Need:
    """The row as it is now, ours until the commit; of a customer whom `by` may write."""
    held = _held(need.customer_id, by)
    rows = Need.objects.open().select_for_update(of=("self",)).select_related("customer", "product")
    return rows.get(pk=need.pk, customer=held)
