"""The customer statistics summary: all who are in business with their key figures, and what these come to (DB05)."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.scores.grades.rules import GRADES
from liuke.scores.models import Score
from liuke.scores.runs.actions import current_run

SHOWN = 100  # on the page and on paper; the file has all of them
ACTIVE = urlencode([("grade", grade) for grade in GRADES] + [("sort", "-value")])
FIGURES = ("value_12m_minor", "total_minor", "profit_minor", "value_at_risk_minor", "purchases")


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def summary(request: StaffRequest) -> HttpResponse:
    """Whoever has a grade has bought within the window: these are the active ones, as in the pyramid."""
    run = current_run()
    rows = Score.objects.for_user(request.user).filter(run=run).exclude(grade="")
    every = Score.objects.summed_for(request.user).filter(run=run).exclude(grade="")
    context = {
        "run": run,
        "rows": rows.select_related("customer__owner").order_by("-value_12m_minor", "customer")[:SHOWN],
        "totals": every.aggregate(n=Count("pk"), **{name: Sum(name) for name in FIGURES}),
        "active": ACTIVE,
        "may_export": request.user.may(Right.EXPORT_CUSTOMERS),
        "now": timezone.now(),
        "shown": SHOWN,
    }
    return render(request, "workspace/summary/summary.html", context)
