from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, QuerySet, UniqueConstraint

from liuke.customers.records.models import Customer

if TYPE_CHECKING:
    from liuke.platform.models import User


class CreditQuerySet(QuerySet["Credit"]):
    def for_user(self, user: User) -> CreditQuerySet:
        return self.filter(Customer.objects.reach(user, user.role.read_scope, path="customer__"))

    def current(self) -> CreditQuerySet:
        return self.filter(ended_at=None)


class Credit(models.Model):
    """The credit that was agreed with a customer, from when to when and by whom. What he owes is the books' to say."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="credits")
    limit_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    days = models.PositiveSmallIntegerField()  # to pay within; 0 is before delivery
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CreditQuerySet.as_manager()

    class Meta:
        ordering = ["customer", "-at", "-id"]
        constraints = [
            UniqueConstraint(fields=["customer"], condition=Q(ended_at=None), name="credit_one_at_a_time"),
            CheckConstraint(condition=Q(limit_minor__gte=0), name="credit_not_below_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.limit_minor} {self.currency}"
