"""What the invented company knows its customers to need, and its plans to keep the best of them: through the real actions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import numpy as np

from liuke.customers.keeping.actions import open_plan
from liuke.customers.models import Customer
from liuke.customers.needs.actions import add_need
from liuke.customers.sources.actions import add_source
from liuke.customers.sources.rules import code_of
from liuke.demo import words
from liuke.demo.events import in_days

KNOWN, PLANNED = 160, 12  # of the customers who ordered last


def keep_in_touch(*, now: datetime, seed: int) -> None:
    for name in words.SOURCES:
        if not code_of(name):
            add_source(name, by=None, now=now)
    rng = np.random.default_rng(seed + 6)
    rows = Customer.objects.exclude(last_purchase_at=None).filter(owner__is_active=True)
    latest = rows.select_related("owner").order_by("-last_purchase_at", "pk")
    for place, customer in enumerate(latest[:KNOWN]):
        _need(customer, rng, now)
        if place % (KNOWN // PLANNED) == 0:
            _plan(customer, customer.owner, rng, now)


def _need(customer: Customer, rng: np.random.Generator, now: datetime) -> None:
    level = ("need", "need", "want", "want", "demand")[int(rng.integers(5))]
    sure = level == "demand" or rng.random() < 0.3
    add_need(
        customer,
        what=words.NEEDS[int(rng.integers(len(words.NEEDS)))],
        level=level,
        money="yes" if sure else "",
        strength="large" if sure else "",
        source=words.LEARNT_FROM[int(rng.integers(len(words.LEARNT_FROM)))],
        noted_on=(now - timedelta(days=int(rng.integers(1, 90)))).date(),
        by=customer.owner,
        now=now,
    )


def _plan(customer: Customer, owner: Any, rng: np.random.Generator, now: datetime) -> None:
    since = now - timedelta(days=int(rng.integers(3, 30)))
    open_plan(
        customer,
        goal=words.GOALS[int(rng.integers(len(words.GOALS)))],
        owner=owner,
        review_on=(now + timedelta(days=int(rng.integers(40, 90)))).date(),
        step=words.TASKS[int(rng.integers(len(words.TASKS)))],
        step_due_at=in_days(now, int(rng.integers(3, 20))),
        by=owner,
        now=since,
    )
