from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.insight import economics as ec
from liuke.insight.errors import BadFigure, HeldAtEdge

shares = st.floats(0, 1)
ratios = st.floats(0, 3)
markets = st.builds(ec.MarketShare, shares, shares, ratios, ratios)


def test_ec08_four_factors_make_the_share() -> None:
    found = ec.market_share(penetration=0.5, loyalty=0.6, selectivity=0.8, price_selectivity=1.1)
    assert found.share == pytest.approx(0.264)


def test_ec08_only_penetration_and_loyalty_end_at_one() -> None:
    with pytest.warns(HeldAtEdge, match=r"penetration 1.2 is held at 1"):
        found = ec.market_share(penetration=1.2, loyalty=0.5, selectivity=1.5, price_selectivity=1.0)
    assert found.share == 0.75


def test_ec08_more_than_the_market_is_told() -> None:
    with pytest.warns(HeldAtEdge, match=r"a market share of 150.0 %"):
        ec.market_share(penetration=1, loyalty=1, selectivity=1.5, price_selectivity=1)


def test_ec08_what_changed_the_share() -> None:
    before = ec.MarketShare(0.5, 0.6, 0.8, 1.1)
    only_loyalty = ec.share_change(before, ec.MarketShare(0.5, 0.7, 0.8, 1.1))
    assert only_loyalty == pytest.approx(
        {"penetration": 0, "loyalty": 0.044, "selectivity": 0, "price_selectivity": 0}
    )


@given(before=markets, now=markets)
def test_ec08_the_parts_sum_to_the_change_and_turn_round_with_time(
    before: ec.MarketShare, now: ec.MarketShare
) -> None:
    there, back = ec.share_change(before, now), ec.share_change(now, before)
    assert sum(there.values()) == pytest.approx(now.share - before.share, abs=1e-9)
    assert there == pytest.approx({name: -part for name, part in back.items()}, abs=1e-9)


def test_dl01_the_dealer_formula_and_its_what_if() -> None:
    now = ec.dealer_sales(existing=20, new=5, average=40)
    assert (now.dealers, now.sales) == (25, 1_000)
    more = ec.dealer_sales(existing=20, new=8, average=40)
    assert more.sales == 1_120
    assert ec.dealer_change(now, more) == ec.DealerChange(sales=120, by_number=120, by_average=0)


@given(*(st.floats(0, 1e4) for _ in range(4)))
def test_dl01_more_and_better_dealers_make_the_whole_change(
    first: float, second: float, average: float, later: float
) -> None:
    before, now = (
        ec.dealer_sales(existing=first, average=average),
        ec.dealer_sales(existing=second, average=later),
    )
    change = ec.dealer_change(before, now)
    assert change.by_number + change.by_average == pytest.approx(change.sales, rel=1e-9, abs=1e-3)


@pytest.mark.parametrize("name", ["penetration", "loyalty", "selectivity", "price_selectivity"])
def test_no_factor_is_negative(name: str) -> None:
    factors = dict.fromkeys(("penetration", "loyalty", "selectivity", "price_selectivity"), 0.5)
    with pytest.raises(BadFigure, match=f"{name}: -0.1 is negative"):
        ec.market_share(**{**factors, name: -0.1})


def test_no_dealer_is_negative() -> None:
    with pytest.raises(BadFigure, match="new: -5 is negative"):
        ec.dealer_sales(existing=20, new=-5, average=40)
