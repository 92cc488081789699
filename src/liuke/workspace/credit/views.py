"""The card as a filing tool: its credit sheet (DB05), its nine uses (DB06), who has opened it (DB11)."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from liuke.customers.credit.actions import agree
from liuke.customers.models import Credit, Customer, Reading
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.kit.rules import major, minor_digits
from liuke.platform.kit.views import done
from liuke.platform.preferences.actions import get
from liuke.workspace.credit.actions import sheet_of
from liuke.workspace.credit.forms import CreditForm
from liuke.workspace.credit.rules import USES

READERS_SHOWN = 100


def _readable(request: StaffRequest, pk: int) -> Customer:
    rows = Customer.objects.for_user(request.user).select_related("owner")
    return get_object_or_404(rows, pk=pk)


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def sheet(request: StaffRequest, pk: int) -> HttpResponse:
    """Limit and terms beside what the grade suggests, trading and complaints. What is owed is not kept here, and it says so."""
    user, now = request.user, timezone.now()
    customer = _readable(request, pk)
    context = {
        "customer": customer,
        "sheet": sheet_of(customer, now=now),
        "may_agree": user.may(Right.SEE_TEAM)
        and user.may(Right.EDIT_CUSTOMERS)
        and Customer.objects.writable_by(user).filter(pk=pk).exists(),
        "now": now,
    }
    return render(request, "workspace/credit/sheet.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Right.SEE_TEAM)
def agreement(request: StaffRequest, pk: int) -> HttpResponse:
    request.user.require(Right.EDIT_CUSTOMERS)
    customer = get_object_or_404(Customer.objects.writable_by(request.user), pk=pk)
    held = Credit.objects.current().filter(customer=customer).first()
    shown = {"limit": major(held.limit_minor, held.currency), "days": held.days} if held else {"days": 0}
    form = CreditForm(request.POST if request.method == "POST" else None, initial=shown)
    currency = get("company.currency")
    if form.is_valid():
        told = form.cleaned_data
        minor = int(told["limit"].scaleb(minor_digits(currency)))
        try:
            agree(
                customer,
                limit_minor=minor,
                days=told["days"],
                note=told["note"],
                by=request.user,
                now=timezone.now(),
            )
        except Unfit as error:
            form.add_error(error.field if error.field in form.fields else None, ValidationError(error.text))
        else:
            messages.success(request, _("Saved."))
            return done(request, to=reverse("customer-credit", args=[pk]), changed=("credit",))
    context = {"customer": customer, "form": form, "currency": currency}
    status = 422 if form.is_bound else 200
    return render(request, "workspace/credit/agreement.html", context, status=status)


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def uses(request: StaffRequest, pk: int) -> HttpResponse:
    """What the card is good for, each with a way to where it is done for this customer."""
    customer = _readable(request, pk)
    writable = Customer.objects.writable_by(request.user).filter(pk=pk).exists()
    rows = []
    for use in USES:
        if not request.user.may(use.right) or (use.right == Right.LOG_CONTACTS and not writable):
            continue
        href = reverse(use.route) + f"?stage={customer.stage}" if use.query else reverse(use.route, args=[pk])
        rows.append((use, href))
    return render(request, "workspace/credit/uses.html", {"customer": customer, "rows": rows})


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def readers(request: StaffRequest, pk: int) -> HttpResponse:
    """Who has opened this card: for whoever looks after the customer, and for who sees the team's work."""
    customer = _readable(request, pk)
    if customer.owner_id != request.user.pk and not request.user.may(Right.SEE_TEAM):
        raise Http404
    rows = Reading.objects.filter(customer=customer, what="card").select_related("user__team")
    context = {
        "customer": customer,
        "rows": list(rows.order_by("-at", "-pk")[:READERS_SHOWN]),
        "days": get("reading.keep_days"),
        "shown": READERS_SHOWN,
        "now": timezone.now(),
    }
    return render(request, "workspace/credit/readers.html", context)
