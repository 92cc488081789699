"""Settings: who works here, in which team, with which rights."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from liuke.customers.models import Customer
from liuke.platform.access.rules import RIGHT_NAMES, Right
from liuke.platform.access.views import StaffRequest, staff
from liuke.platform.kit.templatetags.badges import role_name
from liuke.platform.models import Role, Team, User
from liuke.platform.organisation import actions as organisation
from liuke.platform.users import actions as users
from liuke.platform.users.actions import may_give
from liuke.workspace.colleagues.forms import (
    ColleagueForm,
    NewColleagueForm,
    ReasonForm,
    RoleForm,
    TeamForm,
)

SHOWN = 200
FORM = ["GET", "HEAD", "POST"]


# --- colleagues ---


@require_safe
@staff(Right.MANAGE_USERS)
def colleagues(request: StaffRequest) -> HttpResponse:
    everybody = User.objects.visible_to(request.user)
    state = "gone" if request.GET.get("state") == "gone" else "active"
    text = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    rows = everybody.filter(is_active=state == "active").select_related("role", "team").order_by("name", "pk")
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(username__icontains=text) | Q(email__icontains=text))
    people = list(rows[: SHOWN + 1])
    counts = everybody.aggregate(active=Count("pk", filter=Q(is_active=True)), everybody=Count("pk"))
    context = {
        "people": people[:SHOWN],
        "too_many": len(people) > SHOWN,
        "shown_most": SHOWN,
        "active": counts["active"],
        "gone": counts["everybody"] - counts["active"],
        "state": state,
        "text": text,
        "now": timezone.now(),
    }
    return render(request, "workspace/colleagues/colleagues.html", context)


@require_http_methods(FORM)
@staff(Right.MANAGE_USERS)
def new_colleague(request: StaffRequest) -> HttpResponse:
    form = NewColleagueForm(request.POST or None, by=request.user)
    if form.is_valid():
        try:
            user = users.add_user(**form.cleaned_data, by=request.user, now=timezone.now())
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(
                request, _("%(name)s is here now. Make the link to set a password.") % {"name": user}
            )
            return redirect("colleague", user.pk)
    return render(
        request, "workspace/colleagues/new_colleague.html", {"form": form}, status=422 if form.errors else 200
    )


def _colleague(request: StaffRequest, pk: int) -> User:
    return get_object_or_404(User.objects.visible_to(request.user).select_related("role", "team"), pk=pk)


@require_http_methods(FORM)
@staff(Right.MANAGE_USERS)
def colleague(request: StaffRequest, pk: int) -> HttpResponse:
    user = _colleague(request, pk)
    known = {"name": user.name, "email": user.email, "role": user.role, "team": user.team}
    form = ColleagueForm(request.POST or None, initial=known, by=request.user)
    if form.is_valid():
        try:
            users.edit_user(user, **form.cleaned_data, by=request.user, now=timezone.now())
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("colleague", pk)
    return _colleague_page(request, user, form=form)


def _colleague_page(
    request: StaffRequest, user: User, *, form: ColleagueForm | None = None, link: str = "", wrong: str = ""
) -> HttpResponse:
    known = {"name": user.name, "email": user.email, "role": user.role, "team": user.team}
    by = request.user
    context = {
        "colleague": user,
        "form": form or ColleagueForm(initial=known, by=by),
        "reason_form": ReasonForm(),
        "customers": Customer.objects.for_user(by).filter(owner=user).count(),
        "may_arrange": by.may(Right.HAND_OVER) and by.may(Right.ASSIGN_CUSTOMERS),
        "own": user.pk == by.pk,
        "may_edit": may_give(by, user.role),
        "link": link,
        "wrong": wrong,
        "may_audit": by.may(Right.VIEW_AUDIT),
        "now": timezone.now(),
    }
    status = 422 if wrong or (form and form.errors) else 200
    return render(request, "workspace/colleagues/colleague.html", context, status=status)


@require_POST
@staff(Right.MANAGE_USERS)
def deactivation(request: StaffRequest, pk: int) -> HttpResponse:
    user = _colleague(request, pk)
    try:
        users.deactivate(
            user, by=request.user, now=timezone.now(), reason=request.POST.get("reason", "").strip()
        )
    except ValidationError as error:
        return _colleague_page(request, user, wrong=" ".join(error.messages))
    messages.success(request, _("%(name)s is out, on every device.") % {"name": user})
    return redirect("colleague", pk)


@require_POST
@staff(Right.MANAGE_USERS)
def reactivation(request: StaffRequest, pk: int) -> HttpResponse:
    user = users.reactivate(_colleague(request, pk), by=request.user, now=timezone.now())
    messages.success(request, _("%(name)s may sign in again.") % {"name": user})
    return redirect("colleague", pk)


@require_POST
@staff(Right.MANAGE_USERS)
def password_reset(request: StaffRequest, pk: int) -> HttpResponse:
    users.reset_password(_colleague(request, pk), by=request.user, now=timezone.now())
    messages.success(request, _("The old password no longer works. Make the link to set a new one."))
    return redirect("colleague", pk)


@require_POST
@staff(Right.MANAGE_USERS)
def invitation(request: StaffRequest, pk: int) -> HttpResponse:
    """Shows the link in its own answer, once: it is a key and stays in no address and no history."""
    user = _colleague(request, pk)
    try:
        who, token = users.invite(user, by=request.user, now=timezone.now())
    except ValidationError as error:
        return _colleague_page(request, user, wrong=" ".join(error.messages))
    return _colleague_page(
        request, user, link=request.build_absolute_uri(reverse("password-link", args=[who, token]))
    )


# --- teams ---


@require_safe
@staff(Right.MANAGE_USERS)
def teams(request: StaffRequest) -> HttpResponse:
    people = Count("users", filter=Q(users__is_active=True))
    tree = in_tree_order(list(Team.objects.reached_by(request.user).annotate(people=people)))
    top = min((team.depth for team in tree), default=0)
    rows = [(team, "\u3000" * (team.depth - top)) for team in tree]
    return render(request, "workspace/colleagues/teams.html", {"teams": rows})


def in_tree_order(found: list[Team]) -> list[Team]:
    """Each team after its parent, sisters by name. `path` alone would put /10/ before /2/."""
    names = {team.pk: team.name for team in found}

    def place(team: Team) -> list[tuple[str, int]]:
        return [(names.get(int(pk), ""), int(pk)) for pk in team.path.strip("/").split("/")]

    return sorted(found, key=place)


def _team(request: StaffRequest, pk: int) -> Team:
    return get_object_or_404(Team.objects.reached_by(request.user), pk=pk)


@require_http_methods(FORM)
@staff(Right.MANAGE_USERS)
def new_team(request: StaffRequest) -> HttpResponse:
    return _team_page(request, None)


@require_http_methods(FORM)
@staff(Right.MANAGE_USERS)
def team(request: StaffRequest, pk: int) -> HttpResponse:
    return _team_page(request, _team(request, pk))


def _team_page(request: StaffRequest, old: Team | None) -> HttpResponse:
    known = {"name": old.name, "parent": old.parent} if old else {"parent": request.GET.get("below")}
    form = TeamForm(request.POST or None, initial=known, by=request.user, team=old)
    if form.is_valid():
        given, by, now = form.cleaned_data, request.user, timezone.now()
        try:
            if old:
                organisation.edit_team(old, **given, by=by, now=now)
            else:
                organisation.add_team(**given, by=by, now=now)
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("teams")
    context = {"form": form, "team": old}
    return render(request, "workspace/colleagues/team.html", context, status=422 if form.errors else 200)


@require_POST
@staff(Right.MANAGE_USERS)
def team_removal(request: StaffRequest, pk: int) -> HttpResponse:
    try:
        organisation.remove_team(_team(request, pk), by=request.user, now=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The team is removed."))
    return redirect("teams")


# --- roles ---


@require_safe
@staff(Right.MANAGE_USERS)
def roles(request: StaffRequest) -> HttpResponse:
    found = Role.objects.annotate(people=Count("users", filter=Q(users__is_active=True))).order_by("pk")
    rows = [
        (role, [_(name) for right, name in RIGHT_NAMES.items() if right in role.rights]) for role in found
    ]
    return render(request, "workspace/colleagues/roles.html", {"roles": rows})


@require_http_methods(FORM)
@staff(Right.MANAGE_USERS)
def new_role(request: StaffRequest) -> HttpResponse:
    return _role_page(request, None)


@require_http_methods(FORM)
@staff(Right.MANAGE_USERS)
def role(request: StaffRequest, pk: int) -> HttpResponse:
    return _role_page(request, get_object_or_404(Role, pk=pk))


def _role_page(request: StaffRequest, old: Role | None) -> HttpResponse:
    known = (
        {
            "name": role_name(old),
            "rights": old.rights,
            "read_scope": old.read_scope,
            "write_scope": old.write_scope,
            "masked": old.masked,
        }
        if old
        else {"rights": [], "read_scope": "own", "write_scope": "own"}
    )
    form = RoleForm(request.POST or None, initial=known, by=request.user)
    if form.is_valid():
        given = dict(form.cleaned_data)
        if old and not old.name and given["name"] == role_name(old):
            given["name"] = ""  # the built-in name, which speaks every language
        try:
            organisation.save_role(old, **given, by=request.user, now=timezone.now())
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved. It holds from everybody's next click."))
            return redirect("roles")
    context = {
        "form": form,
        "role": old,
        "own": old is not None and old.pk == request.user.role_id,
        "may_edit": old is None or may_give(request.user, old),
        "people": User.objects.active().filter(role=old).count() if old else 0,
    }
    return render(request, "workspace/colleagues/role.html", context, status=422 if form.errors else 200)


@require_POST
@staff(Right.MANAGE_USERS)
def role_removal(request: StaffRequest, pk: int) -> HttpResponse:
    try:
        organisation.remove_role(get_object_or_404(Role, pk=pk), by=request.user, now=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The role is removed."))
    return redirect("roles")
