"""What the classes are made of: the night's judgement, the margins of the mirror, and what the ledger of facts tells."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from babel.numbers import get_currency_precision
from django.db.models import Count, F, Sum

from liuke.customers.facts.rules import CONTACTS, FactKind
from liuke.customers.models import Fact, Standing
from liuke.platform.preferences.actions import get
from liuke.scores.classes.rules import CONTACT_COSTS, Classes, Evidence, classify
from liuke.scores.mirror.actions import costed_share, margins
from liuke.scores.mirror.rules import factor

GOODS = (FactKind.PURCHASED, FactKind.REFUNDED)
ACTIVE = "grade"  # who is graded is in business (CL02); nobody else has a class


def classified(table: pa.Table, file: Path, *, as_of: date, currency: str) -> tuple[pa.Table, dict[str, Any]]:
    """The judgement's table with a column for each class; and how much of the sales has a cost, without which profit is
    sales less service."""
    grades = table[ACTIVE].to_pylist()
    active = np.array([grade is not None for grade in grades], dtype=bool)
    kept = table.filter(pa.array(active))
    known = _evidence(kept, file, as_of=as_of, currency=currency)
    found = classify(known, min_repeats=get("loyal.min_repeats"))
    relation = _by_people(_customers(kept), found)
    columns = {
        "sales_class": found.sales_class,
        "profit_cell": found.profit_cell,
        "future_cell": found.future_cell,
        "relation": relation,
    }
    for name, values in columns.items():
        whole = np.full(table.num_rows, "", dtype=object)
        whole[active] = values
        table = table.append_column(name, pa.array(list(whole), pa.string()))
    for name, figures in (("profit", found.profit), ("service", known.service), ("loyalty", found.loyalty)):
        spread = np.zeros(table.num_rows, dtype=np.float64)
        spread[active] = figures
        table = table.append_column(name, pa.array(spread))
    return table, {"costed": round(costed_share(file), 4)}


def _evidence(kept: pa.Table, file: Path, *, as_of: date, currency: str) -> Evidence:
    months = get("grading.active_months")
    until = datetime.combine(as_of + timedelta(days=1), time(), tzinfo=UTC)
    since = until - timedelta(days=round(months * 365.25 / 12))
    customers = _customers(kept)
    margin = margins(file, as_of=as_of, months=months)
    service = service_costs(since, until, currency)
    satisfaction, stayed = _feelings(
        since, until, dict(zip(customers, kept["last_on"].to_pylist(), strict=True))
    )
    return Evidence(
        sales=np.maximum(kept["total_12m"].to_numpy(), 0.0),
        margin=np.array([margin.get(customer, 0.0) for customer in customers]),
        service=np.array([service.get(customer, 0.0) for customer in customers]),
        future=kept["clv"].to_numpy(),
        orders=kept["purchases"].to_numpy(),
        satisfaction=[satisfaction.get(customer) for customer in customers],
        stayed=[stayed.get(customer) for customer in customers],
        last_on=kept["last_on"].to_numpy(),
    )


def _customers(table: pa.Table) -> list[int]:
    found: list[int] = table["customer"].to_numpy().tolist()
    return found


def service_costs(since: datetime, until: datetime, currency: str) -> dict[int, float]:
    """What looking after each customer cost (CL05): his contacts at the settings' rates, and whatever a fact says it cost."""
    unit = 10 ** get_currency_precision(currency)
    each = {channel: get(key) / unit for channel, key in CONTACT_COSTS.items()}
    found: dict[int, float] = defaultdict(float)
    within = Fact.objects.filter(at__gte=since, at__lt=until).order_by()
    contacts = within.standing().filter(kind__in=CONTACTS).values_list("customer_id", F("data__channel"))
    for customer, channel, count in contacts.annotate(Count("pk")):
        found[customer] += count * each.get(channel, each["other"])
    rates = {code: float(rate) for code, rate in get("money.rates").items()}
    spent = within.exclude(kind__in=GOODS).filter(cost_minor__isnull=False)
    for customer, code, minor in spent.values_list("customer_id", "currency").annotate(Sum("cost_minor")):
        found[customer] += minor * (factor(code, currency, rates) or 0.0)
    return found


def _feelings(
    since: datetime, until: datetime, last_on: dict[int, Any]
) -> tuple[dict[int, float], dict[int, float]]:
    """Satisfaction by the answers given and complaints that nobody has answered; and after how many complaints he came again."""
    within = Fact.objects.filter(at__gte=since, at__lt=until).order_by()
    answers: dict[int, list[bool]] = defaultdict(list)
    for customer, data in within.filter(kind=FactKind.ANSWERED).values_list("customer_id", "data"):
        answers[customer].append(bool(data["satisfied"]))
    satisfied = {customer: sum(given) / len(given) for customer, given in answers.items()}
    resolved = Fact.objects.filter(kind=FactKind.RESOLVED, at__gte=since).order_by()
    settled = set(resolved.values_list("data__complaint_id", flat=True))
    complaints = within.standing().filter(kind=FactKind.COMPLAINED).values_list("pk", "customer_id", "at")
    after: dict[int, list[bool]] = defaultdict(list)
    for complaint, customer, at in complaints:
        if complaint not in settled:
            satisfied[customer] = 0.0
        bought = last_on.get(customer)
        after[customer].append(bought is not None and bought > at.date())
    return satisfied, {customer: sum(came) / len(came) for customer, came in after.items()}


def _by_people(customers: list[int], found: Classes) -> Any:
    """The relationship that somebody has set with a reason stands until he takes it back (CL08)."""
    chosen = dict(Standing.objects.current("relation").values_list("customer_id", "value"))
    return [
        chosen.get(customer, computed) for customer, computed in zip(customers, found.relation, strict=True)
    ]
