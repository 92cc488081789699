"""What was agreed that a customer may owe (DB05)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from liuke.customers.credit.actions import agree
from liuke.customers.credit.rules import guidance, leaning
from liuke.customers.merging.actions import merge
from liuke.customers.models import Credit, Customer
from liuke.customers.records.actions import register
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import Denied
from liuke.platform.models import AuditEntry, User


@pytest.fixture
def ann(alice: User, now: datetime) -> Customer:
    return register(by=alice, now=now, name="Ann")


def test_db05_each_agreement_is_kept_with_who_when_and_why(ann: Customer, sue: User, now: datetime) -> None:
    agree(ann, limit_minor=500_000, days=30, note="two good years", by=sue, now=now)
    agree(ann, limit_minor=800_000, days=30, note="opens a shop", by=sue, now=now + timedelta(days=9))
    agree(ann, limit_minor=800_000, days=30, note="opens a shop", by=sue, now=now + timedelta(days=9))
    assert [one.limit_minor for one in Credit.objects.all()] == [800_000, 500_000]
    assert Credit.objects.current().get(customer=ann).by == sue
    assert AuditEntry.objects.filter(action="credit.agree").count() == 2


def test_whoever_sells_does_not_set_it_and_nobody_elses(
    ann: Customer, alice: User, sue: User, charlie: User, now: datetime
) -> None:
    with pytest.raises(Denied):
        agree(ann, limit_minor=1, days=0, by=alice, now=now)
    foreign = register(by=charlie, now=now, name="Foreign")
    with pytest.raises(Customer.DoesNotExist):
        agree(foreign, limit_minor=1, days=0, by=sue, now=now)
    for wrong in ({"limit_minor": -1, "days": 0}, {"limit_minor": 1, "days": 400}):
        with pytest.raises(Unfit):
            agree(ann, **wrong, by=sue, now=now)
    assert not Credit.objects.exists()


def test_db05_the_grade_guides_by_months_of_his_own_sales() -> None:
    months = {"platinum": 3, "gold": 2, "iron": 1, "lead": 0}
    assert guidance("gold", 1_200_000, months) == 200_000
    assert guidance("lead", 1_200_000, months) == 0
    assert guidance("gold", -500, months) == 0
    assert guidance("", 1_200_000, months) is None
    assert leaning(230_000, 200_000) == "above"
    assert leaning(170_000, 200_000) == "below"
    assert leaning(210_000, 200_000) == leaning(None, 5) == leaning(5, None) == ""


def test_merged_the_survivors_stands(
    ann: Customer, alice: User, sue: User, olga: User, now: datetime
) -> None:
    twin = register(by=alice, now=now, name="Ann twice")
    agree(ann, limit_minor=1, days=0, by=sue, now=now)
    agree(twin, limit_minor=2, days=0, by=sue, now=now)
    merge(ann, [twin], by=olga, now=now + timedelta(hours=1))
    assert Credit.objects.current().get().limit_minor == 1
    assert Credit.objects.filter(customer=ann).count() == 2
