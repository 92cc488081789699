from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.insight.judgement.drivers import Drivers
from liuke.insight.judgement.reasons import Habits, reasons


def habits(**change: Any) -> Habits:
    """One quiet customer on his rhythm, but for what is changed."""
    usual: dict[str, Any] = {
        "purchases": 8.0, "waited": 12.0, "usual": 30.0, "percentile": 20.0, "last_gap": 30.0, "basket_before": 100.0,
        "basket_recent": 100.0, "breadth_before": 10.0, "breadth_recent": 10.0, "returned_share": 0.0,
        "returned_amount": 0.0, "won_back": False, "due": False, "risky": False,
    }  # fmt: skip
    columns = {name: np.array([value]) for name, value in {**usual, **change}.items()}
    return Habits(**columns, returned_days=180)


def told(**change: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(reasons(habits(**change))[0].as_py())
    return found


@pytest.mark.parametrize(
    ("change", "first"),
    [
        ({}, {"code": "on_rhythm", "days": 12, "usual": 30}),
        (
            {"waited": 84.0, "usual": 31.0, "percentile": 98.4, "risky": True},
            {"code": "gap", "days": 84, "usual": 31, "percentile": 98},
        ),
        (
            {"purchases": 2.0, "last_gap": 116.0, "waited": 235.0, "usual": 53.0, "percentile": 98.4, "risky": True},
            {"code": "gap_once", "days": 235, "gap": 116},
        ),
        ({"purchases": 2.0, "last_gap": 116.0}, {"code": "rhythm_once", "days": 12, "gap": 116}),
        ({"purchases": 2.0, "last_gap": 12.0, "due": True}, {"code": "due_once", "days": 12, "gap": 12}),
        ({"purchases": 1.0, "waited": 200.0, "percentile": 90.0, "risky": True}, {"code": "bought_once", "days": 200}),
        ({"purchases": 1.0, "waited": 20.0}, {"code": "new", "days": 20}),
        ({"basket_recent": 40.0, "risky": True}, {"code": "basket_fell", "from": 100, "to": 40}),
        ({"breadth_recent": 5.0, "risky": True}, {"code": "breadth_fell", "from": 10, "to": 5}),
        (
            {"returned_share": 0.4, "returned_amount": 80.0, "risky": True},
            {"code": "returns", "share": 0.4, "amount": 80, "days": 180},
        ),
        (
            {"discount_before": 0.05, "discount_lately": 0.3, "risky": True},
            {"code": "discount_rose", "from": 0.05, "to": 0.3},
        ),
        ({"risky": True, "purchases": 2.0}, {"code": "seldom", "purchases": 2, "days": 12}),
        ({"risky": True, "due": True, "purchases": 3.0}, {"code": "seldom", "purchases": 3, "days": 12}),
        ({"due": True}, {"code": "due", "days": 12, "usual": 30}),
        ({"won_back": True, "last_gap": 400.0}, {"code": "won_back", "gap": 400}),
        ({"basket_recent": 200.0}, {"code": "basket_rose", "from": 100, "to": 200}),
        ({"breadth_recent": 25.0}, {"code": "breadth_rose", "from": 10, "to": 25}),
    ],
)  # fmt: skip
def test_the_reason_that_stands_first(change: dict[str, Any], first: dict[str, Any]) -> None:
    assert told(**change)[0] == first


def test_what_weighs_more_stands_first() -> None:
    late = {"waited": 84.0, "usual": 31.0, "percentile": 98.0, "risky": True}
    assert [reason["code"] for reason in told(**late, basket_recent=70.0)] == ["gap", "basket_fell"]
    assert [reason["code"] for reason in told(**late, basket_recent=15.0)] == ["basket_fell", "gap"]


def test_against_a_risky_customer_good_news_stands_behind() -> None:
    found = [
        reason["code"]
        for reason in told(waited=84.0, usual=31.0, percentile=98.0, basket_recent=180.0, risky=True)
    ]
    assert found == ["gap", "basket_rose"]


def test_a_trend_needs_purchases_to_show() -> None:
    assert [reason["code"] for reason in told(purchases=4.0, basket_recent=10.0)] == ["on_rhythm"]


def test_a_small_change_does_not_turn_reasons_round() -> None:
    late = {"waited": 84.0, "usual": 31.0, "percentile": 98.0, "basket_recent": 60.0, "risky": True}
    codes = [reason["code"] for reason in told(**late)]
    assert [reason["code"] for reason in told(**{**late, "waited": 85.0, "basket_recent": 61.0})] == codes


def test_nobody_is_without_a_reason() -> None:
    nothing = dict.fromkeys(
        ("basket_before", "basket_recent", "breadth_before", "breadth_recent", "last_gap"), np.nan
    )
    for change in (
        {},
        {"percentile": 80.0, "waited": 20.0},
        {"purchases": 1.0, "waited": 61.0},
        {"purchases": 2.0},
    ):
        assert told(**{**nothing, **change})


def test_many_customers_at_once() -> None:
    one = habits()
    columns = {
        name: np.repeat(getattr(one, name), 3)
        for name in Habits.__dataclass_fields__
        if name not in {"returned_days", "drivers", "discount_before", "discount_lately", "events"}
    }
    many = replace(
        one, **{**columns, "waited": np.array([5.0, 90.0, 12.0]), "percentile": np.array([1.0, 99.0, 20.0])}
    )
    codes = [json.loads(text)[0]["code"] for text in reasons(many).to_pylist()]
    assert codes == ["on_rhythm", "gap", "on_rhythm"]


BASKET_TELLS = Drivers(late=0.15, basket=1.2)
LATENESS_TELLS = Drivers(late=1.2, basket=0.15)


@pytest.mark.parametrize(
    ("drivers", "order"),
    [(BASKET_TELLS, ["basket_fell", "gap"]), (LATENESS_TELLS, ["gap", "basket_fell"])],
)
def test_what_moves_the_risk_more_in_this_business_stands_first(drivers: Drivers, order: list[str]) -> None:
    one = replace(
        habits(waited=60.0, usual=30.0, percentile=95.0, basket_recent=50.0, risky=True), drivers=drivers
    )
    assert [reason["code"] for reason in json.loads(reasons(one)[0].as_py())] == order


@given(
    waited=st.floats(35, 300),
    basket=st.floats(10, 70),
    breadth=st.floats(1, 7),
    nudge=st.lists(st.floats(-0.01, 0.01), min_size=3, max_size=3),
    late=st.floats(0.15, 2),
    falls=st.floats(0.15, 2),
)
def test_a_hundredth_more_or_less_turns_round_only_what_weighs_the_same(
    waited: float, basket: float, breadth: float, nudge: list[float], late: float, falls: float
) -> None:
    drivers = Drivers(late=late, basket=falls, breadth=falls)

    def codes(shares: list[float]) -> list[str]:
        one = habits(
            waited=waited * (1 + shares[0]),
            percentile=95.0,
            basket_recent=basket * (1 + shares[1]),
            breadth_recent=breadth * (1 + shares[2]),
            risky=True,
        )
        found = json.loads(reasons(replace(one, drivers=drivers))[0].as_py())
        return [reason["code"] for reason in found]

    tells = drivers.relative()
    weight = {
        "gap": 0.2 + tells.late * np.log(waited / 30),
        "basket_fell": tells.basket * np.log(100 / basket),
        "breadth_fell": tells.breadth * np.log(10 / breadth),
    }
    before, after = codes([0.0, 0.0, 0.0]), codes(nudge)
    assert set(before) == set(after) == set(weight)
    for one, other in zip(before, after, strict=True):
        # a hundredth of each of two figures moves their weights by no more than that, times what they tell
        assert abs(weight[one] - weight[other]) <= 0.0203 * max(tells.late, tells.basket)


def with_event(slope: float, *, count: float = 2.0, ago: float = 12.0, risky: bool = True) -> list[str]:
    """The codes of a customer of whom an event of a kind is told that the log has shown to mean so much."""
    kind = 'late "payment"'
    one = replace(
        habits(waited=84.0, usual=31.0, percentile=98.0, risky=risky),
        drivers=Drivers(events={kind: slope} if slope else {}),
        events={kind: (np.array([count]), np.array([ago]))},
    )
    found = json.loads(reasons(one)[0].as_py())
    assert all(
        each == {"code": "event", "kind": kind, "count": 2, "days": 12} for each in found if "kind" in each
    )
    return [each["code"] for each in found]


def test_an_event_stands_where_the_log_has_shown_it_to_lead() -> None:
    assert with_event(2.0) == ["event", "gap"]  # worse than his lateness
    assert with_event(0.3) == ["gap", "event"]
    assert with_event(-2.0) == ["gap", "event"]  # good news is no reason for a risk
    assert with_event(-2.0, risky=False) == ["event", "gap"]


def test_what_was_not_or_tells_nothing_is_not_named() -> None:
    assert with_event(2.0, count=np.nan, ago=np.nan) == ["gap"]
    assert with_event(0.0) == ["gap"]
