from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import CheckConstraint, Q, QuerySet, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from liuke.platform.access.rules import Scope

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from liuke.platform.models import User


def scopes() -> list[tuple[str, StrOrPromise]]:
    return [
        (Scope.NONE.value, _("nothing")),
        (Scope.OWN.value, _("own customers")),
        (Scope.TEAM.value, _("own team and below")),
        (Scope.ALL.value, _("everyone")),
    ]


class Role(models.Model):
    """A named list of rights and the rows they reach. Data, so that an owner changes it without a release."""

    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=80, blank=True)  # blank: the built-in, translated name of the code
    rights = models.JSONField(default=list)
    read_scope = models.CharField(max_length=8, choices=scopes, default=Scope.OWN.value)
    write_scope = models.CharField(max_length=8, choices=scopes, default=Scope.OWN.value)

    # what its holders do not see of others' customers (rules.MASKS)
    masked = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [UniqueConstraint(fields=["code"], name="role_code_unique")]

    def __str__(self) -> str:
        return self.name or self.code


class TeamQuerySet(QuerySet["Team"]):
    def reached_by(self, user: User) -> TeamQuerySet:
        """The teams whose people `user` may look after: all, his own and those below, or none."""
        match Scope(user.role.read_scope):
            case Scope.ALL:
                return self
            case Scope.TEAM if user.team:
                return self.filter(path__startswith=user.team.path)
            case _:
                return self.none()


class Team(models.Model):
    """A node of the company's tree. `path` lists the ids from the root (`/1/4/`): "and below" is a prefix."""

    name = models.CharField(max_length=80)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = models.CharField(max_length=255, blank=True, db_index=True)  # serves: teams below, by prefix

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        constraints = [
            UniqueConstraint(fields=["parent", "name"], name="team_name_unique_within_parent"),
            CheckConstraint(condition=~Q(name=""), name="team_has_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        """Keeps `path`; a moved team takes its whole branch along."""
        old = self.path
        super().save(*args, **kwargs)  # type: ignore[arg-type]
        path = f"{self.parent.path if self.parent else '/'}{self.pk}/"
        if path != old:
            self.path = path
            Team.objects.filter(pk=self.pk).update(path=path)
            for child in self.children.all():
                child.save()

    @property
    def depth(self) -> int:
        """0 at the top."""
        return self.path.count("/") - 2
