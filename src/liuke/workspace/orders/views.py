"""Orders and returns that somebody types in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from liuke.customers.models import Customer, Purchase
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.preferences.actions import get
from liuke.workspace.orders import actions
from liuke.workspace.orders.forms import MOST_ROWS, ROWS, Lines, OrderForm, ReturnForm, lines_of

FORM = ["GET", "HEAD", "POST"]


@require_http_methods(FORM)
@staff(Right.RECORD_PURCHASES)
def new_order(request: StaffRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer.objects.writable_by(request.user), pk=pk)
    usual = (
        Purchase.objects.filter(customer=customer).order_by("-at").values_list("currency", flat=True).first()
    )
    own = get("company.currency")
    currencies = list(dict.fromkeys([usual or own, own, *get("money.rates")]))
    if request.method == "POST" and "more" in request.POST:
        return _order_page(request, customer, *_with_more_rows(request, currencies))
    posted = request.POST if request.method == "POST" else None
    form, lines = OrderForm(posted, currencies=currencies), lines_of(posted)
    if form.is_valid() & lines.is_valid():
        sold = lines.lines(form.cleaned_data["currency"])
        if lines.total_error_count() == 0:
            try:
                made = actions.add_order(
                    customer, **form.cleaned_data, lines=sold, by=request.user, now=timezone.now()
                )
            except Unfit as error:
                _tell(form, error)
            else:
                messages.success(request, _("The order is in the books."))
                return redirect("purchase", made.pk)
    return _order_page(request, customer, form, lines)


def _with_more_rows(request: StaffRequest, currencies: list[str]) -> tuple[OrderForm, Lines]:
    """As typed, with more empty rows, and nothing judged yet."""
    typed = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    count = typed.get("line-TOTAL_FORMS", "")
    rows = min(MOST_ROWS, (int(count) if count.isdecimal() and len(count) < 4 else 0) + ROWS)
    form = OrderForm(initial=typed, currencies=currencies)
    names = ("product", "quantity", "price", "is_new")
    kept = [{name: typed.get(f"line-{row}-{name}", "") for name in names} for row in range(rows)]
    lines = lines_of(initial=kept)
    lines.extra = 0
    return form, lines


def _order_page(request: StaffRequest, customer: Customer, form: OrderForm, lines: Lines) -> HttpResponse:
    context = {
        "customer": customer,
        "form": form,
        "lines": lines,
        "products": actions.offered(),
        "may_have_more": len(lines.forms) < MOST_ROWS,
    }
    wrong = form.is_bound
    return render(request, "workspace/orders/order.html", context, status=422 if wrong else 200)


@require_http_methods(FORM)
@staff(Right.RECORD_PURCHASES)
def give_back(request: StaffRequest, pk: int) -> HttpResponse:
    within = Purchase.objects.for_user(request.user).filter(
        kind="order", customer__in=Customer.objects.writable_by(request.user)
    )
    order = get_object_or_404(within.select_related("customer"), pk=pk)
    posted: Any = request.POST if request.method == "POST" else None
    form = ReturnForm(posted, left=actions.left(order), currency=order.currency)
    if form.is_valid():
        try:
            made = actions.take_back(
                order,
                kind=form.cleaned_data["kind"],
                on=form.cleaned_data["on"],
                parts=form.parts,
                by=request.user,
                now=timezone.now(),
            )
        except Unfit as error:
            _tell(form, error)
        else:
            messages.success(request, _("It is taken back."))
            return redirect("purchase", made.pk)
    context = {"order": order, "form": form}
    return render(request, "workspace/orders/return.html", context, status=422 if form.is_bound else 200)


def _tell(form: Form, error: Unfit) -> None:
    form.add_error(error.field if error.field in form.fields else None, ValidationError(error.text))
