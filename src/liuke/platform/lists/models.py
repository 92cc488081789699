from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, QuerySet, UniqueConstraint

if TYPE_CHECKING:
    from liuke.platform.models import User


class SavedViewQuerySet(QuerySet["SavedView"]):
    def for_user(self, user: User, place: str = "") -> SavedViewQuerySet:
        """One's own, and what colleagues share. A view is a question: its answer is scoped to whoever asks."""
        mine = self.filter(Q(owner=user) | Q(shared=True))
        return mine.filter(place=place) if place else mine


class SavedView(models.Model):
    """A list's filters, sort and columns under a name: one's own, or shared with everybody who has the list."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    place = models.CharField(max_length=40)  # which list: "customers"
    name = models.CharField(max_length=60)
    query = models.JSONField(default=dict)  # a validated tree, never raw request data
    shared = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["place", "position", "id"]
        constraints = [
            UniqueConstraint(fields=["owner", "place", "name"], name="saved_view_name_unique"),
            CheckConstraint(condition=~Q(name=""), name="saved_view_has_name"),
        ]

    def __str__(self) -> str:
        return self.name
