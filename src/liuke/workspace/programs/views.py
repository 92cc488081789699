"""What connects to Liuke: the tokens by which programs act for people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, signed_in, staff
from liuke.platform.lists.actions import page
from liuke.platform.models import ApiToken, User
from liuke.platform.paging.rules import Column, Keyset, Kind
from liuke.platform.tokens.actions import create_token, revoke_token
from liuke.workspace.programs import rules
from liuke.workspace.programs.forms import TokenForm

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


@require_GET
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
