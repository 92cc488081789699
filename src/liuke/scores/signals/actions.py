"""Which signals each customer gives as of a day: unanswered complaints, broken promises, a new owner, no contact, no tie."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from django.db.models import Q

from liuke.customers.facts.rules import FactKind
from liuke.customers.models import Customer, Fact, FollowUp
from liuke.customers.records.rules import contact_overdue_days
from liuke.insight import JudgeSettings
from liuke.platform.preferences.actions import get
from liuke.scores.policy.actions import policies
from liuke.scores.signals.rules import DRIFTING, OWNER_CHANGED_DAYS, POINTS, Signal, with_signals

LATE = {"complaint": "complaint_late", "promise": "promise_late"}


def signalled(table: pa.Table, *, as_of: date, settings: JudgeSettings) -> pa.Table:
    """The judgement's table with risk, band and reasons raised by the signals of `as_of`'s evening."""
    points = {code: get(key) for code, key in POINTS.items()}
    customers: list[Any] = table["customer"].to_pylist()
    reasons: list[Any] = table["reasons"].to_pylist()
    found = _found(as_of, dict(zip(customers, table["grade"].to_pylist(), strict=True)))
    drifting = [relation == DRIFTING for relation in table["relation"].to_pylist()]
    columns = with_signals(
        table["risk"].to_numpy().copy(),
        table["band"].to_pylist(),
        reasons,
        [
            [*([Signal(DRIFTING, {})] if drifts else ()), *found.get(customer, ())]
            for customer, drifts in zip(customers, drifting, strict=True)
        ],
        points=points,
        watch=settings.watch_risk,
        high=settings.high_risk,
    )
    told: Any
    for name, told in zip(("risk", "band", "reasons"), columns, strict=True):
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pa.array(told, table.schema.field(name).type))
    return table


def _found(as_of: date, grades: dict[int, str | None]) -> dict[int, list[Signal]]:
    zone = ZoneInfo(get("company.zone"))
    until = datetime.combine(as_of + timedelta(days=1), time(), tzinfo=zone)
    signals: dict[int, list[Signal]] = defaultdict(list)
    for (customer, code), since in _late(until).items():
        signals[customer].append(Signal(code, {"days": (until - since).days}))
    changed = Fact.objects.filter(
        kind=FactKind.ASSIGNED, at__gte=until - timedelta(days=OWNER_CHANGED_DAYS), at__lt=until
    )
    newest = {
        pk: at
        for pk, at, data in changed.order_by("at").values_list("customer_id", "at", "data")
        if data["before_id"]
    }
    for customer, at in newest.items():
        signals[customer].append(Signal("owner_changed", {"days": (until - at).days}))
    for customer, days, cadence in _left_alone(until, zone, grades):
        signals[customer].append(Signal("contact_gap", {"days": days, "cadence": cadence}))
    return signals


def _late(until: datetime) -> dict[tuple[int, str], datetime]:
    """(customer, code) -> since when the oldest such matter is late, as it stood at `until`."""
    open_then = Q(state="open") | Q(closed_at__gte=until)
    rows = FollowUp.objects.filter(open_then, kind__in=LATE, due_at__lt=until, created_at__lt=until)
    found: dict[tuple[int, str], datetime] = {}
    for customer, kind, due_at in rows.order_by().values_list("customer_id", "kind", "due_at"):
        key = (customer, LATE[kind])
        found[key] = min(due_at, found.get(key, due_at))
    return found


def _left_alone(until: datetime, zone: ZoneInfo, grades: dict[int, str | None]) -> list[tuple[int, int, int]]:
    """(customer, days, cadence) of those who were spoken to, but not within what their grade is owed (CH09)."""
    cadence = {grade: owed.contact_days for grade, owed in policies().items()}
    today = (until - timedelta(seconds=1)).astimezone(zone).date()
    spoken = Customer.objects.filter(last_contact_at__lt=until).order_by()
    found = []
    for customer, at in spoken.values_list("pk", "last_contact_at").iterator(chunk_size=10_000):
        if at is None or not (days := cadence.get(grades.get(customer) or "")):
            continue
        if over := contact_overdue_days(days, at.astimezone(zone).date(), today):
            found.append((customer, over + days, days))
    return found
