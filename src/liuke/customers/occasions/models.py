from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import CheckConstraint, Q, QuerySet
from django.utils.translation import gettext

from liuke.customers.occasions.rules import KINDS, Occasion, lunar_text
from liuke.customers.records.models import Contact, Customer

if TYPE_CHECKING:
    from liuke.platform.models import User


class ImportantDateQuerySet(QuerySet["ImportantDate"]):
    def for_user(self, user: User) -> ImportantDateQuerySet:
        return self.filter(Customer.objects.reach(user, user.role.read_scope, path="customer__"))


class ImportantDate(models.Model):
    """A day to remember of a customer or one of its persons: month and day by the sun or the moon, the year if known."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="dates")
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, null=True, blank=True, related_name="dates"
    )
    kind = models.CharField(max_length=10)  # rules.KINDS
    name = models.CharField(max_length=80, blank=True)
    month = models.PositiveSmallIntegerField()
    day = models.PositiveSmallIntegerField()
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    is_lunar = models.BooleanField(default=False)
    is_leap_month = models.BooleanField(default=False)
    is_yearly = models.BooleanField(default=True)
    notice_days = models.PositiveSmallIntegerField(default=7)
    note = models.CharField(max_length=240, blank=True)
    next_on = models.DateField(null=True)  # as of the last night; empty when it comes no more
    asks_on = models.DateField(null=True)  # notice_days before: from then on there is something to do

    objects = ImportantDateQuerySet.as_manager()

    class Meta:
        ordering = ["next_on", "id"]
        constraints = [
            CheckConstraint(
                condition=Q(month__range=(1, 12), day__range=(1, 31)), name="important_date_is_a_day"
            )
        ]
        indexes = [
            # serves: the nightly look at the days that come near or have passed
            models.Index(fields=["asks_on", "id"], name="important_date_asks"),
        ]

    def __str__(self) -> str:
        return self.name or self.kind_name

    @property
    def kind_name(self) -> str:
        return gettext(KINDS[self.kind]) if self.kind in KINDS else self.kind

    @property
    def occasion(self) -> Occasion:
        return Occasion(self.month, self.day, self.year, self.is_lunar, self.is_leap_month, self.is_yearly)

    @property
    def lunar(self) -> str:
        return lunar_text(self.occasion) if self.is_lunar else ""
