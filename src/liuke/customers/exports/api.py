"""Exports over the API: what became of them, decided by whoever approves, the file for whoever asked. They are asked for
where the list is (workspace/directory)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Router, Schema
from pydantic import Field

from liuke.customers.exports import actions
from liuke.customers.exports.models import ExportRequest
from liuke.platform.access.rules import Right
from liuke.platform.api.api import BYTES, FEW, After, Given, Id, Limit, Rows, listed
from liuke.platform.api.views import Need, TokenRequest
from liuke.platform.files.views import respond
from liuke.platform.paging.rules import Column, Keyset, Kind

router = Router(tags=["Exports"])
READ = Need("exports:read", Right.EXPORT_CUSTOMERS)
WRITE = Need("exports:write", Right.EXPORT_CUSTOMERS)
DECIDE = Need("exports:write", Right.APPROVE_EXPORTS)
LATEST = Keyset(Column("id", "", sort="id", kind=Kind.NUMBER), descending=True)


class AskerOut(Schema):
    id: int
    name: str


class ExportOut(Schema):
    id: int
    asker: AskerOut
    asked_at: datetime
    reason: str
    rows: int
    state: str = Field(description="asked: waits for approval; approved: being written; ready; refused")
    decided_by: str = Field(description="Empty: nobody yet, or nobody had to.")
    decided_at: datetime | None
    note: str = Field(description="Why it was refused.")
    available_until: datetime | None
    is_yours_to_take: bool


class Refusal(Given):
    note: str = Field("", max_length=200)


def told(one: ExportRequest, request: TokenRequest) -> ExportOut:
    columns = ExportOut.model_fields.keys() - {"asker", "decided_by", "is_yours_to_take"}
    return ExportOut(
        **{name: getattr(one, name) for name in columns},
        asker=AskerOut(id=one.asker.pk, name=one.asker.name),
        decided_by=one.decided_by.name if one.decided_by else "",
        is_yours_to_take=one.asker_id == request.user.pk and one.is_available(timezone.now()),
    )


def _rows(request: TokenRequest) -> QuerySet[ExportRequest]:
    rows = ExportRequest.objects.for_user(request.user)
    return rows.defer("ids").select_related("asker", "decided_by")


def shown(request: TokenRequest, pk: int) -> ExportOut:
    return told(get_object_or_404(_rows(request), pk=pk), request)


@router.get("/exports", response=Rows[ExportOut], auth=READ, summary="Exports")
def exports(
    request: TokenRequest, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[ExportOut]:
    """One's own, and those of colleagues for whoever approves; the latest first."""
    rows = _rows(request)
    return listed(
        request, response, rows, lambda one: told(one, request), after=after, limit=limit, keyset=LATEST
    )


@router.get("/exports/{int:pk}", response=ExportOut, auth=READ, summary="One export")
def one_export(request: TokenRequest, pk: Id) -> ExportOut:
    return shown(request, pk)


@router.post("/exports/{int:pk}/approval", response=ExportOut, auth=DECIDE, summary="Approve an export")
def approve(request: TokenRequest, pk: Id) -> ExportOut:
    """Nobody approves his own. It is written with the asker's rights as they are then."""
    actions.approve(get_object_or_404(_rows(request), pk=pk), by=request.user, now=timezone.now())
    return shown(request, pk)


@router.post("/exports/{int:pk}/refusal", response=ExportOut, auth=DECIDE, summary="Refuse an export")
def refuse(request: TokenRequest, pk: Id, given: Refusal) -> ExportOut:
    one = get_object_or_404(_rows(request), pk=pk)
    actions.refuse(one, note=given.note, by=request.user, now=timezone.now())
    return shown(request, pk)


@router.get("/exports/{int:pk}/file", auth=READ, summary="Take the file", openapi_extra=BYTES)
def file(request: TokenRequest, pk: Id) -> HttpResponseBase:
    """For the asker alone, as long as its time is not over; each taking is in the audit."""
    asked = get_object_or_404(ExportRequest.objects.filter(asker=request.user), pk=pk)
    stored = actions.take(asked, by=request.user, now=timezone.now())
    if stored is None:
        raise Http404
    return respond(stored)
