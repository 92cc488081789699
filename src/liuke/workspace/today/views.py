"""Today: what must I do now? One ranked list, and each row answered with one key without leaving the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.customers.followups.actions import (
    complete,
    dismiss,
    postpone,
    reassign,
    step_to_take_back,
    take_back,
)
from liuke.customers.followups.rules import Closed, TooLate
from liuke.customers.models import Fact, FollowUp, FollowUpChange
from liuke.customers.records.rules import Unfit
from liuke.customers.timeline.actions import resolve
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.kit.rules import minor_digits, money_text
from liuke.platform.kit.views import done, say
from liuke.platform.models import User
from liuke.platform.preferences.actions import get
from liuke.scores.overview.actions import is_judging
from liuke.workspace.today import actions, rules
from liuke.workspace.today.forms import (
    WHY_LATER,
    WHY_NOT,
    AssignmentForm,
    CompletionForm,
    DismissalForm,
    PostponementForm,
)

FORM = ["GET", "HEAD", "POST"]
DUE_AT = time(9, 0)


def money_in(currency: str) -> Callable[[float], str]:
    """Amounts of reasons (in major units) as the reader's language writes them."""
    language = translation.get_language() or "zh-hans"
    digits = minor_digits(currency)
    return lambda amount: money_text(round(amount * 10**digits), currency, language)


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def today(request: StaffRequest) -> HttpResponse:
    now, user = timezone.now(), request.user
    if not (user.may(Right.WORK_FOLLOWUPS) or user.may(Right.SEE_TEAM)):
        return redirect("insight" if user.may(Right.VIEW_INSIGHT) else "customers")
    run, next_call = actions.opening(user, now=now)
    team = user.may(Right.SEE_TEAM) and request.GET.get("who") != "me"
    currency = run.currency if run else get("company.currency")
    everybodys = actions.due(user, now=now, team=team)
    counted, finished = actions.counts(user, now=now, team=team)
    kind = asked if (asked := request.GET.get("kind", "")) in rules.KINDS else ""
    person = request.GET.get("person", "") if team else ""
    show = asked if (asked := request.GET.get("show", "")) in rules.SHOWN else ""
    rows, within = {
        "done": (actions.done(user, now=now, team=team), finished),
        "overdue": (actions.overdue(everybodys, now), rules.overdue_of(counted)),
    }.get(show, (everybodys, counted))
    rows = rows.filter(kind=kind) if kind else rows
    if person == "none" or (person.isdecimal() and len(person) < 19):
        rows = rows.filter(assignee=None if person == "none" else int(person))
    shown_of = _number_shown(within, kind, person)
    skip = rules.page_start(request.GET.get("after", ""), shown_of, actions.LONGEST)
    found = actions.items(rows, run, now=now, money=money_in(currency), currency=currency, skip=skip)
    context = {
        "items": found,
        "next_call": next_call,
        "total": sum(count.items for count in counted),
        "within": sum(count.items for count in within),
        "shown_of": shown_of,
        "skip": skip,
        "next_after": skip + actions.LONGEST if skip + actions.LONGEST < shown_of else 0,
        "kinds": rules.by_kind(within),
        "kind": kind,
        "show": show,
        "team": team,
        "person": person,
        "people": rules.by_person(within) if team else [],
        **_rights_of(user),
        "first": min(rules.FIRST, len(found)),
        "first_minor": 0 if skip else actions.held_by_first(found),
        "overdue": sum(count.overdue for count in counted),
        "promises": rules.by_kind(counted).get("promise", 0),
        "stake": actions.stake(user, run, now=now, team=team),
        "done_today": sum(count.items for count in finished),
        "currency": currency,
        "horizon_days": run.horizon_days if run else get("score.horizon_days"),
        "run": run,
        "standing_in": [
            (one["for"], one["name"], datetime.fromisoformat(one["until"]) - timedelta(days=1))
            for one in user.stands_in_for(now)
        ],
        "briefings": sorted({pk for item in found if (pk := rules.handover_of(item.followup.key))}),
        "alerts": user.alerts if user.may(Right.HAND_OVER) else [],
        # Asked for again only while the list is empty: rows must not move under somebody's hands.
        "judging": not found and is_judging(),
        "now": now,
    }
    return render(request, "workspace/today/today.html", context)


def _rights_of(user: User) -> dict[str, bool]:
    return {
        "may_see_team": user.may(Right.SEE_TEAM),
        "may_work": user.may(Right.WORK_FOLLOWUPS),
        "may_log": user.may(Right.LOG_CONTACTS),
        "may_assign": user.may(Right.ASSIGN_FOLLOWUPS),
        "may_import": user.may(Right.IMPORT),
    }


def _number_shown(counted: Sequence[rules.Count], kind: str, person: str) -> int:
    """How many rows the chosen tab has in all; the page shows the first of them."""
    return sum(
        count.items
        for count in counted
        if (not kind or count.kind == kind) and (not person or str(count.assignee_id or "none") == person)
    )


# --- one row answered ---


def _reached(request: StaffRequest, pk: int) -> FollowUp:
    return get_object_or_404(
        FollowUp.objects.for_user(request.user).select_related("customer", "assignee"), pk=pk
    )


def _answer(
    request: StaffRequest,
    pk: int,
    form: forms.Form,
    act: Callable[[FollowUp, dict[str, Any], datetime], object],
    *,
    said: str,
    **page: Any,
) -> HttpResponse:
    """Shows the small form, or does what it asks; whoever was quicker is named, and the list shows what is true."""
    followup = _reached(request, pk)
    if form.is_valid():
        try:
            act(followup, form.cleaned_data, timezone.now())
        except Closed as closed:
            messages.warning(request, _already(closed))
            return done(request, to=_home(request), changed=("followups",))
        except Unfit as error:
            form.add_error(error.field if error.field in form.fields else None, ValidationError(error.text))
        else:
            say(request, said, undo=_way_back(request, followup))
            return done(request, to=_home(request), changed=("followups", "timeline"))
    context = {"followup": followup, "form": form, "now": timezone.now(), **page}
    return render(request, "workspace/today/answer.html", context, status=422 if form.is_bound else 200)


def _way_back(request: StaffRequest, followup: FollowUp) -> str:
    """Where the step just taken is taken back. An answered complaint has none: the customer has the answer."""
    step = step_to_take_back(followup, by=request.user, now=timezone.now())
    return reverse("followup-reversal", args=[followup.pk, step.pk]) if step else ""


@require_POST
@staff(Right.WORK_FOLLOWUPS)
def reversal(request: StaffRequest, pk: int, step: int) -> HttpResponse:
    followup = _reached(request, pk)
    taken = get_object_or_404(FollowUpChange, pk=step, followup=followup)
    try:
        take_back(taken, by=request.user, now=timezone.now())
    except TooLate:
        messages.warning(request, _("That can't be taken back any more."))
    else:
        messages.success(request, _("Taken back: it is on the list as before."))
    return done(request, to=_home(request), changed=("followups", "timeline"))


def _already(closed: Closed) -> str:
    if closed.by:
        return _("%(name)s was quicker: this is closed already.") % {"name": closed.by}
    return _("This has settled itself and is closed already.")


def _home(request: StaffRequest) -> str:
    """Back to the list; htmx stays where it is."""
    return reverse("today")


def _finish(item: FollowUp, note: str, by: User, now: datetime) -> None:
    """A complaint is done when it is answered; the answer lets go of the matter."""
    complaint = rules.complaint_of(item.key)
    if complaint is None:
        complete(item, note=note, by=by, now=now)
    else:
        resolve(Fact.objects.get(pk=complaint, customer=item.customer_id), text=note, by=by, now=now)


@require_http_methods(FORM)
@staff(Right.WORK_FOLLOWUPS)
def completion(request: StaffRequest, pk: int) -> HttpResponse:
    form = CompletionForm(request.POST if request.method == "POST" else None)
    return _answer(
        request,
        pk,
        form,
        lambda item, data, now: _finish(item, data["note"], request.user, now),
        said=_("Done. It is on the customer's timeline."),
        title=_("Done"),
        button=_("Done"),
    )


@require_http_methods(FORM)
@staff(Right.WORK_FOLLOWUPS)
def postponement(request: StaffRequest, pk: int) -> HttpResponse:
    form = PostponementForm(request.POST if request.method == "POST" else None)

    def act(item: FollowUp, data: dict[str, Any], now: datetime) -> None:
        until = timezone.make_aware(datetime.combine(form.day(), DUE_AT))
        postpone(item, until=until, reason=data["reason"], by=request.user, now=now)

    return _answer(
        request,
        pk,
        form,
        act,
        said=_("Postponed. It comes back by itself."),
        title=_("Postpone"),
        button=_("Postpone"),
        choices=WHY_LATER,
        choices_id="why-later",
    )


@require_http_methods(FORM)
@staff(Right.ASSIGN_FOLLOWUPS)
def assignment(request: StaffRequest, pk: int) -> HttpResponse:
    held_by = _reached(request, pk).assignee_id
    form = AssignmentForm(
        request.POST if request.method == "POST" else None, by=request.user, held_by=held_by
    )
    return _answer(
        request,
        pk,
        form,
        lambda item, data, now: reassign(
            item, to=data["to"], reason=data["reason"], by=request.user, now=now
        ),
        said=_("Reassigned."),
        title=_("Reassign"),
        button=_("Reassign"),
    )


@require_http_methods(FORM)
@staff(Right.WORK_FOLLOWUPS)
def dismissal(request: StaffRequest, pk: int) -> HttpResponse:
    item = _reached(request, pk)
    if item.kind == "complaint" and item.state == "open":  # the key and the address are answered all the same
        context = {
            "followup": item,
            "complaint_id": rules.complaint_of(item.key),
            "may_log": request.user.may(Right.LOG_CONTACTS),
        }
        status = 422 if request.method == "POST" else 200
        return render(request, "workspace/today/undismissed.html", context, status=status)
    form = DismissalForm(request.POST if request.method == "POST" else None)
    return _answer(
        request,
        pk,
        form,
        lambda item, data, now: dismiss(item, reason=data["reason"], by=request.user, now=now),
        said=_("Dismissed. The reason is on the timeline."),
        title=_("Dismiss"),
        button=_("Dismiss"),
        choices=WHY_NOT,
        choices_id="why-not",
    )
