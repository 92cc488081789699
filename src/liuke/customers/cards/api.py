"""A customer's record over the API: as it is read, added, changed and given to another owner. The list is in
workspace/directory; what hangs on a customer is in the slice that owns it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from liuke.customers.alike.actions import Typed, meet
from liuke.customers.fields.actions import definitions, fields_of, fill, save_card, values_of
from liuke.customers.fields.rules import Definition, clean, hides, plain, veiled_values
from liuke.customers.masking.rules import hidden_from
from liuke.customers.readings.actions import note
from liuke.customers.readings.rules import PROGRAM
from liuke.customers.records.actions import assign, register
from liuke.customers.records.api import at, colleague
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import EditConflict, NewContact, Unfit, gettext_noop
from liuke.customers.reveals.actions import veil
from liuke.customers.stages.actions import change_stage
from liuke.customers.standings.actions import decide
from liuke.platform.access.rules import Right
from liuke.platform.api.api import Flag, Given, Id, Ref, Whole, tagged, version_of
from liuke.platform.api.rules import Problem
from liuke.platform.api.views import Need, TokenRequest
from liuke.platform.models import User

router = Router(tags=["Customers"])
READ = Need("customers:read", Right.VIEW_CUSTOMERS)
WRITE = Need("customers:write", Right.EDIT_CUSTOMERS)
ASSIGN = Need("customers:write", Right.ASSIGN_CUSTOMERS)

Kind = Literal["enterprise", "individual"]
Scope = Literal["consumer", "b2b", "channel", "internal"]
Purpose = Literal["", "end_consumer", "middleman"]
Stage = Literal["lead", "prospect", "customer", "loyal", "dormant", "lost", "won_back", "non_customer"]
OwnValues = dict[str, str | Whole | Flag | list[str] | None]
Profile = dict[str, str | Whole]


class Named(Schema):
    """Somebody or something by its id, with the name that people know it by."""

    id: int
    name: str


class CustomerOut(Schema):
    id: int
    number: str
    name: str
    kind: str
    scope: str
    purpose: str
    stage: str
    level: str = Field(description="How closely we look after him; empty is undecided.")
    attitude: str
    owner: Named | None
    team: Named | None
    source: str
    country: str = Field(description="ISO 3166, two letters; empty is not known.")
    province: str
    city: str
    address: str
    profile: Profile = Field(description="What only customers of this scope have.")
    note: str
    fields: OwnValues = Field(
        description="The company's own fields by their names (see /fields). Amounts and decimals are texts, days as"
        " 2026-11-22; another customer is his id, empty where you may not read him."
    )
    complete_percent: int | None = Field(description="How complete the card is.")
    first_purchase_at: datetime | None
    last_purchase_at: datetime | None
    last_contact_at: datetime | None
    created_at: datetime
    version: int = Field(description="Also in the ETag; send it as If-Match when you change the record.")


class Person(Given):
    name: str = Field(max_length=80)
    title: str = Field("", max_length=80)


class Way(Given):
    kind: Literal["mobile", "phone", "email", "wechat", "whatsapp", "address", "other"]
    value: str = Field(max_length=240)


class CustomerNew(Given):
    name: str = Field(max_length=120)
    number: str = Field("", max_length=40, description="Empty: the next free one.")
    kind: Kind = "enterprise"
    scope: Scope = "b2b"
    purpose: Purpose = ""
    source: str = Field("", max_length=80)
    country: str = Field("", max_length=2)
    province: str = Field("", max_length=60)
    city: str = Field("", max_length=60)
    address: str = Field("", max_length=240)
    note: str = Field("", max_length=4000)
    profile: Profile = {}
    fields: OwnValues = {}
    owner_id: Ref | None = Field(None, description="Absent: yourself.")
    points: list[Way] = Field([], max_length=20)
    contact: Person | None = None
    anyway: Flag = Field(False, description="Add him though somebody like him is there already.")


class CustomerChange(Given):
    """What is absent stays as it is."""

    name: str = Field("", max_length=120)
    kind: Kind = "enterprise"
    scope: Scope = "b2b"
    purpose: Purpose = ""
    source: str = Field("", max_length=80)
    country: str = Field("", max_length=2)
    province: str = Field("", max_length=60)
    city: str = Field("", max_length=60)
    address: str = Field("", max_length=240)
    note: str = Field("", max_length=4000)
    profile: Profile = Field({}, description="Taken as a whole.")
    fields: OwnValues = Field({}, description="Only those that are named change; null empties one.")


class Owner(Given):
    owner_id: Ref
    reason: str = Field("", max_length=200)


class StageTo(Given):
    stage: Stage
    reason: str = Field(max_length=200)


class Standing(Given):
    value: str = Field(max_length=12, description="Empty takes the decision back.")
    reason: str = Field("", max_length=200)


# --- as it is read --------------------------------------------------------------------------------------------------


def told(rows: Sequence[Customer], *, user: User) -> list[CustomerOut]:
    """These customers as the API shows them, with the company's own fields: two statements for all of them."""
    own = definitions()
    kept = values_of([row.pk for row in rows], among=own) if own else {}
    referring = [one.name for one in own if one.type == "customer"]
    asked = {values[name] for values in kept.values() for name in referring if name in values}
    readable = (
        set(Customer.objects.for_user(user).filter(pk__in=asked).values_list("pk", flat=True))
        if asked
        else set()
    )
    now = timezone.now()
    note(user, PROGRAM, [rows[0].pk] if len(rows) == 1 else (), now=now)  # a page of a list is one
    for row in rows:
        hidden = veil(row, (), user, now)
        kept[row.pk] = veiled_values(kept.get(row.pk, {}), own, hidden)
    return [_told(row, own, kept[row.pk], readable) for row in rows]


def _told(
    row: Customer, own: Sequence[Definition], kept: Mapping[str, Any], readable: set[int]
) -> CustomerOut:
    card = getattr(row, "card", None)
    columns = CustomerOut.model_fields.keys() - {"owner", "team", "fields", "complete_percent"}
    return CustomerOut(
        **{name: getattr(row, name) for name in columns},
        owner=Named(id=row.owner.pk, name=row.owner.name) if row.owner else None,
        team=Named(id=row.team.pk, name=row.team.name) if row.team else None,
        fields={
            one.name: _value(one, kept.get(one.name), readable) for one in own if one.of(row.kind, row.scope)
        },
        complete_percent=card.percent if card else None,
    )


def _value(known: Definition, value: Any, readable: set[int]) -> Any:
    match known.type:
        case "money" | "decimal" if value is not None:
            return plain(known, value)
        case "customer":
            return value if value in readable else None
        case _:
            return value.isoformat() if isinstance(value, date) else value


def reached(request: TokenRequest, pk: int, *, to_write: bool = False) -> Customer:
    """The customer if he is within reach; else there is none."""
    rows = Customer.objects.for_user(request.user)
    if to_write:
        rows = rows.filter(rows.reach(request.user, request.user.role.write_scope))
    return at(rows.select_related("owner", "team", "card"), pk)


def _one(request: TokenRequest, response: HttpResponse, pk: int) -> CustomerOut:
    customer = reached(request, pk)
    tagged(response, customer.version)
    return told([customer], user=request.user)[0]


@router.get("/customers/{int:pk}", response=CustomerOut, auth=READ, summary="One customer")
def customer(request: TokenRequest, pk: Id, response: HttpResponse) -> CustomerOut:
    return _one(request, response, pk)


# --- as it is written -----------------------------------------------------------------------------------------------


@router.post("/customers", response={201: CustomerOut}, auth=WRITE, summary="Add a customer")
def add(request: TokenRequest, given: CustomerNew, response: HttpResponse) -> Status[CustomerOut]:
    """Asks back (409) when somebody of this name, number or address is there already, unless `anyway` is true."""
    points: list[tuple[str, str]] = [(way.kind, way.value) for way in given.points]
    if not given.anyway:
        _unlike_others(request, given, points)
    with transaction.atomic():
        values = _own(given.fields, given.kind, given.scope)
        fields = given.dict(exclude={"name", "number", "fields", "owner_id", "points", "contact", "anyway"})
        made = register(
            by=request.user,
            now=timezone.now(),
            name=given.name,
            number=given.number or None,
            owner=colleague(request, given.owner_id, "owner_id") if given.owner_id else None,
            points=points,
            contact=NewContact(given.contact.name, given.contact.title) if given.contact else None,
            **fields,
        )
        fill(made, values, by=request.user, now=timezone.now())
        shown = _one(request, response, made.pk)
    response["Location"] = reverse("api-customers-pk", args=[made.pk])
    return Status(201, shown)


def _unlike_others(request: TokenRequest, given: CustomerNew, points: list[tuple[str, str]]) -> None:
    typed = Typed(given.name, given.kind, given.country, given.city, given.address, points)
    found = meet(typed, user=request.user)
    if found.total:
        known = [{"id": one.pk, "number": one.number, "name": one.name} for one, _why in found.visible]
        raise Problem("duplicate", total=found.total, known=known)


def _own(given: OwnValues, kind: str, scope: str) -> dict[str, Any]:
    known = {one.name: one for one in fields_of(kind, scope)}
    for name, value in given.items():
        if name not in known:
            raise Unfit(f"fields.{name}", gettext_noop("Customers of this kind have no such field."))
        try:
            clean(known[name], Decimal(value) if type(value) is int else value)
        except Unfit as error:
            raise Unfit(f"fields.{name}", error.message, **error.params) from None
    return dict(given)


@router.patch("/customers/{int:pk}", response=CustomerOut, auth=WRITE, summary="Change a customer")
def change(request: TokenRequest, pk: Id, given: CustomerChange, response: HttpResponse) -> CustomerOut:
    """Takes the ETag that was read as `If-Match`; when somebody has changed the same meanwhile, the answer (412) shows
    both values and nothing is written."""
    held = reached(request, pk, to_write=True)
    version = version_of(request, held.version)
    changes = given.dict(exclude_unset=True, exclude={"fields"})
    hidden = hidden_from(request.user, held.owner_id, timezone.now())
    # written unseen, it would overwrite what is there; at a conflict, it would show it
    unseen = ["address"] if "address" in changes and "address" in hidden else []
    unseen += [
        f"fields.{one.name}" for one in definitions() if one.name in given.fields and hides(one, hidden)
    ]
    if unseen:
        raise Unfit(unseen[0], gettext_noop("This is hidden from your role."))
    values = _own(given.fields, changes.get("kind", held.kind), changes.get("scope", held.scope))
    save_card(held, changes, values, version=version, by=request.user, now=timezone.now())
    return _one(request, response, pk)


@router.put("/customers/{int:pk}/owner", response=CustomerOut, auth=ASSIGN, summary="Give to another owner")
def owner(request: TokenRequest, pk: Id, given: Owner, response: HttpResponse) -> CustomerOut:
    """His open follow-ups go along. The customer is shown as he was given, for the last time if he is out of reach now."""
    held = reached(request, pk, to_write=True)
    to = colleague(request, given.owner_id, "owner_id")
    assign([held.pk], owner=to, by=request.user, now=timezone.now(), reason=given.reason)
    fresh = Customer.objects.select_related("owner", "team", "card").get(pk=pk)
    tagged(response, fresh.version)
    return told([fresh], user=request.user)[0]


@router.put("/customers/{int:pk}/stage", response=CustomerOut, auth=WRITE, summary="Move to another stage")
def stage(request: TokenRequest, pk: Id, given: StageTo, response: HttpResponse) -> CustomerOut:
    held = reached(request, pk, to_write=True)
    change_stage(held, given.stage, by=request.user, now=timezone.now(), reason=given.reason)
    return _one(request, response, pk)


def _stands(
    request: TokenRequest, response: HttpResponse, pk: int, what: str, given: Standing
) -> CustomerOut:
    held = reached(request, pk, to_write=True)
    decide(held, what, given.value, reason=given.reason, by=request.user, now=timezone.now())
    return _one(request, response, pk)


@router.put(
    "/customers/{int:pk}/level", response=CustomerOut, auth=WRITE, summary="Decide the relation level"
)
def level(request: TokenRequest, pk: Id, given: Standing, response: HttpResponse) -> CustomerOut:
    return _stands(request, response, pk, "level", given)


@router.put("/customers/{int:pk}/attitude", response=CustomerOut, auth=WRITE, summary="Note the attitude")
def attitude(request: TokenRequest, pk: Id, given: Standing, response: HttpResponse) -> CustomerOut:
    return _stands(request, response, pk, "attitude", given)


@router.put(
    "/customers/{int:pk}/relation", response=CustomerOut, auth=WRITE, summary="Decide the relationship"
)
def relation(request: TokenRequest, pk: Id, given: Standing, response: HttpResponse) -> CustomerOut:
    return _stands(request, response, pk, "relation", given)


def conflicts(found: EditConflict) -> Problem:
    """Both values of each field that two have changed, as the record shows them."""
    own = {one.name: one for one in definitions()}

    def shown(name: str, value: Any) -> Any:
        return _value(own[name], value, set()) if name in own else value

    both = {
        name: {"yours": shown(name, mine), "theirs": shown(name, theirs)}
        for name, (mine, theirs) in found.fields.items()
    }
    headers = {"ETag": f'"{found.version}"'}
    return Problem("edit-conflict", headers=headers, conflicts=both, version=found.version)
