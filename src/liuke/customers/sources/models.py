from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint


class SourceChoice(models.Model):
    """What the company has made of the list of sources: its own names, and defaults that it does without."""

    code = models.CharField(max_length=20, blank=True, default="")  # of a default (rules.DEFAULTS)
    name = models.CharField(max_length=80, blank=True, default="")  # of one of its own
    retired_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            UniqueConstraint(fields=["code"], condition=~Q(code=""), name="source_default_once"),
            UniqueConstraint(fields=["name"], condition=~Q(name=""), name="source_own_once"),
            CheckConstraint(condition=Q(code="") ^ Q(name=""), name="source_is_default_or_own"),
        ]

    def __str__(self) -> str:
        return self.name or self.code
