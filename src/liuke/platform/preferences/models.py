from __future__ import annotations

from django.conf import settings
from django.db import models


class Preference(models.Model):
    """A company-wide choice that differs from its default (rules.py lists them all, with their checks)."""

    key = models.CharField(max_length=80, primary_key=True)
    value = models.JSONField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key
