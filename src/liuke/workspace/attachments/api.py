"""Files on the timeline over the API: brought with a note, taken along, taken away with a reason."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, cast

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import File, Form, Router, Schema, UploadedFile
from ninja.responses import Status
from pydantic import Field

from liuke.customers.attachments.actions import Brought, take_away
from liuke.customers.models import Attachment, Customer
from liuke.customers.records.api import held
from liuke.customers.timeline.actions import add_note
from liuke.customers.timeline.api import READ, WRITE, FactOut, told
from liuke.platform.api.api import BYTES, FEW, After, Given, Id, Limit, Rows, listed
from liuke.platform.api.views import TokenRequest
from liuke.platform.files.views import respond

router = Router(tags=["Timeline"])

Files = Annotated[list[UploadedFile], File(description="One to five, of up to 20 MB each; no programs.")]
Words = Annotated[str, Form(max_length=4000, description="Of the note that they hang on.")]


class AttachmentOut(Schema):
    id: int
    fact_id: int = Field(description="The entry of the timeline that it hangs on.")
    name: str
    size: int
    by: str
    at: datetime
    removed_at: datetime | None = Field(description="Its bytes are gone since.")
    removal_reason: str


class Removal(Given):
    reason: str = Field(max_length=200)


def _told(one: Attachment) -> AttachmentOut:
    columns = {name: getattr(one, name) for name in AttachmentOut.model_fields if name != "by"}
    return AttachmentOut(**columns, by=one.by.name if one.by else "")


def _one(customer: Customer, pk: int) -> Attachment:
    rows = Attachment.objects.filter(fact__customer=customer)
    return get_object_or_404(rows.select_related("fact", "by", "file"), pk=pk)


@router.get("/customers/{int:pk}/attachments", response=Rows[AttachmentOut], auth=READ, summary="Files")
def attachments(
    request: TokenRequest, pk: Id, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[AttachmentOut]:
    """Also those that were taken away, with the reason."""
    rows = Attachment.objects.filter(fact__customer=held(request, pk)).select_related("by")
    return listed(request, response, rows, _told, after=after, limit=limit)


@router.post(
    "/customers/{int:pk}/attachments", response={201: FactOut}, auth=WRITE, summary="Write a note with files"
)
def attach(request: TokenRequest, pk: Id, files: Files, note: Words = "") -> Status[FactOut]:
    """A form (`multipart/form-data`). The entry names its files under `data.files`."""
    customer = held(request, pk, to_write=True)
    made = add_note(
        customer, note=note, attachments=cast("list[Brought]", files), by=request.user, now=timezone.now()
    )
    return Status(201, told(made))


@router.get(
    "/customers/{int:pk}/attachments/{int:attachment}/content",
    auth=READ,
    summary="Take a file along",
    openapi_extra=BYTES,
)
def content(request: TokenRequest, pk: Id, attachment: Id) -> HttpResponseBase:
    one = _one(held(request, pk), attachment)
    if one.file is None:
        raise Http404
    return respond(one.file)


@router.post(
    "/customers/{int:pk}/attachments/{int:attachment}/removal",
    response=AttachmentOut,
    auth=WRITE,
    summary="Take a file away",
)
def removal(request: TokenRequest, pk: Id, attachment: Id, given: Removal) -> AttachmentOut:
    """For good, by whoever brought it or leads; the entry stays."""
    one = _one(held(request, pk, to_write=True), attachment)
    return _told(take_away(one, reason=given.reason, by=request.user, now=timezone.now()))
