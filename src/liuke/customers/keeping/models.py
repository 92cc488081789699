from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, QuerySet, UniqueConstraint

from liuke.customers.followups.models import FollowUp
from liuke.customers.keeping.rules import OUTCOMES
from liuke.customers.records.models import Customer

if TYPE_CHECKING:
    from liuke.platform.models import User


class KeepingPlanQuerySet(QuerySet["KeepingPlan"]):
    def for_user(self, user: User) -> KeepingPlanQuerySet:
        return self.filter(Customer.objects.reach(user, user.role.read_scope, path="customer__"))

    def open(self) -> KeepingPlanQuerySet:
        return self.filter(closed_at=None)


class KeepingPlan(models.Model):
    """How we mean to keep a customer: a goal, somebody who answers for it, a day on which it is looked at again."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="keeping_plans")
    goal = models.CharField(max_length=200)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    review_on = models.DateField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    outcome = models.CharField(max_length=8, blank=True, default="")  # rules.OUTCOMES

    objects = KeepingPlanQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            UniqueConstraint(
                fields=["customer"], condition=Q(closed_at=None), name="keeping_plan_one_at_a_time"
            ),
            CheckConstraint(condition=~Q(goal=""), name="keeping_plan_has_goal"),
            CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at")),
                name="keeping_plan_closes_after",
            ),
        ]

    def __str__(self) -> str:
        return self.goal

    @property
    def outcome_name(self) -> str:
        return str(OUTCOMES.get(self.outcome, self.outcome))


class PlanStep(models.Model):
    """A step of a plan: the follow-up that it is for whoever takes it. What, who, by when and whether done stand there."""

    plan = models.ForeignKey(KeepingPlan, on_delete=models.CASCADE, related_name="steps")
    followup = models.OneToOneField(FollowUp, on_delete=models.CASCADE, related_name="plan_step")

    class Meta:
        ordering = ["followup__due_at", "id"]

    def __str__(self) -> str:
        return f"{self.plan_id}: {self.followup_id}"
