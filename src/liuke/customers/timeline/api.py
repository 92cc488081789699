"""The timeline of a customer over the API: what happened, and what a person or a program notes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import Field

from liuke.customers.facts.models import Fact
from liuke.customers.facts.rules import FactKind
from liuke.customers.followups.models import FollowUp
from liuke.customers.followups.rules import TIMED
from liuke.customers.records.api import held
from liuke.customers.timeline import actions
from liuke.platform.access.rules import Right
from liuke.platform.api.api import FEW, NEWEST, After, Flag, Given, Id, Instant, Limit, Ref, Rows, listed
from liuke.platform.api.views import Need, TokenRequest

router = Router(tags=["Timeline"])
READ = Need("timeline:read", Right.VIEW_CUSTOMERS)
WRITE = Need("timeline:write", Right.LOG_CONTACTS)

Kinds = Annotated[list[FactKind], Query(max_length=30, description="Only these kinds; absent: all.")]


class Actor(Schema):
    id: int
    name: str


class FactOut(Schema):
    id: int
    kind: str
    version: int = Field(description="Of what `data` holds for this kind.")
    at: datetime = Field(description="When it happened.")
    recorded_at: datetime = Field(description="When it was learnt.")
    actor: Actor | None = Field(description="Who; empty: Liuke itself, or an import.")
    amount_minor: int | None = Field(description="In the smallest units of `currency`.")
    currency: str
    data: dict[str, Any]
    withdrawn: bool = Field(description="A slip that was taken back: it counts for nothing.")


Outcome = Literal[
    "reached",
    "no_answer",
    "left_message",
    "ordered",
    "will_order",
    "complaint",
    "not_interested",
    "other",
]


class ContactLogged(Given):
    channel: Literal["phone", "visit", "wechat", "email", "message", "meeting", "other"]
    direction: Literal["out", "in"] = "out"
    outcome: Outcome
    note: str = Field("", max_length=4000)
    at: Instant | None = Field(None, description="When it was; absent: now.")
    contact_id: Ref | None = None
    followup_id: Ref | None = Field(
        None, description="An open follow-up that this answers (followups:write)."
    )
    settles: Flag | None = Field(
        None, description="Whether it is done by that; absent: unless it was a promise or task."
    )
    next_at: Instant | None = Field(None, description="When the next contact is due (followups:write).")
    next_title: str = Field("", max_length=200)


class Noted(Given):
    note: str = Field(max_length=4000)


class Complained(Given):
    text: str = Field(max_length=2000)
    number: str = Field("", max_length=60, description="Of the order that it is about.")


class Resolved(Given):
    text: str = Field(max_length=2000)


def told(fact: Fact) -> FactOut:
    actor = Actor(id=fact.actor.pk, name=fact.actor.name) if fact.actor else None
    columns = {name: getattr(fact, name) for name in FactOut.model_fields if name != "actor"}
    return FactOut(**columns, actor=actor)


@router.get("/customers/{int:pk}/timeline", response=Rows[FactOut], auth=READ, summary="What happened")
def timeline(
    request: TokenRequest,
    pk: Id,
    response: HttpResponse,
    kind: Kinds = [],  # noqa: B006 - a parameter that may come several times
    after: After = "",
    limit: Limit = FEW,
) -> Rows[FactOut]:
    """Newest first."""
    rows = Fact.objects.for_user(request.user).filter(customer=held(request, pk))
    facts = rows.marked().select_related("actor")
    if kind:
        facts = facts.filter(kind__in=[one.value for one in kind])
    return listed(request, response, facts, told, after=after, limit=limit, keyset=NEWEST)


@router.post("/customers/{int:pk}/contacts-log", response={201: FactOut}, auth=WRITE, summary="Log a contact")
def log_contact(request: TokenRequest, pk: Id, given: ContactLogged) -> Status[FactOut]:
    """A call, visit or message that has happened, what it answers and what comes next: one transaction."""
    customer = held(request, pk, to_write=True)
    more: dict[str, Any] = given.dict(exclude={"contact_id", "followup_id", "settles"})
    if given.contact_id is not None:
        more["contact"] = get_object_or_404(customer.contacts, pk=given.contact_id)
    if given.followup_id is not None:
        open_ones = FollowUp.objects.workable_by(request.user).open().filter(customer=customer)
        more["followup"] = followup = get_object_or_404(open_ones, pk=given.followup_id)
        more["settles"] = followup.kind not in TIMED if given.settles is None else given.settles
    return Status(201, told(actions.log_contact(customer, **more, by=request.user, now=timezone.now())))


@router.post("/customers/{int:pk}/notes", response={201: FactOut}, auth=WRITE, summary="Write a note")
def note(request: TokenRequest, pk: Id, given: Noted) -> Status[FactOut]:
    customer = held(request, pk, to_write=True)
    return Status(201, told(actions.add_note(customer, note=given.note, by=request.user, now=timezone.now())))


@router.post(
    "/customers/{int:pk}/complaints", response={201: FactOut}, auth=WRITE, summary="Note a complaint"
)
def complain(request: TokenRequest, pk: Id, given: Complained) -> Status[FactOut]:
    """Open until it is answered."""
    customer = held(request, pk, to_write=True)
    made = actions.complain(customer, **given.dict(), by=request.user, now=timezone.now())
    return Status(201, told(made))


@router.post(
    "/customers/{int:pk}/complaints/{int:fact}/resolution",
    response={201: FactOut},
    auth=WRITE,
    summary="Answer a complaint",
)
def resolve(request: TokenRequest, pk: Id, fact: Id, given: Resolved) -> Status[FactOut]:
    """Once: a second answer gives the first."""
    customer = held(request, pk, to_write=True)
    complaint = get_object_or_404(
        Fact.objects.select_related("customer"), pk=fact, customer=customer, kind="complained"
    )
    made = actions.resolve(complaint, text=given.text, by=request.user, now=timezone.now())
    return Status(201, told(made))
