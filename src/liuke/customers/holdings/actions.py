"""What customers own: kept, and asked about when one of its days comes near."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from liuke.customers.followups.actions import ask_once
from liuke.customers.followups.rules import end_of
from liuke.customers.holdings.models import Holding
from liuke.customers.holdings.rules import KINDS, PACKS, due
from liuke.customers.occasions.rules import anniversary
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit, clean, gettext_noop
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.audit import actions as audit
from liuke.platform.preferences.actions import change, get

if TYPE_CHECKING:
    from liuke.platform.models import User

PORTION = 200  # holdings looked at in one transaction
AT = time(9, 0)
DAY_FIELDS = ("bought_on", "warranty_until", "service_on", "insured_until", "replace_on")
LIMITS: Mapping[str, int] = {"name": 120, "serial": 60, "plate": 20, "note": 240}


@transaction.atomic
def add_holding(customer: Customer, *, by: User | None, now: datetime, **told: Any) -> Holding:
    """`told`: kind, name, serial, plate, is_from_us, mileage_km, note and the five days."""
    permit(by, Right.EDIT_CUSTOMERS)
    held = _held(customer.pk, by)
    made = held.holdings.create(**_fields(told))
    audit.record("holdings.add", by=by, now=now, subject=held, changes={made.kind: [None, str(made)]})
    return made


@transaction.atomic
def edit_holding(holding: Holding, *, by: User | None, now: datetime, **told: Any) -> Holding:
    permit(by, Right.EDIT_CUSTOMERS)
    held = _held(holding.customer_id, by)
    holding = held.holdings.get(pk=holding.pk)
    kept = _fields(told)
    if changes := audit.changes_between({name: getattr(holding, name) for name in kept}, kept):
        for name, value in kept.items():
            setattr(holding, name, value)
        holding.save(update_fields=list(kept))
        audit.record("holdings.edit", by=by, now=now, subject=held, changes=changes)
    return holding


@transaction.atomic
def remove_holding(holding: Holding, *, by: User | None, now: datetime) -> None:
    permit(by, Right.EDIT_CUSTOMERS)
    held = _held(holding.customer_id, by)
    holding = held.holdings.get(pk=holding.pk)
    holding.delete()
    audit.record(
        "holdings.remove", by=by, now=now, subject=held, changes={holding.kind: [str(holding), None]}
    )


@transaction.atomic
def switch_pack(code: str, *, by: User | None, now: datetime) -> None:
    """The company's trade: its words, and its rules for asking in time. What customers own stays as it is noted."""
    change("holdings.pack", code, by=by, now=now)
    change("holdings.replacement_years", PACKS[code].replacement_years, by=by, now=now)
    change("holdings.notice_days", PACKS[code].notice_days, by=by, now=now)


def _fields(told: Mapping[str, Any]) -> dict[str, Any]:
    if told["kind"] not in KINDS:
        raise Unfit("kind", gettext_noop("“%(value)s” is not among the choices."), value=told["kind"])
    kept: dict[str, Any] = {"kind": told["kind"], "is_from_us": bool(told.get("is_from_us"))}
    for name, limit in LIMITS.items():
        kept[name] = clean(
            "name" if name == "name" else name, told.get(name, ""), limit=limit, required=name == "name"
        )
    kept |= {name: told.get(name) for name in (*DAY_FIELDS, "mileage_km")}
    bought = kept["bought_on"]
    if bought and kept["replace_on"] and kept["replace_on"] <= bought:
        raise Unfit("replace_on", gettext_noop("This is before it was bought."))
    return kept


def _held(pk: int, by: User | None) -> Customer:
    reach = Customer.objects.writable_by(by) if by else Customer.objects.all()
    return reach.select_for_update().get(pk=pk)


# --- asked for in time ---


def remind(*, now: datetime) -> int:
    """A follow-up for every day of a holding that comes near, once each, for whoever looks after the customer."""
    today, asked = timezone.localdate(now), 0
    years, notice = get("holdings.replacement_years"), get("holdings.notice_days")
    for portion in _portions(today, years, notice):
        with transaction.atomic():
            for holding in portion:
                for what, on in due(holding.days, today, years=years, notice_days=notice):
                    asked += _ask(holding, what, on, notice, now)
    return asked


def _portions(today: date, years: int, notice: int) -> Iterator[list[Holding]]:
    span = (today - timedelta(days=notice), today + timedelta(days=notice))
    near = Q(
        replace_on__isnull=True,
        bought_on__range=[_years_before(day, years, ahead) for day, ahead in zip(span, (-1, 1), strict=True)],
    )
    for name in ("replace_on", "service_on", "warranty_until", "insured_until"):
        near |= Q(**{f"{name}__range": span})
    after = 0
    while True:
        rows = Holding.objects.filter(near, pk__gt=after).order_by("pk").select_related("customer__owner")
        portion = list(rows[:PORTION])
        if not portion:
            return
        yield portion
        after = portion[-1].pk


def _years_before(day: date, years: int, slack_days: int) -> date:
    """A little wider than it need be for 29 February; rules.due decides."""
    return anniversary(day, -years) + timedelta(days=slack_days)


def _ask(holding: Holding, what: str, on: date, notice: int, now: datetime) -> int:
    owner = holding.customer.owner
    owner = owner if owner and owner.is_active else None
    begins = timezone.make_aware(datetime.combine(on - timedelta(days=notice), AT))
    made = ask_once(
        holding.customer,
        kind="task",
        assignee=owner,
        due_at=max(now, begins),
        late_at=end_of(on),
        reasons=[{"code": f"holding_{what}", "what": str(holding), "on": on.isoformat()}],
        source="customers.holdings",
        key=f"holding:{holding.pk}:{what}:{on.isoformat()}",
        now=now,
    )
    return int(made)
