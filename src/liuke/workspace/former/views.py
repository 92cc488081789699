"""Customers who have bought and do no more, the most valuable first; and those who have come back (CL18)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import CharField, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from liuke.customers.models import Customer, StageChange, Standing
from liuke.customers.stages.rules import reason_text
from liuke.customers.standings.rules import DECLINES
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.preferences.actions import get
from liuke.scores.runs.actions import current_run

SHOWN = 100
GONE = ("dormant", "lost")
BACK_DAYS = 365


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def former(request: StaffRequest) -> HttpResponse:
    run, now = current_run(), timezone.now()
    which = request.GET.get("which", "")
    stages = (which,) if which in GONE else ("won_back",) if which == "back" else GONE
    rows = Customer.objects.summed_for(request.user).filter(stage__in=stages)
    if which == "back":
        rows = rows.filter(stage_since_at__gte=now - timedelta(days=BACK_DAYS))
    customers: list[Any] = list(_told(rows, run.pk if run else None))
    context = {
        "rows": [(one, _why(one)) for one in customers[:SHOWN]],
        "more": len(customers) > SHOWN,
        "which": which if which in (*GONE, "back") else "",
        "currency": run.currency if run else get("company.currency"),
        "may_win": request.user.may(Right.WORK_FOLLOWUPS) and request.user.may(Right.EDIT_CUSTOMERS),
        "now": now,
    }
    return render(request, "workspace/former/former.html", context)


def _told(rows: QuerySet[Customer], run: int | None) -> QuerySet[Customer]:
    """The first of them, each with what he has brought in all, and why he went, as far as somebody or a rule has said.

    First which, then what is told of them: half of all who ever bought may be gone (measured with 58,000: 40 ms
    instead of 90).
    """

    def judged(some: QuerySet[Customer]) -> QuerySet[Customer]:
        return some.annotate(score=FilteredRelation("scores", condition=Q(scores__run=run)))

    most = (F("score__total_minor").desc(nulls_last=True), "pk")
    said = Standing.objects.current("decline").filter(customer=OuterRef("pk")).values("value")[:1]
    step = StageChange.objects.filter(customer=OuterRef("pk")).order_by("-at", "-pk").values("reason")[:1]
    first = judged(rows).order_by(*most).values("pk")[: SHOWN + 1]
    told = judged(Customer.objects.filter(pk__in=first)).annotate(
        total_minor=F("score__total_minor"),
        decline=Subquery(said, output_field=CharField()),
        step_reason=Subquery(step, output_field=CharField()),
    )
    return told.select_related("owner").order_by(*most)


def _why(one: Any) -> str:
    return str(DECLINES[one.decline]) if one.decline in DECLINES else reason_text(one.step_reason or "")
