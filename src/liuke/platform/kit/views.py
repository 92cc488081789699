"""What every page is dressed with, the two switches (language, appearance), and the pages for when something went wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from liuke.platform.access.views import public, safe_path
from liuke.platform.kit import rules

THEMES = ("auto", "light", "dark")
LANGUAGE_NAMES = (("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English"))
A_YEAR = 365 * 24 * 3600


class Frame:
    """The template variable `kit`. Everything is worked out when a template asks, so a fragment pays nothing."""

    languages = LANGUAGE_NAMES

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def language(self) -> str:
        return translation.get_language() or settings.LANGUAGE_CODE

    @cached_property
    def lang(self) -> str:
        return rules.html_language(self.language)

    @cached_property
    def theme(self) -> str:
        user = getattr(self._request, "user", None)
        chosen = user.theme if user and user.is_authenticated else self._request.COOKIES.get("theme", "")
        return chosen if chosen in THEMES else "auto"

    @property
    def themes(self) -> list[tuple[str, str]]:
        return [("auto", gettext("As the system")), ("light", gettext("Light")), ("dark", gettext("Dark"))]

    @property
    def here(self) -> str:
        return self._request.get_full_path() if self._request.method == "GET" else self._request.path

    @property
    def dialog(self) -> bool:
        """Asked for as the content of the dialog; otherwise the same template is a page of its own."""
        return self._request.headers.get("HX-Target") == "dialog-body"

    @property
    def dialog_frame(self) -> str:
        return "platform/kit/in_dialog.html" if self.dialog else "platform/kit/page.html"

    @property
    def language_url(self) -> str:
        return address("language")

    @property
    def theme_url(self) -> str:
        return address("theme")

    @property
    def words(self) -> dict[str, str]:
        """What the scripts say and where they find things."""
        return {
            "charts": static("vendor/echarts.min.js"),
            "icons": static("vendor/icons.svg"),
            "close": gettext("Close"),
            "gone": gettext("That is no longer there. Somebody may have changed it; reload the page."),
            "forbidden": gettext("Your role does not allow this. Ask your administrator if you need it."),
            "failed": gettext(
                "That did not work, and nothing was changed. Try again; if it stays so, tell your administrator."
            ),
            "busy": gettext("The server is busy. Wait a moment and try again; what you typed is still here."),
            "offline": gettext(
                "The server can't be reached. Check the connection and try again; what you typed is still here."
            ),
            "waiting": gettext("No connection. Kept on this device, sent as soon as there is one: %(n)s"),
            "sent": gettext("Sent what was kept on this device: %(n)s"),
            "refused": gettext("This could not be saved:"),
            "again": gettext("Look at it again"),
            "unsent": gettext(
                "Something is kept on this device that has not been sent yet; it will be when you sign in again. Sign out?"
            ),
            "slow": gettext("No answer came in time. Look whether it was done before you try again."),
            "too_large": gettext("That is too large to send. Make it smaller or send it in parts."),
            "conflict": gettext(
                "Somebody changed this meanwhile. Reload the page and look at both versions."
            ),
            "signed_out": gettext(
                "You have been signed out. Sign in again in a new window, then send this once more: what you typed is still here."
            ),
            "sign_in": gettext("Sign in"),
            "sign_in_url": address("sign-in"),
            "unsaved": gettext("What you typed has not been saved."),
            "restored": gettext("What you had typed before you were signed out is back."),
            "missing": gettext("Please fill this in."),
            "choose": gettext("Please choose one."),
            "out_of_range": gettext("Between %(least)s and %(most)s, please."),
            "wrong_length": gettext("This is too short or too long."),
            "unfit": gettext("This does not fit here. Please look at how it is written."),
            "copied": gettext("Copied"),
            "undo": gettext("Undo"),
        }


def address(name: str, *args: object) -> str:
    """The path of a named page, or nothing where the product doesn't have it (yet)."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def frame(request: HttpRequest) -> dict[str, Frame]:
    """Context processor."""
    return {"kit": Frame(request)}


Next = Callable[[HttpRequest], HttpResponseBase]


def answer_htmx(get_response: Next) -> Next:
    """Middleware: messages as toasts, and redirects that htmx follows as a whole page."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return _answer(request, get_response(request))

    return middleware


def _answer(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if not request.headers.get("HX-Request") or not isinstance(response, HttpResponse):
        return response
    if response.status_code in {301, 302, 303, 307, 308}:
        # htmx would follow it and put a whole page into a fragment: a redirect means "go there".
        kept = HttpResponseClientRedirect(response["Location"])
        kept.cookies = response.cookies
        return kept
    if not response.has_header("HX-Redirect") and not response.has_header("HX-Refresh"):
        said = [
            {"text": str(m), "tone": _tone(m.level_tag)} | ({"undo": undo} if undo else {})
            for m in get_messages(request)
            for undo in [rules.undo_of(m.extra_tags)]
        ]
        if said:
            trigger_client_event(response, "kit:toasts", {"toasts": said})
    return response


def _tone(level: str) -> str:
    return {"success": "ok", "warning": "warn", "error": "danger"}.get(level, "info")


def say(request: HttpRequest, text: str, *, undo: str = "") -> None:
    """What was done, as a toast; posting to `undo` takes it back."""
    messages.success(request, text, extra_tags=rules.undo_tag(undo))


def done(request: HttpRequest, *, to: str, changed: tuple[str, ...] = ()) -> HttpResponse:
    """The answer after an action: closes the dialog and tells the page what changed (`changed:followups`), else goes to `to`."""
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(to)
    response = HttpResponse(status=204)
    trigger_client_event(response, "kit:close", {})
    for what in changed:
        trigger_client_event(response, f"changed:{what}", {})
    return response


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """For everybody: the sign-in page speaks three languages too."""
    chosen = request.POST.get("language", "")
    response = _back(request)
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, max_age=A_YEAR, samesite="Lax", secure=request.is_secure()
        )
        _remember(request, language=chosen)
    return response


@public
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """For everybody: light or dark is a matter of the eyes, signed in or not."""
    chosen = request.POST.get("theme", "")
    response = _back(request)
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=A_YEAR, samesite="Lax", secure=request.is_secure())
        _remember(request, theme=chosen)
    return response


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(safe_path(request, request.POST.get("next")) or "/")


def _remember(request: HttpRequest, **chosen: str) -> None:
    """Kept with the person, so that it is the same on the next machine."""
    if request.user.is_authenticated:
        for name, value in chosen.items():
            setattr(request.user, name, value)
        request.user.save(update_fields=list(chosen))


# When something went wrong


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What the person had typed, to be shown for copying; never a password or a token."""
    try:
        posted = request.POST
    except Exception:  # an unreadable body is one of the things that went wrong
        return []
    secret = ("password", "token", "code", "secret")
    return [
        (name, value)
        for name, values in posted.lists()
        for value in values
        if value.strip() and not any(word in name.lower() for word in secret) and len(value) > 2
    ]


def problem(request: HttpRequest, status: int, title: str, text: str, **more: Any) -> HttpResponse:
    """An error as a page that says what to do and keeps what was typed; to htmx, only the status."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=status)
    context = {
        "status": status,
        "problem_title": title,
        "problem_text": text,
        "typed": typed(request),
        **more,
    }
    return render(request, "platform/kit/problem.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem(
        request,
        400,
        gettext("This request can't be read"),
        gettext("Go back, reload the page and try again."),
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    text = gettext(
        "Your role does not allow this. Ask your administrator if you need it. The attempt has been noted."
    )
    return problem(request, 403, gettext("Not for your role"), text)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    text = gettext(
        "It may have been removed, or it belongs to customers you don't look after. Search for it, or start from today's list."
    )
    return problem(request, 404, gettext("Nothing here"), text)


def server_error(request: HttpRequest) -> HttpResponse:
    text = gettext(
        "Something broke on our side and was noted. Nothing was half-saved. Try again; if it stays so, tell your administrator."
    )
    return problem(request, 500, gettext("That did not work"), text)
