"""What a program reads for somebody counts as his reading, whichever address it asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.utils import timezone

from liuke.customers.models import Customer, Reading
from liuke.customers.readings.actions import forget, write
from liuke.customers.records.actions import register
from liuke.platform.api.tests.calls import Program
from liuke.platform.models import User


@pytest.fixture
def shop(alice: User, now: datetime) -> Iterator[Customer]:
    forget()
    yield register(by=alice, now=now, name="Shop")
    forget()


@pytest.mark.parametrize("part", ["", "/points", "/contacts", "/timeline", "/purchases", "/dates"])
def test_each_part_of_a_customer_is_a_reading_of_him(alice: User, shop: Customer, part: str) -> None:
    assert Program(alice).get(f"customers/{shop.pk}{part}").status_code == 200
    write(now=timezone.now())
    assert list(Reading.objects.values_list("user", "what", "customer")) == [(alice.pk, "program", shop.pk)]


@pytest.mark.parametrize("path", ["scores", "followups", "search?q=shop"])
def test_a_page_across_customers_is_one_too(alice: User, shop: Customer, path: str) -> None:
    Program(alice).get(path)
    write(now=timezone.now())
    assert [row.what for row in Reading.objects.all()] == ["program"]


def test_what_is_refused_or_written_is_none(alice: User, bob: User, shop: Customer) -> None:
    Program(bob).get(f"customers/{shop.pk}/points")
    Program(alice).post(f"customers/{shop.pk}/notes", {"note": "x"})
    write(now=timezone.now())
    assert not Reading.objects.exists()
