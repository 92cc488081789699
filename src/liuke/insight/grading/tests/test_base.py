"""What customers are graded by on a day, and how they moved between two days."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke import insight
from liuke.insight import economics as ec
from liuke.insight.errors import BadDay, BadFigure, BadHorizon
from liuke.insight.grading import GRADES, abc, grade, moved, movement
from liuke.insight.grading.base import grade_base
from liuke.insight.tests.logs import log

COSTED = ("customer", "on", "amount", "cost")


@pytest.fixture(scope="module")
def purchases() -> insight.Purchases:
    return log(
        ("A", "2025-03-01", 1_000.0, 600.0), ("A", "2026-02-10", 10_000.0, 7_000.0),
        ("B", "2025-02-01", 5_000.0, 1_000.0), ("B", "2026-03-01", 200.0, 50.0), ("B", "2026-03-02", -100.0, 0.0),
        ("C", "2025-01-20", 900.0, 500.0),
        ("D", "2026-04-30", 70.0, 10.0),
        names=COSTED,
    )  # fmt: skip


def test_cl02_who_bought_nothing_for_thirteen_months_has_no_value(purchases: insight.Purchases) -> None:
    found = grade_base(purchases, as_of=date(2026, 3, 31))
    assert found.customer.to_pylist() == ["A", "B", "C"]  # D came later
    assert found.values() == [10_000, 100, None]
    assert found.current.tolist() == [True, True, False]
    assert found.orders.tolist() == [1, 1, 0]
    assert grade(found.values()).tolist() == ["platinum", "lead", None]


def test_cl02_a_refund_is_no_business(purchases: insight.Purchases) -> None:
    only_refund = log(("A", "2025-01-01", 10.0), ("A", "2026-03-01", -10.0))
    found = grade_base(only_refund, as_of=date(2026, 3, 31))
    assert found.values() == [None]
    assert found.last_on.to_pylist() == [date(2025, 1, 1)]


def test_cl05_grading_by_margin_or_by_profit_after_cost_to_serve(purchases: insight.Purchases) -> None:
    as_of = date(2026, 3, 31)
    assert grade_base(purchases, as_of=as_of, by="margin").values() == [3_000, 50, None]
    served = ec.cost_to_serve({"visits": [35, 0]}, {"visits": 100})["visits"]
    found = grade_base(purchases, as_of=as_of, by="profit", served=dict(zip("AB", served, strict=True)))
    assert found.values() == [-500, 50, None]
    assert grade(found.values()).tolist() == ["lead", "platinum", None]


def test_cl03_movement_between_two_days_from_one_log(purchases: insight.Purchases) -> None:
    then, now = (grade_base(purchases, as_of=day) for day in (date(2025, 12, 31), date(2026, 4, 30)))
    before, after = (
        found.by_customer(abc([value or 0 for value in found.values()], (0.5, 0.9))) for found in (then, now)
    )
    found = moved(before, after, order="ABC")
    assert before == {"A": "B", "B": "A", "C": "B"}
    assert after == {"A": "A", "B": "C", "C": "C", "D": "C"}
    assert (found.rose, found.fell, found.came, found.left, found.stayed) == (
        ("A",),
        ("B", "C"),
        ("D",),
        (),
        (),
    )
    assert found.counts == movement(before, after)


grades = st.dictionaries(st.sampled_from("ABCDEFGH"), st.none() | st.sampled_from(GRADES))


@given(before=grades, now=grades)
def test_everybody_moves_one_way_and_back_again(before: dict[str, Any], now: dict[str, Any]) -> None:
    there, back = moved(before, now, order=GRADES), moved(now, before, order=GRADES)
    assert (there.rose, there.fell, there.came, there.left, there.stayed) == (
        back.fell, back.rose, back.left, back.came, back.stayed,
    )  # fmt: skip
    lists = [*there.rose, *there.fell, *there.stayed, *there.came, *there.left]
    assert len(lists) == len(set(lists)) == sum(there.counts.values())
    assert set(lists) == {c for c in {*before, *now} if before.get(c) or now.get(c)}
    assert moved(now, now, order=GRADES).rose == ()


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"by": "turnover"}, BadFigure, "amount, margin or profit, not 'turnover'"),
        ({"window_days": 0}, BadHorizon, "window_days must be 1 or more, not 0"),
        ({"served": {"Z": 5}}, BadFigure, "the log knows no customer 'Z'"),
        ({"served": {"A": -5}}, BadFigure, r"served\['A'\]: -5 is negative"),
        ({"as_of": date(2020, 1, 1)}, BadDay, "before the first purchase"),
    ],
)
def test_what_bad_input_gets(purchases: insight.Purchases, arguments: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        grade_base(purchases, **{"as_of": date(2026, 3, 31), **arguments})


def test_a_log_without_costs_has_no_margin() -> None:
    with pytest.raises(BadFigure, match="by: the log tells no cost"):
        grade_base(log(("A", "2026-01-01", 1.0)), as_of=date(2026, 3, 31), by="margin")


def test_a_grade_that_is_not_in_the_order_and_a_period_that_is_none(purchases: insight.Purchases) -> None:
    with pytest.raises(BadFigure, match="now: 'tin' is not in the order"):
        moved({"A": "gold"}, {"A": "tin"}, order=GRADES)
    with pytest.raises(BadFigure, match="period: a period is a month or a quarter, not 'week'"):
        insight.cohorts(purchases, as_of=date(2026, 3, 31), period="week")  # type: ignore[arg-type]
