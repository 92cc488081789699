from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, QuerySet, UniqueConstraint

from liuke.customers.records.models import Contact, Customer

if TYPE_CHECKING:
    from liuke.platform.models import User


class RelationQuerySet(QuerySet["Relation"]):
    def for_user(self, user: User) -> RelationQuerySet:
        """Those between two customers whom `user` may both read: of any other not even that there is one."""
        scope, reach = user.role.read_scope, Customer.objects.reach
        return self.filter(reach(user, scope, path="whose__"), reach(user, scope, path="who__"))

    def of(self, customer: Customer) -> RelationQuerySet:
        return self.filter(Q(whose=customer) | Q(who=customer))


class Relation(models.Model):
    """`who` is `kind` to `whose`: his elder, his parent firm. Kept once for both, in the order of rules.kept."""

    whose = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    who = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    # the persons it is between, where a firm has several
    whose_contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    who_contact = models.ForeignKey(
        Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=12)  # rules.KINDS
    note = models.CharField(max_length=240, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()

    objects = RelationQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            UniqueConstraint(fields=["whose", "who", "kind"], name="relation_unique"),
            CheckConstraint(condition=~Q(whose=F("who")), name="relation_between_two"),
        ]

    def __str__(self) -> str:
        return f"{self.whose_id} {self.kind} {self.who_id}"
