from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from liuke.platform.access.rules import Right
from liuke.platform.users.models import User as Colleague

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from liuke.platform.models import User


def states() -> list[tuple[str, StrOrPromise]]:
    return [
        ("asked", _("waits for approval")),
        ("approved", _("being written")),
        ("ready", _("ready")),
        ("refused", _("refused")),
    ]


class ExportRequestQuerySet(QuerySet["ExportRequest"]):
    def for_user(self, user: User) -> ExportRequestQuerySet:
        """His own, and those of colleagues whom he sees if he approves large exports."""
        if not user.is_active:
            return self.none()
        if user.may(Right.APPROVE_EXPORTS):
            return self.filter(Q(asker=user) | Q(asker__in=Colleague.objects.visible_to(user)))
        return self.filter(asker=user)


class ExportRequest(models.Model):
    """A large export: who wants which customers and what for, who allowed it, and the file, for the asker and for a time."""

    asker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exports")
    asked_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    ids = models.JSONField(default=list)  # of the customers, in the order of the list
    rows = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=states, default="asked")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True)
    file = models.ForeignKey("platform.StoredFile", on_delete=models.SET_NULL, null=True, related_name="+")
    available_until = models.DateTimeField(null=True)

    objects = ExportRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            CheckConstraint(
                condition=Q(state="asked") | Q(decided_at__isnull=False), name="export_is_decided_by_somebody"
            )
        ]
        indexes = [
            # serves: what waits for approval, and whose time is over
            models.Index(fields=["state", "available_until"], name="export_state"),
        ]

    def __str__(self) -> str:
        return f"E-{self.pk}"

    def is_available(self, now: datetime) -> bool:
        return (
            self.state == "ready"
            and self.file_id is not None
            and self.available_until is not None
            and now < self.available_until
        )
