from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from liuke.customers.models import Customer, Fact, Standing
from liuke.customers.purchases.actions import record_purchases
from liuke.customers.purchases.rules import NewLine, NewPurchase
from liuke.customers.records.actions import register
from liuke.customers.standings.actions import decide
from liuke.customers.timeline.actions import complain, log_contact, resolve
from liuke.platform.models import User
from liuke.platform.preferences.actions import change
from liuke.scores.classes.rules import Evidence, classify
from liuke.scores.judging.actions import score
from liuke.scores.models import Score

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def evidence(**more: list[float]) -> Evidence:
    """Four customers: much or little bought, much or little spent on them."""
    figures = {
        "sales": [1000.0, 1000.0, 100.0, 100.0],
        "margin": [500.0, 500.0, 50.0, 50.0],
        "service": [90.0, 10.0, 45.0, 5.0],
        "future": [3000.0, 0.0, 3000.0, 0.0],
        "orders": [9, 1, 9, 1],
    } | more
    return Evidence(
        **{name: np.array(values, dtype=float) for name, values in figures.items()},
        satisfaction=[None] * 4,
        stayed=[None] * 4,
    )


def test_cl06_four_customers_land_in_profitable_most_least_profitable() -> None:
    found = classify(evidence(service=[90.0, 10.0, 80.0, 5.0]), min_repeats=3)
    assert list(found.profit_cell) == ["profitable", "most_profitable", "least_profitable", "profitable"]


def test_cl07_four_customers_fall_in_the_four_quadrants_of_now_and_to_come() -> None:
    assert list(classify(evidence(), min_repeats=3).future_cell) == ["best", "keep", "invest", "worst"]


def test_cl08_volume_and_loyalty_make_four_kinds_of_relationship() -> None:
    found = classify(evidence(), min_repeats=3)
    assert list(found.relation) == ["partner", "functional", "emotional", "drifting"]


def test_cl08_a_customer_with_an_open_complaint_is_not_loyal() -> None:
    known = evidence()
    unhappy = Evidence(**(vars(known) | {"satisfaction": [0.0, None, None, None]}))
    assert classify(unhappy, min_repeats=3).relation[0] == "functional"


def test_cl12_the_class_is_that_of_the_share_before_the_customer() -> None:
    known = evidence(sales=[700.0, 150.0, 80.0, 70.0])
    assert list(classify(known, min_repeats=3).sales_class) == ["A", "A", "B", "B"]


def buyer(by: User, name: str, *, orders: int, amount: int, cost: int = 0) -> Customer:
    customer = register(by=by, now=NOW - timedelta(days=400), name=name)
    rows = [
        NewPurchase(
            customer.pk,
            f"{name}-{place}",
            NOW - timedelta(days=10 + 20 * place),
            "CNY",
            [NewLine(amount, cost_minor=cost)],
        )
        for place in range(orders)
    ]
    record_purchases(rows, by=None, now=NOW)
    return customer


def current(customer: Customer) -> Score:
    return Score.objects.current().get(customer=customer)


def test_cl05_sales_of_10000_at_30_percent_margin_and_3500_of_service_leave_minus_500(alice: User) -> None:
    dear = buyer(alice, "Dear", orders=10, amount=100_000, cost=70_000)
    buyer(alice, "Plain", orders=10, amount=100_000, cost=70_000)
    change("service.visit_minor", 50_000, by=None, now=NOW)
    for day in range(7):
        log_contact(
            dear, channel="visit", outcome="reached", by=alice, now=NOW - timedelta(days=3, hours=day)
        )
    score(by=None, now=NOW)
    held = current(dear)
    assert (held.value_12m_minor, held.service_minor, held.profit_minor) == (1_000_000, 350_000, -50_000)
    assert held.profit_cell == "least_profitable"


def test_ch02_the_points_of_a_drifting_relationship_are_told_among_the_reasons(alice: User) -> None:
    small = buyer(alice, "Small", orders=1, amount=1_000)
    for place in range(3):
        buyer(alice, f"Big {place}", orders=6, amount=90_000)
    change("risk.drifting_points", 0, by=None, now=NOW)
    score(by=None, now=NOW)
    before = current(small)
    change("risk.drifting_points", 7, by=None, now=NOW)
    score(by=None, now=NOW + timedelta(minutes=1))
    after = current(small)
    assert after.relation == "drifting"
    assert after.risk == min(before.risk + 7, 100)
    assert {"code": "drifting", "points": after.risk - before.risk} in after.reasons


def test_cl08_a_complaint_costs_the_loyalty_until_it_is_answered(alice: User) -> None:
    steady = buyer(alice, "Steady", orders=8, amount=50_000)
    for place in range(3):
        buyer(alice, f"Other {place}", orders=8, amount=20_000)
    complain(steady, text="Broken", by=alice, now=NOW - timedelta(days=15))
    score(by=None, now=NOW)
    assert current(steady).relation == "functional"
    complaint = Fact.objects.get(customer=steady, kind="complained")
    resolve(complaint, text="Replaced", by=alice, now=NOW)
    score(by=None, now=NOW + timedelta(minutes=1))
    assert current(steady).relation == "partner"


def test_cl08_what_somebody_has_set_with_a_reason_stands_until_he_takes_it_back(alice: User) -> None:
    steady = buyer(alice, "Steady", orders=8, amount=50_000)
    buyer(alice, "Other", orders=1, amount=1_000)
    decide(steady, "relation", "functional", reason="Only our price counts", by=alice, now=NOW)
    score(by=None, now=NOW)
    assert current(steady).relation == "functional"
    decide(steady, "relation", "", by=alice, now=NOW + timedelta(minutes=1))
    score(by=None, now=NOW + timedelta(minutes=2))
    assert current(steady).relation == "partner"
    assert Standing.objects.filter(customer=steady).count() == 1


def test_who_is_not_in_business_has_no_kind(alice: User) -> None:
    buyer(alice, "Here", orders=4, amount=10_000)
    lead = register(by=alice, now=NOW, name="New")
    score(by=None, now=NOW)
    blank = current(lead)
    assert (blank.relation, blank.sales_class, blank.profit_cell, blank.profit_minor) == ("", "", "", 0)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_run_says_how_much_of_the_sales_has_a_cost(alice: User, share: float) -> None:
    buyer(alice, "Here", orders=4, amount=10_000, cost=6_000) if share else _uncosted(alice)
    assert score(by=None, now=NOW).totals["costed"] == share


def _uncosted(by: User) -> None:
    customer = register(by=by, now=NOW - timedelta(days=400), name="Here")
    line = NewPurchase(customer.pk, "1", NOW - timedelta(days=10), "CNY", [NewLine(10_000)])
    record_purchases([line], by=None, now=NOW)


def test_cl08_what_somebody_sets_shows_at_once(alice: User) -> None:
    steady = buyer(alice, "Steady", orders=8, amount=50_000)
    lead = register(by=alice, now=NOW, name="New")
    buyer(alice, "Other", orders=1, amount=1_000)
    score(by=None, now=NOW)
    for customer in (steady, lead):
        decide(customer, "relation", "emotional", reason="Friends of the house", by=alice, now=NOW)
    assert current(steady).relation == "emotional"
    assert current(lead).relation == ""
