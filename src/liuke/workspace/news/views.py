"""What is new for me: who named me, what became of what I gave, what was given to me."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from liuke.customers.followups.actions import mark_seen
from liuke.customers.mentions.actions import mark_read, suggested
from liuke.customers.mentions.rules import names_of
from liuke.customers.models import Customer, FollowUpChange, Mention
from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.workspace.news import actions

LONGEST_WORDS = 40


@require_safe
@staff(Right.VIEW_CUSTOMERS)
def news(request: StaffRequest) -> HttpResponse:
    now = timezone.now()
    items, mention, step = actions.items(request.user, now=now)
    context = {
        "items": items,
        "any_unread": any(item.unread for item in items),
        "mention": mention,
        "step": step,
        "now": now,
    }
    return render(request, "workspace/news/news.html", context)


@require_POST
@staff(Right.VIEW_CUSTOMERS)
def read(request: StaffRequest) -> HttpResponse:
    """Everything that the page showed; what came in since stays new."""
    now = timezone.now()
    mark_read(request.user, upto=_number(request.POST.get("mention")), now=now)
    mark_seen(request.user, upto=_number(request.POST.get("step")), now=now)
    messages.success(request, _("Read."))
    return redirect("news")


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0


@require_POST
@staff(Right.VIEW_CUSTOMERS)
def mention(request: StaffRequest, pk: int) -> HttpResponse:
    told = get_object_or_404(Mention.objects.of(request.user), pk=pk)
    mark_read(request.user, mention=told.pk, now=timezone.now())
    return redirect("customer", told.fact.customer_id)


@require_POST
@staff(Right.VIEW_CUSTOMERS)
def step(request: StaffRequest, pk: int) -> HttpResponse:
    told = get_object_or_404(FollowUpChange.objects.told_to(request.user), pk=pk)
    mark_seen(request.user, only=told.pk, now=timezone.now())
    return redirect("customer", told.followup.customer_id)


@require_safe
@staff(Right.LOG_CONTACTS)
def mentionable(request: StaffRequest, pk: int) -> HttpResponse:
    """Whom “@” offers: colleagues who see this customer. Of two with one name each is written by the user name."""
    customer = get_object_or_404(
        Customer.objects.for_user(request.user).select_related("team", "owner"), pk=pk
    )
    words = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_WORDS]
    people = suggested(customer, words, by=request.user)
    alone = names_of(people)
    return JsonResponse(
        {
            "people": [
                {
                    "name": user.name,
                    "about": str(user.team or ""),
                    "write": user.name if user.name.casefold() in alone else user.username,
                }
                for user in people
            ]
        }
    )
