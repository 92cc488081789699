"""What a customer needs, over the API: noted, raised from need to want to demand, ended."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from liuke.catalog.models import Product
from liuke.customers.needs import actions
from liuke.customers.needs.models import Need, NeedStep
from liuke.customers.records.api import READ, WRITE, held, part
from liuke.platform.api.api import FEW, After, Day, Given, Id, Limit, Ref, Rows, listed, still
from liuke.platform.api.views import TokenRequest

router = Router(tags=["Needs and plans"])

Level = Literal["need", "want", "demand"]


class SoldOut(Schema):
    id: int
    code: str
    name: str


class NeedStepOut(Schema):
    what: str = Field(description="The level that it was raised to, or how it ended: met, gone.")
    reason: str
    at: datetime
    by: str


class NeedOut(Schema):
    id: int
    what: str
    level: str = Field(description="need, want, demand")
    offered: str = Field(description="The level that it may be raised to now; empty: none.")
    money: str = Field(description="Whether it is there: yes, no; empty is not known.")
    strength: str = Field(description="small, large; empty is not known.")
    product: SoldOut | None = Field(description="Of ours, that serves it.")
    source: str
    noted_on: date
    ended_at: datetime | None
    steps: list[NeedStepOut] = Field(description="Each level that it has had, and its end.")


class NeedChange(Given):
    """What is absent stays as it is."""

    what: str = Field("", max_length=200)
    level: Level = "need"
    money: Literal["", "yes", "no"] = ""
    strength: Literal["", "small", "large"] = ""
    product_id: Ref | None = None
    source: str = Field("", max_length=80)
    noted_on: Day | None = Field(None, description="Absent: today.")


class NeedNew(NeedChange):
    what: str = Field(max_length=200)


class Ending(Given):
    how: Literal["met", "gone"]
    reason: str = Field("", max_length=200)


def _step(one: NeedStep) -> NeedStepOut:
    return NeedStepOut(what=one.what, reason=one.reason, at=one.at, by=one.by.name if one.by else "")


def _told(one: Need) -> NeedOut:
    columns = NeedOut.model_fields.keys() - {"product", "steps"}
    serves = one.product
    return NeedOut(
        **{name: getattr(one, name) for name in columns},
        product=SoldOut(id=serves.pk, code=serves.code, name=serves.name) if serves else None,
        steps=[_step(step) for step in one.steps.all()],
    )


def _rows() -> QuerySet[Need]:
    return Need.objects.select_related("product").prefetch_related("steps__by")


def _again(one: Need) -> NeedOut:
    return _told(_rows().get(pk=one.pk))


def _fields(told: dict[str, Any]) -> dict[str, Any]:
    pk = told.pop("product_id")
    return told | {"product": get_object_or_404(Product, pk=pk) if pk else None}


@router.get("/customers/{int:pk}/needs", response=Rows[NeedOut], auth=READ, summary="Needs")
def needs(
    request: TokenRequest, pk: Id, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[NeedOut]:
    """Also those that have ended."""
    rows = _rows().filter(customer=held(request, pk))
    return listed(request, response, rows, _told, after=after, limit=limit)


@router.post("/customers/{int:pk}/needs", response={201: NeedOut}, auth=WRITE, summary="Note a need")
def add(request: TokenRequest, pk: Id, given: NeedNew) -> Status[NeedOut]:
    customer = held(request, pk, to_write=True)
    made = actions.add_need(customer, **_fields(given.dict()), by=request.user, now=timezone.now())
    return Status(201, _again(made))


@router.patch("/customers/{int:pk}/needs/{int:need}", response=NeedOut, auth=WRITE, summary="Change a need")
def change(request: TokenRequest, pk: Id, need: Id, given: NeedChange) -> NeedOut:
    """One that has ended is changed no more."""
    one = part(request, Need.objects.open(), pk, need)
    told = _fields(still(one, given))
    return _again(actions.edit_need(one, **told, by=request.user, now=timezone.now()))


@router.post(
    "/customers/{int:pk}/needs/{int:need}/promotion",
    response=NeedOut,
    auth=WRITE,
    summary="Raise to the level that is offered",
)
def promotion(request: TokenRequest, pk: Id, need: Id) -> NeedOut:
    one = part(request, Need.objects.open(), pk, need)
    return _again(actions.promote(one, by=request.user, now=timezone.now()))


@router.post(
    "/customers/{int:pk}/needs/{int:need}/ending", response=NeedOut, auth=WRITE, summary="Met, or gone"
)
def ending(request: TokenRequest, pk: Id, need: Id, given: Ending) -> NeedOut:
    one = part(request, Need.objects.open(), pk, need)
    return _again(actions.end_need(one, given.how, reason=given.reason, by=request.user, now=timezone.now()))
