"""Duplicates made one: side by side, chosen field by field, taken back; old addresses lead to who stayed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.customers.alike.rules import sentences
from liuke.customers.duplicates.actions import keep_apart, last_look, propose_again
from liuke.customers.former.actions import led_by_id
from liuke.customers.merging.actions import Undone, later_merge, merge, undo
from liuke.customers.merging.rules import MOST_AT_ONCE
from liuke.customers.models import Customer, DuplicatePair, Merge
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.kit.views import done, problem, say
from liuke.platform.lists.actions import page
from liuke.platform.paging.rules import Column, Keyset, Kind
from liuke.workspace.merging import actions, rules

PAGE: Final = 50
LIKELIEST_FIRST: Final = Keyset(Column("score", "", sort="score", kind=Kind.NUMBER), descending=True)
NEWEST_FIRST: Final = Keyset(Column("id", "", sort="id", kind=Kind.NUMBER), descending=True)
OLD_ADDRESS: Final = re.compile(r"/customers/(\d{1,18})/(.*)", re.DOTALL)
UNIT: Final = re.compile(r"[a-z]+|f\d{1,18}")


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Right.MERGE_CUSTOMERS)
def comparison(request: StaffRequest) -> HttpResponse:
    """Side by side by GET; by POST they become one."""
    given = request.POST if request.method == "POST" else request.GET
    ids = list(dict.fromkeys(int(pk) for pk in given.getlist("ids") if pk.isdigit() and len(pk) <= 18))
    customers = actions.side_by_side(ids[: MOST_AT_ONCE + 1], request.user)
    if len(customers) != len(ids) and len(ids) <= MOST_AT_ONCE:
        raise Http404
    if not 2 <= len(ids) <= MOST_AT_ONCE:
        text = _("Choose two to %(n)s customers in the list, then “Merge”.") % {"n": MOST_AT_ONCE}
        return problem(request, 400, _("Which customers are to be merged?"), text)
    survivor = given.get("survivor", "")
    if survivor.isdigit() and int(survivor) in ids:
        customers.sort(key=lambda one: one.pk != int(survivor))
    error = ""
    if request.method == "POST":
        try:
            return _merged(request, customers)
        except Unfit as unfit:
            error = unfit.text
    context = {
        "customers": customers,
        "lines": actions.lines(customers, request.user, get_language() or ""),
        "counts": [
            (label, [(one.number, getattr(one, f"{name}_count")) for one in customers])
            for name, label in rules.COUNTED.items()
            if any(getattr(one, f"{name}_count") for one in customers)
        ],
        "others_lose": sorted(
            {str(one.owner) for one in customers[1:] if one.owner_id not in (None, customers[0].owner_id)}
        ),
        "pair": actions.pair_of(customers, request.user),
        "error": error,
    }
    return render(request, "workspace/merging/comparison.html", context, status=422 if error else 200)


def _merged(request: StaffRequest, customers: list[Customer]) -> HttpResponse:
    choices = {
        name.removeprefix("choice."): int(value)
        for name, value in request.POST.items()
        if name.startswith("choice.")
        and isinstance(value, str)
        and value.isdigit()
        and UNIT.fullmatch(name.removeprefix("choice."))
    }
    versions = {
        one.pk: int(version)
        for one in customers
        if (version := request.POST.get(f"version.{one.pk}", "")).isdigit()
    }
    units = {line.unit for line in actions.lines(customers, request.user, get_language() or "")}
    made = merge(
        customers[0],
        customers[1:],
        choices={unit: whose for unit, whose in choices.items() if unit in units},
        versions=versions,
        by=request.user,
        now=timezone.now(),
    )
    text = ngettext(
        "%(n)s record is now part of %(name)s.", "%(n)s records are now part of %(name)s.", len(customers) - 1
    )
    told = text % {"n": len(customers) - 1, "name": customers[0].name}
    say(request, told, undo=reverse("merge-undoing", args=[made.pk]))
    return redirect("customer", made.survivor_id)


@require_safe
@staff(Right.MERGE_CUSTOMERS)
def duplicates(request: StaffRequest) -> HttpResponse:
    """Pairs that may be one, the likeliest first; or those that somebody holds apart."""
    apart = request.GET.get("show") == "different"
    rows = DuplicatePair.objects.writable_by(request.user).filter(state="different" if apart else "open")
    order = NEWEST_FIRST if apart else LIKELIEST_FIRST
    found = page(actions.with_both(rows), order, after=request.GET.get("after", ""), limit=PAGE)
    context = {
        "page": found,
        "pairs": [(pair, sentences(pair.reasons), rules.likelihood(pair.score)) for pair in found],
        "apart": apart,
        "looked_at": last_look(),
    }
    return render(request, "workspace/merging/duplicates.html", context)


@require_POST
@staff(Right.MERGE_CUSTOMERS)
def difference(request: StaffRequest, pk: int) -> HttpResponse:
    """They are not the same."""
    pair = get_object_or_404(DuplicatePair.objects.writable_by(request.user), pk=pk)
    keep_apart(pair, by=request.user, now=timezone.now())
    say(request, _("Noted: they are not the same."), undo=reverse("duplicate-likeness", args=[pk]))
    return done(request, to=reverse("duplicates"), changed=("duplicates",))


@require_POST
@staff(Right.MERGE_CUSTOMERS)
def likeness(request: StaffRequest, pk: int) -> HttpResponse:
    """They may be the same after all."""
    pair = get_object_or_404(DuplicatePair.objects.writable_by(request.user), pk=pk)
    propose_again(pair, by=request.user, now=timezone.now())
    say(request, _("They are proposed again."))
    return done(request, to=reverse("duplicates"), changed=("duplicates",))


@require_safe
@staff(Right.MERGE_CUSTOMERS)
def merges(request: StaffRequest) -> HttpResponse:
    """What was merged, the last first."""
    rows = Merge.objects.for_user(request.user).select_related("survivor", "by", "undone_by")
    found = page(rows, NEWEST_FIRST, after=request.GET.get("after", ""), limit=PAGE)
    told = actions.who_was_merged(found.rows)
    context = {"page": found, "merges": [(one, told[one.pk]) for one in found]}
    return render(request, "workspace/merging/merges.html", context)


@require_safe
@staff(Right.MERGE_CUSTOMERS)
def merged(request: StaffRequest, pk: int) -> HttpResponse:
    """One merge: what it brought together, and what an undo does and does not do."""
    held = get_object_or_404(
        Merge.objects.for_user(request.user).select_related("survivor", "by", "undone_by"), pk=pk
    )
    later = later_merge(held) if held.state == "done" else None
    context = {
        "done": held,
        "former": actions.who_was_merged([held])[held.pk],
        "later": later,
        "since": held.survivor.facts.filter(recorded_at__gt=held.at).count(),
    }
    return render(request, "workspace/merging/merged.html", context)


@require_POST
@staff(Right.MERGE_CUSTOMERS)
def undoing(request: StaffRequest, pk: int) -> HttpResponse:
    held = get_object_or_404(Merge.objects.for_user(request.user), pk=pk)
    get_object_or_404(Customer.objects.writable_by(request.user), pk=held.survivor_id)
    try:
        undone = undo(held, by=request.user, now=timezone.now())
    except Unfit as unfit:
        return problem(request, 409, _("This merge cannot be undone now"), unfit.text)
    say(request, _told(undone))
    return redirect("merge", pk)


def _told(undone: Undone) -> str:
    names = ", ".join(str(one) for one in undone.back)
    told = [_("%(names)s: back as they were.") % {"names": names}]
    kept, others = rules.kept_names(undone.result.kept)
    if kept:
        named = ", ".join(gettext(name) for name in kept)
        told.append(_("Changed since the merge and left so: %(fields)s.") % {"fields": named})
    if others:
        text = ngettext(
            "%(n)s entry was changed since and left so.",
            "%(n)s entries were changed since and left so.",
            others,
        )
        told.append(text % {"n": others})
    if missing := undone.result.missing:
        text = ngettext(
            "%(n)s entry was removed since and stays so.",
            "%(n)s entries were removed since and stay so.",
            missing,
        )
        told.append(text % {"n": missing})
    return " ".join(told)


class FormerAddresses:
    """A page of a customer who was merged leads to the same page of whoever he is now; of whom one may not see, nowhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code != 404 or request.method not in ("GET", "HEAD"):
            return response
        found = OLD_ADDRESS.fullmatch(request.path_info)
        user = request.user
        if found is None or not user.is_authenticated or not user.may(Right.VIEW_CUSTOMERS):
            return response
        led = led_by_id(int(found[1]))
        if led is None or not Customer.objects.for_user(user).filter(pk=led).exists():
            return response
        query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
        return HttpResponseRedirect(f"{reverse('customer', args=[led])}{found[2]}{query}")
