"""What is done with a customer's record. It takes the right, and the customer within reach: else he does not exist."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet, Value

from liuke.customers.facts.actions import record, record_many
from liuke.customers.facts.rules import FactKind, NewFact
from liuke.customers.former.actions import is_former, names_before
from liuke.customers.masking.rules import hidden_from, is_hidden
from liuke.customers.records.models import Contact, ContactPoint, Customer, CustomerSearch, point_kinds
from liuke.customers.records.rules import (
    ATTITUDES,
    CONTACT_ROLES,
    DECISION_POWERS,
    LEAST_INFLUENCE,
    MOST_INFLUENCE,
    EditConflict,
    NewContact,
    Unfit,
    checked,
    clean,
    gettext_noop,
    name_key,
    normal_point,
    numbered,
    search_text,
    tip,
)
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit
from liuke.platform.bulk.actions import insert_rows, reserve_ids
from liuke.platform.bulk.rules import pieces
from liuke.platform.models import Team, User
from liuke.platform.preferences.actions import get

EDITABLE = frozenset(
    {
        "name",
        "kind",
        "scope",
        "purpose",
        "source",
        "country",
        "province",
        "city",
        "address",
        "profile",
        "note",
    }
)


@transaction.atomic
def register(
    *,
    by: User | None,
    now: datetime,
    name: str,
    number: str | None = None,
    owner: User | None = None,
    team: Team | None = None,
    points: Sequence[tuple[str, str]] = (),
    contact: NewContact | None = None,
    **fields: Any,
) -> Customer:
    """A new customer with his ways to be reached. `fields` are those of EDITABLE; without `number` he gets the next."""
    permit(by, Right.EDIT_CUSTOMERS)
    if unknown := fields.keys() - EDITABLE:
        raise TypeError(f"register() takes no {', '.join(sorted(unknown))}")
    owner = owner or by
    if owner:
        _may_look_after(owner, by)
    kept = checked({"name": name, **fields}, scope=fields.get("scope", "b2b"))
    kept |= {"owner": owner, "team": team or (owner.team if owner else None), "created_at": now}
    customer = _with_number(kept, clean("number", number, required=True) if number else None)
    for kind, value in points:
        _new_point(customer, None, kind, value)
    if contact:
        _new_contact(customer, contact, primary=True, now=now)
    follow_change([customer.pk])
    told = {"source": customer.source} if customer.source else {}
    record(FactKind.REGISTERED, customer=customer, at=now, by=by, now=now, data=told)
    audit.record("customers.register", by=by, now=now, subject=customer)
    return customer


def _with_number(kept: Mapping[str, Any], number: str | None) -> Customer:
    """Written under the number given or the next free one: by the company's pattern and the id, further on where an
    import has taken that."""
    pk, pattern = reserve_ids(Customer, 1)[0], get("card.number_pattern")
    for place in range(pk, pk + 1000):
        wanted = number or numbered(pattern, place)
        if not Customer.objects.filter(number=wanted).exists() and not is_former(wanted):
            try:
                with transaction.atomic():
                    return Customer.objects.create(pk=pk, number=wanted, **kept)
            except IntegrityError:  # somebody took it in this instant
                if not Customer.objects.filter(number=wanted).exists():
                    raise
        if number:
            break
    raise Unfit("number", gettext_noop("The number %(number)s is taken."), number=number)


@transaction.atomic
def edit(
    customer: Customer, changes: Mapping[str, Any], *, version: int, by: User | None, now: datetime
) -> Customer:
    """Changes fields of EDITABLE as they were read at `version`; raises EditConflict when others came in between."""
    permit(by, Right.EDIT_CUSTOMERS)
    if unknown := changes.keys() - EDITABLE:
        raise TypeError(f"edit() changes no {', '.join(sorted(unknown))}")
    held = _held(customer.pk, by)
    kept = checked(changes, scope=changes.get("scope", held.scope))
    if kept.get("scope", held.scope) != held.scope:
        kept.setdefault("profile", {})  # the fields of the old scope mean nothing in the new one
    differing = audit.changes_between({name: getattr(held, name) for name in kept}, kept)
    _must_see(held, "address" if "address" in differing else "", by, now)
    if not differing:
        return held  # sent twice, or they changed it to the very same
    if held.version != version:
        raise EditConflict({name: (mine, theirs) for name, (theirs, mine) in differing.items()}, held.version)
    for name, value in kept.items():
        setattr(held, name, value)
    held.version += 1
    held.save(update_fields=[*kept, "version"])
    if "name" in differing:
        follow_change([held.pk])
    else:
        tell_changed([held.pk])
    audit.record("customers.edit", by=by, now=now, subject=held, changes=differing)
    return held


@transaction.atomic
def assign(
    customers: QuerySet[Customer] | Iterable[int],
    *,
    owner: User,
    by: User | None,
    now: datetime,
    reason: str = "",
) -> int:
    """Gives all of them to `owner`, or none when one is out of reach; how many changed hands. Follow-ups go along."""
    permit(by, Right.ASSIGN_CUSTOMERS)
    _may_look_after(owner, by)
    reason = clean("reason", reason)
    chosen = customers.values_list("pk", flat=True) if isinstance(customers, QuerySet) else customers
    ids = sorted(set(chosen))
    held = [row for piece in pieces(ids) for row in _reachable(by).filter(pk__in=piece).select_for_update()]
    if len(held) != len(ids):
        raise Customer.DoesNotExist("not all of these customers are within reach")
    moving = [row for row in held if (row.owner_id, row.team_id) != (owner.pk, owner.team_id)]
    if not moving:
        return 0
    for piece in pieces(moving):
        Customer.objects.filter(pk__in=[row.pk for row in piece]).update(owner=owner, team=owner.team)
    names = User.objects.in_bulk({row.owner_id for row in moving if row.owner_id})
    record_many([_assigned(row, names, owner, by, now, reason) for row in moving], now=now)
    audit.record(
        "customers.assign",
        by=by,
        now=now,
        subject=owner,
        changes={"customers": [None, [row.number for row in moving]]},
        reason=reason,
    )
    return len(moving)


def _assigned(
    row: Customer, names: Mapping[int, User], owner: User, by: User | None, now: datetime, reason: str
) -> NewFact:
    data: dict[str, Any] = {
        "before_id": row.owner_id,
        "before": str(names[row.owner_id]) if row.owner_id else "",
        "after_id": owner.pk,
        "after": str(owner),
    }
    if reason:
        data["reason"] = reason
    return NewFact(FactKind.ASSIGNED, row.pk, now, actor_id=by.pk if by else None, data=data)


# --- persons and ways to reach them -----------------------------------------------------------------


@transaction.atomic
def add_contact(
    customer: Customer, new: NewContact, *, primary: bool = False, by: User | None, now: datetime
) -> Contact:
    permit(by, Right.EDIT_CUSTOMERS)
    held = _held(customer.pk, by)
    contact = _new_contact(held, new, primary=primary or not held.contacts.exists(), now=now)
    follow_change([held.pk])
    audit.record("contacts.add", by=by, now=now, subject=held, changes={"contact": [None, contact.name]})
    return contact


@transaction.atomic
def edit_contact(contact: Contact, new: NewContact, *, by: User | None, now: datetime) -> Contact:
    """Everything as in `new` but the points, which have their own actions."""
    permit(by, Right.EDIT_CUSTOMERS)
    held = _held(contact.customer_id, by)
    contact = held.contacts.select_related("department").get(pk=contact.pk)
    kept = _contact_fields(held, new)
    department = {"department": str(kept["department"] or "")}  # told by its name
    before = {name: getattr(contact, name) for name in kept} | {"department": str(contact.department or "")}
    if differing := audit.changes_between(before, kept | department):
        held.contacts.filter(pk=contact.pk).update(**kept)
        follow_change([held.pk])
        audit.record("contacts.edit", by=by, now=now, subject=held, changes=differing)
    return held.contacts.get(pk=contact.pk)


@transaction.atomic
def make_primary(contact: Contact, *, by: User | None, now: datetime) -> None:
    permit(by, Right.EDIT_CUSTOMERS)
    held = _held(contact.customer_id, by)
    before = held.contacts.filter(is_primary=True).first()
    held.contacts.update(is_primary=False)
    held.contacts.filter(pk=contact.pk).update(is_primary=True)
    changes = {"primary": [before.name if before else None, contact.name]}
    audit.record("contacts.edit", by=by, now=now, subject=held, changes=changes)


@transaction.atomic
def remove_contact(contact: Contact, *, by: User | None, now: datetime) -> None:
    """The person goes with his numbers; what was talked with him stays in the ledger under his name."""
    permit(by, Right.EDIT_CUSTOMERS)
    held = _held(contact.customer_id, by)
    held.contacts.get(pk=contact.pk).delete()
    follow_change([held.pk])
    audit.record("contacts.remove", by=by, now=now, subject=held, changes={"contact": [contact.name, None]})


@transaction.atomic
def add_point(
    customer: Customer,
    *,
    kind: str,
    value: str,
    contact: Contact | None = None,
    preferred: bool = False,
    by: User | None,
    now: datetime,
) -> ContactPoint:
    permit(by, Right.EDIT_CUSTOMERS)
    held = _held(customer.pk, by)
    point = _new_point(held, contact, kind, value, preferred=preferred)
    follow_change([held.pk])
    audit.record("points.add", by=by, now=now, subject=held, changes={kind: [None, point.value]})
    return point


@transaction.atomic
def edit_point(
    point: ContactPoint, *, value: str, preferred: bool | None = None, by: User | None, now: datetime
) -> ContactPoint:
    permit(by, Right.EDIT_CUSTOMERS)
    held = _held(point.customer_id, by)
    point = held.points.get(pk=point.pk)
    _must_see(held, point.kind, by, now)
    before = {point.kind: point.value, "preferred": point.is_preferred}
    point.value, point.normal = _point_values(held, point.kind, value, but=point)
    if preferred is not None:
        point.is_preferred = preferred
        if preferred:
            held.points.exclude(pk=point.pk).update(is_preferred=False)
    point.save(update_fields=["value", "normal", "is_preferred"])
    if changes := audit.changes_between(before, {point.kind: point.value, "preferred": point.is_preferred}):
        follow_change([held.pk])
        audit.record("points.edit", by=by, now=now, subject=held, changes=changes)
    return point


@transaction.atomic
def remove_point(point: ContactPoint, *, by: User | None, now: datetime) -> None:
    permit(by, Right.EDIT_CUSTOMERS)
    held = _held(point.customer_id, by)
    point = held.points.get(pk=point.pk)
    _must_see(held, point.kind, by, now)
    held.points.get(pk=point.pk).delete()
    follow_change([held.pk])
    audit.record("points.remove", by=by, now=now, subject=held, changes={point.kind: [point.value, None]})


def _contact_fields(customer: Customer, new: NewContact) -> dict[str, Any]:
    if unknown := set(new.roles) - CONTACT_ROLES.keys():
        raise Unfit("roles", gettext_noop("“%(value)s” is not among the choices."), value=sorted(unknown)[0])
    for where, value, known in (
        ("decision_power", new.decision_power, DECISION_POWERS),
        ("attitude", new.attitude, ATTITUDES),
    ):
        if value and value not in known:
            raise Unfit(where, gettext_noop("“%(value)s” is not among the choices."), value=value)
    if new.influence is not None and not LEAST_INFLUENCE <= new.influence <= MOST_INFLUENCE:
        raise Unfit("influence", gettext_noop("Influence goes from 1 to 5."))
    return {
        "name": clean("contact", new.name, limit=80, required=True),
        "title": clean("title", new.title),
        "roles": list(dict.fromkeys(new.roles)),
        "note": clean("contact_note", new.note, limit=240),
        "department": _department(customer, new),
        "influence": new.influence,
        "decision_power": new.decision_power,
        "attitude": new.attitude,
    }


def _department(customer: Customer, new: NewContact) -> Any:
    """The customer's department of that name, with its office where one is given; it comes into being by being named."""
    name, office = clean("department", new.department, limit=80), clean("office", new.office)
    if not name:
        if office:
            raise Unfit("department", gettext_noop("Please name the department that sits in this office."))
        return None
    department, _made = customer.departments.get_or_create(name=name, defaults={"office": office})
    if office and department.office != office:
        department.office = office
        department.save(update_fields=["office"])
    return department


def _new_contact(customer: Customer, new: NewContact, *, primary: bool, now: datetime) -> Contact:
    if primary:
        customer.contacts.update(is_primary=False)
    contact = customer.contacts.create(is_primary=primary, created_at=now, **_contact_fields(customer, new))
    for kind, value in new.points:
        _new_point(customer, contact, kind, value)
    return contact


def _new_point(
    customer: Customer, contact: Contact | None, kind: str, value: str, *, preferred: bool = False
) -> ContactPoint:
    kept, normal = _point_values(customer, kind, value)
    if contact and contact.customer_id != customer.pk:
        raise Contact.DoesNotExist("a contact of another customer")
    if preferred:
        customer.points.update(is_preferred=False)
    return customer.points.create(
        contact=contact, kind=kind, value=kept, normal=normal, is_preferred=preferred
    )


def _point_values(
    customer: Customer, kind: str, value: str, *, but: ContactPoint | None = None
) -> tuple[str, str]:
    if kind not in dict(point_kinds()):
        raise Unfit("points", gettext_noop("“%(value)s” is not among the choices."), value=kind)
    limit = ContactPoint.LONGEST if kind == "address" else 120
    kept = clean("points", value, limit=limit, required=True)
    normal = normal_point(kind, kept, customer.country)
    others = customer.points.exclude(pk=but.pk) if but else customer.points
    if others.filter(kind=kind, normal=normal).exists():
        raise Unfit("points", gettext_noop("%(value)s is noted already."), value=kept)
    return kept, normal


# --- found and told ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Duplicates:
    """`total` counts all that match; `visible` shows only those whom one may read."""

    ids: set[int]
    visible: list[Customer]

    @property
    def total(self) -> int:
        return len(self.ids)


def find_duplicates(
    *, user: User, name: str = "", points: Sequence[tuple[str, str]] = (), country: str = "", limit: int = 5
) -> Duplicates:
    """Who is there already under this number, address or name. A value that can't be read matches nobody."""
    permit(user, Right.VIEW_CUSTOMERS)
    normals = set()
    for kind, value in points:
        try:
            normals.add(normal_point(kind, value, country))
        except Unfit:
            continue  # the form will say so beside the field
    ids = set(ContactPoint.objects.filter(normal__in=normals).values_list("customer_id", flat=True))
    if key := name_key(name):
        alike = CustomerSearch.objects.filter(text__holds=[key], text__contains=f"\n={key}\n")
        ids |= set(alike.values_list("customer_id", flat=True)[:100])
    visible = Customer.objects.for_user(user).filter(pk__in=ids).select_related("owner")[:limit]
    return Duplicates(ids, list(visible))


# What slices above work out from a card and keep beside it: called with the ids of cards that have changed.
KEPT_BESIDE: list[Callable[[Sequence[int]], None]] = []


def tell_changed(ids: Sequence[int]) -> None:
    """In the transaction of the change: what is kept beside a card is never older than the card."""
    for keep in KEPT_BESIDE:
        keep(ids)


def follow_change(ids: Iterable[int]) -> None:
    """After names, persons or ways to reach them have changed: what is found and kept by them follows."""
    changed = sorted(set(ids))
    refresh_search(changed)
    tell_changed(changed)


def refresh_search(ids: Iterable[int]) -> None:
    """Writes the search lines of these customers anew: four statements for every 500."""
    for piece in pieces(sorted(set(ids))):
        contacts: dict[int, list[str]] = {}
        before: dict[int, list[tuple[str, str]]] = {}
        persons = Contact.objects.filter(customer__among=piece).order_by()
        for pk, name, number in persons.values_list("customer_id", "name", Value("")).union(
            names_before(piece), all=True
        ):
            if number:
                before.setdefault(pk, []).append((number, name))
            else:
                contacts.setdefault(pk, []).append(name)
        points: dict[int, list[tuple[str, str]]] = {}
        for pk, *values in ContactPoint.objects.filter(customer__among=piece).values_list(
            "customer_id", "value", "normal"
        ):
            points.setdefault(pk, []).append((values[0], values[1]))
        rows = [
            (
                pk,
                search_text(
                    number=number,
                    name=name,
                    contacts=sorted(contacts.get(pk, ())),
                    points=points.get(pk, ()),
                    before=sorted(before.get(pk, ())),
                ),
            )
            for pk, number, name in Customer.objects.filter(pk__among=piece).values_list(
                "pk", "number", "name"
            )
        ]
        insert_rows(
            CustomerSearch,
            ["customer_id", "text"],
            rows,
            on_conflict="ON CONFLICT (customer_id) DO UPDATE SET text = excluded.text",
            at_once=True,
        )


def purpose_tip(purpose: str) -> str:
    """SC08: how customers who buy for this purpose are treated, in the company's words or ours."""
    return tip(purpose, get(f"tips.{purpose}") if purpose else "")


# --- reach ------------------------------------------------------------------------------------------


def _reachable(by: User | None) -> QuerySet[Customer]:
    return Customer.objects.writable_by(by) if by else Customer.objects.all()


def _held(pk: int, by: User | None) -> Customer:
    """The row as it is now, ours until the commit."""
    return _reachable(by).select_for_update().get(pk=pk)


def _must_see(customer: Customer, kind: str, by: User | None, now: datetime) -> None:
    """What one does not see one does not change: an answer, or a conflict, would tell it."""
    if by and kind and is_hidden(kind, hidden_from(by, customer.owner_id, now)):
        where = "address" if kind == "address" else "points"
        raise Unfit(where, gettext_noop("Your role does not see this of others' customers."))


def _may_look_after(owner: User, by: User | None) -> None:
    if not owner.is_active:
        raise Unfit("owner", gettext_noop("%(name)s works here no longer."), name=owner)
    if by and owner != by and not User.objects.visible_to(by).filter(pk=owner.pk).exists():
        raise Unfit("owner", gettext_noop("%(name)s is not in your team."), name=owner)
