"""Follow-ups and promises over the API: what is to be done, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import Field

from liuke.customers.followups import actions
from liuke.customers.followups.rules import Closed
from liuke.customers.models import Fact, FollowUp
from liuke.customers.records.api import colleague, held
from liuke.customers.timeline.actions import promise, resolve
from liuke.platform.access.rules import Right
from liuke.platform.api.api import FEW, After, Given, Id, Instant, Limit, Ref, Rows, listed
from liuke.platform.api.rules import Problem
from liuke.platform.api.views import Need, TokenRequest
from liuke.workspace.today import rules

router = Router(tags=["Follow-ups"])
READ = Need("followups:read", Right.VIEW_CUSTOMERS)
WRITE = Need("followups:write", Right.WORK_FOLLOWUPS)
ASSIGN = Need("followups:write", Right.ASSIGN_FOLLOWUPS)

State = Annotated[
    Literal["open", "done", "dismissed", "expired", ""], Query(description="Empty: whatever its state.")
]
Mine = Annotated[bool, Query(description="Only one's own; else all within reach.")]


class Who(Schema):
    id: int
    name: str


class FollowUpOut(Schema):
    id: int
    customer: Who
    assignee: Who | None
    kind: str = Field(description="risk, rhythm, gap, promise, complaint, task")
    title: str = Field(description="In somebody's words; empty: told by its reasons.")
    reasons: list[dict[str, Any]]
    due_at: datetime
    weight_minor: int = Field(description="The money that it is about, in the company's currency.")
    state: str
    source: str
    created_at: datetime
    closed_at: datetime | None
    postponed_count: int


class FollowUpNew(Given):
    kind: Literal["task", "promise"] = "task"
    title: str = Field(max_length=200)
    due_at: Instant
    assignee_id: Ref | None = Field(None, description="Absent: yourself.")


class Done(Given):
    note: str = Field("", max_length=200, description="What came of it; of a complaint the answer.")


class Dismissed(Given):
    reason: str = Field(max_length=200)


class Postponed(Given):
    until: Instant
    reason: str = Field(max_length=200)


class Assigned(Given):
    assignee_id: Ref
    reason: str = Field("", max_length=200)


def _told(one: FollowUp) -> FollowUpOut:
    columns = FollowUpOut.model_fields.keys() - {"customer", "assignee"}
    who = one.assignee
    return FollowUpOut(
        **{name: getattr(one, name) for name in columns},
        customer=Who(id=one.customer.pk, name=one.customer.name),
        assignee=Who(id=who.pk, name=who.name) if who else None,
    )


def _rows(request: TokenRequest) -> QuerySet[FollowUp]:
    return FollowUp.objects.for_user(request.user).select_related("customer", "assignee")


def _one(request: TokenRequest, pk: int) -> FollowUp:
    return get_object_or_404(_rows(request), pk=pk)


@router.get("/followups", response=Rows[FollowUpOut], auth=READ, summary="Follow-ups")
def followups(
    request: TokenRequest,
    response: HttpResponse,
    state: State = "open",
    mine: Mine = False,
    after: After = "",
    limit: Limit = FEW,
) -> Rows[FollowUpOut]:
    """Oldest first, by id."""
    rows = _rows(request)
    if state:
        rows = rows.filter(state=state)
    if mine:
        rows = rows.filter(assignee=request.user)
    return listed(request, response, rows, _told, after=after, limit=limit)


@router.get("/followups/{int:pk}", response=FollowUpOut, auth=READ, summary="One follow-up")
def followup(request: TokenRequest, pk: Id) -> FollowUpOut:
    return _told(_one(request, pk))


@router.post(
    "/customers/{int:pk}/followups",
    response={201: FollowUpOut},
    auth=WRITE,
    summary="Plan or promise something",
)
def plan(request: TokenRequest, pk: Id, given: FollowUpNew) -> Status[FollowUpOut]:
    """A promise also stands on the timeline (timeline:write)."""
    customer, by, now = held(request, pk, to_write=True), request.user, timezone.now()
    who = colleague(request, given.assignee_id, "assignee_id")
    if given.kind == "promise":
        made = promise(customer, text=given.title, due_at=given.due_at, assignee=who, by=by, now=now)
    else:
        made = actions.ask(
            customer,
            kind="task",
            assignee=who,
            due_at=given.due_at,
            title=given.title,
            source="person",
            by=by,
            now=now,
        )
    return Status(201, _told(_one(request, made.pk)))


def _step(request: TokenRequest, pk: int, act: Callable[[FollowUp], object]) -> FollowUpOut:
    one = _one(request, pk)
    try:
        act(one)
    except Closed as closed:
        raise Problem("closed-already", state=closed.state, at=closed.at, by=closed.by) from None
    fresh = FollowUp.objects.select_related("customer", "assignee").get(pk=pk)
    return _told(fresh)


@router.post("/followups/{int:pk}/completion", response=FollowUpOut, auth=WRITE, summary="Done")
def complete(request: TokenRequest, pk: Id, given: Done) -> FollowUpOut:
    """A complaint is done when it is answered (timeline:write); the answer lets go of the matter."""

    def act(one: FollowUp) -> None:
        complaint, now = rules.complaint_of(one.key), timezone.now()
        if complaint is None or one.state != "open":
            actions.complete(one, note=given.note, by=request.user, now=now)
        else:
            fact = Fact.objects.select_related("customer").get(pk=complaint, customer=one.customer_id)
            resolve(fact, text=given.note, by=request.user, now=now)

    return _step(request, pk, act)


@router.post("/followups/{int:pk}/dismissal", response=FollowUpOut, auth=WRITE, summary="Not worth doing")
def dismiss(request: TokenRequest, pk: Id, given: Dismissed) -> FollowUpOut:
    return _step(
        request,
        pk,
        lambda one: actions.dismiss(one, reason=given.reason, by=request.user, now=timezone.now()),
    )


@router.post("/followups/{int:pk}/postponement", response=FollowUpOut, auth=WRITE, summary="Later")
def postpone(request: TokenRequest, pk: Id, given: Postponed) -> FollowUpOut:
    return _step(
        request,
        pk,
        lambda one: actions.postpone(
            one, until=given.until, reason=given.reason, by=request.user, now=timezone.now()
        ),
    )


@router.put("/followups/{int:pk}/assignee", response=FollowUpOut, auth=ASSIGN, summary="Give to a colleague")
def assign(request: TokenRequest, pk: Id, given: Assigned) -> FollowUpOut:
    to = colleague(request, given.assignee_id, "assignee_id")
    return _step(
        request,
        pk,
        lambda one: actions.reassign(one, to=to, reason=given.reason, by=request.user, now=timezone.now()),
    )
