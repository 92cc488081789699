"""Customers in other hands for a while: what a delegate has begun goes to their owner when he is back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from liuke.customers.followups.actions import reassign
from liuke.customers.followups.models import FollowUp
from liuke.platform.absences import actions as absences
from liuke.platform.absences.models import Absence

if TYPE_CHECKING:
    from liuke.platform.models import User


@transaction.atomic
def end_leave(absence: Absence, *, by: User | None, now: datetime) -> int:
    """Back early: the absence ends and its matters come back at once; how many."""
    return _give_back(absences.end(absence, by=by, now=now), now=now)


def give_back(*, now: datetime) -> int:
    """After absences that are over: matters that a delegate had begun for the owner's customers. How many moved.

    The customers need no giving back, they were never given: a delegate's reach ends with the clock. But whoever is
    given a matter reaches its customer, and so these would leave a door open.
    """
    over = Absence.objects.filter(ends_at__lte=now, given_back_at=None).order_by("pk")
    return sum(_give_back(absence, now=now) for absence in over)


@transaction.atomic
def _give_back(absence: Absence, *, now: datetime) -> int:
    held = Absence.objects.select_for_update(of=("self",)).select_related("person").get(pk=absence.pk)
    if held.given_back_at is not None or held.ends_at > now:
        return 0
    begun = FollowUp.objects.open().filter(
        customer__owner=held.person,
        assignee=held.delegate_id,
        created_by=held.delegate_id,
        created_at__gte=held.starts_at,
        created_at__lt=held.ends_at,
    )
    moving = list(begun) if held.person.is_active else []
    for followup in moving:
        reassign(followup, to=held.person, by=None, now=now)
    Absence.objects.filter(pk=held.pk).update(given_back_at=now)
    return len(moving)
