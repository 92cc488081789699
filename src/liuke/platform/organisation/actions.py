from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.text import slugify
from django.utils.translation import gettext as _

from liuke.platform.access.actions import ensure_starting_roles, permit
from liuke.platform.access.models import Role, Team
from liuke.platform.access.rules import MASKS, Denied, Right, Scope
from liuke.platform.audit.actions import changes_between, record
from liuke.platform.preferences.actions import change
from liuke.platform.users.actions import add_user, ensure_a_keeper, may_give
from liuke.platform.users.models import User
from liuke.platform.users.rules import WELCOME_LASTS, WELCOME_TRIES, keeps, new_code, plain_code

# --- the first run ---


def welcome_file() -> Path:
    return Path(settings.HOME) / "welcome.json"


def offer_welcome_code(now: datetime) -> str | None:
    """A fresh code for the terminal, kept as a hash only; None once somebody is there."""
    if User.objects.exists():
        welcome_file().unlink(missing_ok=True)
        return None
    code = new_code()
    _keep({"hash": _hashed(code), "until": (now + WELCOME_LASTS).isoformat(), "tries": WELCOME_TRIES})
    return code


def _hashed(code: str) -> str:
    return salted_hmac("liuke.welcome", plain_code(code), algorithm="sha256").hexdigest()


def _keep(offer: dict[str, Any]) -> None:
    fresh = welcome_file().with_suffix(f".{os.getpid()}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        json.dump(offer, out)
    fresh.replace(welcome_file())


def check_welcome_code(code: str, now: datetime) -> None:
    """Raises ValidationError unless it is the terminal's code. Ten false ones, and it opens nothing more."""
    try:
        offer = json.loads(welcome_file().read_text())
    except FileNotFoundError:
        raise ValidationError(
            {"code": _("There is no code any more. Start Liuke again to get a new one.")}
        ) from None
    if now > datetime.fromisoformat(offer["until"]) or offer["tries"] <= 0:
        welcome_file().unlink(missing_ok=True)
        raise ValidationError({"code": _("This code has expired. Start Liuke again to get a new one.")})
    if not constant_time_compare(offer["hash"], _hashed(code)):
        _keep({**offer, "tries": offer["tries"] - 1})
        raise ValidationError({"code": _("This is not the code that the terminal shows.")})


def welcome(
    *, code: str, company: str, username: str, name: str, password: str, language: str, now: datetime
) -> User:
    """The first run: the code is spent, and the company has its owner."""
    check_welcome_code(code, now)
    # One rename succeeds, whatever comes in at the same time and whatever the database.
    spent = welcome_file().with_suffix(".spent")
    try:
        welcome_file().rename(spent)
    except FileNotFoundError:
        raise ValidationError({"code": _("This code was used already.")}) from None
    try:
        owner = create_owner(
            company=company, username=username, name=name, password=password, language=language, now=now
        )
    except BaseException:
        spent.rename(
            welcome_file()
        )  # nothing was made: what was typed may be put right and the code used again
        raise
    spent.unlink()
    return owner


def create_owner(
    *, username: str, name: str, password: str, company: str = "", language: str = "", now: datetime
) -> User:
    """An owner, at the top of the tree. Only the machine's own terminal and the first run come here."""
    with transaction.atomic():
        ensure_starting_roles()
        role = Role.objects.get(code="owner")
        top = Team.objects.filter(parent=None).order_by("pk").first()
        if top is None:
            top = Team.objects.create(name=company or _("Company"))
            record("teams.add", by=None, now=now, subject=top, changes={"name": [None, top.name]})
        owner = add_user(
            username=username,
            name=name,
            role=role,
            team=top,
            language=language,
            password=password,
            by=None,
            now=now,
        )
        if company:
            change("company.name", company, by=None, now=now)
    return owner


# --- teams ---


def _permit_team(by: User | None, *teams: Team | None) -> None:
    """Every one of `teams` is within `by`'s reach; None stands for the top, which is for who sees everybody."""
    permit(by, Right.MANAGE_USERS)
    if by is None or by.role.read_scope == Scope.ALL:
        return
    reached = set(Team.objects.reached_by(by).values_list("pk", flat=True))
    if not all(team and team.pk in reached for team in teams):
        raise Denied(Right.MANAGE_USERS)


def add_team(*, name: str, parent: Team | None, by: User | None, now: datetime) -> Team:
    _permit_team(by, parent)
    with transaction.atomic():
        team = Team(name=name.strip(), parent=parent)
        _saved(team)
        record("teams.add", by=by, now=now, subject=team, changes=changes_between({}, _told_team(team)))
    return team


def edit_team(team: Team, *, name: str, parent: Team | None, by: User | None, now: datetime) -> Team:
    """Renames or moves; a branch is never hung below itself. Who sees what changes at once with the path."""
    stays = team.parent_id == (parent.pk if parent else None)
    _permit_team(by, team, *([] if stays else [parent]))
    with transaction.atomic():
        # Two moves at once could close a circle that neither sees, so the whole small tree is locked.
        tree = {node.pk: node for node in Team.objects.select_for_update().order_by("pk")}
        team = tree[team.pk]
        above = tree[parent.pk] if parent else None
        if above and above.path.startswith(team.path):
            raise ValidationError({"parent": _("A team cannot stand below itself.")})
        before = _told_team(team)
        team.name, team.parent = name.strip(), above
        _saved(team)
        if changes := changes_between(before, _told_team(team)):
            record("teams.edit", by=by, now=now, subject=team, changes=changes)
    return team


def remove_team(team: Team, *, by: User | None, now: datetime) -> None:
    """Only an empty one: nobody in it, nothing below it, no customer of its own."""
    _permit_team(by, team)
    with transaction.atomic():
        record("teams.remove", by=by, now=now, subject=team, changes={"name": [team.name, None]})
        try:
            team.delete()
        except IntegrityError as error:  # ProtectedError is one: people, teams or customers hang on it
            raise ValidationError(_("This team still has people, customers or teams below it.")) from error


def _told_team(team: Team) -> dict[str, Any]:
    return {"name": team.name, "parent": str(team.parent) if team.parent else None}


def _saved(team: Team) -> None:
    twin = Team.objects.filter(parent=team.parent, name=team.name).exclude(pk=team.pk)
    if not team.name:
        raise ValidationError({"name": _("A team needs a name.")})
    if twin.exists():
        raise ValidationError({"name": _("There is a team of this name already.")})
    team.save()


# --- roles ---


def save_role(
    role: Role | None,
    *,
    name: str,
    rights: Iterable[str],
    read_scope: str,
    write_scope: str,
    masked: Iterable[str] | None = None,
    by: User | None,
    now: datetime,
) -> Role:
    """A new role, or another list of rights for an old one. Holds from each colleague's next click."""
    permit(by, Right.MANAGE_USERS)
    wanted = [right.value for right in Right if right.value in set(rights)]
    with transaction.atomic():
        if role is None:
            role = Role(code=_free_code(name))
            before: dict[str, Any] = {}
        else:
            role = Role.objects.select_for_update().get(pk=role.pk)
            before = _told_role(role)
            if not may_give(by, role):
                raise Denied(Right.MANAGE_USERS)
        role.name, role.rights = name.strip(), wanted
        role.read_scope, role.write_scope = Scope(read_scope).value, Scope(write_scope).value
        if masked is not None:
            role.masked = [mask for mask in MASKS if mask in set(masked)]
        if by is not None and by.role_id == role.pk and _told_role(role) != before | {"name": role.name}:
            raise ValidationError(_("Nobody changes their own role; ask a colleague who may."))
        if not may_give(by, role):
            raise Denied(Right.MANAGE_USERS)
        role.save()
        if keeps(before.get("rights", [])):
            ensure_a_keeper()
        if changes := changes_between(before, _told_role(role)):
            record("roles.edit" if before else "roles.add", by=by, now=now, subject=role, changes=changes)
    return role


def remove_role(role: Role, *, by: User | None, now: datetime) -> None:
    permit(by, Right.MANAGE_USERS)
    if not may_give(by, role):
        raise Denied(Right.MANAGE_USERS)
    if role.users.exists():
        raise ValidationError(_("Somebody still has this role. Give them another one first."))
    with transaction.atomic():
        record("roles.remove", by=by, now=now, subject=role, changes=changes_between(_told_role(role), {}))
        role.delete()


def _told_role(role: Role) -> dict[str, Any]:
    return {
        "name": role.name,
        "rights": list(role.rights),
        "read_scope": role.read_scope,
        "write_scope": role.write_scope,
        "masked": list(role.masked),
    }


def _free_code(name: str) -> str:
    base = slugify(name)[:30] or "role"
    taken = set(Role.objects.filter(code__startswith=base).values_list("code", flat=True))
    return next(
        code for n in range(1, len(taken) + 2) if (code := base if n == 1 else f"{base}-{n}") not in taken
    )
