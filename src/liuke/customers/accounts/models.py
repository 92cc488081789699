from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, QuerySet, UniqueConstraint
from django.utils.translation import gettext

from liuke.customers.accounts.rules import ROLES, STANDARD_REVIEW_DAYS
from liuke.customers.records.models import Customer

if TYPE_CHECKING:
    from liuke.platform.models import User


class KeyAccountQuerySet(QuerySet["KeyAccount"]):
    def for_user(self, user: User) -> KeyAccountQuerySet:
        return self.filter(Customer.objects.reach(user, user.role.read_scope, path="customer__"))

    def open(self) -> KeyAccountQuerySet:
        return self.filter(ended_at=None)

    def planned(self) -> KeyAccountQuerySet:
        """Those whose plan says at least what is wanted."""
        return self.open().exclude(goals="")


class KeyAccount(models.Model):
    """That a customer is looked after as a key account: from when to when, why, and by which plan (CL14)."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="accounts")
    goals = models.TextField(blank=True)
    projects = models.TextField(blank=True)
    target_minor = models.BigIntegerField(null=True, blank=True)  # sales of twelve months
    currency = models.CharField(max_length=3, blank=True)
    review_days = models.PositiveSmallIntegerField(default=STANDARD_REVIEW_DAYS)
    next_review_on = models.DateField()
    reviewed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reason = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = KeyAccountQuerySet.as_manager()

    class Meta:
        ordering = ["next_review_on", "id"]
        constraints = [
            UniqueConstraint(
                fields=["customer"], condition=Q(ended_at=None), name="key_account_one_at_a_time"
            ),
            CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="key_account_ends_after"
            ),
        ]
        indexes = [
            # serves: whose review is due, and the list of key accounts by it
            models.Index(fields=["next_review_on", "id"], condition=Q(ended_at=None), name="key_account_due")
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} since {self.started_at:%Y-%m-%d}"


class AccountMember(models.Model):
    """Somebody who works on a key account. As long as he does he reaches the customer, as far as his role lets him."""

    account = models.ForeignKey(KeyAccount, on_delete=models.CASCADE, related_name="members")
    # the account's, said again: reach asks for it with every page
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="account_members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=10)  # rules.ROLES
    since_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["account", "id"]
        constraints = [
            UniqueConstraint(
                fields=["account", "user"], condition=Q(ended_at=None), name="account_member_once"
            )
        ]
        indexes = [
            # serves: whom somebody reaches because he works on their account
            models.Index(fields=["user", "customer"], condition=Q(ended_at=None), name="account_member_reach")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.customer_id}"

    @property
    def role_name(self) -> str:
        return gettext(ROLES[self.role]) if self.role in ROLES else self.role
