from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, QuerySet

from liuke.catalog.models import Product
from liuke.customers.needs.rules import ENDINGS, LEVELS, MONEY, STRENGTHS, promotion
from liuke.customers.records.models import Customer

if TYPE_CHECKING:
    from liuke.platform.models import User


class NeedQuerySet(QuerySet["Need"]):
    def for_user(self, user: User) -> NeedQuerySet:
        return self.filter(Customer.objects.reach(user, user.role.read_scope, path="customer__"))

    def open(self) -> NeedQuerySet:
        return self.filter(ended_at=None)


class Need(models.Model):
    """Something that a customer needs, as somebody learnt it: what, how far it has come, when and from where."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="needs")
    what = models.CharField(max_length=200)
    level = models.CharField(max_length=8)  # rules.LEVELS
    money = models.CharField(max_length=3, blank=True, default="")  # rules.MONEY
    strength = models.CharField(max_length=5, blank=True, default="")  # rules.STRENGTHS
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="needs"
    )
    source = models.CharField(max_length=80, blank=True)
    noted_on = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = NeedQuerySet.as_manager()

    class Meta:
        ordering = ["-noted_on", "-id"]
        constraints = [
            CheckConstraint(condition=~Q(what=""), name="need_says_what"),
            CheckConstraint(
                condition=~Q(level="demand") | Q(money="yes", strength="large"), name="need_demand_is_paid"
            ),
        ]
        indexes = [
            # serves: the report by level, and the needs of one level
            models.Index(fields=["level", "customer"], condition=Q(ended_at=None), name="need_open_level"),
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def level_name(self) -> str:
        return str(LEVELS.get(self.level, self.level))

    @property
    def money_name(self) -> str:
        return str(MONEY.get(self.money, self.money))

    @property
    def strength_name(self) -> str:
        return str(STRENGTHS.get(self.strength, self.strength))

    @property
    def offered(self) -> str:
        """The level that it may be raised to now; "" where there is none."""
        return promotion(self.level, money=self.money, strength=self.strength)

    @property
    def offered_name(self) -> str:
        return str(LEVELS[self.offered]) if self.offered else ""


class NeedStep(models.Model):
    """Each level that a need has had, and its end: with who, when and why."""

    need = models.ForeignKey(Need, on_delete=models.CASCADE, related_name="steps")
    what = models.CharField(max_length=8)  # a level, or how it ended
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["need", "id"]

    def __str__(self) -> str:
        return f"{self.need_id} {self.what}"

    @property
    def what_name(self) -> str:
        return str(LEVELS.get(self.what) or ENDINGS.get(self.what, self.what))
