from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import CheckConstraint, Q, QuerySet, UniqueConstraint
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from liuke.platform.access.models import Role, Team
from liuke.platform.access.rules import Denied, Right, Scope

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def languages() -> list[tuple[str, StrOrPromise]]:
    return [("", _("the browser's")), *settings.LANGUAGES]


def themes() -> list[tuple[str, StrOrPromise]]:
    return [("auto", _("as the system")), ("light", _("light")), ("dark", _("dark"))]


class UserQuerySet(QuerySet["User"]):
    def active(self) -> UserQuerySet:
        return self.filter(is_active=True)

    def get_by_natural_key(self, username: str | None) -> User:
        """For sign-in: user names don't tell upper from lower case."""
        return self.get(username__iexact=username or "")

    def visible_to(self, user: User) -> UserQuerySet:
        """Colleagues whose rows `user` may read: himself, his team and below, or everybody."""
        match user.role.read_scope:
            case Scope.ALL:
                return self
            case Scope.TEAM if user.team:
                return self.filter(Q(pk=user.pk) | Q(team__path__startswith=user.team.path))
            case _:
                return self.filter(pk=user.pk)


class User(AbstractBaseUser):
    """A colleague. `epoch` is part of the session: raise it and every door closes at once."""

    username = models.CharField(_("user name"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    email = models.EmailField(_("e-mail"), blank=True)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="users", verbose_name=_("role"))
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="users", verbose_name=_("team")
    )
    language = models.CharField(_("language"), max_length=10, choices=languages, blank=True, default="")
    theme = models.CharField(_("appearance"), max_length=8, choices=themes, default="auto")
    zone = models.CharField(_("time zone"), max_length=40, blank=True, default="")
    is_active = models.BooleanField(default=True)
    epoch = models.PositiveIntegerField(default=1)
    left_on = models.DateField(null=True, blank=True)
    # for whom he stands in, and when: platform/absences writes it and says how; here it costs no statement to ask
    standing_in = models.JSONField(default=list, blank=True)
    # colleagues of his who read unusually much, until he has looked (customers/readings); here for the same reason
    alerts = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    # Set where a program acts for the person (platform/tokens): what is left of his rights. None leaves all.
    limited_to: frozenset[Right] | None = None

    objects = UserQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            UniqueConstraint(Lower("username"), name="user_username_unique"),
            CheckConstraint(condition=~Q(username=""), name="user_has_username"),
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def get_session_auth_hash(self) -> str:
        """Compared on every request: another epoch or another password, and the session is over."""
        return f"{self.epoch}.{super().get_session_auth_hash()}"

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for old in super().get_session_auth_fallback_hash():
            yield f"{self.epoch}.{old}"

    def stands_in_for(self, now: datetime) -> list[dict[str, Any]]:
        """The colleagues whose work is also his at `now`: `for` (id), `name`, `from`, `until` (ISO instants)."""
        return [
            one
            for one in self.standing_in
            if datetime.fromisoformat(one["from"]) <= now < datetime.fromisoformat(one["until"])
        ]

    def acts_for(self, now: datetime) -> list[int]:
        """Whose customers and follow-ups are his to work at `now`: his own, and those of whom he stands in for."""
        return [self.pk, *(one["for"] for one in self.stands_in_for(now))] if self.standing_in else [self.pk]

    def may(self, right: Right) -> bool:
        within = self.limited_to is None or right in self.limited_to
        return self.is_active and within and right.value in self.role.rights

    def require(self, right: Right) -> None:
        """Raises Denied when the role lacks `right`."""
        if not self.may(right):
            raise Denied(right)
