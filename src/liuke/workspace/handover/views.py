"""Leave and departure: who looks after whose customers, for some days or for good."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.customers.handovers.actions import Share, hand_over, resume, take_back
from liuke.customers.handovers.rules import by_weight, divide, groups, proposal
from liuke.customers.leave.actions import end_leave
from liuke.customers.models import Customer, Handover, HandoverItem
from liuke.platform.absences.actions import arrange
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.models import Absence, User
from liuke.platform.paging.actions import page
from liuke.platform.paging.rules import Column, Keyset, Kind
from liuke.platform.preferences.actions import get
from liuke.workspace.handover import actions
from liuke.workspace.handover.forms import DepartureForm, LeaveForm, PlanForm, chosen
from liuke.workspace.handover.rules import AT_ONCE_SHOWN, Portfolio, summed
from liuke.workspace.shell.views import count_with_rail

FORM = ["GET", "HEAD", "POST"]
SHOWN = 50
IN_PLACE = Keyset(Column("place", "", sort="place", kind=Kind.NUMBER), descending=False)


@require_safe
@staff(Right.HAND_OVER)
def handovers(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    absences = Absence.objects.for_user(request.user).select_related("person", "delegate")
    context = {
        "coming": [(one, one.state(now)) for one in absences.not_over(now).order_by("starts_at", "pk")],
        "handovers": Handover.objects.for_user(request.user).select_related("person", "by")[:SHOWN],
        "may_assign": request.user.may(Right.ASSIGN_CUSTOMERS),
        "past": absences.over(now)[:SHOWN],
        "now": now,
    }
    return render(request, "workspace/handover/handovers.html", context)


@require_http_methods(FORM)
@staff(Right.HAND_OVER)
def leave(request: StaffRequest) -> HttpResponse:
    form = LeaveForm(request.POST or None, initial={"person": request.GET.get("person")}, by=request.user)
    if form.is_valid():
        try:
            absence = arrange(**form.cleaned_data, by=request.user, now=timezone.now())
        except ValidationError as error:
            form.refuse(error)
        else:
            told = {"delegate": absence.delegate, "person": absence.person}
            messages.success(request, _("%(delegate)s stands in for %(person)s on these days.") % told)
            return redirect("handovers")
    return render(
        request, "workspace/handover/leave.html", {"form": form}, status=422 if form.is_bound else 200
    )


@require_POST
@staff(Right.HAND_OVER)
def leave_end(request: StaffRequest, pk: int) -> HttpResponse:
    absence = get_object_or_404(Absence.objects.for_user(request.user).select_related("person"), pk=pk)
    end_leave(absence, by=request.user, now=timezone.now())
    messages.success(request, _("%(person)s looks after everything again.") % {"person": absence.person})
    return redirect("handovers")


# --- departure ---


@require_http_methods(FORM)
@staff(Right.HAND_OVER, Right.ASSIGN_CUSTOMERS)
def departure(request: StaffRequest) -> HttpResponse:
    """What somebody holds, who would get it, and the button: the same fields ask for the proposal and carry it out."""
    asked = request.POST or request.GET
    plan = PlanForm(asked or None, user=request.user)
    sound = plan.is_valid()
    person = plan.cleaned_data.get("person") if plan.is_bound else None
    rest = DepartureForm(request.POST or None, initial={"leaves": bool(person and person.is_active)})
    context: dict[str, Any] = {"plan": plan, "form": rest, "person": person, "now": timezone.now()}
    wrong = request.method == "POST" and not (sound and rest.is_valid())
    if person:
        rows = actions.portfolio(person, request.user)
        proposed = _proposal(asked, plan, rows)
        if request.method == "POST" and not wrong:
            try:
                made = _hand_over(request, person, rows, proposed, rest)
            except ValidationError as error:
                rest.add_error(None, error)
                wrong = True
            else:
                return redirect("handover", made.pk)
        context |= _preview(request, person, rows) | _shown_plan(asked, plan, rows, proposed)
    return render(request, "workspace/handover/departure.html", context, status=422 if wrong else 200)


def _proposal(asked: QueryDict, plan: PlanForm, rows: list[Portfolio]) -> dict[int, int]:
    successors = [user.pk for user in plan.cleaned_data.get("to", [])]
    by_hand = {int(key): who for key, who in chosen(asked, "hand").items() if key.isdecimal()}
    return divide(
        [row.held() for row in rows],
        plan.cleaned_data.get("by") or "turn",
        successors,
        of_groups=chosen(asked, "group"),
        by_hand=by_hand,
    )


def _hand_over(
    request: StaffRequest, person: User, rows: list[Portfolio], proposed: dict[int, int], form: DepartureForm
) -> Handover:
    if rows and not proposed:
        raise ValidationError(_("Choose who looks after the customers from now on."))
    if not rows and not form.cleaned_data["leaves"]:
        raise ValidationError(_("There is nothing to hand over."))
    weights = {row.pk: row.weight_minor for row in rows}
    shares = [Share(pk, to, weights[pk]) for pk, to in proposed.items()]
    return hand_over(person, shares, **form.cleaned_data, by=request.user, now=timezone.now())


def _preview(request: StaffRequest, person: User, rows: list[Portfolio]) -> dict[str, Any]:
    ahead = actions.days_ahead(person, request.user, timezone.localdate())
    everything = Customer.objects.filter(owner=person)
    dates, all_his = count_with_rail(request, ahead, everything)
    return {
        "summary": summed(rows),
        "matters": actions.open_matters(person, request.user),
        "dates": dates,
        "beyond": all_his - len(rows),
        "currency": get("company.currency"),
    }


def _shown_plan(
    asked: QueryDict, plan: PlanForm, rows: list[Portfolio], proposed: dict[int, int]
) -> dict[str, Any]:
    """The proposal as the page shows it: by group, then customer by customer."""
    rule, people = (
        plan.cleaned_data.get("by") or "turn",
        {user.pk: user for user in plan.cleaned_data.get("to", [])},
    )
    held = {row.pk: row for row in rows}
    grouped = groups([row.held() for row in rows], rule) if rule != "turn" else {}
    of_groups = proposal([row.held() for row in rows], rule, list(people)) | chosen(asked, "group")
    by_hand = chosen(asked, "hand")
    heavy = by_weight(row.held() for row in rows)[:AT_ONCE_SHOWN]
    return {
        "successors": [
            (user, sum(1 for who in proposed.values() if who == pk), _weight(held, proposed, pk))
            for pk, user in people.items()
        ],
        "groups": [(key, len(some), of_groups.get(key)) for key, some in grouped.items()],
        "rule": rule,
        "by_hand": [
            (
                held[one.customer_id],
                people.get(proposed.get(one.customer_id, 0)),
                by_hand.get(str(one.customer_id)),
            )
            for one in heavy
        ],
        "unlisted": len(rows) - len(heavy),
    }


def _weight(held: dict[int, Portfolio], proposed: dict[int, int], who: int) -> int:
    return sum(held[pk].weight_minor for pk, to in proposed.items() if to == who)


def _handover(request: StaffRequest, pk: int) -> Handover:
    found = Handover.objects.for_user(request.user).select_related("person", "by", "job")
    return get_object_or_404(found, pk=pk)


@require_safe
@staff(Right.HAND_OVER)
def handover(request: StaffRequest, pk: int) -> HttpResponse:
    held, now = _handover(request, pk), timezone.now()
    states = HandoverItem.objects.filter(handover=held).order_by("to__name", "to", "state")
    counted = states.values_list("to", "to__name", "state").annotate(
        customers=Count("pk", filter=Q(followup=None)), matters=Count("pk", filter=Q(followup__isnull=False))
    )
    shares: dict[int, dict[str, Any]] = {}
    for to, name, state, customers, matters in counted:
        share = shares.setdefault(
            to, {"pk": to, "name": name, "customers": 0, "matters": 0, "kept": 0, "done": 0}
        )
        share["customers"] += customers
        share["matters"] += matters
        share["kept"] += customers + matters if state == "kept" else 0
        share["done"] += customers + matters if state != "planned" else 0
    kept = Customer.objects.for_user(request.user).filter(handed__handover=held, handed__state="kept")
    context = {
        "handover": held,
        "shares": list(shares.values()),
        "total": sum(share["customers"] + share["matters"] for share in shares.values()),
        "done": sum(share["done"] for share in shares.values()),
        "kept": kept.select_related("owner").order_by("name").distinct()[:SHOWN],
        "live": held.state in ("running", "undoing"),
        "stuck": held.state in ("running", "undoing")
        and (held.job is None or held.job.state in ("failed", "cancelled")),
        "may_undo": held.may_be_undone(now) and request.user.may(Right.ASSIGN_CUSTOMERS),
        "now": now,
    }
    return render(request, "workspace/handover/handover.html", context)


@require_POST
@staff(Right.HAND_OVER, Right.ASSIGN_CUSTOMERS)
def reversal(request: StaffRequest, pk: int) -> HttpResponse:
    held = _handover(request, pk)
    try:
        take_back(held, by=request.user, now=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("handover", pk)


@require_POST
@staff(Right.HAND_OVER, Right.ASSIGN_CUSTOMERS)
def continuation(request: StaffRequest, pk: int) -> HttpResponse:
    resume(_handover(request, pk), by=request.user, now=timezone.now())
    return redirect("handover", pk)


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def briefing(request: StaffRequest, pk: int) -> HttpResponse:
    """A successor's new customers, in the order of value and risk, with what he has to know before the first call."""
    rows = actions.taken_over(request.user).filter(handover=pk)
    if not (mine := request.GET.get("to", "")).isdecimal() or len(mine) > 18:
        mine = str(request.user.pk) if rows.filter(to=request.user).exists() else ""
    rows = rows.filter(to=int(mine)) if mine else rows
    handover = Handover.objects.filter(pk=pk).select_related("person").first()
    found = page(
        rows.select_related("customer", "to"), IN_PLACE, after=request.GET.get("after", ""), limit=SHOWN
    )
    if handover is None or not found.rows:
        raise Http404
    context = {
        "handover": handover,
        "page": found,
        "rows": actions.briefed(found.rows),
        "mine": mine == str(request.user.pk),
        "currency": get("company.currency"),
        "now": timezone.now(),
    }
    return render(request, "workspace/handover/briefing.html", context)
