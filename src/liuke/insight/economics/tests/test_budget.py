"""Acquisition against retention under a budget (EC05, EC12 with margins instead of averages)."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.insight import economics as ec
from liuke.insight.errors import BadFigure

WIN = ec.Pool("win", 10_000, 400.0, ec.ResponseCurve.through(spend=5, share=0.05, ceiling=0.20))
KEEP = ec.Pool("keep", 2_000, 900.0, ec.ResponseCurve.through(spend=15, share=0.75, ceiling=0.90, base=0.60))

curves = st.builds(
    lambda ends, speed: ec.ResponseCurve(ceiling=max(ends), base=min(ends), speed=speed),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
    st.floats(1e-4, 1.0),
)
pools = st.lists(st.tuples(st.floats(1, 1e5), st.floats(0, 1e4), curves), min_size=1, max_size=4).map(
    lambda found: [ec.Pool(f"P{i}", *each) for i, each in enumerate(found)]
)


def gain(pools: list[ec.Pool], each: list[float]) -> float:
    return sum(
        pool.customers * (pool.value * (pool.curve.share(spend) - pool.curve.base) - spend)
        for pool, spend in zip(pools, each, strict=True)
    )


def test_a_curve_through_a_known_point() -> None:
    curve = ec.ResponseCurve.through(spend=20, share=0.05, ceiling=0.20)
    assert curve.share(20) == pytest.approx(0.05)
    assert curve.share(0) == 0
    assert curve.share(1e9) == pytest.approx(0.20)
    assert curve.slope(20) == pytest.approx((curve.share(20 + 1e-6) - curve.share(20)) / 1e-6, rel=1e-4)


def test_the_last_unit_of_money_brings_the_same_in_both() -> None:
    split = ec.divide_budget([WIN, KEEP], 100_000)
    win, keep = split.shares
    assert split.spent == pytest.approx(100_000)
    assert split.left == 0
    assert win.marginal == pytest.approx(keep.marginal) == pytest.approx(split.worth_more)
    # the ratio of marginal costs is that of the values, whatever averages say
    assert win.marginal_cost is not None
    assert keep.marginal_cost is not None
    assert win.marginal_cost / keep.marginal_cost == pytest.approx(WIN.value / KEEP.value)
    assert win.average_cost is not None
    assert win.average_cost < win.marginal_cost
    assert "One more unit of budget would bring" in split.explain()


def test_money_that_would_bring_less_than_itself_is_left() -> None:
    free = ec.divide_budget([WIN, KEEP])
    assert all(share.marginal == pytest.approx(1) for share in free.shares)
    rich = ec.divide_budget([WIN, KEEP], 10 * free.spent)
    assert rich.spent == pytest.approx(free.spent)
    assert rich.left == pytest.approx(9 * free.spent)
    assert "is left" in rich.explain()


def test_nothing_is_spent_where_nothing_comes_of_it() -> None:
    flat = ec.Pool("flat", 100, 1_000, ec.ResponseCurve(ceiling=0.5, base=0.5, speed=1))
    poor = ec.Pool("poor", 100, 1, ec.ResponseCurve(ceiling=0.5, speed=0.1))
    split = ec.divide_budget([flat, poor], 1_000)
    assert (split.spent, split.left, split.gain) == (0, 1_000, 0)
    assert [share.average_cost for share in split.shares] == [None, None]
    assert ec.divide_budget([WIN], 0).spent == 0


@given(pools=pools, budget=st.floats(0, 1e6), seed=st.integers(0, 1_000))
def test_no_other_split_gains_more(pools: list[ec.Pool], budget: float, seed: int) -> None:
    split = ec.divide_budget(pools, budget)
    assert split.spent <= budget * (1 + 1e-9)
    assert split.gain >= -1e-6
    assert split.gain == pytest.approx(
        gain(pools, [share.each for share in split.shares]), rel=1e-6, abs=1e-3
    )
    rng = np.random.default_rng(seed)
    for part in itertools.chain(np.eye(len(pools)), rng.dirichlet(np.ones(len(pools)), 10)):
        for used in (1.0, rng.random()):
            each = [used * budget * share / pool.customers for share, pool in zip(part, pools, strict=True)]
            assert gain(pools, each) <= split.gain + 1e-6 * (1 + abs(split.gain))


@given(pools=pools, budget=st.floats(0, 1e6), more=st.floats(0, 1e6))
def test_more_budget_never_gains_less_and_order_is_of_no_account(
    pools: list[ec.Pool], budget: float, more: float
) -> None:
    small, large = ec.divide_budget(pools, budget), ec.divide_budget(pools, budget + more)
    assert large.gain >= small.gain - 1e-6 * (1 + small.gain)
    turned = ec.divide_budget(pools[::-1], budget)
    assert turned.gain == pytest.approx(small.gain, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: ec.divide_budget([]), "one pool or more"),
        (lambda: ec.divide_budget([WIN, WIN]), "each of a name of its own"),
        (lambda: ec.divide_budget([WIN], -1), "budget: -1 is negative"),
        (lambda: ec.Pool("win", -1, 1, WIN.curve), "customers of win: -1 is negative"),
        (lambda: ec.ResponseCurve(ceiling=0.2, base=0.3, speed=1), "base: 0.3 is above 0.2"),
        (lambda: ec.ResponseCurve(ceiling=1.2, speed=1), "ceiling: 1.2 is above 1"),
        (lambda: ec.ResponseCurve.through(spend=20, share=0.2, ceiling=0.2), "share: 0.2 must lie below the ceiling"),
        (lambda: ec.ResponseCurve.through(spend=20, share=0.1, base=0.1, ceiling=0.2), "share: 0.1 must be above 0.1"),
        (lambda: ec.ResponseCurve.through(spend=0, share=0.1, ceiling=0.2), "spend: 0 must be above 0"),
    ],
)  # fmt: skip
def test_what_bad_input_gets(wrong: object, message: str) -> None:
    with pytest.raises(BadFigure, match=message):
        wrong()  # type: ignore[operator]
