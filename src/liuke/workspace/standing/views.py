"""Where a customer stands by somebody's decision: level, attitude, relationship, one dialog for each."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from liuke.customers.models import Customer, Standing
from liuke.customers.records.rules import Unfit
from liuke.customers.standings.actions import decide
from liuke.customers.standings.rules import SERIES
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.kit.views import done
from liuke.workspace.standing.forms import LABELS, StandingForm


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Right.EDIT_CUSTOMERS)
def standing(request: StaffRequest, pk: int, what: str) -> HttpResponse:
    customer = get_object_or_404(Customer.objects.writable_by(request.user), pk=pk)
    history = (
        Standing.objects.filter(customer=customer, what=what).select_related("by").order_by("-at", "-id")
    )
    current = next((one.value for one in history if one.ended_at is None), "")
    form = StandingForm(request.POST or None, what=what, current=current)
    if form.is_valid():
        value, reason = form.cleaned_data["value"], form.cleaned_data["reason"]
        try:
            decide(customer, what, value, reason=reason, by=request.user, now=timezone.now())
        except Unfit as error:
            form.add_error(error.field if error.field in form.fields else None, ValidationError(error.text))
        else:
            messages.success(request, _("Saved."))
            to = reverse("customer", args=[customer.pk])
            return done(request, to=to, changed=("timeline", "followups", "customer"))
    context = {
        "customer": customer,
        "form": form,
        "title": LABELS[what],
        "history": [(one, SERIES[what].get(one.value, one.value)) for one in history],
        "now": timezone.now(),
    }
    return render(request, "workspace/standing/standing.html", context, status=422 if form.is_bound else 200)
