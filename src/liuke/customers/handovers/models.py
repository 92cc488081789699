from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, QuerySet, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from liuke.customers.records.models import Customer
from liuke.platform.users.models import User as Colleague

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from liuke.platform.models import User


def states() -> list[tuple[str, StrOrPromise]]:
    return [
        ("running", _("being handed over")),
        ("done", _("handed over")),
        ("undoing", _("being taken back")),
        ("undone", _("taken back")),
    ]


def item_states() -> list[tuple[str, StrOrPromise]]:
    return [
        ("planned", _("to be handed over")),
        ("moved", _("handed over")),
        ("kept", _("left as it was")),
        ("returned", _("taken back")),
    ]


class HandoverQuerySet(QuerySet["Handover"]):
    def for_user(self, user: User) -> HandoverQuerySet:
        """Of the colleagues whom `user` sees."""
        return self.filter(person__in=Colleague.objects.visible_to(user))


class Handover(models.Model):
    """Somebody's customers go to others for good, portion by portion; `leaves`: and he is out."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="handovers")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
    leaves = models.BooleanField()
    state = models.CharField(max_length=8, choices=states, default="running")
    undo_until = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    job = models.ForeignKey("platform.Job", on_delete=models.SET_NULL, null=True, related_name="+")

    objects = HandoverQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            # two at once would hand the same customers to different people
            UniqueConstraint(
                fields=["person"],
                condition=Q(state__in=("running", "undoing")),
                name="handover_one_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person} #{self.pk}"

    def may_be_undone(self, now: datetime) -> bool:
        return self.state in ("running", "done") and now < self.undo_until


class HandoverItem(models.Model):
    """One customer of a handover, or one open matter that was the leaver's with somebody else's customer."""

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="items")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="handed")
    followup = models.ForeignKey("customers.FollowUp", on_delete=models.CASCADE, null=True, related_name="+")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="taken_over")
    team_before = models.ForeignKey("platform.Team", on_delete=models.SET_NULL, null=True, related_name="+")
    weight_minor = models.BigIntegerField(default=0)  # value times risk on the day
    place = models.PositiveIntegerField()  # on the successor's list, from 0: the heaviest first
    state = models.CharField(max_length=8, choices=item_states, default="planned")

    class Meta:
        ordering = ["handover", "id"]
        constraints = [
            UniqueConstraint(
                fields=["handover", "customer"],
                condition=Q(followup__isnull=True),
                name="handover_customer_once",
            ),
            CheckConstraint(
                condition=Q(state__in=("planned", "moved", "kept", "returned")), name="handover_item_state"
            ),
        ]
        indexes = [
            # serves: the next portion, and how many are in which state
            models.Index(fields=["handover", "state", "id"], name="handover_item_next"),
            # serves: a successor's list, in its order
            models.Index(fields=["handover", "to", "place"], name="handover_item_list"),
        ]

    def __str__(self) -> str:
        return f"{self.handover_id}: {self.customer_id} → {self.to_id}"
