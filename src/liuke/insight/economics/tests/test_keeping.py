from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.insight import economics as ec
from liuke.insight.errors import BadFigure, BadHorizon

CAR_OWNER = {
    "years": 65 - 30,
    "cycle_years": 8,
    "profit_each": 3_000,
    "trade_in_each": 3_000,
    "visit_value": 800,
    "visits_a_year": 3.5,
}
money = st.floats(0, 1e9, allow_subnormal=False)
shares = st.floats(0, 1)


def test_ec01_the_car_owner() -> None:
    owner = ec.owner_value(**CAR_OWNER)
    assert owner.purchases == 5
    assert (owner.purchase_profit, owner.trade_in_profit, owner.service_value) == (15_000, 15_000, 98_000)
    assert owner.total == 128_000
    assert owner.per_year == pytest.approx(3_657.142857)
    assert owner.present_value == pytest.approx(128_000)
    assert "128,000.00 in all, 3,657.14 a year" in owner.explain()
    assert "give the margin of service" in owner.explain()


def test_ec01_the_last_car_need_not_be_traded_in_and_service_may_be_counted_as_profit() -> None:
    owner = ec.owner_value(**CAR_OWNER, last_traded_in=False, service_margin=0.25)
    assert (owner.trade_ins, owner.trade_in_profit, owner.service_value) == (4, 12_000, 24_500)
    assert owner.total == 51_500
    assert "give the margin" not in owner.explain()


def test_ec01_discounting_brings_it_down_to_today() -> None:
    owner = ec.owner_value(**CAR_OWNER, discount_rate=0.10)
    cars = sum(3_000 / 1.1**year for year in (0, 8, 16, 24, 32))
    trade_ins = sum(3_000 / 1.1**year for year in (8, 16, 24, 32, 35))
    service = sum(2_800 / 1.1 ** (year + 0.5) for year in range(35))
    assert owner.total == 128_000
    assert owner.present_value == pytest.approx(cars + trade_ins + service)


@pytest.mark.parametrize(("years", "cycle", "purchases"), [(30, 7.5, 4), (0.3, 0.1, 3), (8, 8, 1), (8.1, 8, 2), (1, 8, 1)])  # fmt: skip
def test_ec01_cycles_are_counted_in_decimals_as_written(years: float, cycle: float, purchases: int) -> None:
    assert ec.owner_value(years=years, cycle_years=cycle, profit_each=1).purchases == purchases


@pytest.mark.parametrize("wrong", [{"years": 0}, {"cycle_years": -8}])
def test_ec01_a_life_has_a_length(wrong: dict[str, float]) -> None:
    with pytest.raises(BadHorizon, match=next(iter(wrong))):
        ec.owner_value(**{**CAR_OWNER, **wrong})


def test_ec02_past_expected_and_total() -> None:
    found = ec.customer_value(
        past=10_000, yearly=1_000, years=3, retention=0.8, margin=0.4, discount_rate=0.1
    )
    assert found.past == 4_000
    assert found.expected == pytest.approx(400 * (0.8 / 1.1 + 0.64 / 1.21 + 0.512 / 1.331))
    assert found.total == pytest.approx(found.past + found.expected)
    assert found.formula == (
        "margin × past sales + margin × (yearly sales) × Σ over 3 years of retention^t / (1 + 0.1)^t"
    )


def test_ec02_add_ons_recommendations_and_insurance_raise_it_for_each_customer() -> None:
    plain = ec.customer_value(past=[0, 5], yearly=[100, 200], years=2)
    more = ec.customer_value(
        past=[0, 5], yearly=[100, 200], years=2, extras={"recommendations": [10, 0], "insurance": 20}
    )
    assert (more.expected - plain.expected).tolist() == [60, 40]
    assert "yearly sales + recommendations + insurance" in more.formula


def test_ec03_profit_of_keeping() -> None:
    assert (
        ec.profit_of_keeping(
            profit=3_000, friends=10, friend_value=100, rebuilding_cost=500, keeping_cost=800
        )
        == 3_700
    )
    per_customer = ec.profit_of_keeping(
        profit=[3_000, 100], friend_value=100, rebuilding_cost=500, keeping_cost=[800, 5_000]
    )
    assert per_customer.tolist() == [3_700, -3_400]


def test_ec04_loss_of_losing() -> None:
    assert ec.loss_of_losing(average_value=128_000, lost=3, friend_value=1_280) == 422_400


def test_ec05_a_new_customer_costs_five_times_as_much_by_report_and_by_own_figures() -> None:
    assert ec.cost_of_new(100) == ec.CostOfNew(expected=500, low=400, high=1_000)
    assert ec.cost_ratio(acquisition=60_000, won=100, retention=50_000, kept=500) == pytest.approx(6.0)


def test_ec06_five_per_cent_fewer_leavers_by_report() -> None:
    assert ec.churn_what_if(1_000_000) == {0.25: 1_250_000, 0.85: 1_850_000, 1.00: 2_000_000}


def test_ec06_retention_elasticity() -> None:
    assert ec.retention_elasticity(0.80, rate=0.10) == pytest.approx(1.1 / 0.3)
    assert ec.retention_effect(0.80, points=0.05, rate=0.10) == pytest.approx(0.275)
    assert ec.retention_effect(0.95, points=0.05, rate=0.10) == pytest.approx(10 / (0.95 / 0.15) - 1)


@given(retention=st.floats(0.05, 0.95), rate=st.floats(0.01, 1))
def test_ec06_the_elasticity_is_the_effect_of_a_small_step(retention: float, rate: float) -> None:
    step = 1e-6
    effect = ec.retention_effect(retention, points=retention * step, rate=rate)
    assert effect / step == pytest.approx(float(ec.retention_elasticity(retention, rate=rate)), rel=1e-3)


def test_ec07_fifteen_of_new_and_fifty_of_existing() -> None:
    assert ec.expected_wins(new=100, existing=100) == ec.Wins(new=15, existing=50)
    assert ec.expected_wins(new=100_000, existing=40_000).total == 35_000


def test_ec07_the_own_rate_beside_the_reported_one() -> None:
    rate = ec.success_rate(9, 30, level=0.95)
    assert rate.share == pytest.approx(0.3)
    # Wilson's interval for 9 of 30 at 95 %
    assert (rate.low, rate.high) == pytest.approx((0.1666, 0.4788), abs=1e-4)
    assert rate.differs_from(0.15)
    assert not rate.differs_from(0.25)
    assert ec.success_rate(0, 5).low == 0.0
    assert ec.success_rate(5, 5).high == 1.0


def test_ec09_a_customer_lost_counts_twice() -> None:
    found = ec.competitor_swing(10_000)
    assert (found.own_loss, found.competitor_gain, found.swing) == (10_000, 10_000, 20_000)


def test_ec10_spending_divides_into_winning_and_keeping() -> None:
    assert ec.spending_mix(acquisition=30, retention=10) == ec.SpendingMix(0.75, 0.25)
    assert ec.spending_mix(acquisition=0, retention=0) == ec.SpendingMix(0.0, 0.0)


def test_ec11_sales_less_four_costs() -> None:
    costs = {"pre-sale": 5, "manufacture": 60, "transport": 5, "after-sale": 10}
    assert ec.contribution(100, costs=costs).net == 20


def test_ec12_cost_per_win() -> None:
    found = ec.compare_costs_per_win()
    assert (found.new, found.existing, found.times) == pytest.approx((33.333, 2.0, 16.667), abs=1e-3)
    assert ec.cost_per_win([5, 1], [0.15, 0.5]).tolist() == pytest.approx([33.333, 2.0], abs=1e-3)


def test_cl05_service_may_cost_more_than_a_customer_earns() -> None:
    found = ec.contribution(10_000, margin=0.30, costs={"service": 3_500})
    assert found.net == -500
    assert found.loses


def test_cl05_cost_to_serve_from_what_was_done() -> None:
    costs = ec.cost_to_serve(
        {"visits": [4, 0], "hours": [2.5, 1], "gifts": [300, 0]}, {"visits": 200, "hours": 80, "gifts": 1}
    )
    found = ec.contribution([5_000, 100], margin=0.2, costs=costs)
    assert found.cost.tolist() == [1_300, 80]
    assert found.table(["A", "B"]).to_pylist() == [
        {"customer": "A", "sales": 5_000, "gross": 1_000, "visits": 800, "hours": 200, "gifts": 300, "cost": 1_300, "net": -300, "loses": True},
        {"customer": "B", "sales": 100, "gross": 20, "visits": 0, "hours": 80, "gifts": 0, "cost": 80, "net": -60, "loses": True},
    ]  # fmt: skip


def test_cl05_one_margin_and_no_cost_stand_for_all() -> None:
    found = ec.contribution([100, 200], margin=0.5, costs={})
    assert found.net.tolist() == [50, 100]
    assert found.table(["A", "B"]).num_rows == 2


def test_money_to_come_is_worth_less_today() -> None:
    assert ec.discount_factors([0, 1, 2], rate=0.10).tolist() == pytest.approx([1, 1 / 1.1, 1 / 1.21])
    assert ec.present_value([-100, 60, 60], periods=[0, 1, 2], rate=0.10) == pytest.approx(4.132, abs=1e-3)
    assert (1 + ec.rate_per(0.10, periods_a_year=12)) ** 12 == pytest.approx(1.10)


@given(retention=st.floats(0, 0.99), rate=st.floats(0, 0.5), years=st.integers(1, 60))
def test_a_constant_retention_is_a_sum(retention: float, rate: float, years: int) -> None:
    found = ec.retention_value(100, retention=retention, rate=rate, periods=years)
    by_hand = sum(100 * (retention / (1 + rate)) ** t for t in range(1, years + 1))
    assert float(found) == pytest.approx(by_hand, rel=1e-9, abs=1e-9)
    with_now = ec.retention_value(100, retention=retention, rate=rate, periods=years, first_now=True)
    assert float(with_now) == pytest.approx(by_hand + 100)
    ever = float(ec.retention_value(100, retention=retention, rate=rate))
    assert by_hand <= ever * (1 + 1e-9)
    part = float(ec.retention_value(100, retention=retention, rate=rate, periods=years + 0.5))
    assert by_hand - 1e-9 <= part <= by_hand + 100


def test_nobody_leaves_and_nothing_is_discounted() -> None:
    assert ec.retention_value(10, retention=1, periods=7) == 70
    with pytest.raises(BadHorizon, match="give periods"):
        ec.retention_value(10, retention=[0.5, 1])


@given(profit=money, cost=money, friend=money, more=money)
def test_keeping_pays_more_the_more_a_customer_brings_and_the_less_he_costs(
    profit: float, cost: float, friend: float, more: float
) -> None:
    now = ec.profit_of_keeping(profit=profit, keeping_cost=cost, friend_value=friend)
    assert ec.profit_of_keeping(profit=profit + more, keeping_cost=cost, friend_value=friend) >= now
    assert ec.profit_of_keeping(profit=profit, keeping_cost=cost + more, friend_value=friend) <= now


@given(
    value=st.lists(st.tuples(money, shares), min_size=1, max_size=20),
    unit=st.sampled_from([0.01, 7.0, 100.0]),
)
def test_the_unit_of_money_changes_nothing_else(value: list[tuple[float, float]], unit: float) -> None:
    sales, margin = map(np.array, zip(*value, strict=True))
    one = ec.contribution(sales, margin=margin, costs={"visits": sales / 10})
    other = ec.contribution(sales * unit, margin=margin, costs={"visits": sales * unit / 10})
    assert other.net == pytest.approx(one.net * unit, rel=1e-9, abs=1e-6)


def test_exact_numbers_and_columns_of_any_kind_are_taken() -> None:
    for figure in (Decimal("128000"), Fraction(128_000), np.int64(128_000), "x"):
        if figure == "x":
            with pytest.raises(BadFigure, match="average_value: 'x' is not a number"):
                ec.loss_of_losing(average_value=figure, lost=3)
        else:
            assert ec.loss_of_losing(average_value=figure, lost=3) == 384_000
    for column in (
        [1, 2],
        (1, 2),
        np.array([1, 2]),
        pa.array([1, 2]),
        pa.chunked_array([[1], [2]]),
        [Decimal(1), Decimal(2)],
    ):
        assert ec.competitor_swing(column).swing.tolist() == [2, 4]


BAD = {
    "a negative count": (lambda: ec.loss_of_losing(average_value=1, lost=-3), "lost: -3 is negative"),
    "no number": (lambda: ec.profit_of_keeping(profit=[1, None], keeping_cost=1), r"profit, row 1 .*None is not a number"),
    "a truth value": (lambda: ec.competitor_swing(True), "value: .*True is not a number"),
    "nothing": (lambda: ec.competitor_swing(None), "value: .*None is not a number"),
    "NaN": (lambda: ec.contribution([1, 2, float("nan")], costs={}), r"sales, row 2 .*nan is not a finite number"),
    "infinite": (lambda: ec.churn_what_if(float("inf")), "profit: inf is not a finite number"),
    "more than there is": (lambda: ec.loss_of_losing(average_value=1e300, lost=3), "average_value: 1e\\+300 is larger than any"),
    "next to nothing to divide by": (lambda: ec.cost_per_win(5, 5e-324), "chance: .* is smaller than any"),
    "a period of ages": (lambda: ec.rate_per(0.1, periods_a_year=1e-9), "periods_a_year: 1e-09 is below 0.01"),
    "a chance over 1": (lambda: ec.expected_wins(new=1, existing=1, chance_new=15), "chance_new: 15 is above 1"),
    "no chance": (lambda: ec.cost_per_win(5, 0), "chance: 0 must be above 0"),
    "nobody won": (lambda: ec.cost_ratio(acquisition=1, won=0, retention=1, kept=1), "won: 0 must be above 0"),
    "more wins than pitches": (lambda: ec.success_rate(6, 5), "wins: 6 is above 5"),
    "half a win": (lambda: ec.success_rate(0.5, 5), "wins: 0.5 is not a whole number"),
    "no level": (lambda: ec.success_rate(1, 5, level=1), "level: 1 must lie between"),
    "columns of two lengths": (lambda: ec.cost_per_win([1, 2, 3], [0.5, 0.5]), "cost has 3, chance has 2"),
    "a column where one is needed": (lambda: ec.cost_of_new([100, 200]), "keeping_cost: one number is needed"),
    "a table": (lambda: ec.competitor_swing([[1, 2]]), r"the shape is \(1, 2\)"),
    "ragged": (lambda: ec.competitor_swing([[1], [2, 3]]), "rows of one length"),
    "a ratio outside its range": (lambda: ec.cost_of_new(100, ratio=3), "ratio: 3 is below 4"),
    "retention over 100 %": (lambda: ec.retention_effect(0.98, points=0.05), r"retention \+ points: 1.03 is above 1"),
    "no elasticity": (lambda: ec.retention_elasticity(1.0, rate=0), "retention: 1 has no elasticity"),
    "an unpriced activity": (lambda: ec.cost_to_serve({"calls": 3}, {}), "no unit cost for calls"),
    "a cost without a name": (lambda: ec.contribution(1, costs=[1]), "costs: a mapping"),  # type: ignore[arg-type]
    "a cost named as a column": (lambda: ec.contribution(1, costs={"net": 1}), "'net' names another column"),
    "a bad cost": (lambda: ec.contribution([1, 2], costs={"visits": [1, -2]}), r"costs\['visits'\], row 1 .*-2 is negative"),
    "no period": (lambda: ec.customer_value(past=0, yearly=1, years=0), "periods must be above 0"),
    "a life of millions of purchases": (lambda: ec.owner_value(years=1e9, cycle_years=0.1, profit_each=1), "purchases in a life"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_bad_input_gets(case: str) -> None:
    action, message = BAD[case]
    with pytest.raises((BadFigure, BadHorizon), match=message):
        action()
