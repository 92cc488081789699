"""How a customer is kept: what he needs, from need to demand, and the plan to keep him (SC03, SC06)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.customers.keeping.actions import add_step, close_plan, open_plan
from liuke.customers.models import Customer, KeepingPlan, Need
from liuke.customers.needs.actions import add_need, by_level, edit_need, end_need, promote
from liuke.customers.needs.rules import LEVELS
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.kit.views import done
from liuke.workspace.keeping.forms import (
    ClosureForm,
    EndingForm,
    KeepingForm,
    NeedForm,
    PlanForm,
    StepForm,
)
from liuke.workspace.shell.forms import end_of_work

FORM = ["GET", "HEAD", "POST"]
ENDED_SHOWN = 5
SHOWN = 100


def _mine(request: StaffRequest, pk: int) -> Customer:
    return get_object_or_404(Customer.objects.writable_by(request.user), pk=pk)


def _posted(request: StaffRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _form(
    request: StaffRequest, customer: Customer, form: KeepingForm, act: Callable[[], object], title: str
) -> HttpResponse:
    """Shows the form in the dialog, or does what it asks and shows the steps anew."""
    if form.is_valid():
        try:
            act()
        except Unfit as error:
            form.refuse(error)
        else:
            return _back(request, customer)
    context = {"customer": customer, "form": form, "title": title}
    return render(request, "workspace/keeping/form.html", context, status=422 if form.is_bound else 200)


def _back(request: StaffRequest, customer: Customer) -> HttpResponse:
    messages.success(request, _("Saved."))
    to = reverse("customer", args=[customer.pk])
    return done(request, to=to, changed=("keeping", "customer", "timeline", "followups"))


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def steps(request: StaffRequest, pk: int) -> HttpResponse:
    """A page of its own, and a part of the card that comes after the rest."""
    user = request.user
    customer = get_object_or_404(Customer.objects.for_user(user), pk=pk)
    known = list(Need.objects.filter(customer=customer).select_related("product").prefetch_related("steps"))
    ended = [one for one in known if one.ended_at]
    plan = KeepingPlan.objects.filter(customer=customer).select_related("owner").first()
    taken = plan.steps.select_related("followup__assignee") if plan else []
    context = {
        "customer": customer,
        "needs": [one for one in known if not one.ended_at],
        "ended": ended[:ENDED_SHOWN],
        "plan": plan,
        "steps": list(taken),
        "may_edit": user.may(Right.EDIT_CUSTOMERS)
        and Customer.objects.writable_by(user).filter(pk=pk).exists(),
        "may_work": user.may(Right.WORK_FOLLOWUPS),
        "now": timezone.now(),
    }
    return render(request, "workspace/keeping/steps.html", context)


# --- needs ---


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def levels(request: StaffRequest) -> HttpResponse:
    """How many needs there are of each level, and the latest of them."""
    chosen = request.GET.get("level", "")
    rows = Need.objects.for_user(request.user).open()
    if chosen in LEVELS:
        rows = rows.filter(level=chosen)
    context = {
        "levels": by_level(request.user),
        "chosen": chosen if chosen in LEVELS else "",
        "rows": list(rows.select_related("customer__owner", "product")[:SHOWN]),
        "shown": SHOWN,
        "now": timezone.now(),
    }
    return render(request, "workspace/keeping/needs.html", context)


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def needs(request: StaffRequest, pk: int) -> HttpResponse:
    customer, form = _mine(request, pk), NeedForm(_posted(request))
    act = lambda: add_need(customer, **form.cleaned_data, by=request.user, now=timezone.now())  # noqa: E731 - an act like the others
    return _form(request, customer, form, act, _("New need"))


def _need(customer: Customer, pk: int) -> Need:
    rows = Need.objects.open().filter(customer=customer).select_related("product")
    return get_object_or_404(rows, pk=pk)


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def need(request: StaffRequest, pk: int, need: int) -> HttpResponse:
    customer = _mine(request, pk)
    held = _need(customer, need)
    form = NeedForm(_posted(request), held=held)
    act = lambda: edit_need(held, **form.cleaned_data, by=request.user, now=timezone.now())  # noqa: E731 - an act like the others
    return _form(request, customer, form, act, _("Edit %(name)s") % {"name": held})


@require_POST
@staff(Right.EDIT_CUSTOMERS)
def promotion(request: StaffRequest, pk: int, need: int) -> HttpResponse:
    customer = _mine(request, pk)
    held = _need(customer, need)
    try:
        promote(held, by=request.user, now=timezone.now())
    except Unfit as error:
        messages.error(request, error.text)
        return done(request, to=reverse("customer", args=[pk]), changed=("keeping",))
    return _back(request, customer)


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def ending(request: StaffRequest, pk: int, need: int) -> HttpResponse:
    customer = _mine(request, pk)
    held, form = _need(customer, need), EndingForm(_posted(request))

    def act() -> None:
        told = form.cleaned_data
        end_need(held, told["how"], reason=told["reason"], by=request.user, now=timezone.now())

    return _form(request, customer, form, act, str(held))


# --- the plan ---


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def plan(request: StaffRequest, pk: int) -> HttpResponse:
    customer, form = _mine(request, pk), PlanForm(_posted(request), by=request.user)

    def act() -> None:
        told = dict(form.cleaned_data)
        due_at = end_of_work(told.pop("step_due_on"))
        open_plan(customer, **told, step_due_at=due_at, by=request.user, now=timezone.now())

    return _form(request, customer, form, act, _("Open a loyalty plan"))


def _open(customer: Customer) -> KeepingPlan:
    return get_object_or_404(KeepingPlan.objects.open(), customer=customer)


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def plan_steps(request: StaffRequest, pk: int) -> HttpResponse:
    customer = _mine(request, pk)
    held, form = _open(customer), StepForm(_posted(request), by=request.user)

    def act() -> None:
        told = dict(form.cleaned_data)
        add_step(held, due_at=end_of_work(told.pop("due_on")), **told, by=request.user, now=timezone.now())

    return _form(request, customer, form, act, _("Next step of the plan"))


@require_http_methods(FORM)
@staff(Right.EDIT_CUSTOMERS)
def closure(request: StaffRequest, pk: int) -> HttpResponse:
    customer = _mine(request, pk)
    held, form = _open(customer), ClosureForm(_posted(request))

    def act() -> None:
        told = form.cleaned_data
        close_plan(held, told["outcome"], note=told["note"], by=request.user, now=timezone.now())

    return _form(request, customer, form, act, _("Close the loyalty plan"))
