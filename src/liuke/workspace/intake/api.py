"""Imports over the API: brought, read as the program says, tried out, run, followed, taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from django.db import transaction
from django.forms import Form as DjangoForm
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import File, Form, Router, Schema, UploadedFile
from ninja.responses import Status
from pydantic import Field

from liuke.customers.imports import actions
from liuke.customers.imports.rules import NotNow
from liuke.customers.models import ImportBatch, ImportKept
from liuke.customers.reading.actions import Refused, as_dict
from liuke.customers.remarks.rules import Remark, remark
from liuke.customers.undoing.rules import told_of
from liuke.platform.access.rules import Right
from liuke.platform.api.api import BYTES, FEW, After, Flag, Given, Id, Limit, Rows, Whole, listed
from liuke.platform.api.rules import Problem, Wrong, pointer
from liuke.platform.api.views import Need, TokenRequest
from liuke.platform.files.views import respond
from liuke.platform.jobs.models import Job
from liuke.platform.paging.rules import Column, Keyset, Kind
from liuke.platform.preferences.actions import get
from liuke.workspace.intake.forms import EXTRA, ColumnsForm, ReadingForm
from liuke.workspace.intake.rules import missing_fields, own_labels

router = Router(tags=["Imports"])
READ = Need("imports:read", Right.IMPORT)
WRITE = Need("imports:write", Right.IMPORT)
LATEST = Keyset(Column("id", "", sort="id", kind=Kind.NUMBER), descending=True)
READING = ("target", "encoding", "delimiter", "sheet", "header_row")

Brought = Annotated[UploadedFile, File(description="CSV, TSV, Excel, Parquet or JSON lines.")]
Target = Annotated[
    Literal["", "customers", "purchases"], Form(description="Empty: found out from the names of the columns.")
]


class ProblemOut(Schema):
    row: int | None
    column: str
    what: str
    remedy: str


class ProgressOut(Schema):
    done: int
    total: int | None
    step: str


class ImportOut(Schema):
    id: int
    target: str
    state: str = Field(description="uploaded, checked, running, done, failed, undoing, undone")
    file: str
    created_at: datetime
    finished_at: datetime | None
    reading: dict[str, Any] = Field(
        description="Format, encoding, delimiter, sheet, header_row: as found or chosen."
    )
    columns: list[str] = Field(description="Of the file, by their names.")
    mapping: dict[str, str | None] = Field(description="Field: the column that goes into it.")
    missing: list[str] = Field(description="Fields that need a column and have none.")
    counts: dict[str, int] = Field(
        description="Of the dry run or the run: rows, created, updated, rejected …"
    )
    problems: list[ProblemOut] = Field(description="The first ones; all of them are in the file of rejects.")
    has_rejects: bool
    progress: ProgressOut | None = Field(description="Of what is waiting or at work; else empty.")
    error: str = Field(description="Why what was at work last has failed.")


class ImportChange(Given):
    """What is absent stays as it is; what was tried out before counts no longer."""

    target: Literal["customers", "purchases"] | None = None
    encoding: str | None = Field(None, max_length=40)
    delimiter: str | None = Field(None, max_length=4)
    sheet: str | None = Field(None, max_length=120)
    header_row: Whole | None = Field(None, ge=0, le=20, description="0: the first row holds data.")
    mapping: dict[str, str | None] | None = Field(None, description="Field: column, or null for none.")
    key: str | None = Field(None, max_length=80, description="What customers are recognised by.")
    currency: str | None = Field(None, max_length=3)
    date_order: Literal["", "dmy", "mdy"] | None = None
    clear_blanks: Flag | None = Field(None, description="Whether a blank cell empties the field.")


class StayedOut(Schema):
    id: int
    number: str
    name: str


class KeptOut(Schema):
    customer: StayedOut
    what: str
    why: str
    remedy: str


# --- what an import refuses, as problems ---


def _remarks(problems: Iterable[Mapping[str, Any]]) -> list[Remark]:
    return [remark(one) for one in problems]


def refused(found: Refused) -> Problem:
    """The file, or a column of it, with what helps."""
    told = _remarks(as_dict(problem) for problem in found.problems)
    return Problem(
        "invalid", errors=[Wrong(one.column or "file", f"{one.what} {one.remedy}".strip()) for one in told]
    )


def not_now(found: NotNow) -> Problem:
    params: dict[str, Any] = found.params
    return Problem("not-now", _(found.message) % params)


def _valid(form: DjangoForm) -> None:
    if form.is_valid():
        return
    wrong = []
    for field, texts in form.errors.items():
        name = field.removeprefix("map-")
        path = ["mapping", name] if name != field else [name]
        wrong += [Wrong(name, str(text), pointer(path)) for text in texts]
    raise Problem("invalid", errors=wrong)


def _offered(form: DjangoForm, given: Mapping[str, Any]) -> None:
    """What this file leaves to choose; silently passed over, a choice would seem to have been made."""
    unknown = sorted(name for name in given if name not in form.fields)
    if unknown:
        text = _("There is nothing to choose of this name.")
        names = [name.removeprefix("map-") for name in unknown]
        raise Problem("invalid", errors=[Wrong(name, text, pointer([name])) for name in names])


# --- as it is read ---


def _job(held: ImportBatch) -> Job | None:
    return held.job if held.job and held.job.state in {"waiting", "running"} else None


def _told(held: ImportBatch) -> ImportOut:
    job, options = _job(held), held.reading.get("options", {})
    told = _remarks([*held.reading.get("mismatches", []), *held.problems])
    progress = (
        ProgressOut(done=job.progress_done, total=job.progress_total, step=job.progress_note) if job else None
    )
    return ImportOut(
        id=held.pk,
        target=held.target,
        state=held.state,
        file=held.file.name,
        created_at=held.created_at,
        finished_at=held.finished_at,
        reading={name: options.get(name) for name in ("format", *READING[1:])},
        columns=options.get("columns", []),
        mapping=held.mapping,
        missing=missing_fields(held),
        counts={name: count for name, count in held.counts.items() if type(count) is int},
        problems=[
            ProblemOut(row=one.row, column=one.column, what=one.what, remedy=one.remedy) for one in told
        ],
        has_rejects=held.rejects_id is not None,
        progress=progress,
        error=held.job.error if held.job and held.job.state == "failed" else "",
    )


def _one(request: TokenRequest, pk: int) -> ImportBatch:
    rows = ImportBatch.objects.for_user(request.user).select_related("file", "rejects", "job")
    return get_object_or_404(rows, pk=pk)


@router.get("/imports", response=Rows[ImportOut], auth=READ, summary="Imports")
def imports(
    request: TokenRequest, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[ImportOut]:
    """One's own, or everybody's for who may write everywhere; the latest first."""
    rows = ImportBatch.objects.for_user(request.user).select_related("file", "job")
    return listed(request, response, rows, _told, after=after, limit=limit, keyset=LATEST)


@router.get("/imports/{int:pk}", response=ImportOut, auth=READ, summary="One import, and how far it is")
def one_import(request: TokenRequest, pk: Id) -> ImportOut:
    return _told(_one(request, pk))


@router.get("/imports/{int:pk}/rejects", auth=READ, summary="Rows to correct", openapi_extra=BYTES)
def rejects(request: TokenRequest, pk: Id) -> HttpResponseBase:
    held = _one(request, pk)
    if held.rejects is None:
        raise Http404
    return respond(held.rejects)


@router.get("/imports/{int:pk}/kept", response=Rows[KeptOut], auth=READ, summary="What an undo has left")
def kept(
    request: TokenRequest, pk: Id, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[KeptOut]:
    rows = _one(request, pk).kept.for_user(request.user).select_related("customer")
    own = own_labels()

    def told(one: ImportKept) -> KeptOut:
        what, why, remedy = told_of(one, own)
        whose = StayedOut(id=one.customer.pk, number=one.customer.number, name=one.customer.name)
        return KeptOut(customer=whose, what=what, why=why, remedy=remedy)

    return listed(request, response, rows, told, after=after, limit=limit)


# --- as it is done ---


@router.post("/imports", response={201: ImportOut}, auth=WRITE, summary="Bring a file")
def upload(request: TokenRequest, file: Brought, target: Target = "") -> Status[ImportOut]:
    """A form (`multipart/form-data`). It is looked at, and nothing is written before it is run."""
    held = actions.upload(file, name=file.name or "", target=target, by=request.user, now=timezone.now())
    return Status(201, _told(_one(request, held.pk)))


@router.patch("/imports/{int:pk}", response=ImportOut, auth=WRITE, summary="Say how a file is read")
def change(request: TokenRequest, pk: Id, given: ImportChange) -> ImportOut:
    """What the file holds and how it is read; then which column goes where."""
    held, sent = _one(request, pk), given.dict(exclude_none=True)
    read = {name: sent[name] for name in READING if name in sent}
    extra = {name: sent[name] for name in EXTRA if name in sent}
    with transaction.atomic():
        if read:
            held = _read_anew(request, held, read)
        if extra or given.mapping is not None:
            _map(request, held, given.mapping or {}, extra)
    return _told(_one(request, pk))


def _read_anew(request: TokenRequest, held: ImportBatch, read: dict[str, Any]) -> ImportBatch:
    allowed = actions.targets_for(request.user)
    blank = ReadingForm(batch=held, allowed=allowed)
    _offered(blank, read)
    form = ReadingForm({**{n: blank[n].initial for n in blank.fields}, **read}, batch=held, allowed=allowed)
    _valid(form)
    chosen = dict(form.cleaned_data)
    target = chosen.pop("target", None)
    return actions.choose(
        held, by=request.user, now=timezone.now(), reading=chosen, mapping={}, target=target
    )


def _map(
    request: TokenRequest, held: ImportBatch, mapping: Mapping[str, str | None], extra: Mapping[str, Any]
) -> None:
    more: dict[str, Any] = {"currency": get("company.currency"), "masked": request.user.role.masked}
    blank = ColumnsForm(batch=held, **more)
    sent = {f"map-{name}": column or "" for name, column in mapping.items()} | dict(extra)
    _offered(blank, sent)
    shown = {name: blank[name].initial for name in blank.fields if name in EXTRA or name.startswith("map-")}
    form = ColumnsForm({**shown, **sent}, batch=held, **more)
    _valid(form)
    actions.choose(held, by=request.user, now=timezone.now(), mapping=form.mapping, choices=form.choices)


@router.post("/imports/{int:pk}/check", response=ImportOut, auth=WRITE, summary="Try an import out")
def check(request: TokenRequest, pk: Id) -> ImportOut:
    """The dry run, in the background: it reads the whole file and writes nothing."""
    actions.try_out(_one(request, pk), by=request.user, now=timezone.now())
    return _told(_one(request, pk))


@router.post("/imports/{int:pk}/run", response=ImportOut, auth=WRITE, summary="Run an import")
def run(request: TokenRequest, pk: Id) -> ImportOut:
    """In the background; also goes on with one that stopped."""
    actions.start(_one(request, pk), by=request.user, now=timezone.now())
    return _told(_one(request, pk))


@router.post("/imports/{int:pk}/undoing", response=ImportOut, auth=WRITE, summary="Undo an import")
def undoing(request: TokenRequest, pk: Id) -> ImportOut:
    """In the background. What others have built upon stays, and `kept` tells of it."""
    actions.undo_in_background(_one(request, pk), by=request.user, now=timezone.now())
    return _told(_one(request, pk))


@router.delete("/imports/{int:pk}", response={204: None}, auth=WRITE, summary="Throw an import away")
def discard(request: TokenRequest, pk: Id) -> Status[None]:
    """One that never ran, with its file."""
    actions.discard(_one(request, pk), by=request.user, now=timezone.now())
    return Status(204, None)
