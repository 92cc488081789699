from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, QuerySet, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from liuke.customers.models import Customer

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from liuke.platform.models import User


def kinds() -> list[tuple[str, StrOrPromise]]:
    return [("rule", _("by a rule")), ("list", _("by hand"))]


class SegmentQuerySet(QuerySet["Segment"]):
    def for_user(self, user: User) -> SegmentQuerySet:
        """One's own, and those for everybody. A segment is a question: its answer is scoped to whoever asks."""
        return self.filter(Q(owner=user) | Q(shared=True)) if user.is_active else self.none()


class Segment(models.Model):
    """Customers who have something in common: by a rule that is asked anew each time, or picked by hand."""

    name = models.CharField(_("name"), max_length=60)
    note = models.CharField(_("what it is for"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=4, choices=kinds, default="rule")
    tree = models.JSONField(default=dict)  # a validated tree (platform/lists), never raw request data
    is_target = models.BooleanField(_("target segment"), default=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="segments")
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    rule_changed_at = models.DateTimeField()  # what came and went before is of another rule
    first_on = models.DateField(null=True)  # the first night that counted it, and the last
    measured_on = models.DateField(null=True)
    problem = models.CharField(max_length=200, blank=True)  # why the last night could not

    objects = SegmentQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            UniqueConstraint(fields=["owner", "name"], name="segment_name_unique"),
            CheckConstraint(condition=~Q(name=""), name="segment_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class SegmentPick(models.Model):
    """A customer who is in by hand whatever the rule says, or out."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="picks")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="segment_picks")
    how = models.CharField(max_length=3)  # in, out
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["segment", "id"]
        constraints = [UniqueConstraint(fields=["segment", "customer"], name="segment_pick_unique")]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.how} {self.customer_id}"


class SegmentMember(models.Model):
    """Since which night a customer was in a segment, and which night no longer found him there."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="members", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="segment_members")
    entered_on = models.DateField()
    left_on = models.DateField(null=True)

    class Meta:
        ordering = ["segment", "id"]
        constraints = [
            UniqueConstraint(
                fields=["segment", "customer"],
                condition=Q(left_on=None),
                name="segment_member_once_at_a_time",
            )
        ]
        indexes = [
            # serve: how many entered and left by day, and who
            models.Index(fields=["segment", "entered_on", "customer"], name="segment_member_entered"),
            models.Index(
                fields=["segment", "left_on", "customer"],
                condition=Q(left_on__isnull=False),
                name="segment_member_left",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.customer_id} {self.entered_on}–{self.left_on or ''}"
