"""Insight: who is worth what, who is leaving, what it is worth, and how far the forecast can be trusted."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.customers.completeness.actions import mean_percent
from liuke.customers.standings.actions import decide_for
from liuke.customers.standings.rules import DECLINES, LEVEL_BY_GRADE
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.jobs.actions import enqueue
from liuke.platform.kit.rules import Chart, Series
from liuke.platform.models import User
from liuke.scores.grades.rules import BANDS, GRADES
from liuke.scores.models import ScoreRun, TrackRecord
from liuke.scores.overview import actions as overview
from liuke.scores.overview.rules import YEAR, Stayed, first_day, last_day
from liuke.scores.questions.actions import RECENT_DAYS
from liuke.scores.runs.actions import current_run
from liuke.workspace.insight.actions import glance, looked_up
from liuke.workspace.insight.rules import (
    grids,
    judged_by,
    level_rows,
    pyramid,
    refused_for,
    risk_by_owner,
)

JOB = "scores.nightly"
COHORTS_SHOWN = 24


def customers_url(**query: str) -> str:
    """The customer list behind a figure."""
    return f"{reverse('customers')}?{urlencode(query)}"


def _page(request: StaffRequest, template: str, run: ScoreRun | None, **context: Any) -> HttpResponse:
    """Every figure in `context` is of the customers whom the reader may see; `whole_company`: those are the company's."""
    name = f"workspace/insight/{template if run or 'nights' in context else 'nothing'}.html"
    common = {
        "run": run,
        "now": timezone.now(),
        "may_score": request.user.may(Right.RUN_SCORES),
        "whole_company": overview.sees_everybody(request.user),
        "why": refused_for(run.forecast) if run and run.fallback else "",
    }
    if run and "judged" not in context:
        context["judged"] = overview.judged(run, request.user)
    return render(request, name, common | context)


@require_safe
@staff(Right.VIEW_INSIGHT)
def keeping(request: StaffRequest) -> HttpResponse:
    """Know, satisfy, keep, profit: one figure for each, and what stands behind it (SC01)."""
    run, now = current_run(), timezone.now()
    if run is None:
        return _page(request, "keeping", None)
    found = glance(run, request.user, now=now)
    layers = pyramid(found.groups, {})
    return _page(
        request,
        "keeping",
        run,
        judged=overview.judged(run, request.user, among=found.groups),
        glance=found,
        complaints=next(one for one in found.matters if one.kind == "complaint"),
        layers=[layer for layer in layers if layer.grade],
        customers=sum(layer.customers for layer in layers if layer.grade),
        sales_minor=sum(layer.sales_minor for layer in layers if layer.grade),
        at_risk_minor=sum(layer.at_risk_minor for layer in layers),
        at_risk_customers=sum(layer.at_risk_customers for layer in layers),
        who_stayed=_who_stayed(found.stayed) if found.stayed else "",
        recent_days=RECENT_DAYS,
    )


def _who_stayed(found: Stayed) -> str:
    """Bought in the year before the last twelve whole months, and since."""
    first, last = first_day(found.since - YEAR), last_day(found.since - 1)
    days = {"bought.since": first, "bought.until": last, "last_purchase.since": first_day(found.since)}
    return customers_url(sort="-value", **{name: day.isoformat() for name, day in days.items()})


@require_safe
@staff(Right.VIEW_INSIGHT)
def value(request: StaffRequest) -> HttpResponse:
    run = current_run()
    if run is None:
        return _page(request, "value", None)
    groups = overview.groups(request.user)
    layers = pyramid(groups, overview.movement(request.user))
    graded = [layer for layer in layers if layer.grade]
    context = {
        "judged": overview.judged(run, request.user, among=groups),
        "layers": layers,
        "customers": sum(layer.customers for layer in graded),
        "everybody": sum(layer.customers for layer in layers),
        "sales_minor": sum(layer.sales_minor for layer in graded),
        "all_sales_minor": sum(layer.sales_minor for layer in layers),
        "at_risk_minor": sum(layer.at_risk_minor for layer in layers),
        "at_risk_customers": sum(layer.at_risk_customers for layer in layers),
        "rose": sum(layer.rose for layer in layers),
        "fell": sum(layer.fell for layer in layers),
        "complete": _share(mean_percent(request.user)),
        "both_ways": [(moved, overview.movers(request.user, moved)) for moved in ("rose", "fell")],
    }
    return _page(request, "value", run, **context)


def _share(percent: float | None) -> float | None:
    return None if percent is None else percent / 100


@require_safe
@staff(Right.VIEW_INSIGHT)
def risk(request: StaffRequest) -> HttpResponse:
    run = current_run()
    if run is None:
        return _page(request, "risk", None)
    owners = risk_by_owner(overview.groups(request.user, band="high", by_owner=True))
    people = User.objects.in_bulk([owner.owner_id for owner in owners if owner.owner_id])
    rows = [(people.get(owner.owner_id) if owner.owner_id else None, owner) for owner in owners]
    by_grade = {grade: sum(owner.by_grade.get(grade, 0) for owner in owners) for grade in (*GRADES, "")}
    names = [str(person) if person else _("Nobody") for person, _owner in rows]
    chart = Chart(
        _("Money at risk by owner and grade"),
        names,
        [
            Series(
                _grade_label(grade),
                [owner.by_grade.get(grade, 0) for owner in owners],
                tone=grade or "jade",
                hrefs=[
                    customers_url(band="high", owner=owner.owner_key, grade=grade or "none")
                    for owner in owners
                ],
            )
            for grade in (*GRADES, "")
            if by_grade[grade]
        ],
        form="hbar",
        unit="money",
        currency=run.currency,
    )
    context = {
        "rows": rows,
        "chart": chart,
        "total": sum(by_grade.values()),
        "customers": sum(owner.customers for owner in owners),
    }
    return _page(request, "risk", run, **context)


def _grade_label(grade: str) -> str:
    names = {"platinum": _("Platinum"), "gold": _("Gold"), "iron": _("Iron"), "lead": _("Lead")}
    return names.get(grade, _("Ungraded"))


@require_safe
@staff(Right.VIEW_INSIGHT)
def classes(request: StaffRequest) -> HttpResponse:
    run = current_run()
    if run is None:
        return _page(request, "classes", None)
    found, groups = overview.kinds(request.user), overview.groups(request.user)
    return _page(
        request,
        "classes",
        run,
        judged=overview.judged(run, request.user, among=groups),
        grids=grids(found),
        customers=sum(kind.customers for kind in found),
        sales_minor=sum(kind.sales_minor for kind in found),
        profit_minor=sum(kind.profit_minor for kind in found),
        levels=level_rows(overview.levels(request.user, among=groups)),
        may_decide=request.user.may(Right.ASSIGN_CUSTOMERS) and request.user.may(Right.EDIT_CUSTOMERS),
    )


@require_safe
@staff(Right.VIEW_INSIGHT)
def declines(request: StaffRequest) -> HttpResponse:
    """Why valuable customers buy less: the most frequent reasons first, with how much of all they explain (CL16)."""
    run = current_run()
    if run is None:
        return _page(request, "declines", None)
    found = overview.declines(request.user)
    names = [str(DECLINES.get(one.reason, one.reason)) for one in found]
    hrefs = [customers_url(decline=one.reason, sort="-value") for one in found]
    chart = Chart(
        _("Why they buy less"),
        names,
        [Series(_("Customers"), [one.customers for one in found], tone="amber", hrefs=hrefs)],
        form="hbar",
    )
    rows = list(zip(names, hrefs, found, strict=True))
    return _page(request, "declines", run, rows=rows, chart=chart)


@require_POST
@staff(Right.ASSIGN_CUSTOMERS)
def accept_levels(request: StaffRequest) -> HttpResponse:
    """The level that a grade suggests, for those of whom nobody has decided otherwise (CL10)."""
    grade = request.POST.get("grade", "")
    if grade not in LEVEL_BY_GRADE:
        raise Http404
    ids = overview.without_level(request.user, grade)
    count = decide_for(ids, "level", LEVEL_BY_GRADE[grade], by=request.user, now=timezone.now())
    text = ngettext(
        "%(n)s customer has the suggested level now.", "%(n)s customers have the suggested level now.", count
    )
    messages.success(request, text % {"n": count})
    return redirect("insight-classes")


@require_safe
@staff(Right.VIEW_INSIGHT)
def retention(request: StaffRequest) -> HttpResponse:
    run = current_run()
    if run is None:
        return _page(request, "retention", None)
    found = overview.retention(run, request.user)[-COHORTS_SHOWN:]
    width = max((len(cohort.active) for cohort in found), default=0)
    rows = [
        {
            "label": cohort.label,
            "since": cohort.first_day.isoformat(),
            "until": cohort.last_day.isoformat(),
            "size": cohort.size,
            "cells": [
                {
                    "share": share,
                    "count": count,
                    "heat": min(10, round(10 * share)),
                    "since": first_day(cohort.month + since).isoformat(),
                    "until": last_day(cohort.month + since).isoformat(),
                }
                for since, (share, count) in enumerate(zip(cohort.shares, cohort.active, strict=True))
            ],
        }
        for cohort in found
    ]
    chart = Chart(
        _("Share of each cohort that bought again, by month since the first purchase"),
        [str(month) for month in range(width)],
        [Series(_("All cohorts"), _mean_curve(found, width), tone="jade")],
        form="area",
        unit="percent",
        label_title=_("Months since the first purchase"),
    )
    return _page(request, "retention", run, rows=rows, months=range(width), chart=chart)


def _mean_curve(found: list[Any], width: int) -> list[float]:
    """Buyers of the k-th month over all customers who have had a k-th month."""
    curve = []
    for month in range(width):
        reached = [cohort for cohort in found if len(cohort.active) > month]
        size = sum(cohort.size for cohort in reached)
        curve.append(sum(cohort.active[month] for cohort in reached) / size if size else 0.0)
    return curve


@require_safe
@staff(Right.VIEW_INSIGHT)
def concentration(request: StaffRequest) -> HttpResponse:
    run = current_run()
    if run is None:
        return _page(request, "concentration", None)
    found = overview.concentration(run, request.user)
    curve = [(float(x), float(y)) for x, y in zip(found.curve.customers, found.curve.sales, strict=True)]
    chart = Chart(
        _("How sales are spread over the customers"),
        [],
        [
            Series(_("Sales"), curve, tone="jade"),
            Series(_("If all bought alike"), [(0.0, 0.0), (1.0, 1.0)], tone="muted"),
        ],
        form="xy",
        unit="percent",
        x_unit="percent",
        label_title=_("Customers, from the smallest to the greatest"),
    )
    return _page(
        request,
        "concentration",
        run,
        gini=found.curve.gini,
        tops=found.tops,
        rules=found.rules,
        chart=chart,
    )


@require_safe
@staff(Right.VIEW_INSIGHT)
def track_record(request: StaffRequest) -> HttpResponse:
    newest, past = overview.verdicts(request.user)
    return _page(
        request,
        "track_record",
        current_run(),
        newest=[(verdict, _calibration(verdict.record), _who_came(verdict.record)) for verdict in newest],
        past=[(verdict, _who_came(verdict.record)) for verdict in past],
    )


def _calibration(record: TrackRecord) -> Chart:
    """The model's own verdict, over the whole company: shares only, no count."""
    return Chart(
        _("Forecast over %(days)s days against what came") % {"days": record.horizon_days},
        [],
        [
            Series(
                _("Customers by forecast"),
                [(part["forecast"], part["came"]) for part in record.calibration],
                tone="jade",
            ),
            Series(_("A perfect forecast"), [(0.0, 0.0), (1.0, 1.0)], tone="muted"),
        ],
        form="xy",
        unit="percent",
        x_unit="percent",
        label_title=_("Forecast share of buyers"),
    )


def _who_came(record: TrackRecord) -> str:
    """Known customers who ordered within the horizon: the list shows each reader his own, as the figure counts them."""
    made = record.run.as_of
    first, last = made + timedelta(days=1), made + timedelta(days=record.horizon_days)
    days = {"bought.since": first, "bought.until": last, "first_purchase.until": made}
    return customers_url(sort="-value", **{name: day.isoformat() for name, day in days.items()})


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Right.VIEW_INSIGHT)
def runs(request: StaffRequest) -> HttpResponse:
    if request.method == "POST":
        request.user.require(Right.RUN_SCORES)
        enqueue(JOB, by=request.user, now=timezone.now())
        messages.success(request, _("The judgement has been started; the figures change when it is through."))
        return redirect("insight-runs")
    nights = [
        (night, judged_by(night.run.fallback, night.run.forecast)) for night in overview.nights(request.user)
    ]
    run = current_run()
    if run is None and not nights:
        return _page(request, "nothing", None)
    return _page(request, "runs", run, nights=nights)


@require_safe
@staff(Right.VIEW_INSIGHT)
def night(request: StaffRequest, pk: int) -> HttpResponse:
    """What a night said of whom: the customers behind the figures of a run."""
    run = get_object_or_404(ScoreRun, pk=pk, looked_back=False)
    asked = request.GET.get("band", "")
    band = asked if asked in BANDS else ""
    found = looked_up(run, request.user, band=band)
    if found is None:
        raise Http404
    context = {
        "night": run,
        "band": band,
        "bands": [(one, found.bands.get(one, 0)) for one in BANDS if found.bands.get(one)],
        "everybody": sum(found.bands.values()),
        "total": found.bands.get(band, 0) if band else sum(found.bands.values()),
        "rows": found.rows,
        "currency": run.currency,
        "now": timezone.now(),
    }
    return render(request, "workspace/insight/night.html", context)
