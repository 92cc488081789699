"""A new card in one go: the record, own fields, a provisional grade, a birthday, what comes next (DB03, DB04)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from liuke.customers.fields.actions import fill
from liuke.customers.followups.actions import ask
from liuke.customers.occasions.actions import add_date
from liuke.customers.records.actions import follow_change, register
from liuke.customers.records.rules import Unfit, gettext_noop
from liuke.customers.standings.actions import decide
from liuke.customers.timeline.rules import CHANNELS
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.preferences.actions import get

if TYPE_CHECKING:
    from liuke.customers.models import Customer
    from liuke.platform.models import User

DUE = time(18)  # when work ends
NEXT: Mapping[str, Any] = {
    code: CHANNELS[code] for code in ("phone", "visit", "wechat", "email", "meeting", "other")
}


@dataclass(frozen=True)
class Opening:
    """What a card begins with beside the record: what comes next and when, how valuable he may become, his birthday."""

    next_by: str
    next_on: date
    grade: str = ""
    birthday: date | None = None


def needs_grade(kind: str) -> bool:
    """Whether the company wants one on a complete card of this kind: then no new card is saved without."""
    return "grade" in get(f"card.required_{kind}")


@transaction.atomic
def open_card(
    *, values: Mapping[str, Any], opening: Opening, by: User, now: datetime, **record: Any
) -> Customer:
    """`record` as `register` takes it, `values` of the company's own fields."""
    permit(by, Right.EDIT_CUSTOMERS)
    if needs_grade(record.get("kind", "enterprise")) and not opening.grade:
        raise Unfit("grade", gettext_noop("Please say which grade this customer may reach."))
    if opening.next_on < timezone.localdate(now):
        raise Unfit("next_on", gettext_noop("Please choose today or a day that is still to come."))
    customer = register(by=by, now=now, **record)
    fill(customer, values, by=by, now=now)
    if opening.grade:
        decide(customer, "expected", opening.grade, by=by, now=now)
        follow_change([customer.pk])  # a grade is among what a card has to hold
    if on := opening.birthday:
        add_date(customer, kind="birthday", month=on.month, day=on.day, year=on.year, by=by, now=now)
    ask(
        customer,
        kind="task",
        assignee=customer.owner,
        due_at=timezone.make_aware(datetime.combine(opening.next_on, DUE)),
        title=gettext("First contact: %(channel)s") % {"channel": NEXT[opening.next_by]},
        source="person",
        by=by,
        now=now,
    )
    return customer
