from __future__ import annotations

from datetime import datetime

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from liuke.platform.access.rules import Denied
from liuke.platform.models import AuditEntry, User
from liuke.scores.policy.actions import change_policy, policies
from liuke.scores.policy.rules import share_of_budget


def test_cl04_shares_of_sales_set_the_relationship_budget() -> None:
    assert share_of_budget([600, 300, 100], 50_000) == [30_000, 15_000, 5_000]


@given(st.lists(st.integers(-(10**9), 10**12), max_size=30), st.integers(0, 10**10))
def test_cl04_the_parts_total_the_budget(sales: list[int], budget: int) -> None:
    parts = share_of_budget(sales, budget)
    assert sum(parts) == (budget if any(value > 0 for value in sales) else 0)
    assert all(part >= 0 for part in parts)


@pytest.mark.django_db
def test_cl03_effort_follows_the_grade() -> None:
    """From gold to iron the response time, the gift budget and the cadence change."""
    gold, iron = policies()["gold"], policies()["iron"]
    assert (gold.response_hours, iron.response_hours) == (2, 4)
    assert gold.gift_minor > iron.gift_minor
    assert (gold.contact_days, iron.contact_days) == (30, 60)
    assert gold.account_manager
    assert not iron.account_manager


def test_an_owner_changes_what_a_grade_entitles_to(olga: User, now: datetime) -> None:
    change_policy("gold", {"contact_days": 21}, by=olga, now=now)
    assert policies()["gold"].contact_days == 21
    assert AuditEntry.objects.get(action="grade-policy.change").changes == {"contact_days": [30, 21]}


def test_nobody_else_does(alice: User, now: datetime) -> None:
    with pytest.raises(Denied):
        change_policy("gold", {"contact_days": 21}, by=alice, now=now)
    assert policies()["gold"].contact_days == 30


def test_a_cadence_of_no_days_is_refused(olga: User, now: datetime) -> None:
    with pytest.raises(ValidationError):
        change_policy("gold", {"contact_days": 0}, by=olga, now=now)
    assert policies()["gold"].contact_days == 30
