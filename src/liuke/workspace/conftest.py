"""A desk to sit down at, and a judgement that says what a test needs it to say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from liuke.customers.models import Customer
from liuke.customers.records.actions import register
from liuke.platform.models import User
from liuke.scores.models import CurrentRun, Score, ScoreRun
from liuke.scores.runs.actions import BLANK

Desk = Callable[[User], Client]
Judge = Callable[..., Score]
Add = Callable[..., Customer]


@pytest.fixture
def desk() -> Desk:
    """`desk(alice)`: signed in, reading English."""

    def signed_in(user: User) -> Client:
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def moment() -> datetime:
    """Now on the real clock: pages ask it themselves."""
    return timezone.now()


@pytest.fixture
def add(moment: datetime) -> Add:
    """`add(alice, "Ann's shop", phone="…")`: a customer of hers."""

    def added(owner: User, name: str, **fields: Any) -> Customer:
        phone = fields.pop("phone", "")
        points = [("mobile", phone)] if phone else []
        return register(by=None, now=moment, name=name, owner=owner, team=owner.team, points=points, **fields)

    return added


NUMBERS = ("risk", "p_alive", "p_buy", "expected_purchases", "expected_value_minor", "value_at_risk_minor")


@pytest.fixture
def run(db: None, moment: datetime) -> ScoreRun:
    """Last night's."""
    made = ScoreRun.objects.create(
        as_of=timezone.localdate(), state="done", started_at=moment, finished_at=moment, currency="CNY"
    )
    CurrentRun.objects.update_or_create(pk=1, defaults={"run": made})
    return made


@pytest.fixture
def judge(run: ScoreRun) -> Judge:
    """`judge(customer, grade="gold", band="high")`: how last night saw him; blank where nothing is said."""

    def judged(customer: Customer, **held: Any) -> Score:
        numbers = dict.fromkeys((*NUMBERS, "clv_minor", "value_12m_minor", "total_minor", "purchases"), 0)
        values = {**BLANK, **numbers, **held}
        return Score.objects.update_or_create(run=run, customer=customer, defaults=values)[0]

    return judged
