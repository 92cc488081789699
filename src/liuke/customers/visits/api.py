"""Visits over the API: begun, ended, written up, each by whoever makes it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from liuke.customers.followups.models import FollowUp
from liuke.customers.records.api import held, part
from liuke.customers.timeline.api import Outcome
from liuke.customers.visits import actions
from liuke.customers.visits.models import Visit
from liuke.platform.access.rules import Right
from liuke.platform.api.api import FEW, After, Flag, Given, Id, Instant, Limit, Ref, Rows, listed
from liuke.platform.api.rules import Problem
from liuke.platform.api.views import Need, TokenRequest
from liuke.platform.paging.rules import Column, Keyset, Kind

router = Router(tags=["Visits"])
READ = Need("timeline:read", Right.VIEW_CUSTOMERS)
WRITE = Need("timeline:write", Right.LOG_CONTACTS)
VERIFY = Need("customers:write", Right.EDIT_CUSTOMERS)
LATEST = Keyset(Column("at", "", sort="started_at", kind=Kind.INSTANT), descending=True)


class VisitorOut(Schema):
    id: int
    name: str


class VisitOut(Schema):
    id: int
    by: VisitorOut
    followup_id: int | None = Field(description="What it was planned by.")
    started_at: datetime
    card_viewed_at: datetime | None = Field(description="The last look at the card before it; empty: none.")
    ended_at: datetime | None
    written_at: datetime | None = Field(description="Empty: its result is waited for.")
    outcome: str


class VisitNew(Given):
    followup_id: Ref | None = Field(
        None, description="An open follow-up that plans it; done with its result."
    )
    anyway: Flag = Field(
        False, description="Begin it though nobody has looked at the card; counted as blind."
    )


class Written(Given):
    outcome: Outcome
    note: str = Field("", max_length=2000)
    is_right: Flag = Field(
        False, description="What the card says is right, as checked there (customers:write)."
    )
    next_at: Instant | None = Field(None, description="When the next contact is due (followups:write).")
    next_title: str = Field("", max_length=200)


def _told(one: Visit) -> VisitOut:
    columns = {name: getattr(one, name) for name in VisitOut.model_fields if name != "by"}
    return VisitOut(**columns, by=VisitorOut(id=one.by.pk, name=one.by.name))


def _again(one: Visit) -> VisitOut:
    return _told(Visit.objects.select_related("by").get(pk=one.pk))


def _own(request: TokenRequest) -> QuerySet[Visit]:
    """Nobody ends or writes up another's visit."""
    return Visit.objects.unwritten().filter(by=request.user)


@router.get("/customers/{int:pk}/visits", response=Rows[VisitOut], auth=READ, summary="Visits")
def visits(
    request: TokenRequest, pk: Id, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[VisitOut]:
    """Of everybody; the latest first."""
    rows = Visit.objects.standing().filter(customer=held(request, pk)).select_related("by")
    return listed(request, response, rows, _told, after=after, limit=limit, keyset=LATEST)


@router.post("/customers/{int:pk}/visits", response={201: VisitOut}, auth=WRITE, summary="Begin a visit")
def begin(request: TokenRequest, pk: Id, given: VisitNew) -> Status[VisitOut]:
    """One that is going on is given back. Asks back (409) when you have not looked at the card on the pages before it,
    unless `anyway` is true."""
    customer = held(request, pk, to_write=True)
    planned = None
    if given.followup_id is not None:
        rows = FollowUp.objects.for_user(request.user).open().filter(customer=customer)
        planned = get_object_or_404(rows, pk=given.followup_id)
    try:
        made = actions.start_visit(
            customer, followup=planned, anyway=given.anyway, by=request.user, now=timezone.now()
        )
    except actions.NotLooked:
        raise Problem("not-looked") from None
    return Status(201, _again(made))


@router.post(
    "/customers/{int:pk}/visits/{int:visit}/end", response=VisitOut, auth=WRITE, summary="End a visit"
)
def end(request: TokenRequest, pk: Id, visit: Id) -> VisitOut:
    """From now on its result is waited for."""
    one = part(request, _own(request), pk, visit)
    return _again(actions.end_visit(one, by=request.user, now=timezone.now()))


@router.post(
    "/customers/{int:pk}/visits/{int:visit}/closure",
    response=VisitOut,
    auth=WRITE,
    summary="Write a visit up",
)
def write_up(request: TokenRequest, pk: Id, visit: Id, given: Written) -> VisitOut:
    """The result stands on the timeline, and what had planned the visit is done."""
    one = part(request, _own(request), pk, visit)
    if given.is_right:  # left out, it would be passed over in silence
        VERIFY(request)
    actions.write_up(one, **given.dict(), by=request.user, now=timezone.now())
    return _again(one)
