from __future__ import annotations

from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from liuke.platform.access.views import public
from liuke.platform.organisation.actions import welcome as make_owner
from liuke.platform.organisation.forms import WelcomeForm
from liuke.platform.users.models import User


@public
@never_cache
@sensitive_post_parameters("code", "password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """Public, once: for whoever reads the code off the terminal. With the first owner the page is gone."""
    if User.objects.exists():
        raise Http404
    form = WelcomeForm(request.POST or None)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            owner = make_owner(
                code=typed["code"],
                company=typed["company"],
                username=typed["username"],
                name=typed["name"],
                password=typed["password"],
                language=get_language() or "",
                now=timezone.now(),
            )
        except ValidationError as error:
            form.refuse(error)
        else:
            login(request, owner, backend="liuke.platform.users.actions.Passwords")
            return redirect("/")
    return render(request, "platform/organisation/welcome.html", {"form": form})
