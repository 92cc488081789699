from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import QuerySet, UniqueConstraint

from liuke.customers.records.models import Customer
from liuke.platform.users.models import User as Colleague

if TYPE_CHECKING:
    from liuke.platform.models import User


class ReadingQuerySet(QuerySet["Reading"]):
    def for_user(self, user: User) -> ReadingQuerySet:
        """By the colleagues whom `user` sees."""
        return self.filter(user__in=Colleague.objects.visible_to(user))


class Reading(models.Model):
    """Somebody has opened a card, a page of a list or a search. Kept for some months, then only counted."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="readings")
    what = models.CharField(max_length=8)  # rules.NOTED
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, related_name="readings")
    at = models.DateTimeField()

    objects = ReadingQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            # serves: what one person read, newest first; and how much of late (the brakes)
            models.Index(fields=["user", "-at"], name="reading_user"),
            # serves: taking away what is older than it is kept
            models.Index(fields=["at"], name="reading_at"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.what} {self.at:%Y-%m-%d %H:%M}"


class ReadingDay(models.Model):
    """How much somebody has read on a day: what the board compares, small enough for years."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    on = models.DateField()  # by the company's clock
    what = models.CharField(max_length=8)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [UniqueConstraint(fields=["user", "on", "what"], name="reading_day_once")]
        indexes = [
            # serves: the weeks that the board compares
            models.Index(fields=["on"], name="reading_day_on"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.on} {self.what}: {self.count}"
