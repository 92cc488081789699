from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, QuerySet, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from liuke.customers.records.models import Customer

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from liuke.platform.models import User


def states() -> list[tuple[str, StrOrPromise]]:
    return [("open", _("open")), ("different", _("not the same"))]


class DuplicatePairQuerySet(QuerySet["DuplicatePair"]):
    def for_user(self, user: User) -> DuplicatePairQuerySet:
        """Those of whom `user` may read both: of any other not even that there is one."""
        return self._within(user, user.role.read_scope)

    def writable_by(self, user: User) -> DuplicatePairQuerySet:
        return self._within(user, user.role.write_scope)

    def _within(self, user: User, scope: str) -> DuplicatePairQuerySet:
        reach = Customer.objects.reach
        return self.filter(reach(user, scope, path="first__"), reach(user, scope, path="second__"))

    def open(self) -> DuplicatePairQuerySet:
        return self.filter(state="open")


class DuplicatePair(models.Model):
    """Two who may be one, found at night, with what speaks for it; and what somebody has decided about them."""

    first = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")  # the lower id
    second = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    score = models.PositiveSmallIntegerField()  # 50 to 99
    reasons = models.JSONField(default=list)  # codes with figures; the interface makes sentences of them
    # of what they were compared by: decided once, they are proposed again only when it is another
    digest = models.CharField(max_length=16)
    state = models.CharField(max_length=10, choices=states, default="open")
    found_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = DuplicatePairQuerySet.as_manager()

    class Meta:
        ordering = ["-score", "id"]
        constraints = [
            UniqueConstraint(fields=["first", "second"], name="duplicate_pair_once"),
            CheckConstraint(condition=Q(first__lt=F("second")), name="duplicate_pair_in_order"),
        ]
        indexes = [
            # serves: the list of what is proposed, the likeliest first
            models.Index(fields=["-score", "id"], condition=Q(state="open"), name="duplicate_pair_open")
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id} {self.score}"
