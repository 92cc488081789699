from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import CheckConstraint, Q, QuerySet, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from liuke.customers.records.models import Customer
from liuke.platform.access.rules import Scope

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from liuke.platform.models import User


def kinds() -> list[tuple[str, StrOrPromise]]:
    return [
        ("order", _("order")),
        ("refund", _("return or refund")),  # goods came back, or money was given back
        ("cancellation", _("cancellation")),  # the order was called off
        ("charge", _("charge or adjustment")),  # no goods on it: postage, fee, manual correction
    ]


class PurchaseQuerySet(QuerySet["Purchase"]):
    def standing(self) -> PurchaseQuerySet:
        """Without the orders that were wholly taken back, and without what took them back."""
        return self.filter(taken_back_at=None, reverses__taken_back_at=None)

    def for_user(self, user: User) -> PurchaseQuerySet:
        """Purchases of the customers `user` may read. Those without a customer are for whoever may read everything."""
        if user.is_active and user.role.read_scope == Scope.ALL:
            return self
        return self.filter(Customer.objects.reach(user, user.role.read_scope, path="customer__"))


class Purchase(models.Model):
    """An order, or what takes one back: then the amount is negative and `reverses` names the order, if it is known.

    `customer` is empty for sales that came without one: counted and kept aside, never dropped.
    """

    number = models.CharField(_("order number"), max_length=60)
    kind = models.CharField(_("kind"), max_length=12, choices=kinds, default="order")
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="purchases"
    )
    at = models.DateTimeField(_("date"))
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.BigIntegerField(_("amount"))  # all lines, charges and discounts included
    goods_minor = models.BigIntegerField(default=0)  # goods and services only
    line_count = models.PositiveIntegerField(default=0)
    product_count = models.PositiveIntegerField(default=0)  # distinct products, charges not counted
    channel = models.CharField(_("channel"), max_length=40, blank=True)
    reverses = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="reversals"
    )
    # of an order: when its returns had come to the whole of it; from then on it counts for nothing
    taken_back_at = models.DateTimeField(null=True, blank=True)
    # of the content as imported: tells a repeat from a change
    digest = models.BinaryField(max_length=16, null=True)
    batch = models.ForeignKey(
        "customers.ImportBatch", on_delete=models.PROTECT, null=True, blank=True, related_name="purchases"
    )

    objects = PurchaseQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            UniqueConstraint(fields=["number"], name="purchase_number_unique"),
            CheckConstraint(condition=~Q(number=""), name="purchase_has_number"),
        ]
        indexes = [
            # serves: a customer's purchases, newest first (card, rhythm), and who ordered so many times, from the index alone
            models.Index(fields=["customer", "-at", "kind", "taken_back_at"], name="purchase_of_customer"),
            # serves: sales of a period, and who bought in it, read from the index alone (measured at a million customers:
            # a seventh of the time)
            models.Index(fields=["at", "kind", "customer", "taken_back_at"], name="purchase_when_whose"),
            # serves: what no longer counts, which is little, looked up by the night and by the stages' review
            models.Index(
                fields=["taken_back_at"], name="purchase_taken_back", condition=Q(taken_back_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.number


class PurchaseLine(models.Model):
    """One line of a purchase. Quantity in thousandths, so that 0.25 kg is exact."""

    purchase = models.ForeignKey(Purchase, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, null=True, related_name="lines")
    quantity_milli = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    cost_minor = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["purchase", "id"]

    def __str__(self) -> str:
        return f"{self.purchase_id}/{self.pk}"

    @property
    def quantity(self) -> Decimal:
        return Decimal(self.quantity_milli) / 1000
