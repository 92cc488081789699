"""What each grade is owed: contact, answers, goodwill, gifts (CL03)."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from liuke.platform.access.rules import Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.preferences.actions import get
from liuke.scores.policy.actions import change_policy, policies
from liuke.workspace.entitlements.forms import EntitlementForm


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Right.MANAGE_SETTINGS)
def entitlements(request: StaffRequest) -> HttpResponse:
    """All grades on one page; saved together or not at all. What does not fit stays as it was typed."""
    money = get("company.currency")
    typed = request.POST if request.method == "POST" else None
    forms = [EntitlementForm(typed, grade=g, current=owed, currency=money) for g, owed in policies().items()]
    wrong = [form for form in forms if form.is_bound and not form.is_valid()]
    if typed is not None and not wrong:
        changed = {form.grade: form.changes for form in forms if form.is_bound and form.changes}
        with transaction.atomic():
            for grade, changes in changed.items():
                change_policy(grade, changes, by=request.user, now=timezone.now())
        messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
        return redirect("entitlements")
    context = {"forms": forms, "wrong": wrong}
    return render(request, "workspace/entitlements/entitlements.html", context, status=422 if wrong else 200)
