from __future__ import annotations

from django.conf import settings
from django.db import models


class StoredFile(models.Model):
    """A file someone brought or a job made: kept under LIUKE_HOME/files under our own name, never theirs."""

    name = models.CharField(max_length=255)  # as the person called it; shown, never used as a path
    path = models.CharField(max_length=255, unique=True)  # below LIUKE_HOME/files
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    purpose = models.CharField(max_length=40)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name
