from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet, UniqueConstraint

from liuke.customers.records.models import Contact, Customer
from liuke.platform.access.rules import Right

if TYPE_CHECKING:
    from liuke.platform.models import User


class BackgroundQuerySet(QuerySet["Background"]):
    def for_user(self, user: User) -> BackgroundQuerySet:
        """Of one's own customers; of others within reach only with the right to."""
        if not user.is_active:
            return self.none()
        if not user.may(Right.SEE_BACKGROUND):
            return self.filter(customer__owner=user)
        return self.filter(Customer.objects.reach(user, user.role.read_scope, path="customer__"))


class Background(models.Model):
    """Notes on a person's background, with how he agreed to them. No search, list or export reads this table."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="backgrounds")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    education = models.TextField(blank=True)
    career = models.TextField(blank=True)
    hobbies = models.TextField(blank=True)
    family = models.TextField(blank=True)
    taboos = models.TextField(blank=True)
    consent = models.CharField(max_length=240)  # how and when he agreed
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    updated_at = models.DateTimeField()

    objects = BackgroundQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            UniqueConstraint(fields=["customer", "contact"], name="background_of_contact_once"),
            UniqueConstraint(
                fields=["customer"], condition=Q(contact__isnull=True), name="background_of_customer_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}/{self.contact_id or ''}"
