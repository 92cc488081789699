from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import CheckConstraint, Q, QuerySet
from django.utils.translation import gettext

from liuke.customers.holdings.rules import KINDS, Days, replacement_on
from liuke.customers.records.models import Customer

if TYPE_CHECKING:
    from liuke.platform.models import User


class HoldingQuerySet(QuerySet["Holding"]):
    def for_user(self, user: User) -> HoldingQuerySet:
        return self.filter(Customer.objects.reach(user, user.role.read_scope, path="customer__"))


class Holding(models.Model):
    """Something that a customer owns and that lives on: a car, a flat, a machine."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="holdings")
    kind = models.CharField(max_length=10)  # rules.KINDS
    name = models.CharField(max_length=120)
    serial = models.CharField(max_length=60, blank=True)  # serial number or VIN
    plate = models.CharField(max_length=20, blank=True)
    bought_on = models.DateField(null=True, blank=True)
    is_from_us = models.BooleanField(default=False)
    mileage_km = models.PositiveIntegerField(null=True, blank=True)
    warranty_until = models.DateField(null=True, blank=True)
    service_on = models.DateField(null=True, blank=True)
    insured_until = models.DateField(null=True, blank=True)
    replace_on = models.DateField(
        null=True, blank=True
    )  # empty: after the usual years (holdings.replacement_years)
    note = models.CharField(max_length=240, blank=True)

    objects = HoldingQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [CheckConstraint(condition=~Q(name=""), name="holding_has_name")]
        indexes = [
            # serve: the nightly look at what comes due, one day column each
            models.Index(fields=["bought_on"], name="holding_bought"),
            models.Index(fields=["replace_on"], name="holding_replace"),
            models.Index(fields=["service_on"], name="holding_service"),
            models.Index(fields=["warranty_until"], name="holding_warranty"),
            models.Index(fields=["insured_until"], name="holding_insured"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.plate}".strip()

    @property
    def kind_name(self) -> str:
        return gettext(KINDS[self.kind]) if self.kind in KINDS else self.kind

    @property
    def days(self) -> Days:
        return Days(self.bought_on, self.replace_on, self.service_on, self.warranty_until, self.insured_until)

    def expected_replacement_on(self, years: int) -> date | None:
        return replacement_on(self.days, years)
