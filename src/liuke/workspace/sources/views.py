"""Where customers come from: the report that opens them, and the list that the office keeps (DB17)."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.customers.records.rules import Unfit
from liuke.customers.sources import actions
from liuke.customers.sources.rules import Line
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.lists.rules import NOBODY, VALUE_LIMIT
from liuke.workspace.sources.forms import SourceForm


def _opens(line: Line) -> str:
    """The address of the list that holds exactly these; "" where they are written in more ways than an address asks for."""
    if len(line.written) > VALUE_LIMIT:
        return ""
    return urlencode([("source", words or NOBODY) for words in line.written])


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def report(request: StaffRequest) -> HttpResponse:
    found = actions.by_source(request.user)
    total = sum(one.customers for one in found)
    rows = [(one, one.customers / total, _opens(one)) for one in found]
    context = {"rows": rows, "total": total, "may_manage": request.user.may(Right.MANAGE_SETTINGS)}
    return render(request, "workspace/sources/report.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Right.MANAGE_SETTINGS)
def sources(request: StaffRequest) -> HttpResponse:
    form = SourceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.add_source(form.cleaned_data["name"], by=request.user, now=timezone.now())
        except Unfit as error:
            form.add_error("name", ValidationError(error.text))
        else:
            messages.success(request, _("Saved."))
            return redirect("sources")
    context = {"form": form, "known": actions.sources()}
    status = 422 if form.is_bound else 200
    return render(request, "workspace/sources/sources.html", context, status=status)


@require_POST
@staff(Right.MANAGE_SETTINGS)
def retirement(request: StaffRequest) -> HttpResponse:
    """No form proposes it any more; with `back` it does again."""
    wanted = request.POST.get("code", ""), request.POST.get("own", "")
    known = {(one.code, str(one.own_id or "")): one for one in actions.sources()}
    if wanted not in known:
        raise Http404
    back = request.POST.get("back") == "1"
    actions.retire_source(known[wanted], back=back, by=request.user, now=timezone.now())
    messages.success(request, _("Saved."))
    return redirect("sources")
