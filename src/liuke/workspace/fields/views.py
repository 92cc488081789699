"""The fields of the company's own: which there are, one of them, and what becomes of it (DB16)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.customers.fields import actions
from liuke.customers.fields.models import blocks, field_types
from liuke.customers.fields.rules import PLACES
from liuke.customers.models import CustomField
from liuke.customers.records.models import kinds, scopes
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.workspace.fields.forms import FieldForm

FORM = ["GET", "HEAD", "POST"]
COUNTED = 10_000  # as far as it is counted for how many a field is filled in


@require_safe
@staff(Right.MANAGE_SETTINGS)
def fields(request: StaffRequest) -> HttpResponse:
    rows = list(CustomField.objects.all())
    used = [
        (name, [one for one in rows if one.archived_at is None and one.block == code])
        for code, name in blocks()
    ]
    context = {
        "blocks": [(name, [_told(one) for one in found]) for name, found in used if found],
        "archived": [_told(one) for one in rows if one.archived_at is not None],
        "now": timezone.now(),
    }
    return render(request, "workspace/fields/fields.html", context)


def _told(one: CustomField) -> tuple[CustomField, str, str, str]:
    """With its type, whose it is and where else it shows up, in words."""
    whose = [str(dict(kinds()).get(one.kind, "")), str(dict(scopes()).get(one.scope, ""))]
    places = [_(PLACES[place]) for place in one.places if place in PLACES]
    return (
        one,
        str(dict(field_types())[one.type]),
        " · ".join(word for word in whose if word),
        " · ".join(places),
    )


@require_http_methods(FORM)
@staff(Right.MANAGE_SETTINGS)
def new_field(request: StaffRequest) -> HttpResponse:
    form = FieldForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        made = _try(form, lambda: actions.add_field(**form.given(), by=request.user, now=timezone.now()))
        if made:
            messages.success(request, _("The field is on the cards from now on."))
            return redirect("fields")
    return _page(request, form, title=_("New field"))


@require_http_methods(FORM)
@staff(Right.MANAGE_SETTINGS)
def field(request: StaffRequest, pk: int) -> HttpResponse:
    held = get_object_or_404(CustomField, pk=pk)
    form = FieldForm(request.POST if request.method == "POST" else None, held=held)
    if form.is_valid():
        changed = _try(
            form, lambda: actions.edit_field(held, **form.given(), by=request.user, now=timezone.now())
        )
        if changed:
            messages.success(request, _("Saved."))
            return redirect("fields")
    filled = held.values.filter(place=0).order_by()[: COUNTED + 1].count()
    return _page(
        request, form, title=str(held), held=held, filled=min(filled, COUNTED), more=filled > COUNTED
    )


def _try(form: FieldForm, act: Callable[[], CustomField]) -> CustomField | None:
    try:
        return act()
    except Unfit as error:
        form.refuse(error)
        return None


def _page(request: StaffRequest, form: FieldForm, **context: Any) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "workspace/fields/field.html", {"form": form, **context}, status=status)


@require_POST
@staff(Right.MANAGE_SETTINGS)
def position(request: StaffRequest, pk: int) -> HttpResponse:
    """One up, or one down."""
    held = get_object_or_404(CustomField, pk=pk)
    actions.move_field(held, up=request.POST.get("to") == "up", by=request.user, now=timezone.now())
    return redirect("fields")


@require_POST
@staff(Right.MANAGE_SETTINGS)
def archive(request: StaffRequest, pk: int) -> HttpResponse:
    held = get_object_or_404(CustomField, pk=pk)
    actions.archive_field(held, by=request.user, now=timezone.now())
    messages.success(request, _("“%(name)s” is off the cards; what is filled in stays.") % {"name": held})
    return redirect("fields")


@require_POST
@staff(Right.MANAGE_SETTINGS)
def restoration(request: StaffRequest, pk: int) -> HttpResponse:
    held = get_object_or_404(CustomField, pk=pk)
    try:
        actions.restore_field(held, by=request.user, now=timezone.now())
    except Unfit as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("“%(name)s” is on the cards again.") % {"name": held})
    return redirect("fields")


@require_POST
@staff(Right.MANAGE_SETTINGS)
def erasure(request: StaffRequest, pk: int) -> HttpResponse:
    held = get_object_or_404(CustomField, pk=pk)
    try:
        erased = actions.erase_field(held, by=request.user, now=timezone.now())
    except Unfit as error:
        messages.error(request, error.text)
    else:
        text = ngettext(
            "The field is gone, and %(n)s value with it.",
            "The field is gone, and %(n)s values with it.",
            erased,
        )
        messages.success(request, text % {"n": erased})
    return redirect("fields")
