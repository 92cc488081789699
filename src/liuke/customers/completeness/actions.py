"""Completeness and freshness of cards: worked out with every change, vouched for by people, returned by supervisors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Avg
from django.utils import timezone

from liuke.customers.completeness.models import Card
from liuke.customers.completeness.rules import COLUMNS, filled_by, missing, needed, percent
from liuke.customers.fields.actions import definitions
from liuke.customers.fields.models import FieldValue
from liuke.customers.followups.actions import ask, expire
from liuke.customers.records.models import Contact, ContactPoint, Customer
from liuke.customers.records.rules import Unfit, clean, gettext_noop
from liuke.customers.standings.models import Standing
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right, Scope
from liuke.platform.audit import actions as audit
from liuke.platform.bulk.actions import insert_rows
from liuke.platform.bulk.rules import pieces
from liuke.platform.preferences.actions import get

if TYPE_CHECKING:
    from liuke.platform.models import User

AT_ONCE = 500


# --- worked out -------------------------------------------------------------------------------------


def refresh(ids: Iterable[int]) -> None:
    """Works out how these cards stand: seven statements for every 500. When they were last checked stays."""
    asked = {kind: get(f"card.required_{kind}") for kind in ("enterprise", "individual")}
    own = [one for one in definitions() if one.required]
    wanted: dict[tuple[str, str], tuple[str, ...]] = {}
    for piece in pieces(sorted(set(ids)), AT_ONCE):
        held = _held(piece, own_ids=[one.pk for one in own])
        rows = []
        columns = ("pk", "kind", "scope", "created_at", "profile", "first_purchase_at", *COLUMNS)
        for pk, kind, scope, created_at, profile, bought_at, *texts in Customer.objects.filter(
            pk__among=piece
        ).values_list(*columns):
            if (kind, scope) not in wanted:
                wanted[kind, scope] = needed(asked[kind], own, kind=kind, scope=scope)
            filled = filled_by(dict(zip(COLUMNS, texts, strict=True)), profile, held.get(pk, ()))
            if bought_at:  # the night grades him by what he buys
                filled.add("grade")
            lacking = missing(wanted[kind, scope], filled)
            rows.append((pk, percent(len(wanted[kind, scope]), len(lacking)), lacking, created_at, ""))
        insert_rows(
            Card,
            ["customer_id", "percent", "missing", "verified_at", "return_note"],
            rows,
            on_conflict="ON CONFLICT (customer_id) DO UPDATE SET percent = excluded.percent, missing = excluded.missing",
        )


def _held(ids: Sequence[int], *, own_ids: Sequence[int]) -> dict[int, set[str]]:
    """customer -> kinds of his ways to be reached, "contact" where somebody is named, "grade", names of own fields filled."""
    found: dict[int, set[str]] = {}
    for pk, kind in (
        ContactPoint.objects.filter(customer__among=ids).order_by().values_list("customer_id", "kind")
    ):
        found.setdefault(pk, set()).add(kind)
    for pk in Contact.objects.filter(customer__among=ids).order_by().values_list("customer_id", flat=True):
        found.setdefault(pk, set()).add("contact")
    expected = Standing.objects.current("expected").filter(customer__among=ids).order_by()
    for pk in expected.values_list("customer_id", flat=True):
        found.setdefault(pk, set()).add("grade")
    if own_ids:
        values = FieldValue.objects.filter(customer__among=ids, field__in=own_ids).order_by()
        for pk, field in values.values_list("customer_id", "field_id"):
            found.setdefault(pk, set()).add(f"f{field}")
    return found


def refresh_all(progress: Callable[[int, int, str], None] | None = None) -> int:
    """Every card, in portions: what has to be on a card may have changed since."""
    total, done, last = Customer.objects.count(), 0, 0
    while ids := list(
        Customer.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]
    ):
        with transaction.atomic():
            refresh(ids)
        done, last = done + len(ids), ids[-1]
        if progress:
            progress(done, total, "")
    return done


def mean_percent(user: User) -> float | None:
    """Of the cards that `user` may read; None without any."""
    rows = Card.objects.all()
    if Scope(user.role.read_scope) != Scope.ALL or not user.is_active:
        rows = rows.filter(Customer.objects.reach_of_sums(user, path="customer__"))
    mean: float | None = rows.aggregate(mean=Avg("percent"))["mean"]
    return mean


# --- vouched for ------------------------------------------------------------------------------------


@transaction.atomic
def verify(customer: Customer, *, by: User, now: datetime) -> None:
    """Somebody has looked at the card and says that it is right."""
    permit(by, Right.EDIT_CUSTOMERS)
    card = _card(customer, by)
    before, card.verified_at, card.verified_by = card.verified_at, now, by
    card.save(update_fields=["verified_at", "verified_by"])
    audit.record(
        "customers.verify", by=by, now=now, subject=card.customer, changes={"verified_at": [before, now]}
    )


def _card(customer: Customer, by: User | None) -> Card:
    reach = Customer.objects.writable_by(by) if by else Customer.objects.all()
    held = reach.select_for_update().get(pk=customer.pk)
    card = Card.objects.filter(customer=held).first()
    if card is None:
        refresh([held.pk])
        card = Card.objects.get(customer=held)
    card.customer = held
    return card


# --- returned by a supervisor (DB10) ------------------------------------------------------------------


@transaction.atomic
def return_card(customer: Customer, *, note: str, by: User | None, now: datetime) -> None:
    """ "Please complete": whoever looks after the customer gets it on his list; the card says so until it is accepted."""
    permit(by, Right.SEE_TEAM)
    card = _card(customer, by)
    owner = card.customer.owner
    if owner is None:
        raise Unfit(
            "note", gettext_noop("Nobody looks after this customer; give the customer to somebody first.")
        )
    note = clean("reason", note, required=True)
    card.returned_at, card.returned_by, card.return_note = now, by, note
    card.save(update_fields=["returned_at", "returned_by", "return_note"])
    ask(
        card.customer,
        kind="task",
        assignee=owner,
        due_at=timezone.localtime(now).replace(hour=23, minute=59),  # on today's list
        title=note,
        source="customers.card",
        key=f"card:{customer.pk}",
        by=by,
        now=now,
    )
    audit.record("customers.return", by=by, now=now, subject=card.customer, reason=note)


@transaction.atomic
def accept_card(customer: Customer, *, by: User, now: datetime) -> None:
    """The supervisor finds it in order."""
    permit(by, Right.SEE_TEAM)
    card = _card(customer, by)
    if card.returned_at is None:
        return
    card.returned_at, card.returned_by, card.return_note = None, None, ""
    card.save(update_fields=["returned_at", "returned_by", "return_note"])
    expire([f"card:{customer.pk}"], reason="accepted", now=now)
    audit.record("customers.accept", by=by, now=now, subject=card.customer)
