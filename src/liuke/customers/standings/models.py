from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet, UniqueConstraint

from liuke.customers.records.models import Customer


class StandingQuerySet(QuerySet["Standing"]):
    def current(self, what: str) -> StandingQuerySet:
        return self.filter(what=what, ended_at=None)


class Standing(models.Model):
    """What somebody has decided about a customer, from when to when and why: a level, an attitude, a relationship."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="standings")
    what = models.CharField(max_length=10)  # rules.SERIES
    value = models.CharField(max_length=12)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = StandingQuerySet.as_manager()

    class Meta:
        ordering = ["customer", "what", "at", "id"]
        constraints = [
            UniqueConstraint(
                fields=["customer", "what"], condition=Q(ended_at=None), name="standing_one_at_a_time"
            )
        ]
        indexes = [
            # serves: whom of a night somebody has decided about
            models.Index(fields=["what", "customer"], condition=Q(ended_at=None), name="standing_current")
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.what} {self.value}"
