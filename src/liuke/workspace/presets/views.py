"""Presets of imports: chosen for a file, renamed, removed."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.customers.imports.rules import NotNow
from liuke.customers.models import ImportBatch, ImportPreset
from liuke.customers.presets import actions
from liuke.customers.presets.rules import Fitted
from liuke.customers.reading.actions import Refused, as_dict
from liuke.customers.records.rules import Unfit
from liuke.customers.remarks.rules import remark
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.kit.views import done
from liuke.platform.paging.actions import page
from liuke.platform.paging.rules import Column, Keyset, Kind
from liuke.workspace.presets.forms import NameForm

ROWS = 50
NEWEST_FIRST = Keyset(Column("id", "", sort="id", kind=Kind.NUMBER), descending=True)


@require_safe
@staff(Right.IMPORT)
def presets(request: StaffRequest) -> HttpResponse:
    rows = ImportPreset.objects.among(actions.visible_to(request.user)).select_related("saved_by")
    listed = page(rows, NEWEST_FIRST, after=request.GET.get("after", ""), limit=ROWS)
    context = {
        "page": listed,
        "rows": [
            (one, actions.gone_of(one), actions.may_change(one, request.user), used_columns(one))
            for one in listed
        ],
        "now": timezone.now(),
    }
    return render(request, "workspace/presets/presets.html", context)


def used_columns(preset: ImportPreset) -> list[str]:
    return [column for column in preset.mapping.values() if column]


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Right.IMPORT)
def preset(request: StaffRequest, pk: int) -> HttpResponse:
    """Another name for it."""
    held = _held(request, pk)
    form = NameForm(request.POST or None, initial={"name": held.name}, auto_id="dialog_%s")
    if form.is_valid():
        try:
            actions.rename(held, form.cleaned_data["name"], by=request.user, now=timezone.now())
        except Unfit as error:
            form.add_error("name", ValidationError(error.text))
        else:
            messages.success(request, _("Saved."))
            return done(request, to="/imports/presets/", changed=("presets",))
    status = 422 if form.is_bound else 200
    context = {"form": form, "preset": held, "may_change": actions.may_change(held, request.user)}
    return render(request, "workspace/presets/preset.html", context, status=status)


@require_POST
@staff(Right.IMPORT)
def removal(request: StaffRequest, pk: int) -> HttpResponse:
    actions.remove(_held(request, pk), by=request.user, now=timezone.now())
    messages.success(
        request, _("The preset has been removed. Imports that were read by it stay as they are.")
    )
    return redirect("presets")


@require_POST
@staff(Right.IMPORT)
def use(request: StaffRequest, pk: int) -> HttpResponse:
    """Reads a file as a preset says; what does not fit any more is told."""
    batch = get_object_or_404(ImportBatch.objects.for_user(request.user), pk=pk)
    chosen = request.POST.get("preset", "")
    held = _held(request, int(chosen) if chosen.isdecimal() and len(chosen) < 18 else 0)
    try:
        _batch, fit = actions.use(held, batch, by=request.user, now=timezone.now())
    except NotNow as refusal:
        messages.error(request, _(refusal.message) % refusal.params)
        return redirect("import", pk)
    except Refused as refusal:
        for problem in refusal.problems:
            messages.error(request, remark(as_dict(problem)).text)
    except Unfit as refusal:
        messages.error(request, refusal.text)
    else:
        for text in unfitting(fit):
            messages.warning(request, text)
        messages.success(request, _("The file is read as in “%(name)s”.") % {"name": held.name})
    return redirect("import-columns", pk)


def unfitting(fit: Fitted) -> list[str]:
    told, comma = [], pgettext("in a list", ", ")
    if fit.gone:
        params = {"names": comma.join(fit.gone)}
        told.append(_("Fields of this preset that are no more: %(names)s. The rest is used.") % params)
    if fit.lost:
        params = {"names": comma.join(fit.lost)}
        told.append(_("Columns of this preset that the file does not have: %(names)s.") % params)
    return told


def _held(request: StaffRequest, pk: int) -> ImportPreset:
    rows = ImportPreset.objects.among(actions.visible_to(request.user)).select_related("saved_by")
    return get_object_or_404(rows, pk=pk)
