"""The search box: customers by name, pinyin, initials, number, phone digits, e-mail or order number; and questions in
words, which it answers itself (CQ01 to CQ07)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from liuke.customers.models import Customer, Purchase
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.workspace.search.actions import also_similar, answers
from liuke.workspace.shell.actions import watched

SUGGESTED = 8
ANSWERED = 6  # lines of an answer in the box
LISTED = 50
LONGEST = 100


@require_safe
@staff(Right.VIEW_CUSTOMERS)
@watched("search")
def search(request: StaffRequest) -> HttpResponse:
    """For htmx the first few as rows of the box; otherwise a page. Enter on a single hit goes straight there."""
    text = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[
        :LONGEST
    ]  # PostgreSQL keeps no NUL
    limit = SUGGESTED if request.htmx else LISTED
    mine = Customer.objects.for_user(request.user)
    found = list(mine.search(text, by=request.user).select_related("owner")[: limit + 1]) if text else []
    orders = (
        list(Purchase.objects.for_user(request.user).filter(number=text).select_related("customer")[:3])
        if text
        else []
    )
    now = timezone.now()
    told, meant = answers(text, user=request.user, now=now, limit=ANSWERED if request.htmx else LISTED)
    named = {
        answer.href for answer in told if not answer.customer
    }  # a line of the answer is their own already
    context: dict[str, object] = {
        "q": text,
        "answers": told,
        "now": now,
        "found": found[:limit] or [one for one in meant if reverse("customer", args=[one.pk]) not in named],
        "more": len(found) > limit,
        "orders": [order for order in orders if order.customer],
        "all_url": f"{reverse('customers')}?q={text}",
    }
    if not told and not orders and (request.htmx or len(found) != 1):
        context["similar"] = also_similar(text, user=request.user, found=found)
        context["similar_title"] = _("Also similar") if found else _("Nobody is called that. Did you mean:")
    if request.htmx:
        return render(request, "workspace/search/suggestions.html", context)
    if told:
        return render(request, "workspace/search/results.html", context)
    if len(orders) == 1 and len(found) <= 1:  # the customer is found by his order's number too
        return redirect("purchase", orders[0].pk)
    if len(found) == 1:
        return redirect("customer", found[0].pk)
    return render(request, "workspace/search/results.html", context)
