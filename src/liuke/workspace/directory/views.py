"""Customers: the list, with search, filters, saved views, bulk assignment and export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.customers.exports.actions import ask, needs_approval
from liuke.customers.fields.actions import definitions
from liuke.customers.models import Customer
from liuke.customers.records.actions import assign
from liuke.customers.records.models import stages
from liuke.customers.records.rules import Unfit as UnfitRecord
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.kit.views import done, problem
from liuke.platform.lists.actions import chosen, page, save_view
from liuke.platform.lists.actions import remove_view as remove
from liuke.platform.lists.rules import Listing, Query, Selection, Unfit
from liuke.platform.models import SavedView, User
from liuke.platform.preferences.actions import get
from liuke.scores.grades.rules import BANDS, GRADES
from liuke.scores.models import ScoreRun
from liuke.scores.questions.actions import joined
from liuke.scores.runs.actions import current_run
from liuke.scores.segments.actions import opened, pick, segment_field, words_for
from liuke.scores.segments.rules import MOST_PICKED
from liuke.scores.sentences.rules import Words
from liuke.workspace.directory import actions, rules
from liuke.workspace.directory.forms import AssignForm, PickForm, ReasonForm, ViewForm
from liuke.workspace.shell.actions import watched
from liuke.workspace.shell.views import count_with_rail

MOST_SELECTED = 20  # records laid side by side; more are too many anyway


def _read(request: StaffRequest, run: ScoreRun | None, parameters: QueryDict | None = None) -> Query:
    given = request.GET if parameters is None else parameters
    asked = {name: given.getlist(name) for name in given}
    return _listing(request, judged=run is not None).from_address(asked)


def _listing(request: StaffRequest, *, judged: bool) -> Listing:
    whole = rules.listing(
        judged=judged,
        own=definitions(),
        language=get_language() or "",
        more=(segment_field(),),
        masked=request.user.role.masked,
    )
    return whole.for_rights(lambda right: request.user.may(Right(right)))


def _refused(request: HttpRequest, error: Unfit) -> HttpResponse:
    return problem(request, 400, _("This list cannot be asked that"), _(error.message) % error.params)


@require_safe
@staff(Right.VIEW_CUSTOMERS)
@watched("list")
def customers(request: StaffRequest) -> HttpResponse:
    run, now = current_run(), timezone.now()
    declared = _listing(request, judged=run is not None)
    try:
        query = _read(request, run)
        asked, names = _opened(query, request.user)
        keyset = declared.order(query.sort)
    except Unfit as error:
        return _refused(request, error)
    rows = actions.listed(run, asked, keyset.column.sort, user=request.user, now=now)
    after = request.GET.get("after", "")
    total = None
    if not after:
        (total,) = count_with_rail(request, actions.counted_rows(run, asked, user=request.user, now=now))
    whole = actions.whole(run, keyset.column.sort)
    found = page(rows, keyset, after=after, limit=rules.PAGE, total=total, whole=whole)
    actions.judged(found.rows, run)
    heads = declared.shown(query.columns)
    actions.filled(found.rows, [column.name for column in heads], get_language() or "", user=request.user)
    currency = run.currency if run else get("company.currency")
    context = {
        "page": found,
        "query": query,
        "columns": [column for column in declared.columns if column.name != "name"],
        "shown": [column.name for column in heads],
        "heads": heads,
        "cells": {column.name: str(column.label) for column in heads},
        "sort": keyset.name,
        "chips": rules.chips(query, _words(request, query, currency, names)),
        "run": run,
        "currency": currency,
        "now": now,
        **_frame(request, query, judged=run is not None),
    }
    return render(request, "workspace/directory/customers.html", context)


def _opened(query: Query, user: User) -> tuple[Query, dict[int, str]]:
    """With what its segments ask in their place, as the rows take it; and how these are called."""
    tree, names = opened(query.filter, user)
    return replace(query, filter=tree), names


def _words(request: StaffRequest, query: Query, currency: str, names: Mapping[int, str]) -> Words:
    language, today = get_language() or "zh-hans", timezone.localdate()
    return words_for(
        query.filter, request.user, currency=currency, language=language, today=today, segments=names
    )


def _frame(request: StaffRequest, query: Query, *, judged: bool) -> dict[str, Any]:
    """What stands around the rows: ready-made and saved views, facets, what may be done with a selection."""
    user = request.user
    here = _canonical(request.GET)
    saved = SavedView.objects.filter(Q(owner=user) | Q(shared=True), place=rules.PLACE)
    views = []
    for view in saved:
        try:
            address = urlencode(_listing(request, judged=True).from_plain(view.query).parameters())
        except Unfit:
            continue  # of an older release, about a filter that is gone
        views.append({"view": view, "query": address, "here": _canonical(QueryDict(address)) == here})
    people = User.objects.visible_to(user).active().order_by("name") if user.may(Right.SEE_TEAM) else []
    return {
        "tabs": [
            {"label": tab.label, "query": tab.query, "here": _canonical(QueryDict(tab.query)) == here}
            for tab in (*rules.TABS, rules.stale_tab(get("card.stale_days")))
        ],
        "views": views,
        "people": people,
        "stages": stages(),
        "grades": GRADES,
        "bands": BANDS,
        "contact_choices": rules.LAST_CONTACT,
        "has_own_filters": any("filter" in one.places for one in definitions()),
        "kinds": [
            (one.name, one.label, one.values)
            for one in rules.listing(judged=judged).fields
            if one.name in rules.SORTS
        ],
        "filtered": bool(query.filter.parts or query.search),
        "may_assign": user.may(Right.ASSIGN_CUSTOMERS),
        "may_merge": user.may(Right.MERGE_CUSTOMERS),
        "may_export": user.may(Right.EXPORT_CUSTOMERS),
        "may_import": user.may(Right.IMPORT),
        "may_edit": user.may(Right.EDIT_CUSTOMERS),
    }


def _canonical(parameters: QueryDict) -> list[tuple[str, list[str]]]:
    """An address's filters, whatever their order; empty boxes and the page don't count."""
    kept = ((name, sorted(v for v in values if v)) for name, values in parameters.lists() if name != "after")
    return sorted((name, values) for name, values in kept if values)


def _selected(request: StaffRequest, reach: QuerySet[Customer], *, now: datetime) -> QuerySet[Customer]:
    """What a bulk form is about, within `reach`: what its sender may write, or read where nothing of them is written."""
    run = current_run()
    selection = Selection.read({name: request.POST.getlist(name) for name in request.POST})
    query = _opened(_read(request, run), request.user)[0]
    rows = actions.asked(joined(reach, run), query, user=request.user, now=now)
    return chosen(rows, selection)


@require_POST
@staff(Right.ASSIGN_CUSTOMERS)
def assignment(request: StaffRequest) -> HttpResponse:
    """First asks for the new owner, with what is selected kept in the form; then does it."""
    now = timezone.now()
    try:
        found = _selected(request, Customer.objects.writable_by(request.user), now=now)
        ids = list(found.order_by("pk").values_list("pk", flat=True))
    except Unfit as error:
        return _refused(request, error)
    form = AssignForm(request.POST if "owner" in request.POST else None, by=request.user)
    if form.is_valid():
        try:
            moved = assign(
                ids,
                owner=form.cleaned_data["owner"],
                reason=form.cleaned_data["reason"],
                by=request.user,
                now=now,
            )
        except UnfitRecord as error:
            form.add_error("owner", ValidationError(_(error.message) % error.params))
        else:
            text = ngettext(
                "%(n)s customer now belongs to %(owner)s.", "%(n)s customers now belong to %(owner)s.", moved
            )
            messages.success(request, text % {"n": moved, "owner": form.cleaned_data["owner"]})
            return done(request, to=_back(request), changed=("customers",))
    context = {
        "form": form,
        "count": len(ids),
        "ids": request.POST.getlist("ids"),
        "everything": request.POST.get("all") == "1",
        "query": request.GET.urlencode(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "workspace/directory/assignment.html", context, status=status)


@require_POST
@staff(Right.MERGE_CUSTOMERS)
def merging(request: StaffRequest) -> HttpResponse:
    """The selected ones side by side; how many there may be, that page says."""
    try:
        reach = Customer.objects.writable_by(request.user)
        rows = _selected(request, reach, now=timezone.now()).order_by("pk")
        ids = list(rows.values_list("pk", flat=True)[:MOST_SELECTED])
    except Unfit as error:
        return _refused(request, error)
    return redirect(f"{reverse('customers-merge')}?{urlencode({'ids': ids}, doseq=True)}")


@require_POST
@staff(Right.VIEW_CUSTOMERS)
def picking(request: StaffRequest) -> HttpResponse:
    """First asks for the segment, with what is selected kept in the form; then takes them in by hand, or keeps them out."""
    now = timezone.now()
    try:
        found = _selected(request, Customer.objects.for_user(request.user), now=now).order_by("pk")
    except Unfit as error:
        return _refused(request, error)
    ids = list(found.values_list("pk", flat=True)[: MOST_PICKED + 1])
    form = PickForm(request.POST if "segment" in request.POST else None, by=request.user)
    if form.is_valid():
        try:
            held, how = form.cleaned_data["segment"], form.cleaned_data["how"]
            changed = pick(held, ids, how, by=request.user, now=now)
        except Unfit as error:
            form.add_error("segment", ValidationError(_(error.message) % error.params))
        else:
            text = ngettext(
                "%(n)s customer changed in “%(segment)s”.",
                "%(n)s customers changed in “%(segment)s”.",
                changed,
            )
            messages.success(request, text % {"n": changed, "segment": held})
            return done(request, to=_back(request), changed=("customers",))
    context = {
        "form": form,
        "count": len(ids),
        "ids": request.POST.getlist("ids"),
        "everything": request.POST.get("all") == "1",
        "query": request.GET.urlencode(),
    }
    return render(request, "workspace/directory/picking.html", context, status=422 if form.is_bound else 200)


def _back(request: HttpRequest) -> str:
    return f"{reverse('customers')}?{request.GET.urlencode()}"


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Right.EXPORT_CUSTOMERS)
def export(request: StaffRequest) -> HttpResponse | StreamingHttpResponse:
    """All that match as CSV, or by POST the selected ones; very many once somebody has approved it."""
    run, now = current_run(), timezone.now()
    try:
        query = _opened(_read(request, run), request.user)[0]
        keyset = _listing(request, judged=run is not None).order(query.sort)
        whole = actions.ordered_by(actions.customers(run, user=request.user), keyset.column.sort)
        rows = actions.asked(whole, query, user=request.user, now=now)
        if request.method == "POST":
            rows = chosen(rows, Selection.read({name: request.POST.getlist(name) for name in request.POST}))
    except Unfit as error:
        return _refused(request, error)
    rows, count = rows.order_by(actions.ordering(keyset), "pk"), rows.count()
    if needs_approval(request.user, count):
        return _ask_for_export(request, rows, count, now=now)
    lines = actions.export(
        rows,
        run,
        count=count,
        by=request.user,
        now=now,
        currency=run.currency if run else get("company.currency"),
    )
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"customers-{timezone.localdate().isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _ask_for_export(
    request: StaffRequest, rows: QuerySet[Customer], count: int, *, now: datetime
) -> HttpResponse:
    """So many need somebody's approval: the reason is asked for, and what is selected stays as it is till then."""
    form = ReasonForm(request.POST if "reason" in request.POST else None)
    if form.is_valid():
        try:
            ids = list(rows.values_list("pk", flat=True))
            ask(ids, reason=form.cleaned_data["reason"], by=request.user, now=now)
        except UnfitRecord as error:
            form.add_error("reason", ValidationError(error.text))
        else:
            messages.success(request, _("Asked for. You find the file here once somebody has approved it."))
            return redirect("exports")
    context = {
        "form": form,
        "count": count,
        "ids": request.POST.getlist("ids"),
        "query": request.GET.urlencode(),
    }
    return render(
        request, "workspace/directory/ask_export.html", context, status=422 if form.is_bound else 200
    )


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def filters(request: StaffRequest) -> HttpResponse:
    """Asks for the filters by the company's own fields; the rest of the address stays as it is."""
    own = {one.name for one in definitions()}
    fields = [one for one in _listing(request, judged=True).fields if one.name in own]
    given = dict(request.GET.lists())
    context = {
        "fields": [rules.asked_of(one, given) for one in fields],
        "kept": [
            (name, value)
            for name, values in given.items()
            for value in values
            if name.partition(".")[0] not in own and name != "after"
        ],
    }
    return render(request, "workspace/directory/own_filters.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Right.VIEW_CUSTOMERS)
def keep_view(request: StaffRequest) -> HttpResponse:
    """Keeps the list as it stands (the address's filters, order and columns) under a name."""
    form = ViewForm(request.POST or None)
    if form.is_valid():
        try:
            query = _read(request, current_run())
            shared = form.cleaned_data["shared"] and request.user.may(Right.SEE_TEAM)
            listing = _listing(request, judged=True)
            save_view(
                form.cleaned_data["name"],
                query,
                listing=listing,
                by=request.user,
                now=timezone.now(),
                shared=shared,
            )
        except Unfit as error:
            form.add_error("name", _(error.message) % error.params)
        else:
            messages.success(request, _("The view is saved."))
            return redirect(_back(request))
    context = {"form": form, "query": request.GET.urlencode(), "may_share": request.user.may(Right.SEE_TEAM)}
    return render(
        request, "workspace/directory/keep_view.html", context, status=422 if form.is_bound else 200
    )


@require_POST
@staff(Right.VIEW_CUSTOMERS)
def remove_view(request: StaffRequest, pk: int) -> HttpResponse:
    mine = Q(owner=request.user)
    reach = mine | Q(shared=True) if request.user.may(Right.MANAGE_SETTINGS) else mine
    view = get_object_or_404(SavedView.objects.filter(reach, place=rules.PLACE), pk=pk)
    remove(view, by=request.user, now=timezone.now())
    messages.success(request, _("The view is removed."))
    return redirect("customers")
