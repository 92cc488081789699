"""What connects to Liuke: tokens by which programs act for people, and webhooks that tell programs what has happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, signed_in, staff
from liuke.platform.lists.actions import page
from liuke.platform.models import ApiToken, Delivery, User, Webhook
from liuke.platform.paging.rules import Column, Keyset, Kind
from liuke.platform.preferences.actions import get
from liuke.platform.tokens.actions import create_token, revoke_token
from liuke.platform.webhooks import actions as hooks
from liuke.platform.webhooks.rules import STATES
from liuke.workspace.programs import rules
from liuke.workspace.programs.forms import TokenForm, WebhookForm

NEWEST = Keyset(Column("id", "", sort="pk", kind=Kind.NUMBER), descending=True)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@never_cache
@signed_in
def tokens(request: StaffRequest) -> HttpResponse:
    """One's own tokens. A new one's secret stands on the page that answers, and nowhere ever after."""
    form, secret, now = TokenForm(request.POST or None, by=request.user), "", timezone.now()
    if form.is_valid():
        typed = form.cleaned_data
        try:
            _token, secret = create_token(
                name=typed["name"], scopes=form.scopes, days=typed["days"], by=request.user, now=now
            )
        except ValidationError as error:
            form.refuse(error)
        else:
            form = TokenForm(by=request.user)
    rows = list(ApiToken.objects.of(request.user).listed()[:100])
    context = {"form": form, "secret": secret, "tokens": rules.shown(rows, now), "now": now}
    status = 422 if form.errors else 200
    return render(request, "workspace/programs/tokens.html", context, status=status)


@require_POST
@signed_in
def own_revocation(request: StaffRequest, pk: int) -> HttpResponse:
    return _revoked(request, get_object_or_404(ApiToken.objects.of(request.user), pk=pk), "tokens")


@require_safe
@staff(Right.MANAGE_USERS)
def all_tokens(request: StaffRequest) -> HttpResponse:
    """Everybody's: who lets which program in, when it last came, and the way to shut it out."""
    now: datetime = timezone.now()
    found = page(_reached(request), NEWEST, after=request.GET.get("after", ""), limit=50)
    context: dict[str, Any] = {"page": found, "tokens": rules.shown(found.rows, now), "now": now}
    return render(request, "workspace/programs/all_tokens.html", context)


@require_POST
@staff(Right.MANAGE_USERS)
def revocation(request: StaffRequest, pk: int) -> HttpResponse:
    return _revoked(request, get_object_or_404(_reached(request), pk=pk), "all-tokens")


def _reached(request: StaffRequest) -> Any:
    people = User.objects.visible_to(request.user)
    return ApiToken.objects.filter(user__in=people).select_related("user", "revoked_by")


def _revoked(request: StaffRequest, token: ApiToken, to: str) -> HttpResponse:
    revoke_token(token, by=request.user, now=timezone.now())
    messages.success(request, _("“%(name)s” opens nothing any more.") % {"name": token.name})
    return redirect(to)


# --- webhooks ---


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@staff(Right.MANAGE_SETTINGS)
def webhooks(request: StaffRequest) -> HttpResponse:
    form, secret, now = WebhookForm(request.POST or None), "", timezone.now()
    if form.is_valid():
        try:
            _hook, secret = hooks.add_webhook(**form.cleaned_data, by=request.user, now=now)
        except ValidationError as error:
            form.refuse(error)
        else:
            form = WebhookForm()
    given_up = Count("deliveries", filter=Q(deliveries__state="dead"))
    waiting = Count("deliveries", filter=Q(deliveries__state__in=["queued", "sending"]))
    rows = Webhook.objects.select_related("owner").annotate(given_up=given_up, waiting=waiting)[:100]
    context = {
        "form": form,
        "secret": secret,
        "hooks": [(hook, rules.told_topics(hook.topics)) for hook in rows],
        "hosts": get("webhooks.hosts"),
        "now": now,
    }
    status = 422 if form.errors else 200
    return render(request, "workspace/programs/webhooks.html", context, status=status)


@require_safe
@staff(Right.MANAGE_SETTINGS)
def webhook(request: StaffRequest, pk: int) -> HttpResponse:
    """Its log: newest first, or only what was given up."""
    return _log(request, _hook(pk))


def _hook(pk: int) -> Webhook:
    return get_object_or_404(Webhook.objects.select_related("owner"), pk=pk)


def _log(request: StaffRequest, hook: Webhook, *, secret: str = "") -> HttpResponse:
    chosen = request.GET.get("state", "")
    rows = Delivery.objects.filter(webhook=hook)
    if chosen in STATES:
        rows = rows.filter(state=chosen)
    found = page(rows, NEWEST, after=request.GET.get("after", ""), limit=50)
    context = {
        "hook": hook,
        "topics": rules.told_topics(hook.topics),
        "page": found,
        "sent": rules.sent(found.rows),
        "state": chosen if chosen in STATES else "",
        "secret": secret,
        "now": timezone.now(),
    }
    return render(request, "workspace/programs/webhook.html", context)


@require_POST
@staff(Right.MANAGE_SETTINGS)
def webhook_ping(request: StaffRequest, pk: int) -> HttpResponse:
    hooks.ping(_hook(pk), by=request.user, now=timezone.now())
    messages.success(request, _("A test message is on its way."))
    return redirect("webhook", pk)


@require_POST
@staff(Right.MANAGE_SETTINGS)
def webhook_activity(request: StaffRequest, pk: int) -> HttpResponse:
    hook = _hook(pk)
    hooks.set_active(hook, not hook.is_active, by=request.user, now=timezone.now())
    messages.success(request, _("It is paused.") if hook.is_active else _("It goes on."))
    return redirect("webhook", pk)


@require_POST
@never_cache
@staff(Right.MANAGE_SETTINGS)
def webhook_secret(request: StaffRequest, pk: int) -> HttpResponse:
    """A new secret, shown on the page that answers and nowhere ever after."""
    hook = _hook(pk)
    secret = hooks.rotate(hook, by=request.user, now=timezone.now())
    return _log(request, hook, secret=secret)


@require_POST
@staff(Right.MANAGE_SETTINGS)
def webhook_removal(request: StaffRequest, pk: int) -> HttpResponse:
    hooks.remove(_hook(pk), by=request.user, now=timezone.now())
    messages.success(request, _("The webhook is removed."))
    return redirect("webhooks")


@require_POST
@staff(Right.MANAGE_SETTINGS)
def webhook_attempt(request: StaffRequest, pk: int, delivery: int) -> HttpResponse:
    one = get_object_or_404(Delivery.objects.select_related("webhook"), pk=delivery, webhook=pk)
    if hooks.send_again(one, by=request.user, now=timezone.now()):
        messages.success(request, _("It is sent again."))
    else:
        messages.warning(request, _("It is on its way already."))
    return redirect("webhook", pk)
