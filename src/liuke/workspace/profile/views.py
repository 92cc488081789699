"""One's own account: how Liuke looks to me, and my password."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from liuke.platform.access.views import StaffRequest, signed_in
from liuke.platform.models import User
from liuke.platform.users.actions import change_password, edit_profile
from liuke.workspace.profile.forms import PasswordForm, ProfileForm


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def profile(request: StaffRequest) -> HttpResponse:
    # A form writes what was typed into its instance, and the page's frame shows request.user: so a row of its own.
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if form.is_valid():
        user = edit_profile(request.user, **form.cleaned_data, now=timezone.now())
        with translation.override(user.language or translation.get_language()):
            messages.success(request, _("Saved."))
        return redirect("profile")
    return _page(request, form, PasswordForm())


@require_POST
@sensitive_post_parameters("old", "password", "again")
@signed_in
def password(request: StaffRequest) -> HttpResponse:
    form = PasswordForm(request.POST)
    if form.is_valid():
        try:
            typed = form.cleaned_data
            user = change_password(request.user, old=typed["old"], new=typed["password"], now=timezone.now())
        except ValidationError as error:
            form.refuse(error)
        else:
            update_session_auth_hash(request, user)  # the others end, this one lives on
            messages.success(request, _("Your password is changed. Your other devices are signed out."))
            return redirect("profile")
    return _page(request, ProfileForm(instance=request.user), form)


def _page(request: StaffRequest, form: ProfileForm, password_form: PasswordForm) -> HttpResponse:
    wrong = bool(form.errors or password_form.errors)
    context = {"form": form, "password_form": password_form, "now": timezone.now()}
    return render(request, "workspace/profile/profile.html", context, status=422 if wrong else 200)
