"""What stands before every view: headers, the session's limits, language and zone, the doors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth import logout
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from liuke.platform.access.rules import Denied
from liuke.platform.access.views import client_address, door_of
from liuke.platform.audit.actions import record
from liuke.platform.kit.views import forbidden, problem
from liuke.platform.preferences.actions import get as preference
from liuke.platform.sessions.rules import HEADERS, NOTE_EVERY, over

Next = Callable[[HttpRequest], HttpResponseBase]


class Headers:
    """Outermost, so that files, errors and redirects carry them too. A view may set its own."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class Limits:
    """Ends a session that was idle for too long or is older than a working day.

    That a deactivated or changed account is out at once needs nothing here: the session's hash holds the
    epoch (users/models.py), and Django compares it on every request.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            self._check(request, timezone.now())
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault(
                "Cache-Control", "private, no-store"
            )  # a customer stays in no browser's cache
        return response

    def _check(self, request: HttpRequest, now: datetime) -> None:
        began_at = _instant(request.session.get("began_at"), now)
        seen_at = _instant(request.session.get("seen_at"), now)
        if ended := over(began_at=began_at, seen_at=seen_at, now=now):
            logout(request)
            request.session_ended = ended  # type: ignore[attr-defined]  # to_sign_in tells the person why
        elif "seen_at" not in request.session or abs(now - seen_at) > NOTE_EVERY:
            request.session["began_at"] = began_at.timestamp()
            request.session["seen_at"] = now.timestamp()


def _instant(stamp: object, now: datetime) -> datetime:
    return datetime.fromtimestamp(stamp, UTC) if isinstance(stamp, int | float) else now


class Locale:
    """The person's own language and zone; else the browser's language and the company's zone."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        language = _language(request)
        with translation.override(language), timezone.override(_zone(request)):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Accept-Language"])
        return response


def _language(request: HttpRequest) -> str:
    if request.user.is_authenticated and request.user.language:
        return request.user.language
    return translation.get_language_from_request(request)


def _zone(request: HttpRequest) -> ZoneInfo | None:
    if not request.user.is_authenticated:
        return None
    try:
        return ZoneInfo(request.user.zone or preference("company.zone"))
    except (ZoneInfoNotFoundError, ValueError):  # a zone that this machine's tables have lost
        return None


class Doors:
    """Refuses what nobody classed, and turns a refusal into 403 with an entry in the audit."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if door_of(view) is None:
            name = f"{view.__module__}.{getattr(view, '__name__', view)}"
            raise ImproperlyConfigured(
                f"{name} is a door that nobody classed: use @staff, @signed_in or @public"
            )
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Denied):
            return None
        by = request.user if request.user.is_authenticated else None
        record(
            "access.denied",
            by=by,
            now=timezone.now(),
            reason=f"{exception.right.value}: {request.method} {request.path}",
            address=client_address(request),
        )
        return forbidden(request)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Nearly always a page open since before the last sign-in: say what to do, keep what was typed."""
    if request.headers.get("HX-Request") and not request.user.is_authenticated:
        return HttpResponse(status=401)  # the page stays, with what was typed, and offers to sign in
    text = _(
        "It was opened before your last sign-in, so nothing was changed. Go back, reload it, send it again."
    )
    return problem(request, 403, _("This page is too old"), text)
