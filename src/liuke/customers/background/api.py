"""Background notes over the API: for whoever looks after the customer and for few others; each reading is in the audit."""

from __future__ import annotations

from datetime import datetime

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from liuke.customers.background import actions
from liuke.customers.background.models import Background
from liuke.customers.background.rules import FIELDS, LIMIT
from liuke.customers.records.api import held
from liuke.customers.records.models import Contact, Customer
from liuke.platform.access.rules import Right
from liuke.platform.api.api import Given, Id
from liuke.platform.api.views import Need, TokenRequest

router = Router(tags=["Background notes"])
READ = Need("background:read", Right.VIEW_CUSTOMERS)
WRITE = Need("background:write", Right.EDIT_CUSTOMERS)
OF_CUSTOMER = "/customers/{int:pk}/background"
OF_CONTACT = "/customers/{int:pk}/contacts/{int:contact}/background"


class BackgroundOut(Schema):
    education: str
    career: str
    hobbies: str
    family: str
    taboos: str
    consent: str = Field(description="How and when the person agreed.")
    updated_at: datetime


class BackgroundGiven(Given):
    """Taken as a whole: what is absent is emptied."""

    education: str = Field("", max_length=LIMIT)
    career: str = Field("", max_length=LIMIT)
    hobbies: str = Field("", max_length=LIMIT)
    family: str = Field("", max_length=LIMIT)
    taboos: str = Field("", max_length=LIMIT)
    consent: str = Field(max_length=240, description="How the person agreed; without it nothing is kept.")


def _told(one: Background) -> BackgroundOut:
    return BackgroundOut(**{name: getattr(one, name) for name in BackgroundOut.model_fields})


def _whose(
    request: TokenRequest, pk: int, contact: int | None, *, to_write: bool = False
) -> tuple[Customer, Contact | None]:
    """Whoever may not see them learns not even whether there are any."""
    customer = held(request, pk, to_write=to_write)
    if not actions.may_see(customer, request.user):
        raise Http404
    return customer, get_object_or_404(customer.contacts, pk=contact) if contact is not None else None


def _read(request: TokenRequest, pk: int, contact: int | None) -> BackgroundOut:
    customer, person = _whose(request, pk, contact)
    found = actions.read_background(customer, person, by=request.user, now=timezone.now())
    if found is None:
        raise Http404
    return _told(found)


def _write(request: TokenRequest, pk: int, contact: int | None, given: BackgroundGiven) -> BackgroundOut:
    customer, person = _whose(request, pk, contact, to_write=True)
    notes = {name: getattr(given, name) for name in FIELDS}
    by, now = request.user, timezone.now()
    return _told(actions.write_background(customer, person, notes, consent=given.consent, by=by, now=now))


def _erase(request: TokenRequest, pk: int, contact: int | None) -> Status[None]:
    customer, person = _whose(request, pk, contact, to_write=True)
    actions.erase_background(customer, person, by=request.user, now=timezone.now())
    return Status(204, None)


@router.get(OF_CUSTOMER, response=BackgroundOut, auth=READ, summary="Background notes of a customer")
def of_customer(request: TokenRequest, pk: Id) -> BackgroundOut:
    return _read(request, pk, None)


@router.put(OF_CUSTOMER, response=BackgroundOut, auth=WRITE, summary="Write a customer's background")
def write_of_customer(request: TokenRequest, pk: Id, given: BackgroundGiven) -> BackgroundOut:
    return _write(request, pk, None, given)


@router.delete(OF_CUSTOMER, response={204: None}, auth=WRITE, summary="Erase a customer's background")
def erase_of_customer(request: TokenRequest, pk: Id) -> Status[None]:
    """The consent is withdrawn: all of it goes."""
    return _erase(request, pk, None)


@router.get(OF_CONTACT, response=BackgroundOut, auth=READ, summary="Background notes of a person")
def of_contact(request: TokenRequest, pk: Id, contact: Id) -> BackgroundOut:
    return _read(request, pk, contact)


@router.put(OF_CONTACT, response=BackgroundOut, auth=WRITE, summary="Write a person's background")
def write_of_contact(request: TokenRequest, pk: Id, contact: Id, given: BackgroundGiven) -> BackgroundOut:
    return _write(request, pk, contact, given)


@router.delete(OF_CONTACT, response={204: None}, auth=WRITE, summary="Erase a person's background")
def erase_of_contact(request: TokenRequest, pk: Id, contact: Id) -> Status[None]:
    """The consent is withdrawn: all of it goes."""
    return _erase(request, pk, contact)
