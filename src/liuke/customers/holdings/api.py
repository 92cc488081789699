"""What a customer owns, over the API."""

from __future__ import annotations

from datetime import date
from typing import Literal

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from liuke.customers.holdings import actions
from liuke.customers.holdings.models import Holding
from liuke.customers.records.api import READ, WRITE, held, part
from liuke.platform.api.api import FEW, After, Day, Flag, Given, Id, Limit, Rows, Whole, listed, still
from liuke.platform.api.views import TokenRequest
from liuke.platform.preferences.actions import get

router = Router(tags=["Around a customer"])
Kind = Literal["vehicle", "property", "machine", "other"]


class HoldingOut(Schema):
    id: int
    kind: str
    name: str
    serial: str
    plate: str
    bought_on: date | None
    is_from_us: bool
    mileage_km: int | None
    warranty_until: date | None
    service_on: date | None
    insured_until: date | None
    replace_on: date | None
    expected_replacement_on: date | None = Field(description="As noted, or after the usual years.")
    note: str


class HoldingChange(Given):
    kind: Kind = "other"
    name: str = Field("", max_length=120)
    serial: str = Field("", max_length=60)
    plate: str = Field("", max_length=20)
    bought_on: Day | None = None
    is_from_us: Flag = False
    mileage_km: Whole | None = Field(None, ge=0, le=9_999_999)
    warranty_until: Day | None = None
    service_on: Day | None = None
    insured_until: Day | None = None
    replace_on: Day | None = None
    note: str = Field("", max_length=240)


class HoldingNew(HoldingChange):
    kind: Kind
    name: str = Field(max_length=120)


def _told(one: Holding, years: int) -> HoldingOut:
    told = {name: getattr(one, name) for name in HoldingOut.model_fields if name != "expected_replacement_on"}
    return HoldingOut(**told, expected_replacement_on=one.expected_replacement_on(years))


def _years() -> int:
    return int(get("holdings.replacement_years"))


@router.get("/customers/{int:pk}/holdings", response=Rows[HoldingOut], auth=READ, summary="What he owns")
def holdings(
    request: TokenRequest, pk: Id, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[HoldingOut]:
    rows = Holding.objects.filter(customer=held(request, pk))
    years = _years()
    return listed(request, response, rows, lambda one: _told(one, years), after=after, limit=limit)


@router.post(
    "/customers/{int:pk}/holdings", response={201: HoldingOut}, auth=WRITE, summary="Add something he owns"
)
def add(request: TokenRequest, pk: Id, given: HoldingNew) -> Status[HoldingOut]:
    customer = held(request, pk, to_write=True)
    made = actions.add_holding(customer, by=request.user, now=timezone.now(), **given.dict())
    return Status(201, _told(made, _years()))


@router.patch(
    "/customers/{int:pk}/holdings/{int:holding}",
    response=HoldingOut,
    auth=WRITE,
    summary="Change something he owns",
)
def change(request: TokenRequest, pk: Id, holding: Id, given: HoldingChange) -> HoldingOut:
    one = part(request, Holding.objects.all(), pk, holding)
    changed = actions.edit_holding(one, by=request.user, now=timezone.now(), **still(one, given))
    return _told(changed, _years())


@router.delete(
    "/customers/{int:pk}/holdings/{int:holding}",
    response={204: None},
    auth=WRITE,
    summary="Remove something he owns",
)
def remove(request: TokenRequest, pk: Id, holding: Id) -> Status[None]:
    one = part(request, Holding.objects.all(), pk, holding)
    actions.remove_holding(one, by=request.user, now=timezone.now())
    return Status(204, None)
