"""The demo's own door: it signs in by itself and lets one step into each role's shoes. On this machine only, and only there."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from liuke.platform.access.views import client_address, public, safe_path
from liuke.platform.models import User

LOOPBACK = {"127.0.0.1", "::1"}
FIRST = "supervisor"  # whose shoes one stands in first: he sees the team's work


def _only_here(request: HttpRequest) -> None:
    """Neither a real company nor another machine: there this door does not exist."""
    if not settings.DEMO or client_address(request) not in LOOPBACK:
        raise Http404


@public
@require_safe
def door(request: HttpRequest) -> HttpResponse:
    """Public in the demo on loopback, absent elsewhere: the invented company has nothing to protect."""
    _only_here(request)
    if not request.user.is_authenticated:
        user = User.objects.active().filter(role__code=FIRST).first() or User.objects.active().first()
        if user is None:
            raise Http404
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return redirect("today")


@public
@require_POST
def shoes(request: HttpRequest) -> HttpResponse:
    """Public in the demo on loopback, absent elsewhere; see `door`."""
    _only_here(request)
    wanted = request.POST.get("user", "")
    user = get_object_or_404(
        User.objects.active(), pk=int(wanted) if wanted.isascii() and wanted.isdigit() else 0
    )
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return redirect(safe_path(request, request.POST.get("next")) or "today")
