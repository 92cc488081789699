"""Who reads unusually much, for those who arrange departures; and the page that asks a reader for a reason."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from liuke.customers.models import Customer
from liuke.customers.readings.actions import give_reason, looked_at
from liuke.customers.readings.rules import KINDS
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, safe_path, signed_in, staff
from liuke.platform.models import User
from liuke.platform.paging.actions import page
from liuke.platform.paging.rules import Column, Keyset, Kind
from liuke.workspace.shell.actions import REASON_UNTIL
from liuke.workspace.vigil import actions
from liuke.workspace.vigil.forms import WhyForm

SHOWN = 100
NEWEST_FIRST = Keyset(Column("at", "", sort="at", kind=Kind.INSTANT), descending=True)


@require_safe
@staff(Right.HAND_OVER)
def board(request: StaffRequest) -> HttpResponse:
    """This week of everybody whom one sees against his own weeks and the colleagues'. To look is to have read the alerts."""
    now = timezone.now()
    people = list(
        User.objects.active().visible_to(request.user).select_related("role").order_by("name", "pk")
    )
    alerts = request.user.alerts
    looked_at(request.user)
    names = {code: _(name) for code, name in KINDS.items()}
    context = {
        "lines": [
            (line, [(names[code], one) for code, one in line.kinds.items()])
            for line in actions.lines(people, now=now)
        ],
        "kinds": list(names.values()),
        "alerts": alerts,
        "now": now,
    }
    return render(request, "workspace/vigil/board.html", context)


@require_safe
@staff(Right.HAND_OVER)
def person(request: StaffRequest, pk: int) -> HttpResponse:
    """Ninety days of one person: by day, each export and reveal, each card. Also of somebody who has left."""
    now = timezone.now()
    whose = get_object_or_404(User.objects.visible_to(request.user).select_related("role"), pk=pk)
    found = page(
        actions.opened(whose, by=request.user, now=now),
        NEWEST_FIRST,
        after=request.GET.get("after", ""),
        limit=SHOWN,
    )
    seen = Customer.objects.for_user(request.user).filter(pk__in=[one.customer_id for one in found.rows])
    context = {
        "whose": whose,
        "days": [
            (on, [(_(name), counts.get(code, 0)) for code, name in KINDS.items()])
            for on, counts in actions.by_day(whose, now=now)
        ],
        "kinds": [_(name) for name in KINDS.values()],
        "entries": actions.audited(whose, now=now)[:SHOWN],
        "page": found,
        "readable": set(seen.values_list("pk", flat=True)),
        "now": now,
    }
    return render(request, "workspace/vigil/person.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def reason(request: StaffRequest) -> HttpResponse:
    """For whoever was held: with a reason, which the audit keeps, it goes on for an hour."""
    where = safe_path(request, request.GET.get("next")) or reverse("today")
    form = WhyForm(request.POST or None)
    if form.is_valid():
        until = give_reason(request.user, form.cleaned_data["reason"], now=timezone.now())
        request.session[REASON_UNTIL] = until.isoformat()
        return redirect(where)
    return render(
        request, "workspace/vigil/reason.html", {"form": form}, status=422 if form.is_bound else 200
    )
