"""Bringing in files: upload, see how it is read, try it out, run it, take it back."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.customers.imports import actions
from liuke.customers.imports.models import states
from liuke.customers.imports.rules import NOT_YET, UNDOABLE, NotNow
from liuke.customers.models import ImportBatch
from liuke.customers.presets.actions import remember
from liuke.customers.reading.actions import Refused, as_dict
from liuke.customers.records.rules import Unfit
from liuke.customers.remarks.rules import Remark, remark
from liuke.customers.undoing.actions import imports_that_hold
from liuke.customers.undoing.rules import kept_lines, told_of
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.files.rules import TooLarge
from liuke.platform.files.views import respond
from liuke.platform.jobs.actions import declared
from liuke.platform.jobs.models import Job
from liuke.platform.paging.actions import page
from liuke.platform.paging.rules import Column, Keyset, Kind
from liuke.platform.preferences.actions import get
from liuke.workspace.intake.forms import FOUND, ColumnsForm, ReadingForm, UploadForm
from liuke.workspace.intake.rules import FORMATS, SAMPLES, STEPS, TONES, counted, own_labels, preview

ROWS = 50
HELD_COUNTED = 1_000
OLDEST_FIRST = Keyset(Column("id", "", sort="id", kind=Kind.NUMBER), descending=False)
NEWEST_FIRST = Keyset(Column("id", "", sort="id", kind=Kind.NUMBER), descending=True)
FORM = ["GET", "HEAD", "POST"]


@require_safe
@staff(Right.IMPORT)
def imports(request: StaffRequest) -> HttpResponse:
    rows = ImportBatch.objects.for_user(request.user).select_related("file", "created_by")
    listed = page(rows, NEWEST_FIRST, after=request.GET.get("after", ""), limit=ROWS)
    names = dict(states())
    context = {
        "page": listed,
        "batches": [(batch, names[batch.state], TONES[batch.state]) for batch in listed],
        "now": timezone.now(),
    }
    return render(request, "workspace/intake/imports.html", context)


@require_http_methods(FORM)
@staff(Right.IMPORT)
def new_import(request: StaffRequest) -> HttpResponse:
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        initial={"target": request.GET.get("target", FOUND)},
    )
    told: list[Remark] = []
    if form.is_valid():
        file = form.cleaned_data["file"]
        target = form.wanted
        try:
            batch = actions.upload(file, name=file.name, target=target, by=request.user, now=timezone.now())
        except Refused as refusal:
            told = _told(refusal)
        except TooLarge as refusal:
            params = {"size": "…", "limit": f"{refusal.limit_bytes >> 20} MB"}
            told = [remark({"code": "file_too_large", "params": params})]
        else:
            return redirect("import-columns", batch.pk)
    wrong = bool(form.errors or told)
    context = {"form": form, "told": told, "samples": list(SAMPLES)}
    return render(request, "workspace/intake/new_import.html", context, status=422 if wrong else 200)


@require_safe
@staff(Right.IMPORT)
def sample(request: StaffRequest, target: str) -> HttpResponse:
    """A small file to begin with, as spreadsheets open it right."""
    if target not in SAMPLES:
        raise Http404
    content = SAMPLES[target].replace("\n", "\r\n").encode("utf-8-sig")
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="liuke-{target}.csv"'
    return response


@require_safe
@staff(Right.IMPORT)
def batch(request: StaffRequest, pk: int) -> HttpResponse:
    """Where an import stands; the page asks for itself while something is at work."""
    held = _held(request, pk)
    job = held.job if held.job and held.job.state in {"waiting", "running"} else None
    if held.state == "uploaded" and not job and not held.problems:
        return redirect("import-columns", pk)
    problems = [remark(problem) for problem in held.problems]
    context = {
        "batch": held,
        "state": dict(states())[held.state],
        "tone": TONES[held.state],
        "job": job,
        "step": _step(job) if job else "",
        "has_stopped": held.is_busy and job is None,
        "failed": held.job.error if held.job and held.job.state == "failed" else "",
        "counts": counted(held),
        "problems": problems,
        "more_problems": max(0, held.counts.get("rejected", 0) - len({p.row for p in problems} - {None})),
        "may_set_rates": request.user.may(Right.MANAGE_SETTINGS),
        "may_run": held.state == "checked" and not job,
        "may_change": held.state in NOT_YET and not job,
        "may_undo": may_undo(held) and not job,
        "has_kept": held.state == "undone" and held.kept.exists(),
        "now": timezone.now(),
    }
    return render(request, "workspace/intake/import.html", context)


def may_undo(held: ImportBatch) -> bool:
    if held.state == "undone":
        return held.may_be_undone_again
    return held.state in UNDOABLE and bool(held.counts)


def _step(job: Job) -> str:
    """What it is at; while it waits, for what."""
    if job.progress_note in STEPS:
        return _(STEPS[job.progress_note])
    before = Job.objects.filter(state="running").exclude(pk=job.pk).order_by("id").first()
    spec = declared().get(before.name) if before else None
    if job.state == "waiting" and spec and spec.label:
        return _("waiting until “%(job)s” is through") % {"job": _(spec.label)}
    return _("waiting for its turn")


@require_http_methods(FORM)
@staff(Right.IMPORT)
def columns(request: StaffRequest, pk: int) -> HttpResponse:
    """Columns into fields. Sent, they are tried out at once: that writes nothing."""
    held = _held(request, pk)
    if held.state not in NOT_YET:
        return redirect("import", pk)
    form = _columns_form(request, held, request.POST or None)
    told = _mismatches(held) if request.method == "POST" else []
    if form.is_valid():
        now = timezone.now()
        try:
            held = actions.choose(held, by=request.user, now=now, mapping=form.mapping, choices=form.choices)
            if form.preset is not None:
                remember(held, name=form.preset, by=request.user, now=now)
            actions.try_out(held, by=request.user, now=now)
        except Unfit as unfit:
            form.add_error("remember_as", ValidationError(unfit.text))
        except Refused:
            told = _mismatches(held)
            form = _columns_form(request, held, request.POST)
        except NotNow as refusal:
            return _not_now(request, refusal, pk)
        else:
            return redirect("import", pk)
    return _columns_page(request, held, form, told, status=422 if request.method == "POST" else 200)


def _columns_form(request: StaffRequest, held: ImportBatch, data: Any = None) -> ColumnsForm:
    return ColumnsForm(data, batch=held, currency=get("company.currency"), masked=request.user.role.masked)


def _mismatches(held: ImportBatch) -> list[Remark]:
    """What is wrong with the columns, but for the missing ones: these are marked where they are chosen."""
    return [remark(problem) for problem in held.reading["mismatches"] if problem["code"] != "column_missing"]


@require_POST
@staff(Right.IMPORT)
def reading(request: StaffRequest, pk: int) -> HttpResponse:
    """Another encoding, delimiter, sheet or row of names than was found."""
    held = _held(request, pk)
    told: list[Remark] = []
    chosen = ReadingForm(request.POST, batch=held, allowed=actions.targets_for(request.user))
    if chosen.is_valid():
        read = chosen.cleaned_data
        try:
            target = read.pop("target", None)
            held = actions.choose(
                held, by=request.user, now=timezone.now(), reading=read, mapping={}, target=target
            )
        except Refused as refusal:
            told = _told(refusal)
        except NotNow as refusal:
            return _not_now(request, refusal, pk)
        else:
            return redirect("import-columns", pk)
    form = _columns_form(request, held)
    return _columns_page(request, held, form, told, status=422)


def _columns_page(
    request: StaffRequest, held: ImportBatch, form: ColumnsForm, told: list[Remark], status: int = 200
) -> HttpResponse:
    read = held.reading
    context = {
        "batch": held,
        "form": form,
        "reading": ReadingForm(batch=held, allowed=actions.targets_for(request.user)),
        "format": _(FORMATS[read["options"]["format"]]),
        "columns": read["options"]["columns"],
        "preview": preview(held),
        "unmatched": read.get("unmatched", []),
        "told": told,
        "is_tried": request.method == "POST",
        "now": timezone.now(),
        "remarks": [remark(problem) for problem in read["remarks"]],
    }
    return render(request, "workspace/intake/columns.html", context, status=status)


@require_POST
@staff(Right.IMPORT)
def run(request: StaffRequest, pk: int) -> HttpResponse:
    try:
        actions.start(_held(request, pk), by=request.user, now=timezone.now())
    except NotNow as refusal:
        return _not_now(request, refusal, pk)
    except Refused:
        return redirect("import-columns", pk)
    return redirect("import", pk)


@require_http_methods(FORM)
@staff(Right.IMPORT)
def reversal(request: StaffRequest, pk: int) -> HttpResponse:
    """Asked first: what would stay, and which import goes before this one."""
    held = _held(request, pk)
    if request.method == "POST":
        try:
            actions.undo_in_background(held, by=request.user, now=timezone.now())
        except NotNow as refusal:
            return _not_now(request, refusal, pk)
        return redirect("import", pk)
    if not may_undo(held):
        return redirect("import", pk)
    holding = imports_that_hold(pk, most=HELD_COUNTED) if held.target == "customers" else {}
    batches = ImportBatch.objects.for_user(request.user).select_related("file").in_bulk(holding)
    context = {
        "batch": held,
        "holding": [(number, batches.get(number), count) for number, count in holding.items()],
        "is_counted": sum(holding.values()) < HELD_COUNTED,
    }
    return render(request, "workspace/intake/reversal.html", context)


@require_safe
@staff(Right.IMPORT)
def kept(request: StaffRequest, pk: int) -> HttpResponseBase:
    """What an undo has left, and why: a list, and the same as a file."""
    held = _held(request, pk)
    rows, own = held.kept.for_user(request.user).select_related("customer"), own_labels()
    if request.GET.get("form") == "csv":
        response = StreamingHttpResponse(kept_lines(rows, own), content_type="text/csv; charset=utf-8")
        name = quote(_("%(name)s, what stayed.csv") % {"name": Path(held.file.name).stem})
        response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        return response
    listed = page(rows, OLDEST_FIRST, after=request.GET.get("after", ""), limit=ROWS)
    context = {"batch": held, "page": listed, "rows": [(one, *told_of(one, own)) for one in listed]}
    return render(request, "workspace/intake/kept.html", context)


@require_POST
@staff(Right.IMPORT)
def removal(request: StaffRequest, pk: int) -> HttpResponse:
    try:
        actions.discard(_held(request, pk), by=request.user, now=timezone.now())
    except NotNow as refusal:
        return _not_now(request, refusal, pk)
    messages.success(request, _("The file has been thrown away."))
    return redirect("imports")


@require_safe
@staff(Right.IMPORT)
def rejects(request: StaffRequest, pk: int) -> HttpResponseBase:
    held = _held(request, pk)
    if held.rejects is None:
        raise Http404
    return respond(held.rejects)


def _held(request: StaffRequest, pk: int) -> ImportBatch:
    rows = ImportBatch.objects.for_user(request.user).select_related(
        "file", "rejects", "job", "created_by", "undone_by"
    )
    return get_object_or_404(rows, pk=pk)


def _told(refusal: Refused) -> list[Remark]:
    return [remark(as_dict(problem)) for problem in refusal.problems]


def _not_now(request: StaffRequest, refusal: NotNow, pk: int) -> HttpResponse:
    params: dict[str, Any] = refusal.params
    messages.error(request, _(refusal.message) % params)
    return redirect("import", pk)
