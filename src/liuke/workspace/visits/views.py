"""A visit: the brief before it, its result after it, and the report of what was missed (DB08, DB12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.customers.followups.rules import TooLate
from liuke.customers.models import Card, Customer, FollowUp, Visit
from liuke.customers.records.rules import Unfit
from liuke.customers.reveals.actions import veil
from liuke.customers.visits.actions import (
    NotLooked,
    end_visit,
    may_take_back,
    report_of,
    start_visit,
    take_visit_back,
    write_up,
)
from liuke.customers.visits.rules import PERIODS
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.kit.rules import minor_digits, money_text
from liuke.platform.kit.views import done, say
from liuke.platform.preferences.actions import get
from liuke.workspace.shell.actions import watched
from liuke.workspace.visits.actions import brief, met
from liuke.workspace.visits.forms import ResultForm

FORM = ["GET", "HEAD", "POST"]
SHOWN = 100
LOOKED = "visits.looked"


def _mine(request: StaffRequest, pk: int) -> Customer:
    rows = Customer.objects.writable_by(request.user).select_related("owner")
    return get_object_or_404(rows, pk=pk)


def _money() -> Callable[[float], str]:
    currency, language = get("company.currency"), translation.get_language() or "zh-hans"
    digits = minor_digits(currency)
    return lambda amount: money_text(round(amount * 10**digits), currency, language)


def _planned(request: StaffRequest, customer: Customer) -> FollowUp | None:
    asked = request.GET.get("followup", "")
    rows = FollowUp.objects.open().filter(customer=customer)
    return rows.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 19 else None


def _looked_at(request: StaffRequest, customer: Customer) -> datetime | None:
    """When this reader was shown the brief that he sends back; None for what we did not sign for him."""
    try:
        who, pk, at = signing.loads(request.POST.get("looked", ""), salt=LOOKED)
    except signing.BadSignature:
        return None
    return datetime.fromisoformat(at) if (who, pk) == (request.user.pk, customer.pk) else None


@require_http_methods(FORM)
@staff(Right.LOG_CONTACTS)
@watched("card")
def visit(request: StaffRequest, pk: int) -> HttpResponse:
    """The brief, which is a look at the card; a POST begins the visit, and warns whoever has not looked."""
    if (found := met(pk, request.user)) is None:
        raise Http404
    (customer, score), now, unlooked = found, timezone.now(), False
    if request.method == "POST":
        anyway = request.POST.get("anyway") == "1"
        try:
            start_visit(
                customer,
                followup=_planned(request, customer),
                looked_at=_looked_at(request, customer),
                anyway=anyway,
                by=request.user,
                now=now,
            )
        except NotLooked:
            unlooked = True
        else:
            said = _("The visit has begun. Afterwards, write down how it went.")
            say(request, said, undo=reverse("customer-visit-reversal", args=[pk]))
            return redirect("customer-visit", pk)
    going = Visit.objects.unwritten().filter(customer=customer, by=request.user).first()
    veil(customer, (), request.user, now)
    context: dict[str, Any] = {"customer": customer, "visit": going, "unlooked": unlooked, "now": now}
    context["may_take_back"] = going is not None and may_take_back(going, by=request.user, now=now)
    if not unlooked:  # the warning does not show what was not looked at
        context |= brief(customer, score, money=_money())
        context["currency"] = get("company.currency")
        context["looked"] = signing.dumps([request.user.pk, pk, now.isoformat()], salt=LOOKED)
    return render(request, "workspace/visits/brief.html", context, status=422 if unlooked else 200)


def _going(request: StaffRequest, customer: Customer) -> Visit:
    rows = Visit.objects.unwritten().filter(customer=customer, by=request.user)
    return get_object_or_404(rows.order_by("pk")[:1])


@require_POST
@staff(Right.LOG_CONTACTS)
def end(request: StaffRequest, pk: int) -> HttpResponse:
    """On the way out: the result is asked for at once, and waited for."""
    end_visit(_going(request, _mine(request, pk)), by=request.user, now=timezone.now())
    return redirect("customer-visit-closure", pk)


@require_POST
@staff(Right.LOG_CONTACTS)
def reversal(request: StaffRequest, pk: int) -> HttpResponse:
    """Begun by mistake: it was none."""
    try:
        take_visit_back(_going(request, _mine(request, pk)), by=request.user, now=timezone.now())
    except TooLate:
        messages.warning(request, _("That can't be taken back any more."))
    else:
        messages.success(request, _("Taken back: the visit counts for nothing."))
    return done(request, to=reverse("customer-visit", args=[pk]))


@require_http_methods(FORM)
@staff(Right.LOG_CONTACTS)
def closure(request: StaffRequest, pk: int) -> HttpResponse:
    """The result; then what the card still lacks, while it is fresh."""
    customer = _mine(request, pk)
    going = _going(request, customer)
    may_edit = request.user.may(Right.EDIT_CUSTOMERS)
    form = ResultForm(request.POST if request.method == "POST" else None, may_edit=may_edit)
    card = Card.objects.filter(customer=customer).first()
    if form.is_valid():
        try:
            write_up(going, **form.given(), by=request.user, now=timezone.now())
        except Unfit as error:
            form.add_error(error.field if error.field in form.fields else None, ValidationError(error.text))
        else:
            messages.success(request, _("Written up. It is on the timeline."))
            lacks = may_edit and card is not None and bool(card.missing)
            return redirect("customer-completion" if lacks else "customer", pk)
    context = {"customer": customer, "form": form, "visit": going, "card": card, "now": timezone.now()}
    return render(request, "workspace/visits/closure.html", context, status=422 if form.is_bound else 200)


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def report(request: StaffRequest) -> HttpResponse:
    """By person: visits, those begun without a look at the card, those not written up in time; and which these are."""
    now, asked = timezone.now(), request.GET.get("days", "")
    days = int(asked) if asked in {str(one) for one in PERIODS} else PERIODS[1]
    total, people = report_of(request.user, days=days, now=now)
    show = request.GET.get("show", "")
    show = show if show in ("all", "blind") else "late"
    rows = Visit.objects.for_user(request.user).standing().select_related("customer", "by")
    hours = get("visits.write_hours")
    if show == "late":
        rows = rows.late(hours=hours, now=now)
    else:
        rows = rows.filter(started_at__gte=now - timedelta(days=days))
        rows = rows.filter(card_viewed_at=None) if show == "blind" else rows
    context = {
        "days": days,
        "periods": PERIODS,
        "total": total,
        "people": people,
        "show": show,
        "rows": list(rows.order_by("-started_at", "-pk")[:SHOWN]),
        "hours": hours,
        "now": now,
    }
    return render(request, "workspace/visits/report.html", context)
