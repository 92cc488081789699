"""Pages that are counted: who opens very many of them in a short time is slowed, then asked for a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from liuke.customers.readings.actions import brake, note
from liuke.customers.readings.rules import APART
from liuke.platform.access.views import StaffRequest

P = ParamSpec("P")
REASON_UNTIL = "reading_reason_until"  # in the session, which every request reads anyway
Counted = Callable[Concatenate[StaffRequest, P], HttpResponseBase]


def watched(what: str) -> Callable[[Counted[P]], Counted[P]]:
    """Notes each page that is shown, a card by its customer, and holds the next one when they come too quickly."""

    def mark(view: Counted[P]) -> Counted[P]:
        @wraps(view)
        def counted(request: StaffRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method not in ("GET", "HEAD"):
                return view(request, *args, **kwargs)
            now = timezone.now()
            typing = what == "search" and bool(request.htmx)
            if not typing and (held := _held(request, now)):
                return held
            response = view(request, *args, **kwargs)
            if response.status_code == 200:
                pk = kwargs.get("pk")
                note(request.user, what, [pk] if isinstance(pk, int) else (), now=now, typing=typing)
            return response

        return counted

    return mark


def _held(request: StaffRequest, now: datetime) -> HttpResponse | None:
    until = request.session.get(REASON_UNTIL)
    found = brake(request.user, reason_until=datetime.fromisoformat(until) if until else None, now=now)
    if found == "ask":
        where = f"{reverse('reading-reason')}?{urlencode({'next': request.get_full_path()})}"
        if request.htmx:
            return HttpResponse(status=429, headers={"HX-Redirect": where})
        return HttpResponseRedirect(where)
    if found == "wait":
        seconds = int(APART.total_seconds())
        page = render(request, "workspace/shell/slowly.html", {"seconds": seconds}, status=429)
        page.headers["Refresh"] = page.headers["Retry-After"] = str(seconds)
        return page
    return None
