"""The persons of a customer and the ways to reach them, over the API."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from liuke.customers.former.actions import led_by_id
from liuke.customers.masking.rules import hidden_from, is_hidden, veiled
from liuke.customers.records import actions
from liuke.customers.records.models import Contact, ContactPoint, Customer
from liuke.customers.records.rules import NewContact
from liuke.platform.access.rules import Right
from liuke.platform.api.api import FEW, After, Flag, Given, Id, Limit, Ref, Rows, Whole, listed
from liuke.platform.api.rules import Problem, Wrong
from liuke.platform.api.views import Need, TokenRequest
from liuke.platform.models import User

router = Router(tags=["Persons and ways to reach them"])
READ = Need("customers:read", Right.VIEW_CUSTOMERS)
WRITE = Need("customers:write", Right.EDIT_CUSTOMERS)

Part = TypeVar("Part", bound=Model)
PointKind = Literal["mobile", "phone", "email", "wechat", "whatsapp", "address", "other"]
Role = Literal["purchasing", "payment", "decision", "user", "technical", "influencer", "gatekeeper"]


class PlaceOut(Schema):
    province: str
    city: str
    district: str


class PointOut(Schema):
    """A way to reach the customer or one of his persons."""

    id: int
    contact_id: int | None = Field(description="Whose it is; empty: the customer's own.")
    kind: str
    value: str = Field(description="As it was given.")
    normal: str = Field(description="In its one form: E.164, a folded e-mail.")
    is_preferred: bool
    place: PlaceOut | None = Field(description="Of an address.")


class ContactOut(Schema):
    id: int
    name: str
    title: str
    roles: list[str]
    department: str
    office: str
    influence: int | None = Field(description="1 to 5; empty is not known.")
    decision_power: str
    attitude: str
    is_primary: bool
    note: str


class ContactChange(Given):
    """A person. When one is changed, what is absent stays as it is."""

    name: str = Field("", max_length=80)
    title: str = Field("", max_length=80)
    roles: list[Role] = Field([], max_length=7)
    department: str = Field("", max_length=80, description="By its name; it comes into being with it.")
    office: str = Field("", max_length=120)
    influence: Whole | None = Field(None, ge=1, le=5)
    decision_power: Literal["", "none", "advise", "decide", "veto"] = ""
    attitude: Literal["", "supporter", "neutral", "opponent"] = ""
    note: str = Field("", max_length=240)
    is_primary: Flag = False


class PointGiven(Given):
    kind: PointKind
    value: str = Field(max_length=240)


class ContactNew(ContactChange):
    name: str = Field(max_length=80)
    points: list[PointGiven] = Field([], max_length=20)


class PointNew(PointGiven):
    contact_id: Ref | None = None
    is_preferred: Flag = False


class PointChange(Given):
    value: str = Field("", max_length=240)
    is_preferred: Flag = False


def held(request: TokenRequest, pk: int, *, to_write: bool = False) -> Customer:
    """The customer if he is within reach; else there is none."""
    rows = Customer.objects.for_user(request.user)
    if to_write:
        rows = rows.filter(rows.reach(request.user, request.user.role.write_scope))
    return at(rows, pk)


def part(request: TokenRequest, rows: QuerySet[Part], pk: int, of: int) -> Part:
    """Of these rows the one of id `of` that hangs on a customer whom the caller may write; else there is none."""
    found: Part = get_object_or_404(rows.filter(customer=held(request, pk, to_write=True)), pk=of)
    return found


def colleague(request: TokenRequest, pk: int | None, field: str) -> User:
    """Whom a body names; nobody named is oneself."""
    if pk is None:
        return request.user
    found = User.objects.visible_to(request.user).filter(pk=pk).first()
    if found is None:
        text = _("There is no such colleague within your reach.")
        raise Problem("invalid", errors=[Wrong(field, text, f"/{field}")])
    return found


def at(rows: QuerySet[Customer], pk: int) -> Customer:
    """Of these the one of that id, or whoever he was merged into: a program need not learn of it."""
    found = rows.filter(pk=pk).first()
    if found is None and (led := led_by_id(pk)) is not None:
        found = rows.filter(pk=led).first()
    if found is None:
        raise Http404
    return found


def _person(one: Contact) -> ContactOut:
    told = {
        name: getattr(one, name) for name in ContactOut.model_fields if name not in ("department", "office")
    }
    department = one.department
    return ContactOut(
        **told,
        department=department.name if department else "",
        office=department.office if department else "",
    )


def _point(one: ContactPoint, customer: Customer, user: User) -> PointOut:
    hidden = hidden_from(user, customer.owner_id, timezone.now())
    if is_hidden(one.kind, hidden):
        one.value, one.normal = veiled(one.kind, one.value), ""
    place = one.place
    split = PlaceOut(province=place.province, city=place.city, district=place.district) if place else None
    told = {name: getattr(one, name) for name in PointOut.model_fields if name != "place"}
    return PointOut(**told, place=split)


# --- persons ---


@router.get("/customers/{int:pk}/contacts", response=Rows[ContactOut], auth=READ, summary="Persons")
def contacts(
    request: TokenRequest, pk: Id, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[ContactOut]:
    rows = Contact.objects.filter(customer=held(request, pk)).select_related("department")
    return listed(request, response, rows, _person, after=after, limit=limit)


def _contact(customer: Customer, pk: int) -> Contact:
    return get_object_or_404(customer.contacts.select_related("department"), pk=pk)


@router.get(
    "/customers/{int:pk}/contacts/{int:contact}", response=ContactOut, auth=READ, summary="One person"
)
def contact(request: TokenRequest, pk: Id, contact: Id) -> ContactOut:
    return _person(_contact(held(request, pk), contact))


@router.post("/customers/{int:pk}/contacts", response={201: ContactOut}, auth=WRITE, summary="Add a person")
def add_contact(request: TokenRequest, pk: Id, given: ContactNew) -> Status[ContactOut]:
    customer = held(request, pk, to_write=True)
    points = [(way.kind, way.value) for way in given.points]
    new = NewContact(**given.dict(exclude={"points", "is_primary"}), points=points)
    made = actions.add_contact(customer, new, primary=given.is_primary, by=request.user, now=timezone.now())
    return Status(201, _person(_contact(customer, made.pk)))


@router.patch(
    "/customers/{int:pk}/contacts/{int:contact}", response=ContactOut, auth=WRITE, summary="Change a person"
)
def change_contact(request: TokenRequest, pk: Id, contact: Id, given: ContactChange) -> ContactOut:
    customer, now = held(request, pk, to_write=True), timezone.now()
    person = _contact(customer, contact)
    before = _person(person).dict(exclude={"id", "is_primary"})
    new = NewContact(**(before | given.dict(exclude_unset=True, exclude={"is_primary"})))
    with transaction.atomic():
        actions.edit_contact(person, new, by=request.user, now=now)
        if given.is_primary and not person.is_primary:
            actions.make_primary(person, by=request.user, now=now)
    return _person(_contact(customer, contact))


@router.delete(
    "/customers/{int:pk}/contacts/{int:contact}", response={204: None}, auth=WRITE, summary="Remove a person"
)
def remove_contact(request: TokenRequest, pk: Id, contact: Id) -> Status[None]:
    person = _contact(held(request, pk, to_write=True), contact)
    actions.remove_contact(person, by=request.user, now=timezone.now())
    return Status(204, None)


# --- ways to reach them ---


def _seen(request: TokenRequest, customer: Customer, pk: int) -> ContactPoint:
    """One that is hidden from its reader is not there to be changed, as on the pages."""
    point: ContactPoint = get_object_or_404(customer.points, pk=pk)
    if is_hidden(point.kind, hidden_from(request.user, customer.owner_id, timezone.now())):
        raise Http404
    return point


@router.get("/customers/{int:pk}/points", response=Rows[PointOut], auth=READ, summary="Numbers and addresses")
def points(
    request: TokenRequest, pk: Id, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[PointOut]:
    customer = held(request, pk)
    rows = ContactPoint.objects.filter(customer=customer)
    return listed(
        request, response, rows, lambda one: _point(one, customer, request.user), after=after, limit=limit
    )


@router.post(
    "/customers/{int:pk}/points", response={201: PointOut}, auth=WRITE, summary="Add a number or address"
)
def add_point(request: TokenRequest, pk: Id, given: PointNew) -> Status[PointOut]:
    customer = held(request, pk, to_write=True)
    told: dict[str, Any] = {"kind": given.kind, "value": given.value, "preferred": given.is_preferred}
    if given.contact_id is not None:
        told["contact"] = _contact(customer, given.contact_id)
    made = actions.add_point(customer, **told, by=request.user, now=timezone.now())
    return Status(201, _point(made, customer, request.user))


@router.patch(
    "/customers/{int:pk}/points/{int:point}",
    response=PointOut,
    auth=WRITE,
    summary="Change a number or address",
)
def change_point(request: TokenRequest, pk: Id, point: Id, given: PointChange) -> PointOut:
    customer = held(request, pk, to_write=True)
    one = _seen(request, customer, point)
    told = {"value": one.value, "is_preferred": None} | given.dict(exclude_unset=True)
    changed = actions.edit_point(
        one,
        value=str(told["value"]),
        preferred=given.is_preferred if told["is_preferred"] is not None else None,
        by=request.user,
        now=timezone.now(),
    )
    return _point(changed, customer, request.user)


@router.delete(
    "/customers/{int:pk}/points/{int:point}",
    response={204: None},
    auth=WRITE,
    summary="Remove a number or address",
)
def remove_point(request: TokenRequest, pk: Id, point: Id) -> Status[None]:
    one = _seen(request, held(request, pk, to_write=True), point)
    actions.remove_point(one, by=request.user, now=timezone.now())
    return Status(204, None)
