from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint


class GradePolicy(models.Model):
    """What a grade entitles to: effort follows value (CL03). Defaults come with the first migration."""

    grade = models.CharField(max_length=8)
    contact_days = models.PositiveSmallIntegerField()  # contact at least every so many days
    response_hours = models.PositiveSmallIntegerField()
    goodwill_minor = models.BigIntegerField(default=0)  # per case, without asking
    gift_minor = models.BigIntegerField(default=0)  # per year
    routing_priority = models.PositiveSmallIntegerField(default=0)
    account_manager = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            UniqueConstraint(fields=["grade"], name="grade_policy_unique"),
            CheckConstraint(condition=Q(contact_days__gt=0), name="grade_policy_contact_days_positive"),
        ]

    def __str__(self) -> str:
        return self.grade
