"""Settings of the company, and the audit."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.customers.fields.actions import hideable
from liuke.platform.access.rules import Right, Scope
from liuke.platform.access.views import StaffRequest, signed_in, staff
from liuke.platform.audit.models import AuditEntry
from liuke.platform.jobs.actions import enqueue
from liuke.platform.jobs.models import Job
from liuke.platform.models import User
from liuke.platform.paging.actions import page
from liuke.platform.paging.rules import Column, Keyset, Kind
from liuke.platform.preferences.actions import change, get
from liuke.platform.preferences.models import Preference
from liuke.platform.preferences.rules import DECLARED, SETTINGS
from liuke.workspace.administration.forms import SettingForm
from liuke.workspace.administration.jobs import VERIFY
from liuke.workspace.administration.rules import (
    ACTIONS,
    OVERVIEW,
    action_name,
    group_name,
    subject_name,
    told,
)
from liuke.workspace.shell.views import Shell

ROWS = 50
LEAST_LISTED = 2


@require_safe
@signed_in
def settings(request: StaffRequest) -> HttpResponse:
    """The pages that this person may open and what each is for; one alone is opened at once, the own profile is for all."""
    shell = Shell(request, request.user)
    places = {page.name: page for page in (*shell.settings_places, *shell.tidying)}
    if len(places) < LEAST_LISTED:
        return redirect(next((page.href for page in places.values()), "profile"))
    groups = [
        (title, [(places[name], told) for name, told in pages.items() if name in places])
        for title, pages in OVERVIEW
    ]
    return render(
        request, "workspace/administration/settings.html", {"groups": [one for one in groups if one[1]]}
    )


# --- the company's settings ---


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Right.MANAGE_SETTINGS)
def preferences(request: StaffRequest) -> HttpResponse:
    """Every declared setting; those that are sent are saved, all or none. What does not fit stays as it was typed."""
    typed = request.POST or None
    money = get("company.currency")
    forms = [SettingForm(typed, setting=s, current=get(s.key), currency=money) for s in DECLARED]
    wrong = [form for form in forms if form.is_bound and not form.is_valid()]
    if typed and not wrong:
        now = timezone.now()
        changed = [form for form in forms if form.is_bound and form.value != get(form.setting.key)]
        with transaction.atomic():
            for form in changed:
                change(form.setting.key, form.value, by=request.user, now=now)
        messages.success(request, _("Saved.") if changed else _("Nothing was changed."))
        return redirect("preferences")
    chosen = {row.key: row for row in Preference.objects.select_related("changed_by")}
    groups: dict[str, list[tuple[SettingForm, Preference | None]]] = {}
    for form in forms:
        groups.setdefault(form.setting.key.split(".")[0], []).append((form, chosen.get(form.setting.key)))
    context = {
        "columns": in_two_columns([(group_name(code), rows) for code, rows in groups.items()]),
        "wrong": wrong,
        "now": timezone.now(),
    }
    return render(request, "workspace/administration/preferences.html", context, status=422 if wrong else 200)


Group = tuple[str, list[tuple[SettingForm, Preference | None]]]


def in_two_columns(groups: list[Group]) -> list[list[Group]]:
    """The same order, cut where both sides are about as high."""
    sizes = [sum((len(form.fields) + 1) // 2 for form, _row in rows) + 1 for _name, rows in groups]
    cut = min(range(len(groups) + 1), key=lambda n: abs(sum(sizes[:n]) - sum(sizes[n:])))
    return [groups[:cut], groups[cut:]]


# --- the audit ---

NEWEST_FIRST = Keyset(Column("id", "", sort="id", kind=Kind.NUMBER), descending=True)


def visible_entries(user: User) -> QuerySet[AuditEntry]:
    """Whoever sees everybody's rows sees it all; others what the colleagues whom they see have done."""
    entries = AuditEntry.objects.select_related("actor")
    if user.role.read_scope == Scope.ALL:
        return entries
    return entries.filter(actor__in=User.objects.visible_to(user))


@require_safe
@staff(Right.VIEW_AUDIT)
def audit(request: StaffRequest) -> HttpResponse:
    entries, chosen = visible_entries(request.user), request.GET
    if (person := chosen.get("person", "")).isdecimal():
        entries = entries.filter(actor=int(person[:18]))
    if action := chosen.get("action", "")[:60]:
        entries = entries.filter(action=action)
    kind, _colon, pk = chosen.get("subject", "").partition(":")
    if pk.isdecimal():
        entries = entries.filter(subject_type=kind[:60], subject_id=int(pk[:18]))
    found = page(entries, NEWEST_FIRST, after=chosen.get("after", ""), limit=ROWS)
    settings_names = {key: gettext(setting.label) for key, setting in SETTINGS.items()}
    masked = request.user.role.masked
    own = hideable() if masked else {}
    context = {
        "page": found,
        "rows": [
            (
                entry,
                action_name(entry.action),
                subject_name(entry),
                told(entry.changes, settings_names, masked, own),
            )
            for entry in found
        ],
        "people": User.objects.visible_to(request.user).order_by("name"),
        "actions": sorted(((code, str(name)) for code, name in ACTIONS.items()), key=lambda pair: pair[1]),
        "person": person,
        "action": action,
        "subject": next((subject_name(entry) for entry in found), kind) if pk else "",
        "narrowed": bool(person or action or pk),
        "verified": Job.objects.filter(name=VERIFY, state="done").order_by("-id").first(),
        "verifying": Job.objects.unfinished().filter(name=VERIFY).exists(),
        "now": timezone.now(),
    }
    return render(request, "workspace/administration/audit.html", context)


@require_POST
@staff(Right.VIEW_AUDIT)
def verification(request: StaffRequest) -> HttpResponse:
    if not Job.objects.unfinished().filter(name=VERIFY).exists():
        enqueue(VERIFY, by=request.user, now=timezone.now())
    messages.success(request, _("The audit is being verified. Reload the page in a moment."))
    return redirect("audit")
