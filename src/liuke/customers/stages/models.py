from __future__ import annotations

from django.conf import settings
from django.db import models

from liuke.customers.records.models import Customer, stages


class StageChange(models.Model):
    """One step of the customer's life, with who and why (SC05)."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="stage_changes")
    from_stage = models.CharField(max_length=12, choices=stages, blank=True)
    to_stage = models.CharField(max_length=12, choices=stages)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200)
    batch = models.ForeignKey(
        "customers.ImportBatch", on_delete=models.PROTECT, null=True, blank=True, related_name="stage_changes"
    )

    class Meta:
        ordering = ["customer", "at", "id"]

    def __str__(self) -> str:
        return f"{self.from_stage} → {self.to_stage}"
