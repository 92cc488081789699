from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from liuke.customers.followups.actions import ask
from liuke.customers.followups.models import FollowUp
from liuke.customers.records.actions import register
from liuke.customers.records.models import Customer
from liuke.platform.models import User

Task = Callable[..., FollowUp]


@pytest.fixture
def hampton(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Hampton")


@pytest.fixture
def task(hampton: Customer, alice: User, sue: User, now: datetime) -> Task:
    """A matter on Hampton that Sue gave to Alice, unless said otherwise."""

    def make(**fields: Any) -> FollowUp:
        given = {"kind": "task", "assignee": alice, "due_at": now, "source": "person", "by": sue, "now": now}
        return ask(fields.pop("customer", hampton), **{**given, **fields})

    return make
