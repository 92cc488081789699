from __future__ import annotations

from django.db import models
from django.db.models import Q, UniqueConstraint


class AuditEntry(models.Model):
    """Who changed what, when; also refused attempts. Append-only by triggers; each seals the one before."""

    at = models.DateTimeField()
    actor = models.ForeignKey("platform.User", on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)
    subject_label = models.CharField(max_length=200, blank=True)
    changes = models.JSONField(default=dict)  # field -> [old, new]
    reason = models.CharField(max_length=300, blank=True)
    address = models.GenericIPAddressField(null=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            # Two entries never seal the same one. The condition always holds: with one, SQLite makes an index and
            # leaves the table and its triggers alone.
            UniqueConstraint(
                fields=["previous_hash"], condition=~Q(previous_hash=""), name="audit_never_forks"
            ),
        ]
        indexes = [
            # serves: the history of one object (card, user page)
            models.Index(fields=["subject_type", "subject_id", "-id"], name="audit_subject"),
            # serves: one kind of action, newest first
            models.Index(fields=["action", "-id"], name="audit_action"),
            # serves: what one person did, newest first
            models.Index(fields=["actor", "-id"], name="audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_label}"
