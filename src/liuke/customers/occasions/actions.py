"""Days to remember: kept, and asked for in time, once each time they come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from liuke.customers.followups.actions import ask_once
from liuke.customers.followups.rules import end_of
from liuke.customers.occasions.models import ImportantDate
from liuke.customers.occasions.rules import KINDS, MOST_NOTICE_DAYS, Occasion, asks_from, check, next_on
from liuke.customers.records.models import Contact, Customer
from liuke.customers.records.rules import Unfit, clean, gettext_noop
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit

if TYPE_CHECKING:
    from liuke.platform.models import User

PORTION = 200  # days asked for in one transaction
AT = time(9, 0)


@transaction.atomic
def add_date(
    customer: Customer, *, contact: Contact | None = None, by: User | None, now: datetime, **told: Any
) -> ImportantDate:
    """`told`: kind, name, month, day, year, is_lunar, is_leap_month, is_yearly, notice_days, note."""
    permit(by, Right.EDIT_CUSTOMERS)
    held = _held(customer.pk, by)
    if contact and contact.customer_id != held.pk:
        raise Contact.DoesNotExist("a contact of another customer")
    made = held.dates.create(contact=contact, **_fields(told, now))
    audit.record("dates.add", by=by, now=now, subject=held, changes={made.kind: [None, _told(made)]})
    return made


@transaction.atomic
def edit_date(important: ImportantDate, *, by: User | None, now: datetime, **told: Any) -> ImportantDate:
    permit(by, Right.EDIT_CUSTOMERS)
    held = _held(important.customer_id, by)
    important = held.dates.get(pk=important.pk)
    before = _told(important)
    for name, value in _fields(told, now).items():
        setattr(important, name, value)
    important.save()
    if before != _told(important):
        audit.record(
            "dates.edit", by=by, now=now, subject=held, changes={important.kind: [before, _told(important)]}
        )
    return important


@transaction.atomic
def remove_date(important: ImportantDate, *, by: User | None, now: datetime) -> None:
    permit(by, Right.EDIT_CUSTOMERS)
    held = _held(important.customer_id, by)
    important = held.dates.get(pk=important.pk)
    important.delete()
    audit.record(
        "dates.remove", by=by, now=now, subject=held, changes={important.kind: [_told(important), None]}
    )


def _fields(told: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    if told["kind"] not in KINDS:
        raise Unfit("kind", gettext_noop("“%(value)s” is not among the choices."), value=told["kind"])
    notice = told.get("notice_days", 7)
    if not 0 <= notice <= MOST_NOTICE_DAYS:
        raise Unfit("notice_days", gettext_noop("Please give 0 to 90 days."))
    names = ("month", "day", "year", "is_lunar", "is_leap_month", "is_yearly")
    day = {name: told[name] for name in names if name in told}
    one = Occasion(**day)
    check(one)
    return {
        **day,
        "kind": told["kind"],
        "name": clean("name", told.get("name", ""), limit=80),
        "note": clean("date_note", told.get("note", ""), limit=240),
        "notice_days": notice,
        **_coming(one, notice, timezone.localdate(now)),
    }


def _coming(one: Occasion, notice_days: int, today: date) -> dict[str, date | None]:
    on = next_on(one, today)
    return {"next_on": on, "asks_on": asks_from(on, notice_days) if on else None}


def _told(important: ImportantDate) -> str:
    """As the audit keeps it, without the day of the next time."""
    day = f"{important.month}-{important.day}"
    return " ".join(
        part for part in (important.name, str(important.year or ""), day, important.lunar) if part
    )


def _held(pk: int, by: User | None) -> Customer:
    reach = Customer.objects.writable_by(by) if by else Customer.objects.all()
    return reach.select_for_update().get(pk=pk)


# --- asked for in time ---


def remind(*, now: datetime) -> int:
    """A follow-up for every day that comes near, for whoever looks after the customer; passed days move to the next time.

    Run twice it asks once: each time a day comes has its key, whatever became of the follow-up.
    """
    today, asked = timezone.localdate(now), 0
    for portion in _portions(today):
        with transaction.atomic():
            for important in portion:
                coming = _coming(important.occasion, important.notice_days, today)
                if (on := coming["next_on"]) and asks_from(on, important.notice_days) <= today:
                    asked += _ask(important, on, now)
                ImportantDate.objects.filter(pk=important.pk).update(**coming)
    return asked


def _portions(today: date) -> Iterator[list[ImportantDate]]:
    after = 0
    while True:
        rows = ImportantDate.objects.filter(asks_on__lte=today, pk__gt=after).order_by("pk")
        portion = list(rows.select_related("customer__owner", "contact")[:PORTION])
        if not portion:
            return
        yield portion
        after = portion[-1].pk


def _ask(important: ImportantDate, on: date, now: datetime) -> int:
    customer = important.customer
    owner = customer.owner if customer.owner and customer.owner.is_active else None
    whose = important.contact.name if important.contact else customer.name
    called = (
        {"what": important.name} if important.name else {"named": KINDS.get(important.kind, important.kind)}
    )
    reason = {"code": "occasion", **called, "whose": whose, "on": on.isoformat()}
    due_at = max(now, timezone.make_aware(datetime.combine(asks_from(on, important.notice_days), AT)))
    made = ask_once(
        customer,
        kind="task",
        assignee=owner,
        due_at=due_at,
        late_at=end_of(on),
        reasons=[reason],
        source="customers.occasions",
        key=f"occasion:{important.pk}:{on.isoformat()}",
        now=now,
    )
    return int(made)
