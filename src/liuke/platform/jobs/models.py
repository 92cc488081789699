from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _


def states() -> list[tuple[str, str]]:
    return [
        ("waiting", _("waiting")),
        ("running", _("running")),
        ("done", _("done")),
        ("failed", _("failed")),
        ("cancelled", _("cancelled")),
    ]


class Job(models.Model):
    """One piece of background work under a lease: whoever holds the lease works, and an expired lease is taken over."""

    name = models.CharField(max_length=80)
    params = models.JSONField(default=dict)
    key = models.CharField(max_length=120, null=True, blank=True)  # a clock's tick or a caller's own: never twice
    state = models.CharField(max_length=10, choices=states, default="waiting")
    run_at = models.DateTimeField()
    originator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=5)
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(null=True)
    progress_note = models.CharField(max_length=200, blank=True)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            UniqueConstraint(fields=["key"], condition=Q(key__isnull=False), name="job_key_unique"),
            CheckConstraint(
                condition=Q(state="running", lease_until__isnull=False) | ~Q(state="running"),
                name="job_running_has_lease",
            ),
        ]
        indexes = [
            # serves: the claim of the next due job
            models.Index(fields=["state", "run_at"], name="job_due"),
            # serves: the log of one kind of job
            models.Index(fields=["name", "-id"], name="job_log"),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk} {self.state}"
