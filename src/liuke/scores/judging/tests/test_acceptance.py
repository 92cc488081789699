"""The catalogue's own words for CL01 to CL03 and CH02, through a real judgement of real rows."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from liuke.customers.models import Customer, Fact
from liuke.customers.purchases.actions import record_purchases
from liuke.customers.purchases.rules import NewLine, NewPurchase
from liuke.customers.records.actions import register
from liuke.platform.models import User
from liuke.platform.preferences.actions import change
from liuke.platform.preferences.rules import Unfit
from liuke.scores.judging.actions import score
from liuke.scores.models import GradeChange, Score

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
ONE_EACH = 100


@pytest.fixture
def hundred(alice: User) -> list[Customer]:
    """A hundred customers of one order each, every one of another amount; and one whose order is 13 months old."""
    found, rows = [], []
    for place in range(ONE_EACH):
        customer = register(by=None, now=NOW, name=f"Customer {place}", owner=alice)
        at = NOW - timedelta(days=10 + place)
        rows.append(NewPurchase(customer.pk, f"S{place}", at, "CNY", [NewLine(1_000 * (place + 1))]))
        found.append(customer)
    old = register(by=None, now=NOW, name="Thirteen months ago", owner=alice)
    rows.append(NewPurchase(old.pk, "OLD", NOW - timedelta(days=396), "CNY", [NewLine(99_000_000)]))
    record_purchases(rows, by=None, now=NOW)
    return found


def grades() -> dict[str, int]:
    return dict(Counter(Score.objects.current().values_list("grade", flat=True)))


def test_cl01_and_cl02_grades_follow_the_settings_at_the_next_run(
    hundred: list[Customer], olga: User
) -> None:
    score(by=None, now=NOW)
    assert grades() == {"platinum": 1, "gold": 4, "iron": 15, "lead": 80, "": 1}
    assert Score.objects.current().get(grade="platinum").customer == hundred[-1]
    assert Score.objects.current().get(grade="").customer.name == "Thirteen months ago"

    with pytest.raises(Unfit):
        change("grading.cuts", ["5", "10", "25", "61"], by=olga, now=NOW)
    change("grading.cuts", ["5", "10", "25", "60"], by=olga, now=NOW)
    score(by=None, now=NOW)
    assert grades() == {"platinum": 5, "gold": 10, "iron": 25, "lead": 60, "": 1}


def test_cl03_from_gold_to_iron_is_a_row_and_a_fact_with_both_grades(hundred: list[Customer]) -> None:
    score(by=None, now=NOW)
    gold = Score.objects.current().filter(grade="gold").order_by("value_12m_minor").first()
    assert gold
    rows = [
        NewPurchase(hundred[place].pk, f"N{place}", NOW - timedelta(days=1), "CNY", [NewLine(500_000)])
        for place in range(4)
    ]
    record_purchases(rows, by=None, now=NOW)
    score(by=None, now=NOW + timedelta(days=1))
    row = GradeChange.objects.filter(customer=gold.customer, what="grade").first()
    assert row
    assert (row.before, row.after) == ("gold", "iron")
    fact = Fact.objects.get(customer=gold.customer, kind="graded", data__measure="grade")
    assert (fact.data["before"], fact.data["after"]) == ("gold", "iron")
