"""A file on the timeline: taken along, or taken away with a reason."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from liuke.customers.attachments.actions import may_take_away, take_away
from liuke.customers.models import Attachment
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.files.views import respond
from liuke.platform.kit.views import done
from liuke.workspace.shell.actions import watched


class RemovalForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Why it goes"), max_length=200)


def _held(request: StaffRequest, pk: int, attachment: int) -> Attachment:
    rows = Attachment.objects.for_user(request.user).filter(fact__customer=pk)
    return get_object_or_404(rows.select_related("fact__customer", "by", "removed_by", "file"), pk=attachment)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Right.VIEW_CUSTOMERS)
def attachment(request: StaffRequest, pk: int, attachment: int) -> HttpResponse:
    """Who brought it and when; a POST takes it away."""
    held = _held(request, pk, attachment)
    form = RemovalForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            take_away(held, **form.cleaned_data, by=request.user, now=timezone.now())
        except Unfit as error:
            form.add_error("reason", ValidationError(error.text))
        else:
            messages.success(request, _("The file is gone; the entry stays."))
            return done(request, to=reverse("customer", args=[pk]), changed=("timeline",))
    context = {"held": held, "form": form, "may_take_away": may_take_away(held, request.user)}
    return render(
        request, "workspace/attachments/attachment.html", context, status=422 if form.is_bound else 200
    )


@require_safe
@staff(Right.VIEW_CUSTOMERS)
@watched("card")
def content(request: StaffRequest, pk: int, attachment: int) -> HttpResponseBase:
    held = _held(request, pk, attachment)
    if held.file is None:
        return redirect("customer-attachment", pk, attachment)
    return respond(held.file)
