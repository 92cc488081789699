from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from liuke.platform.access.actions import permit
from liuke.platform.access.models import Role, Team
from liuke.platform.access.rules import Denied, Right, Scope
from liuke.platform.audit.actions import changes_between, record
from liuke.platform.users.models import User
from liuke.platform.users.rules import fit_username, folded, keeps, within_reach


class Passwords(ModelBackend):
    """Django's own check of passwords; whoever is signed in comes with role and team in the one query."""

    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.select_related("role", "team").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None


def may_give(by: User | None, role: Role) -> bool:
    """Nobody hands out what he does not have himself."""
    if by is None:
        return True
    own = by.role
    if not set(own.masked) <= set(role.masked):
        return False  # he would see by another what he does not see himself
    return within_reach(
        role.rights,
        (role.read_scope, role.write_scope),
        of_rights=own.rights,
        of_scopes=(own.read_scope, own.write_scope),
    )


def _permit_role(by: User | None, role: Role, team: Team | None) -> None:
    """`by` may put somebody into this role and team: no more rights than his own, in a team that he reaches."""
    permit(by, Right.MANAGE_USERS)
    if not may_give(by, role):
        raise Denied(Right.MANAGE_USERS)
    if by is None or by.role.read_scope == Scope.ALL:
        return
    if team is None or not Team.objects.reached_by(by).filter(pk=team.pk).exists():
        raise Denied(Right.MANAGE_USERS)


def _permit_user(by: User | None, user: User, right: Right = Right.MANAGE_USERS) -> None:
    """`by` may change this account: it is no more than his own, and among the colleagues whom he sees."""
    permit(by, right)
    if by is None:
        return
    if not may_give(by, user.role) or not User.objects.visible_to(by).filter(pk=user.pk).exists():
        raise Denied(right)


def _told(user: User) -> dict[str, Any]:
    """What the audit says of an account; never a password."""
    return {
        "name": user.name,
        "email": user.email,
        "role": str(user.role),
        "team": str(user.team or ""),
        "active": user.is_active,
    }


def add_user(
    *,
    username: str,
    name: str,
    role: Role,
    team: Team | None,
    email: str = "",
    language: str = "",
    password: str | None = None,
    by: User | None,
    now: datetime,
) -> User:
    """A new colleague. Without a password he sets his own by the link of `password_link`."""
    _permit_role(by, role, team)
    user = User(
        username=folded(username),
        name=name.strip(),
        email=email.strip(),
        role=role,
        team=team,
        language=language,
    )
    if not fit_username(user.username):
        raise ValidationError({"username": _("Use letters, digits and . _ - @ + only.")})
    if password is not None:
        validate_password(password, user)
    user.set_password(password)
    with transaction.atomic():
        if User.objects.filter(username__iexact=user.username).exists():
            raise ValidationError({"username": _("This user name is taken.")})
        user.save()
        record("users.add", by=by, now=now, subject=user, changes=changes_between({}, _told(user)))
    return user


def edit_user(
    user: User, *, name: str, email: str, role: Role, team: Team | None, by: User | None, now: datetime
) -> User:
    """Another role or team closes his sessions: what he may do is asked anew at the next sign-in."""
    _permit_user(by, user)
    _permit_role(by, role, team)
    if by is not None and by.pk == user.pk and role.pk != user.role_id:
        raise ValidationError({"role": _("Nobody changes their own role; ask a colleague who may.")})
    with transaction.atomic():
        user = _locked(user)
        before, kept = _told(user), keeps(user.role.rights)
        moved = (user.role_id, user.team_id) != (role.pk, team.pk if team else None)
        user.name, user.email, user.role, user.team = name.strip(), email.strip(), role, team
        user.save(update_fields=["name", "email", "role", "team"])
        if moved:
            close_sessions(user)
        if kept:
            ensure_a_keeper()
        if changes := changes_between(before, _told(user)):
            record("users.edit", by=by, now=now, subject=user, changes=changes)
    return user


def deactivate(
    user: User, *, by: User | None, now: datetime, reason: str = "", right: Right = Right.MANAGE_USERS
) -> User:
    """Out at once, on every door. His customers stay his until somebody hands them over.

    By whoever manages accounts; a handover asks for the `right` to arrange departures instead.
    """
    _permit_user(by, user, right)
    if by is not None and by.pk == user.pk:
        raise ValidationError(_("Nobody deactivates themselves."))
    with transaction.atomic():
        user = _locked(user)
        if not user.is_active:
            return user
        user.is_active, user.left_on = False, timezone.localdate(now)
        user.save(update_fields=["is_active", "left_on"])
        close_sessions(user)
        if keeps(user.role.rights):
            ensure_a_keeper()
        record(
            "users.deactivate", by=by, now=now, subject=user, changes={"active": [True, False]}, reason=reason
        )
    return user


def reactivate(user: User, *, by: User | None, now: datetime, right: Right = Right.MANAGE_USERS) -> User:
    """Back again, with the old password and none of the old sessions."""
    _permit_user(by, user, right)
    with transaction.atomic():
        user = _locked(user)
        if user.is_active:
            return user
        user.is_active, user.left_on = True, None
        user.save(update_fields=["is_active", "left_on"])
        close_sessions(user)
        record("users.reactivate", by=by, now=now, subject=user, changes={"active": [False, True]})
    return user


def reset_password(user: User, *, by: User | None, now: datetime) -> User:
    """The old password no longer opens anything; `password_link` gives the way to a new one."""
    _permit_user(by, user)
    with transaction.atomic():
        user = _locked(user)
        user.set_unusable_password()
        user.save(update_fields=["password"])
        close_sessions(user)
        record("users.reset_password", by=by, now=now, subject=user)
    return user


def close_sessions(user: User) -> None:
    """Every session carries the epoch it began in."""
    User.objects.filter(pk=user.pk).update(epoch=F("epoch") + 1)
    user.refresh_from_db(fields=["epoch"])


def _locked(user: User) -> User:
    """The account, held until the end of the transaction. Those who manage are held first and in one order: two of them
    who put each other out at once wait for one another instead of both succeeding, or of both being in the way."""
    _keepers()
    return User.objects.select_for_update(of=("self",)).select_related("role", "team").get(pk=user.pk)


def _keepers() -> list[int]:
    """Whoever is active and manages colleagues and settings, held."""
    roles = [pk for pk, rights in Role.objects.values_list("pk", "rights") if keeps(rights)]
    held = User.objects.select_for_update().active().filter(role__in=roles).order_by("pk")
    return list(held.values_list("pk", flat=True))


def ensure_a_keeper() -> None:
    """Call after a change, in its transaction: raises when nobody would be left to manage colleagues."""
    if not _keepers():
        raise ValidationError(_("Somebody must be left who manages colleagues and settings."))


# --- one's own account ---


def edit_profile(
    user: User, *, name: str, email: str, language: str, theme: str, zone: str, now: datetime
) -> User:
    with transaction.atomic():
        user = _locked(user)
        before = _told(user)
        user.name, user.email, user.language, user.theme, user.zone = (
            name.strip(),
            email.strip(),
            language,
            theme,
            zone,
        )
        user.save(update_fields=["name", "email", "language", "theme", "zone"])
        if changes := changes_between(before, _told(user)):  # language and looks are nobody else's business
            record("users.edit_profile", by=user, now=now, subject=user, changes=changes)
    return user


def change_password(user: User, *, old: str, new: str, now: datetime) -> User:
    """Closes every session; the view lets the one that asked live on."""
    with transaction.atomic():
        user = _locked(user)
        if not user.check_password(old):
            raise ValidationError({"old": _("This is not your present password.")})
        _set_password(user, new)
        record("users.change_password", by=user, now=now, subject=user)
    return user


def _set_password(user: User, new: str) -> None:
    validate_password(new, user)
    user.set_password(new)
    user.save(update_fields=["password"])
    close_sessions(user)


class PasswordLinks(PasswordResetTokenGenerator):
    """A signed, expiring token over the epoch and the old hash: it works once and dies with a reset."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.epoch}{user.is_active}"


_links = PasswordLinks()


def password_link(user: User) -> tuple[str, str]:
    """Who and token of the page where `user` sets a password; give it to nobody else."""
    return urlsafe_base64_encode(str(user.pk).encode()), _links.make_token(user)


def invite(user: User, *, by: User | None, now: datetime) -> tuple[str, str]:
    """The link for a colleague who has no password (yet); that somebody made one is noted."""
    _permit_user(by, user)
    if user.has_usable_password() or not user.is_active:
        raise ValidationError(
            _("Only an active account without a password gets a link. Reset the password first.")
        )
    record("users.invite", by=by, now=now, subject=user)
    return password_link(user)


def user_of_link(who: str, token: str) -> User | None:
    """Whom a link is for; None when it is false, used, too old or taken back."""
    try:
        user = User.objects.active().get(pk=int(force_str(urlsafe_base64_decode(who))))
    except (ValueError, OverflowError, User.DoesNotExist):
        return None
    return user if _links.check_token(user, token) else None


def set_password_by_link(who: str, token: str, *, new: str, now: datetime) -> User:
    with transaction.atomic():
        user = user_of_link(who, token)
        if user is None:
            raise ValidationError(_("This link is no longer valid. Ask for a new one."))
        user = _locked(user)
        if not _links.check_token(user, token):  # somebody was quicker while we waited for the lock
            raise ValidationError(_("This link is no longer valid. Ask for a new one."))
        _set_password(user, new)
        record("users.set_password", by=user, now=now, subject=user)
    return user
