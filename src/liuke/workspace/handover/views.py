"""Leave and departure: who looks after whose customers, for some days or for good."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.customers.handovers.actions import end_leave
from liuke.platform.absences.actions import arrange
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.models import Absence
from liuke.workspace.handover.forms import LeaveForm

FORM = ["GET", "HEAD", "POST"]
SHOWN = 50


@require_safe
@staff(Right.HAND_OVER)
def handovers(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    absences = Absence.objects.for_user(request.user).select_related("person", "delegate")
    context = {
        "coming": [(one, one.state(now)) for one in absences.not_over(now).order_by("starts_at", "pk")],
        "past": absences.over(now)[:SHOWN],
        "now": now,
    }
    return render(request, "workspace/handover/handovers.html", context)


@require_http_methods(FORM)
@staff(Right.HAND_OVER)
def leave(request: StaffRequest) -> HttpResponse:
    form = LeaveForm(request.POST or None, initial={"person": request.GET.get("person")}, by=request.user)
    if form.is_valid():
        try:
            absence = arrange(**form.cleaned_data, by=request.user, now=timezone.now())
        except ValidationError as error:
            form.refuse(error)
        else:
            told = {"delegate": absence.delegate, "person": absence.person}
            messages.success(request, _("%(delegate)s stands in for %(person)s on these days.") % told)
            return redirect("handovers")
    return render(
        request, "workspace/handover/leave.html", {"form": form}, status=422 if form.is_bound else 200
    )


@require_POST
@staff(Right.HAND_OVER)
def leave_end(request: StaffRequest, pk: int) -> HttpResponse:
    absence = get_object_or_404(Absence.objects.for_user(request.user).select_related("person"), pk=pk)
    end_leave(absence, by=request.user, now=timezone.now())
    messages.success(request, _("%(person)s looks after everything again.") % {"person": absence.person})
    return redirect("handovers")
