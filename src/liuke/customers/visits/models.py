from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, QuerySet

from liuke.customers.followups.models import FollowUp
from liuke.customers.records.models import Customer
from liuke.customers.visits.rules import LONGEST, is_late

if TYPE_CHECKING:
    from liuke.platform.models import User


class VisitQuerySet(QuerySet["Visit"]):
    def for_user(self, user: User) -> VisitQuerySet:
        return self.filter(Customer.objects.reach(user, user.role.read_scope, path="customer__"))

    def standing(self) -> VisitQuerySet:
        """Without those that were begun by mistake."""
        return self.filter(taken_back_at=None)

    def unwritten(self) -> VisitQuerySet:
        return self.standing().filter(written_at=None)

    def late(self, *, hours: int, now: datetime) -> VisitQuerySet:
        """As rules.is_late, asked of all at once."""
        since = now - timedelta(hours=hours)
        return self.unwritten().filter(
            Q(ended_at__lt=since) | Q(ended_at=None, started_at__lt=since - LONGEST)
        )


class Visit(models.Model):
    """Somebody goes to see a customer: whether he looked at the card before, when he left, when he wrote it up."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="visits")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="visits")
    # what it was planned by
    followup = models.ForeignKey(
        FollowUp, on_delete=models.SET_NULL, null=True, blank=True, related_name="visits"
    )
    started_at = models.DateTimeField()
    card_viewed_at = models.DateTimeField(null=True, blank=True)  # the last look before; empty: none
    ended_at = models.DateTimeField(null=True, blank=True)
    written_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=16, blank=True, default="")
    taken_back_at = models.DateTimeField(null=True, blank=True)  # it was none: begun by mistake

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="visit_ends_after"
            ),
            CheckConstraint(condition=Q(written_at=None) | ~Q(outcome=""), name="visit_written_has_outcome"),
            CheckConstraint(
                condition=Q(written_at=None) | Q(taken_back_at=None), name="visit_written_was_one"
            ),
        ]
        indexes = [
            # serves: the report of the last days
            models.Index(fields=["started_at", "by"], name="visit_started"),
            # serves: what is to be reminded of
            models.Index(fields=["started_at"], condition=Q(written_at=None), name="visit_unwritten"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} by {self.by_id} {self.started_at:%Y-%m-%d}"

    def is_late(self, *, hours: int, now: datetime) -> bool:
        return is_late(self.started_at, self.ended_at, self.written_at, hours=hours, now=now)
