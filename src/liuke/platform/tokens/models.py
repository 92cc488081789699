from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, QuerySet, UniqueConstraint

from liuke.platform.tokens.rules import why_dead

if TYPE_CHECKING:
    from liuke.platform.models import User


class ApiTokenQuerySet(QuerySet["ApiToken"]):
    def of(self, user: User) -> ApiTokenQuerySet:
        return self.filter(user=user)

    def listed(self) -> ApiTokenQuerySet:
        """Newest first; the living before those that were revoked."""
        return self.select_related("user", "revoked_by").order_by(
            models.F("revoked_at").asc(nulls_first=True), "-id"
        )


class ApiToken(models.Model):
    """A key by which a program acts for a person. The secret itself is kept nowhere: only its hash."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=60)
    start = models.CharField(max_length=12)  # the first signs of the secret, to be told by
    digest = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)  # rules.SCOPES
    epoch = models.PositiveIntegerField()  # the person's when it was made: another one, and it is dead
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    # how often it was used in which minute: the limit holds for all processes together
    minute = models.BigIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0)
    refused_at = models.DateTimeField(
        null=True
    )  # when the audit was last told that it is dead and still used

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            # also serves: whose is this secret, asked by every call
            UniqueConstraint(fields=["digest"], name="api_token_digest_unique"),
            CheckConstraint(condition=~Q(name=""), name="api_token_has_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"

    def why_dead(self, now: datetime) -> str:
        user = self.user
        return why_dead(
            revoked_at=self.revoked_at,
            expires_at=self.expires_at,
            epoch=self.epoch,
            users_epoch=user.epoch,
            is_active=user.is_active,
            now=now,
        )
