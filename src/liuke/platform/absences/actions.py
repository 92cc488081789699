"""Who is away, and who stands in for him."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from liuke.platform.absences.models import Absence
from liuke.platform.absences.rules import LONGEST, span
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right, Scope
from liuke.platform.audit.actions import record
from liuke.platform.preferences.actions import get
from liuke.platform.users.models import User


@transaction.atomic
def arrange(
    person: User,
    *,
    delegate: User,
    starts_on: date,
    ends_on: date,
    reason: str = "",
    by: User | None,
    now: datetime,
) -> Absence:
    """`delegate` sees and works what is `person`'s from the first day to the last, and not a moment longer."""
    permit(by, Right.HAND_OVER)
    zone = ZoneInfo(get("company.zone"))
    _fit_days(starts_on, ends_on, today=timezone.localdate(now, zone))
    starts_at, ends_at = span(starts_on, ends_on, zone)
    held = _held(person, delegate, by=by)
    person, delegate = held[person.pk], held[delegate.pk]
    _may_stand_in(delegate, person)
    _nobody_else(person, delegate, starts_at, ends_at)
    absence = Absence.objects.create(
        person=person,
        delegate=delegate,
        starts_on=starts_on,
        ends_on=ends_on,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=" ".join(reason.split())[:200],
        created_by=by,
        created_at=now,
    )
    _keep_on(delegate, now=now)
    changes = {
        "delegate": [None, str(delegate)],
        "from": [None, starts_on.isoformat()],
        "until": [None, ends_on.isoformat()],
    }
    record("absences.arrange", by=by, now=now, subject=person, changes=changes, reason=absence.reason)
    return absence


@transaction.atomic
def end(absence: Absence, *, by: User | None, now: datetime) -> Absence:
    """Back before the day, or not away after all. The delegate is out of it with his next click."""
    permit(by, Right.HAND_OVER)
    if by and not Absence.objects.for_user(by).filter(pk=absence.pk).exists():
        raise Absence.DoesNotExist
    return _end(absence, by=by, now=now)


def _end(absence: Absence, *, by: User | None, now: datetime) -> Absence:
    absence = Absence.objects.select_for_update(of=("self",)).select_related("person").get(pk=absence.pk)
    if absence.state(now) == "over":
        return absence  # pressed twice, or midnight was quicker
    delegate = User.objects.select_for_update(of=("self",)).get(pk=absence.delegate_id)
    absence.ends_at, absence.ended_by = max(now, absence.starts_at), by
    absence.save(update_fields=["ends_at", "ended_by"])
    _keep_on(delegate, now=now)
    changes = {"until": [absence.ends_on.isoformat(), now.date().isoformat()]}
    record("absences.end", by=by, now=now, subject=absence.person, changes=changes)
    return absence


@transaction.atomic
def end_all(person: User, *, by: User | None, now: datetime) -> int:
    """Whoever leaves is away no longer, and stands in for nobody, whoever sees that one. How many absences ended."""
    permit(by, Right.HAND_OVER)
    mine = Absence.objects.not_over(now).filter(person=person)
    mine |= Absence.objects.not_over(now).filter(delegate=person)
    return len([_end(absence, by=by, now=now) for absence in mine.order_by("pk")])


def _held(person: User, delegate: User, *, by: User | None) -> dict[int, User]:
    """Both as they are now, ours until the commit: two arrangements at once wait for one another."""
    rows = User.objects.visible_to(by) if by else User.objects.all()
    ids = User.objects.filter(pk__in=rows.values("pk")).filter(pk__in=[person.pk, delegate.pk]).order_by("pk")
    held = {user.pk: user for user in ids.select_for_update(of=("self",)).select_related("role")}
    for name, user in (("person", person), ("delegate", delegate)):
        if user.pk not in held:
            raise ValidationError({name: _("%(name)s is not in your team.") % {"name": user}})
        if not held[user.pk].is_active:
            raise ValidationError({name: _("%(name)s works here no longer.") % {"name": user}})
    return held


def _fit_days(starts_on: date, ends_on: date, *, today: date) -> None:
    if ends_on < starts_on:
        raise ValidationError({"ends_on": _("The last day is before the first.")})
    if ends_on < today:
        raise ValidationError({"ends_on": _("These days are over.")})
    if ends_on - starts_on > LONGEST:
        raise ValidationError(
            {"ends_on": _("For more than a year, please hand the customers over for good.")}
        )


def _may_stand_in(delegate: User, person: User) -> None:
    if delegate.pk == person.pk:
        raise ValidationError({"delegate": _("Nobody stands in for themselves.")})
    if not delegate.may(Right.WORK_FOLLOWUPS) or delegate.role.write_scope == Scope.NONE:
        raise ValidationError(
            {"delegate": _("%(name)s's role does not work with customers.") % {"name": delegate}}
        )


def _nobody_else(person: User, delegate: User, starts_at: datetime, ends_at: datetime) -> None:
    """One delegate at a time, who is there himself, for somebody whom nobody counts on meanwhile."""
    within = Absence.objects.overlapping(starts_at, ends_at)
    if there := within.filter(person=person).first():
        told = {"name": person, "day": there.ends_on}
        raise ValidationError(
            {"starts_on": _("%(name)s is away until %(day)s already; end that first.") % told}
        )
    if within.filter(person=delegate).exists():
        raise ValidationError({"delegate": _("%(name)s is away then too.") % {"name": delegate}})
    if other := within.filter(delegate=person).select_related("person").first():
        told = {"name": person, "other": other.person}
        raise ValidationError(
            {"person": _("%(name)s stands in for %(other)s then; arrange that first.") % told}
        )


def _keep_on(delegate: User, *, now: datetime) -> None:
    """What `User.acts_for` reads: the table is the truth, this its copy beside the account, in the same transaction."""
    rows = Absence.objects.not_over(now).filter(delegate=delegate).select_related("person")
    User.objects.filter(pk=delegate.pk).update(
        standing_in=[
            {
                "for": row.person_id,
                "name": str(row.person),
                "from": row.starts_at.isoformat(),
                "until": row.ends_at.isoformat(),
            }
            for row in rows.order_by("starts_at", "pk")
        ]
    )
