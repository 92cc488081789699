from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet, UniqueConstraint

from liuke.customers.facts.models import Fact

if TYPE_CHECKING:
    from liuke.platform.models import User


class MentionQuerySet(QuerySet["Mention"]):
    def of(self, user: User) -> MentionQuerySet:
        """Where he is named, on customers that he may still read."""
        customers = apps.get_model("customers", "Customer").objects  # as the ledger does it
        rows = self.filter(customers.reach(user, user.role.read_scope, path="fact__customer__"), whom=user)
        return rows.select_related("fact__customer", "fact__actor")


class Mention(models.Model):
    """A colleague is named on an entry of the timeline, and has read so or not."""

    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, related_name="mentions")
    whom = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mentions")
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)

    objects = MentionQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [UniqueConstraint(fields=["fact", "whom"], name="mention_once")]
        indexes = [
            # serves: what is new for me, which every page counts
            models.Index(fields=["whom", "-id"], condition=Q(seen_at__isnull=True), name="mention_unseen"),
            # serves: where I was named lately
            models.Index(fields=["whom", "-at"], name="mention_whom_at"),
        ]

    def __str__(self) -> str:
        return f"{self.whom_id} in {self.fact_id}"
