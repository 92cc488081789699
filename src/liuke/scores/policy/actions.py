from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit.actions import changes_between, record
from liuke.scores.policy.models import GradePolicy
from liuke.scores.policy.rules import STARTING, Entitlement

if TYPE_CHECKING:
    from liuke.platform.models import User


def policies() -> dict[str, Entitlement]:
    """grade -> what it entitles to."""
    rows = GradePolicy.objects.values_list("grade", *Entitlement._fields)
    return STARTING | {grade: Entitlement(*values) for grade, *values in rows}


@transaction.atomic
def change_policy(grade: str, changes: dict[str, Any], *, by: User | None, now: datetime) -> GradePolicy:
    """Sets what a grade entitles to; fields not named stay."""
    permit(by, Right.MANAGE_SETTINGS)
    policy, _ = GradePolicy.objects.select_for_update().get_or_create(
        grade=grade, defaults=STARTING[grade]._asdict()
    )
    before = {name: getattr(policy, name) for name in Entitlement._fields}
    if unknown := changes.keys() - before.keys():
        raise ValueError(f"no such entitlement: {', '.join(sorted(unknown))}")
    for name, value in changes.items():
        setattr(policy, name, value)
    policy.full_clean()
    policy.save()
    record(
        "grade-policy.change",
        by=by,
        now=now,
        subject=policy,
        changes=changes_between(before, before | changes),
    )
    return policy
