"""The plan to keep a customer, over the API: opened with its first step, gone on with, closed by what came of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from liuke.customers.keeping import actions
from liuke.customers.keeping.models import KeepingPlan, PlanStep
from liuke.customers.records.api import READ, WRITE, colleague, held, part
from liuke.platform.access.rules import Right
from liuke.platform.api.api import FEW, After, Day, Given, Id, Instant, Limit, Ref, Rows, listed
from liuke.platform.api.views import Need, TokenRequest

router = Router(tags=["Needs and plans"])
PLAN = Need(
    "customers:write", Right.EDIT_CUSTOMERS, also="followups:write"
)  # a step stands on somebody's list


class PlanStepOut(Schema):
    followup_id: int = Field(description="Done, put off and passed on like any follow-up.")
    title: str
    assignee: str
    due_at: datetime
    state: str


class PlanOut(Schema):
    id: int
    goal: str
    owner_id: int | None = Field(description="Who answers for it.")
    review_on: date
    opened_at: datetime
    closed_at: datetime | None
    outcome: str = Field(description="reached, partly, missed, dropped; empty while it is open.")
    steps: list[PlanStepOut]


class PlanNew(Given):
    goal: str = Field(max_length=200)
    owner_id: Ref | None = Field(None, description="Absent: yourself.")
    review_on: Day
    step: str = Field(max_length=200, description="The first step.")
    step_due_at: Instant


class StepNew(Given):
    title: str = Field(max_length=200)
    assignee_id: Ref | None = Field(None, description="Absent: yourself.")
    due_at: Instant


class PlanClosed(Given):
    outcome: Literal["reached", "partly", "missed", "dropped"]
    note: str = Field(max_length=1000, description="In words; it goes on the timeline.")


def _step(one: PlanStep) -> PlanStepOut:
    asked = one.followup
    who = asked.assignee.name if asked.assignee else ""
    return PlanStepOut(
        followup_id=asked.pk, title=asked.title, assignee=who, due_at=asked.due_at, state=asked.state
    )


def _told(one: KeepingPlan) -> PlanOut:
    columns = {name: getattr(one, name) for name in PlanOut.model_fields if name != "steps"}
    return PlanOut(**columns, steps=[_step(step) for step in one.steps.all()])


def _rows() -> QuerySet[KeepingPlan]:
    return KeepingPlan.objects.prefetch_related("steps__followup__assignee")


def _again(pk: int) -> PlanOut:
    return _told(_rows().get(pk=pk))


@router.get("/customers/{int:pk}/plans", response=Rows[PlanOut], auth=READ, summary="Loyalty plans")
def plans(
    request: TokenRequest, pk: Id, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[PlanOut]:
    """Also those that are closed; one is open at a time."""
    rows = _rows().filter(customer=held(request, pk))
    return listed(request, response, rows, _told, after=after, limit=limit)


@router.post("/customers/{int:pk}/plans", response={201: PlanOut}, auth=PLAN, summary="Open a loyalty plan")
def open_plan(request: TokenRequest, pk: Id, given: PlanNew) -> Status[PlanOut]:
    """With its first step, which is a follow-up like any other."""
    customer = held(request, pk, to_write=True)
    owner = colleague(request, given.owner_id, "owner_id")
    told = given.dict(exclude={"owner_id"})
    made = actions.open_plan(customer, **told, owner=owner, by=request.user, now=timezone.now())
    return Status(201, _again(made.pk))


@router.post(
    "/customers/{int:pk}/plans/{int:plan}/steps",
    response={201: PlanOut},
    auth=PLAN,
    summary="Add a step to a plan",
)
def add_step(request: TokenRequest, pk: Id, plan: Id, given: StepNew) -> Status[PlanOut]:
    one = part(request, KeepingPlan.objects.open(), pk, plan)
    who = colleague(request, given.assignee_id, "assignee_id")
    actions.add_step(
        one, title=given.title, assignee=who, due_at=given.due_at, by=request.user, now=timezone.now()
    )
    return Status(201, _again(one.pk))


@router.post(
    "/customers/{int:pk}/plans/{int:plan}/closure", response=PlanOut, auth=WRITE, summary="Close a plan"
)
def close(request: TokenRequest, pk: Id, plan: Id, given: PlanClosed) -> PlanOut:
    """What came of it is on the timeline; what is still open of it is let go."""
    one = part(request, KeepingPlan.objects.open(), pk, plan)
    actions.close_plan(one, given.outcome, note=given.note, by=request.user, now=timezone.now())
    return _again(one.pk)
