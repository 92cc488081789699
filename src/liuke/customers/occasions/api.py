"""Days to remember of a customer and his persons, over the API."""

from __future__ import annotations

from datetime import date
from typing import Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from liuke.customers.occasions import actions
from liuke.customers.occasions.models import ImportantDate
from liuke.customers.occasions.rules import FIRST_YEAR, LAST_YEAR, MOST_NOTICE_DAYS
from liuke.customers.records.api import READ, WRITE, held, part
from liuke.platform.api.api import FEW, After, Flag, Given, Id, Limit, Ref, Rows, Whole, listed, still
from liuke.platform.api.views import TokenRequest

router = Router(tags=["Around a customer"])


class DateOut(Schema):
    id: int
    kind: str
    name: str
    contact_id: int | None = Field(description="Whose it is; empty: the customer's own.")
    month: int
    day: int
    year: int | None
    is_lunar: bool
    is_leap_month: bool
    is_yearly: bool
    notice_days: int
    note: str
    next_on: date | None = Field(description="When it comes next, by the sun.")


class DateChange(Given):
    kind: Literal["birthday", "wedding", "founding", "memorial", "holiday", "other"] = "other"
    name: str = Field("", max_length=80)
    month: Whole = Field(1, ge=1, le=12)
    day: Whole = Field(1, ge=1, le=31)
    year: Whole | None = Field(None, ge=FIRST_YEAR, le=LAST_YEAR)
    is_lunar: Flag = False
    is_leap_month: Flag = False
    is_yearly: Flag = True
    notice_days: Whole = Field(7, ge=0, le=MOST_NOTICE_DAYS)
    note: str = Field("", max_length=240)


class DateNew(DateChange):
    kind: Literal["birthday", "wedding", "founding", "memorial", "holiday", "other"]
    month: Whole = Field(ge=1, le=12)
    day: Whole = Field(ge=1, le=31)
    contact_id: Ref | None = None


def _told(one: ImportantDate) -> DateOut:
    return DateOut(**{name: getattr(one, name) for name in DateOut.model_fields})


@router.get("/customers/{int:pk}/dates", response=Rows[DateOut], auth=READ, summary="Days to remember")
def dates(
    request: TokenRequest, pk: Id, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[DateOut]:
    rows = ImportantDate.objects.filter(customer=held(request, pk))
    return listed(request, response, rows, _told, after=after, limit=limit)


@router.post(
    "/customers/{int:pk}/dates", response={201: DateOut}, auth=WRITE, summary="Add a day to remember"
)
def add(request: TokenRequest, pk: Id, given: DateNew) -> Status[DateOut]:
    customer = held(request, pk, to_write=True)
    contact = get_object_or_404(customer.contacts, pk=given.contact_id) if given.contact_id else None
    told = given.dict(exclude={"contact_id"})
    made = actions.add_date(customer, contact=contact, by=request.user, now=timezone.now(), **told)
    return Status(201, _told(made))


@router.patch(
    "/customers/{int:pk}/dates/{int:date}", response=DateOut, auth=WRITE, summary="Change a day to remember"
)
def change(request: TokenRequest, pk: Id, date: Id, given: DateChange) -> DateOut:
    one = part(request, ImportantDate.objects.all(), pk, date)
    return _told(actions.edit_date(one, by=request.user, now=timezone.now(), **still(one, given)))


@router.delete(
    "/customers/{int:pk}/dates/{int:date}",
    response={204: None},
    auth=WRITE,
    summary="Remove a day to remember",
)
def remove(request: TokenRequest, pk: Id, date: Id) -> Status[None]:
    one = part(request, ImportantDate.objects.all(), pk, date)
    actions.remove_date(one, by=request.user, now=timezone.now())
    return Status(204, None)
