from __future__ import annotations

from django.db import models
from django.db.models import UniqueConstraint


class KeptAnswer(models.Model):
    """What a POST with an Idempotency-Key was answered, written in the transaction of what it did: sent again, it gets
    this instead of doing it twice. Only what succeeded is kept, for a day."""

    token = models.ForeignKey("platform.ApiToken", on_delete=models.CASCADE, related_name="answers")
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)  # of method, path and body
    status = models.PositiveSmallIntegerField(null=True)  # empty while it is being worked out
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    # the index serves: forgetting what is older than a day
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            # decides between two that come at once: the second waits for the first and finds its answer
            UniqueConstraint(fields=["token", "key"], name="kept_answer_key_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.token_id} {self.key}"
