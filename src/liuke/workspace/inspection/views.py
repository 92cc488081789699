"""A card that is looked at: found right by whoever keeps it, returned or accepted by a supervisor (DB09, DB10)."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from liuke.customers.completeness import actions
from liuke.customers.models import Customer
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.kit.views import done
from liuke.workspace.inspection.forms import ReturnForm


def _mine(request: StaffRequest, pk: int) -> Customer:
    return get_object_or_404(Customer.objects.writable_by(request.user), pk=pk)


def _back(request: StaffRequest, customer: Customer, said: str) -> HttpResponse:
    messages.success(request, said)
    return done(request, to=reverse("customer", args=[customer.pk]), changed=("customer", "followups"))


@require_POST
@staff(Right.EDIT_CUSTOMERS)
def verification(request: StaffRequest, pk: int) -> HttpResponse:
    customer = _mine(request, pk)
    actions.verify(customer, by=request.user, now=timezone.now())
    return _back(request, customer, _("Noted as checked today."))


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Right.SEE_TEAM)
def giving_back(request: StaffRequest, pk: int) -> HttpResponse:
    customer = _mine(request, pk)
    form = ReturnForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            actions.return_card(customer, note=form.cleaned_data["note"], by=request.user, now=timezone.now())
        except Unfit as error:
            form.add_error("note", ValidationError(error.text))
        else:
            return _back(request, customer, _("It is on the owner's list."))
    status = 422 if form.is_bound else 200
    context = {"form": form, "customer": customer}
    return render(request, "workspace/inspection/return.html", context, status=status)


@require_POST
@staff(Right.SEE_TEAM)
def acceptance(request: StaffRequest, pk: int) -> HttpResponse:
    customer = _mine(request, pk)
    actions.accept_card(customer, by=request.user, now=timezone.now())
    return _back(request, customer, _("Accepted."))
