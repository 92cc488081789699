"""The guards of every door. A view without one of them is refused (Doors) and fails tests/doors."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from liuke.platform.access.rules import Denied, Door, Right

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from liuke.platform.models import User

P = ParamSpec("P")


class StaffRequest(HttpRequest):
    """What a guarded view is given: a request with somebody signed in."""

    user: User
    htmx: HtmxDetails


Guarded = Callable[Concatenate[StaffRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def staff(*rights: Right) -> Callable[[Guarded[P]], View[P]]:
    """For whoever has every one of `rights`; anybody else signed in gets 403 and a line in the audit."""
    if not rights:
        raise ValueError("@staff needs a right; use @signed_in for a page that everybody at work may see")
    return lambda view: _guard(view, Door(rights))


def signed_in(view: Guarded[P]) -> View[P]:
    """For everybody who is signed in, whatever the role; what is shown is still scoped by `for_user`."""
    return _guard(view, Door())


def public(view: View[P]) -> View[P]:
    """For the whole world. Say in the view's docstring why that is right."""

    @wraps(view)
    def open_view(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    open_view.door = Door(public=True)  # type: ignore[attr-defined]  # a mark that door_of reads
    return open_view


def _guard(view: Guarded[P], door: Door) -> View[P]:
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        for right in door.rights:
            if not request.user.may(right):
                raise Denied(right)
        return view(cast("StaffRequest", request), *args, **kwargs)

    guarded.door = door  # type: ignore[attr-defined]  # a mark that door_of reads
    return guarded


def door_of(view: Callable[..., object]) -> Door | None:
    """How `view` is classed; None when nobody did."""
    door = getattr(view, "door", None)
    return door if isinstance(door, Door) else None


def client_address(request: HttpRequest) -> str:
    """The connection's address, or what the outermost of our own proxies (LIUKE_PROXIES of them) saw."""
    connection = str(request.META.get("REMOTE_ADDR", ""))
    if not settings.PROXIES:
        return connection
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    return hops[-settings.PROXIES] if len(hops) >= settings.PROXIES else connection


def safe_path(request: HttpRequest, url: str | None) -> str:
    """The path and query of `url` when it is on this site, else nothing: never an open redirect."""
    if not url or not url_has_allowed_host_and_scheme(
        url, {request.get_host()}, require_https=request.is_secure()
    ):
        return ""
    parts = urlsplit(url)
    path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    return path if path.startswith("/") and not path.startswith("//") else ""


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page and back to where the person was: for htmx as a whole page, not into a fragment."""
    if request.method == "GET" and not request.headers.get("HX-Request"):
        here = request.get_full_path()
    else:
        here = safe_path(request, request.headers.get("HX-Current-URL") or request.headers.get("Referer"))
    query = {"next": here} if here and here != "/" else {}
    if ended := getattr(request, "session_ended", ""):
        query["ended"] = ended
    url = reverse("sign-in") + (f"?{urlencode(query)}" if query else "")
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
