"""A car lives eight years: what a customer owns is asked about in time (DB22)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import translation

from liuke.customers.holdings.actions import add_holding, edit_holding, remind, remove_holding
from liuke.customers.models import Customer, FollowUp, Holding
from liuke.customers.records.actions import register
from liuke.customers.records.rules import Unfit
from liuke.platform.models import AuditEntry, User
from liuke.platform.preferences.actions import change

CAR = {"kind": "vehicle", "name": "Audi A4", "plate": "浙A12345", "bought_on": date(2018, 1, 1)}


@pytest.fixture
def ann(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Ann")


def test_db22_a_car_of_2018_is_asked_about_before_2026(ann: Customer, alice: User, now: datetime) -> None:
    car = add_holding(ann, **CAR, by=alice, now=now)
    assert car.expected_replacement_on(8) == date(2026, 1, 1)
    assert remind(now=datetime(2025, 11, 30, 2, tzinfo=UTC)) == 0
    assert remind(now=datetime(2025, 12, 3, 2, tzinfo=UTC)) == 1
    asked = FollowUp.objects.get()
    assert (asked.customer, asked.assignee, asked.kind) == (ann, alice, "task")
    assert "Audi A4 浙A12345" in asked.matter
    assert remind(now=datetime(2025, 12, 4, 2, tzinfo=UTC)) == 0  # once


def test_the_years_and_the_notice_are_settings(ann: Customer, alice: User, olga: User, now: datetime) -> None:
    add_holding(ann, **CAR, by=alice, now=now)
    change("holdings.replacement_years", 10, by=olga, now=now)
    change("holdings.notice_days", 90, by=olga, now=now)
    assert remind(now=datetime(2025, 12, 3, 2, tzinfo=UTC)) == 0
    assert remind(now=datetime(2027, 10, 5, 2, tzinfo=UTC)) == 1


def test_a_day_of_its_own_goes_before_the_usual_years(ann: Customer, alice: User, now: datetime) -> None:
    add_holding(ann, **CAR, replace_on=date(2027, 6, 1), by=alice, now=now)
    assert remind(now=datetime(2025, 12, 15, 2, tzinfo=UTC)) == 0
    assert remind(now=datetime(2027, 5, 20, 2, tzinfo=UTC)) == 1


def test_service_warranty_and_insurance_each_ask(ann: Customer, alice: User, now: datetime) -> None:
    soon = now.date() + timedelta(days=10)
    days = dict.fromkeys(("service_on", "warranty_until", "insured_until"), soon)
    add_holding(ann, kind="machine", name="Press", **days, by=alice, now=now)
    assert remind(now=now) == 3
    assert remind(now=now + timedelta(days=1)) == 0
    with translation.override("en"):
        titles = "\n".join(one.matter for one in FollowUp.objects.all())
    for said in ("due for service", "warranty", "insurance"):
        assert said in titles


def test_what_is_long_past_is_left_alone(ann: Customer, alice: User, now: datetime) -> None:
    add_holding(ann, kind="property", name="Flat", bought_on=date(1999, 1, 1), by=alice, now=now)
    assert remind(now=now) == 0


def test_it_is_changed_and_removed_under_audit(ann: Customer, alice: User, bob: User, now: datetime) -> None:
    car = add_holding(ann, **CAR, by=alice, now=now)
    car = edit_holding(car, **(CAR | {"mileage_km": 90_000}), by=alice, now=now)
    assert AuditEntry.objects.get(action="holdings.edit").changes == {"mileage_km": [None, 90_000]}
    with pytest.raises(Unfit):
        edit_holding(car, **(CAR | {"replace_on": date(2017, 1, 1)}), by=alice, now=now)
    for act in (
        lambda: add_holding(ann, **CAR, by=bob, now=now),
        lambda: edit_holding(car, **CAR, by=bob, now=now),
        lambda: remove_holding(car, by=bob, now=now),
    ):
        with pytest.raises(Customer.DoesNotExist):
            act()
    remove_holding(car, by=alice, now=now)
    assert not Holding.objects.exists()
