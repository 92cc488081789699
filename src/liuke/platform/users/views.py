from __future__ import annotations

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.platform.access.views import client_address, public, safe_path
from liuke.platform.audit.actions import record
from liuke.platform.users.actions import set_password_by_link, user_of_link
from liuke.platform.users.forms import NewPasswordForm, SignInForm
from liuke.platform.users.models import User
from liuke.platform.users.rules import folded

START = "/"
LOOPBACK = {"127.0.0.1", "::1"}


def attempted_name(request: HttpRequest, credentials: dict[str, str] | None = None) -> str:
    """By what name attempts are counted: one count for every spelling that opens the same account."""
    return folded((credentials or {}).get("username") or request.POST.get("username", ""))[:255]


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: object = None
) -> HttpResponse:
    """What axes answers once it counted enough."""
    minutes = round(settings.AXES_COOLOFF_TIME * 60)
    answer = render(request, "platform/users/locked.html", {"minutes": minutes}, status=429)
    answer.headers["Retry-After"] = str(minutes * 60)
    return answer


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Public: this is the way in."""
    after = safe_path(request, request.POST.get("next") or request.GET.get("next"))
    if request.user.is_authenticated:
        return redirect(after or START)
    form = SignInForm(request.POST or None)
    if form.is_valid():
        name, password = folded(form.cleaned_data["username"]), form.cleaned_data["password"]
        if user := authenticate(request, username=name, password=password):
            login(request, user)
            record(
                "users.sign_in", by=user, now=timezone.now(), subject=user, address=client_address(request)
            )
            return redirect(after or START)
        form.add_error(None, _refused(request, name))
    elif request.method != "POST" and not User.objects.exists():
        return redirect("welcome")
    ended = request.GET.get("ended", "")
    context = {"form": form, "next": after, "ended": ended, "demo": demo_door(request)}
    return render(request, "platform/users/sign_in.html", context)


def demo_door(request: HttpRequest) -> str:
    """Where the demo lets in without a password; it has that door on its own machine only."""
    if not settings.DEMO or client_address(request) not in LOOPBACK:
        return ""
    try:
        return reverse("demo")
    except NoReverseMatch:
        return ""


def _refused(request: HttpRequest, name: str) -> str:
    """Counts with axes and says how many tries are left; the same words whether the name exists or not."""
    now = timezone.now()
    subject = User.objects.filter(username__iexact=name).first()
    record("users.sign_in_failed", by=None, now=now, subject=subject, address=client_address(request))
    used = AxesProxyHandler.get_failures(request, {"username": name})
    return _("Wrong user name or password. Attempt %(used)d of %(limit)d.") % {
        "used": used,
        "limit": settings.AXES_FAILURE_LIMIT,
    }


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Public: whoever is already out just sees the sign-in page."""
    if request.user.is_authenticated:
        user = request.user
        record("users.sign_out", by=user, now=timezone.now(), subject=user, address=client_address(request))
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect("sign-in")


# --- a password by a link ---


@public
@never_cache
@require_safe
def open_link(request: HttpRequest, who: str, token: str) -> HttpResponse:
    """Public: the link is the key. It moves into the session at once, out of the address bar."""
    request.session["password_link"] = [who, token]
    return redirect("set-password")


@public
@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def set_password(request: HttpRequest) -> HttpResponse:
    """Public: for whoever came by `open_link`."""
    who, token = request.session.get("password_link") or ("", "")
    user = user_of_link(who, token)
    if user is None:
        return render(request, "platform/users/link_dead.html", status=410)
    form = NewPasswordForm(request.POST or None)
    if form.is_valid():
        try:
            set_password_by_link(who, token, new=form.cleaned_data["password"], now=timezone.now())
        except ValidationError as error:
            form.refuse(error)
        else:
            logout(request)
            messages.success(request, _("Your password is set. Sign in with it."))
            return redirect("sign-in")
    return render(request, "platform/users/set_password.html", {"form": form, "colleague": user})
