"""The door of the API: who calls, whether he may call again, in which language; and every refusal as a problem document.

django-ninja finds the operation, reads what it takes and writes what it gives; all else stands here, around it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.exceptions import BadRequest, ObjectDoesNotExist, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as NotValid
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.http.multipartparser import MultiPartParserError
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from ninja.errors import HttpError, ValidationError

from liuke.platform.access.rules import Denied, Door, Right
from liuke.platform.access.views import client_address
from liuke.platform.api.actions import claim, keep
from liuke.platform.api.rules import (
    FORM,
    JSON,
    KEY,
    LARGEST_BODY,
    MESSAGES,
    NUL,
    OTHERWISE,
    PROBLEMS,
    ROOT,
    Problem,
    Wrong,
    digest_of,
    pointer,
)
from liuke.platform.audit.actions import record
from liuke.platform.files.rules import LIMIT_BYTES
from liuke.platform.kit import views as pages
from liuke.platform.preferences.actions import get
from liuke.platform.tokens.actions import acting, count_call, note_refusal, token_of
from liuke.platform.tokens.models import ApiToken
from liuke.platform.tokens.rules import grants
from liuke.platform.users.models import User

View = Callable[..., HttpResponseBase]
Takes = Callable[[str], frozenset[str] | None]
Read = Callable[["User", Mapping[str, Any]], None]


class TokenRequest(HttpRequest):
    """What an operation is given: a request of a program that acts for a person."""

    user: User
    token: ApiToken
    kind: str  # of body that its method takes


def problem(found: Problem) -> HttpResponse:
    """RFC 9457, in the language that is active."""
    kind = PROBLEMS[found.name]
    document: dict[str, Any] = {
        "type": f"{ROOT}#{found.name}",
        "title": _(kind.title),
        "status": kind.status,
        "detail": found.detail or _(kind.remedy),
    }
    if found.errors:
        document["errors"] = [error.plain() for error in found.errors]
    content = json.dumps(document | found.more, ensure_ascii=False, default=str)
    return HttpResponse(
        content, status=kind.status, content_type="application/problem+json", headers=found.headers
    )


class Need:
    """What an operation takes: a scope of the token, and a right of its person. As ninja's `auth` it is asked before
    anything is read, and stands in the description of the API. `also`: a second scope, of what it touches besides."""

    openapi_security_schema: Mapping[str, str] = {"type": "http", "scheme": "bearer"}

    def __init__(self, scope: str, right: Right, *, also: str = "") -> None:
        self.scope, self.right = scope, right
        self.scopes = [scope, also] if also else [scope]

    def __call__(self, request: HttpRequest) -> User:
        token, user = cast("TokenRequest", request).token, cast("TokenRequest", request).user
        for scope in self.scopes:
            if not grants(token.scopes, scope):
                raise Problem("scope-missing", scope=scope)
        user.require(self.right)
        return user


def door(
    *inner: View,
    read: Read | None = None,
    takes: Takes | None = None,
    kind: Callable[[str], str] = lambda method: JSON,
) -> View:
    """The operations of one address for whoever brings a living token; classed as a door like every page. Several where
    slices share the address: each has methods of its own. `read` hears of every GET that was answered. `takes`
    names the parameters of a method, None for any: one that is misspelt would silently do nothing. `kind` says what a method
    takes: JSON, or a form with files; nothing where there is no such method."""

    def work(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        known = takes(request.method or "") if takes and request.GET else None
        if known is not None and (unknown := request.GET.keys() - known):
            wrong = [Wrong(name, _("There is no such parameter.")) for name in sorted(unknown)]
            return problem(Problem("invalid", errors=wrong))
        allowed: set[str] = set()
        for view in inner:
            response = view(request, *args, **kwargs)
            if response.status_code != 405:
                return response
            allowed |= {name.strip() for name in response["Allow"].split(",")}
        return HttpResponseNotAllowed(allowed)

    def guarded(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with _language(request, None):
            try:
                token = _token(request)
            except Problem as found:
                return _dressed(problem(found))
        caller = cast("TokenRequest", request)
        caller.token, caller.user = token, acting(token)
        caller.kind = kind(request.method or "")
        with _language(request, caller.user), timezone.override(_zone(caller.user)):
            response = _answered(caller, lambda: work(request, *args, **kwargs))
            if read and request.method == "GET" and response.status_code == 200:
                read(caller.user, kwargs)
            return response

    guarded.door = Door(token=True)  # type: ignore[attr-defined]  # a mark that door_of reads
    guarded.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie opens this door, so none can be abused
    return guarded


def _token(request: HttpRequest) -> ApiToken:
    how, _space, secret = request.headers.get("Authorization", "").partition(" ")
    challenge = {"WWW-Authenticate": 'Bearer realm="Liuke"'}
    if how.lower() != "bearer" or not secret.strip():
        raise Problem("unauthenticated", headers=challenge)
    token, now = token_of(secret.strip()), timezone.now()
    why = token.why_dead(now) if token else "unknown"
    if token is None or why:
        if token:
            note_refusal(token, why, now=now, address=client_address(request))
        challenge["WWW-Authenticate"] += ', error="invalid_token"'
        raise Problem("token-refused", headers=challenge)
    return token


def _answered(request: TokenRequest, work: Callable[[], HttpResponseBase]) -> HttpResponse:
    now = timezone.now()
    limit, calls = get("api.per_minute"), count_call(request.token, now)
    left = 60 - int(now.timestamp()) % 60
    try:
        if calls > limit:
            raise Problem("too-many", headers={"Retry-After": str(left)})
        response = _once(request, work)
    except Problem as found:
        response = problem(found)
    response.headers["RateLimit-Policy"] = f'"token";q={limit};w=60'
    response.headers["RateLimit"] = f'"token";r={max(0, limit - calls)};t={left}'
    return _dressed(response)


def _dressed(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
    patch_vary_headers(response, ["Authorization", "Accept-Language"])
    return response


def _once(request: TokenRequest, work: Callable[[], HttpResponseBase]) -> HttpResponse:
    """With an Idempotency-Key what is done and its answer are one transaction; what fails leaves neither."""
    if request.kind == FORM:
        _form(request)
    elif request.kind:  # else it will be told that there is no such method
        _readable(request)
    key = request.headers.get("Idempotency-Key")
    if request.method != "POST" or key is None:
        return _noted(request, _called(request, work))
    if not KEY.fullmatch(key):
        wrong = Wrong("Idempotency-Key", _("Up to 200 printable ASCII signs, without spaces."))
        raise Problem("invalid", errors=[wrong])
    digest = digest_of(request.method, request.get_full_path(), _sent(request))
    with transaction.atomic():
        held = claim(request.token, key, digest, now=timezone.now())
        if held.status is not None:
            if held.digest != digest:
                raise Problem("key-used")
            headers = {**held.headers, "Idempotency-Replayed": "true"}
            return HttpResponse(held.body, status=held.status, headers=headers)
        response = _called(request, work)
        if response.status_code < 300:
            told = {name: response[name] for name in ("Content-Type", "ETag", "Location") if name in response}
            keep(held, status=response.status_code, headers=told, body=response.content.decode())
        else:
            transaction.set_rollback(True)
    return _noted(request, response)


def _sent(request: TokenRequest) -> bytes:
    """What makes a body the same body: of a form its fields and the content of its files, not the marks between them."""
    if request.kind != FORM:
        return request.body
    told = hashlib.sha256(repr(sorted(request.POST.lists())).encode("utf-8", "replace"))
    for field, files in sorted(request.FILES.lists()):
        for file in files:
            told.update(f"{field} {file.name} {file.size}".encode("utf-8", "replace"))
            for chunk in file.chunks():
                told.update(chunk)
            file.seek(0)
    return told.digest()


def _readable(request: TokenRequest) -> None:
    """What comes with the request is JSON of a size that we read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length[:12]) > LARGEST_BODY:
        raise Problem("too-large")
    try:
        given = request.body
    except RequestDataTooBig:
        raise Problem("too-large") from None
    if len(given) > LARGEST_BODY:
        raise Problem("too-large")
    if given and request.content_type != JSON:
        raise Problem("not-json", headers={"Accept-Post": JSON})
    if NUL.search(given) or "%00" in request.META.get("QUERY_STRING", ""):
        raise Problem("invalid", _("There is a character in it that cannot be kept."))


def _form(request: TokenRequest) -> None:
    """Read to its end before anything is done; large files wait on the disk."""
    if request.content_type != FORM:
        raise Problem("not-a-form", headers={"Accept-Post": FORM})
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length[:12]) > LIMIT_BYTES:
        text = _("The files of a request may have up to %(most)s MB together.") % {"most": LIMIT_BYTES >> 20}
        raise Problem("too-large", text)
    try:
        fields, _files = request.POST, request.FILES
    except RequestDataTooBig:
        raise Problem("too-large") from None
    except (BadRequest, MultiPartParserError, SuspiciousOperation):
        raise Problem("bad-request") from None
    told = [value for _name, values in fields.lists() for value in values]
    if any("\0" in value for value in told) or "%00" in request.META.get("QUERY_STRING", ""):
        raise Problem("invalid", _("There is a character in it that cannot be kept."))


def _called(request: TokenRequest, work: Callable[[], HttpResponseBase]) -> HttpResponse:
    asked_head = request.method == "HEAD"
    if asked_head:
        request.method = "GET"  # the server leaves the body out
    response = cast("HttpResponse", work())
    if asked_head:
        request.method = "HEAD"
    if response.status_code == 405:
        allowed = {name.strip() for name in response["Allow"].split(",")}
        if "GET" in allowed:
            allowed.add("HEAD")
        return problem(Problem("method-not-allowed", headers={"Allow": ", ".join(sorted(allowed))}))
    return response


def _noted(request: TokenRequest, response: HttpResponse) -> HttpResponse:
    """A refusal is noted after what was rolled back with it."""
    if refused := getattr(response, "refused", ""):
        record(
            "access.denied",
            by=request.user,
            now=timezone.now(),
            reason=f"{refused}: {request.method} {request.path}",
            address=client_address(request),
        )
    return response


@contextmanager
def _language(request: HttpRequest, user: User | None) -> Iterator[None]:
    """What the program asks for; else its person's own, else the company's."""
    if "Accept-Language" in request.headers:
        language = translation.get_language_from_request(request)
    else:
        language = (user.language if user else "") or settings.LANGUAGE_CODE
    with translation.override(language):
        yield


def _zone(user: User) -> ZoneInfo | None:
    try:
        return ZoneInfo(user.zone or get("company.zone"))
    except (ZoneInfoNotFoundError, ValueError):  # a zone that this machine's tables have lost
        return None


# --- what goes wrong inside an operation, as ninja hands it over -------------------------------------------------------


def answer_problem(request: HttpRequest, found: Problem) -> HttpResponse:
    response = problem(found)
    if found.name == "scope-missing":
        response.refused = found.more.get("scope", "")  # type: ignore[attr-defined]  # _noted tells the audit
    return response


def answer_denied(request: HttpRequest, found: Denied) -> HttpResponse:
    response = problem(Problem("not-allowed"))
    response.refused = found.right.value  # type: ignore[attr-defined]  # _noted tells the audit
    return response


def answer_missing(request: HttpRequest, found: Exception) -> HttpResponse:
    return problem(Problem("not-found"))


def answer_http(request: HttpRequest, found: HttpError) -> HttpResponse:
    return problem(Problem("bad-request"))


def answer_not_valid(request: HttpRequest, found: NotValid) -> HttpResponse:
    return problem(Problem("invalid", errors=[Wrong("", text) for text in found.messages]))


def answer_invalid(request: HttpRequest, found: ValidationError) -> HttpResponse:
    """Each field that does not fit, with what to do about it."""
    if any(error["loc"][0] == "path" for error in found.errors):
        return problem(Problem("not-found"))
    return problem(Problem("invalid", errors=[_wrong(error) for error in found.errors]))


def _wrong(error: Mapping[str, Any]) -> Wrong:
    source, *path = error["loc"]
    message = _(MESSAGES.get(error["type"], OTHERWISE))
    detail = message % error.get("ctx", {}) if "%(" in message else message
    if source != "body":
        return Wrong(str(path[-1]) if path else "", detail)
    below = path[1:]  # the first part is our own name for the body
    name = next((str(part) for part in reversed(below) if isinstance(part, str)), "")
    return Wrong(name, detail, pointer(below))


HANDLERS: tuple[tuple[type[Exception], Callable[..., HttpResponse]], ...] = (
    (Problem, answer_problem),
    (Denied, answer_denied),
    (Http404, answer_missing),
    (ObjectDoesNotExist, answer_missing),
    (HttpError, answer_http),
    (NotValid, answer_not_valid),
    (ValidationError, answer_invalid),
)


# --- addresses that no operation has, and what breaks outside of one ---------------------------------------------------


def _elsewhere(name: str, page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Below the API's root a problem, anywhere else the page."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.path.startswith(ROOT):
            return page(request, *args, **kwargs)
        with _language(request, None):
            return _dressed(problem(Problem(name)))

    return answer


bad_request = _elsewhere("bad-request", pages.bad_request)
not_found = _elsewhere("not-found", pages.not_found)
server_error = _elsewhere("broken", pages.server_error)
