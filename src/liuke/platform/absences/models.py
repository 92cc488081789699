from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, QuerySet

from liuke.platform.absences.rules import state
from liuke.platform.users.models import User as Colleague

if TYPE_CHECKING:
    from liuke.platform.models import User


class AbsenceQuerySet(QuerySet["Absence"]):
    def for_user(self, user: User) -> AbsenceQuerySet:
        """Of the colleagues whom `user` sees."""
        return self.filter(person__in=Colleague.objects.visible_to(user))

    def not_over(self, now: datetime) -> AbsenceQuerySet:
        return self.filter(ends_at__gt=now).filter(ends_at__gt=F("starts_at"))

    def over(self, now: datetime) -> AbsenceQuerySet:
        """Also those that were called off before they began."""
        return self.filter(Q(ends_at__lte=now) | Q(ends_at__lte=F("starts_at")))

    def overlapping(self, starts_at: datetime, ends_at: datetime) -> AbsenceQuerySet:
        return self.filter(starts_at__lt=ends_at, ends_at__gt=F("starts_at")).filter(ends_at__gt=starts_at)


class Absence(models.Model):
    """Somebody is away between two days, and who looks after his customers meanwhile. Nothing changes its owner.

    What holds now is also kept on the delegate (`User.standing_in`): who reaches what is asked with every statement.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="absences")
    delegate = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()  # the last day away
    starts_at = models.DateTimeField()  # the same as instants of the company's clock; ended early, it is when
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    given_back_at = models.DateTimeField(null=True)  # what the delegate had begun has gone to the owner

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-id"]
        constraints = [
            CheckConstraint(
                condition=Q(ends_at__gte=F("starts_at"), ends_on__gte=F("starts_on")),
                name="absence_ends_after_it_starts",
            ),
            CheckConstraint(condition=~Q(person=F("delegate")), name="absence_delegate_is_another"),
        ]
        indexes = [
            # serves: for whom somebody stands in, and whether he is away himself
            models.Index(fields=["delegate", "ends_at"], name="absence_delegate"),
            # serves: absences that are over and not given back yet
            models.Index(fields=["ends_at"], condition=Q(given_back_at__isnull=True), name="absence_back"),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.starts_on} – {self.ends_on}"

    def state(self, now: datetime) -> str:
        return state(self.starts_at, self.ends_at, now)
