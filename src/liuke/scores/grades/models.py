from __future__ import annotations

from django.conf import settings
from django.db import models

from liuke.customers.models import Customer


class GradeChange(models.Model):
    """A change of value grade or risk band, with the run or the person it came from (CL03)."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="grade_changes")
    what = models.CharField(max_length=5, choices=[("grade", "grade"), ("band", "band")])
    before = models.CharField(max_length=8, blank=True)
    after = models.CharField(max_length=8, blank=True)
    at = models.DateTimeField()
    run = models.ForeignKey("scores.ScoreRun", on_delete=models.PROTECT, null=True, related_name="changes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            # serves: a customer's history of grades
            models.Index(fields=["customer", "-at"], name="grade_change_customer"),
            # serves: who rose and fell since a day
            models.Index(fields=["what", "at"], name="grade_change_at"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.before} → {self.after}"
