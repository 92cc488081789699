"""Large exports: what one has asked for, and what waits for one's approval."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from liuke.customers.exports import actions
from liuke.customers.models import ExportRequest
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.files.views import respond

SHOWN = 100


@require_safe
@staff(Right.EXPORT_CUSTOMERS)
def exports(request: StaffRequest) -> HttpResponse:
    now, user = timezone.now(), request.user
    rows = ExportRequest.objects.for_user(user).defer("ids").select_related("asker", "decided_by")[:SHOWN]
    context = {
        "rows": [
            (
                one,
                one.state == "asked" and user.may(Right.APPROVE_EXPORTS) and one.asker_id != user.pk,
                one.is_available(now) and one.asker_id == user.pk,
            )
            for one in rows
        ],
        "now": now,
    }
    return render(request, "workspace/exports/exports.html", context)


def _one(request: StaffRequest, pk: int) -> ExportRequest:
    return get_object_or_404(ExportRequest.objects.for_user(request.user), pk=pk)


@require_POST
@staff(Right.APPROVE_EXPORTS)
def approval(request: StaffRequest, pk: int) -> HttpResponse:
    try:
        actions.approve(_one(request, pk), by=request.user, now=timezone.now())
    except Unfit as error:
        messages.warning(request, error.text)
    else:
        messages.success(request, _("Approved. It is being written for whoever asked."))
    return redirect("exports")


@require_POST
@staff(Right.APPROVE_EXPORTS)
def refusal(request: StaffRequest, pk: int) -> HttpResponse:
    note = request.POST.get("note", "")[:200]
    try:
        actions.refuse(_one(request, pk), note=note, by=request.user, now=timezone.now())
    except Unfit as error:
        messages.warning(request, error.text)
    else:
        messages.success(request, _("Refused."))
    return redirect("exports")


@require_POST
@staff(Right.EXPORT_CUSTOMERS)
def file(request: StaffRequest, pk: int) -> HttpResponseBase:
    """For the asker alone. By POST, because each taking is written down."""
    asked = get_object_or_404(ExportRequest.objects.filter(asker=request.user), pk=pk)
    stored = actions.take(asked, by=request.user, now=timezone.now())
    if stored is None:
        raise Http404
    return respond(stored)
