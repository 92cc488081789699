from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from liuke.customers.fields.actions import add_field
from liuke.customers.fields.models import CustomField
from liuke.customers.models import Customer
from liuke.customers.records.actions import register
from liuke.platform.models import User

AddField = Callable[..., CustomField]


@pytest.fixture
def new_field(db: None, now: datetime) -> AddField:
    """`new_field("whole", "Trucks", kind="enterprise")`."""

    def made(type: str, name: str, **more: Any) -> CustomField:
        if type in {"one", "several"}:
            more.setdefault("options", [("", "red", True), ("", "green", True)])
        return add_field(type=type, names={"en": name}, by=None, now=now, **more)

    return made


@pytest.fixture
def lantern(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Lantern Ltd", kind="enterprise", scope="b2b")
