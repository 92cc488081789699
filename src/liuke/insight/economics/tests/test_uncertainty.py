from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liuke.insight import economics as ec
from liuke.insight.economics import uncertainty
from liuke.insight.errors import BadFigure

values = st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1)), min_size=1, max_size=30)


def test_ec05_a_calculation_on_a_range_gets_a_band() -> None:
    """Keeping costs 100, a new customer 4 to 10 times that, most likely 5."""
    found = ec.outlook(lambda ratio, keep: ratio * keep, {"ratio": ec.Spread(4, 5, 10), "keep": 100})
    assert found.band.value == 500
    assert 400 < found.band.low < 500 < found.band.high < 1_000
    assert found.drivers == (uncertainty.Driver("ratio", 400, 1_000),)


def test_what_moves_the_result_most_stands_first() -> None:
    found = ec.outlook(
        lambda **figures: float(ec.profit_of_keeping(**figures)),
        {
            "profit": ec.Spread(2_000, 3_000, 4_000),
            "friend_value": ec.Spread(50, 100, 400),
            "rebuilding_cost": 500,
            "keeping_cost": ec.Spread(700, 800, 900),
        },
    )
    assert found.band.value == 3_700
    assert [driver.name for driver in found.drivers] == ["friend_value", "profit", "keeping_cost"]
    assert [driver.swing for driver in found.drivers] == [3_500, 2_000, 200]


@given(st.tuples(*(st.floats(-1e6, 1e6) for _ in range(3))).map(sorted))
def test_a_spread_stays_in_its_range_and_its_mean_is_known(ends: list[float]) -> None:
    spread = ec.Spread(*ends)
    drawn = spread.draw(4_000, np.random.default_rng(1))
    width = spread.high - spread.low
    assert spread.low - 1e-6 <= drawn.min()
    assert drawn.max() <= spread.high + 1e-6
    assert drawn.mean() == pytest.approx(
        (spread.low + 4 * spread.likely + spread.high) / 6, abs=0.02 * width + 1e-6
    )


def exact_band(worth: list[float], risk: list[float], level: float) -> tuple[float, float]:
    """By all outcomes of a few customers."""
    outcomes = []
    for gone in product((0, 1), repeat=len(worth)):
        chance = np.prod([p if g else 1 - p for g, p in zip(gone, risk, strict=True)])
        outcomes.append((float(np.dot(gone, worth)), float(chance)))
    outcomes.sort()
    reached = np.cumsum([chance for _, chance in outcomes])
    ends = [outcomes[int(np.searchsorted(reached, end))][0] for end in ((1 - level) / 2, (1 + level) / 2)]
    return ends[0], ends[1]


def test_money_at_risk_of_a_few_customers_is_the_exact_band() -> None:
    worth, risk = [100.0, 250.0, 1_000.0, 40.0, 333.0], [0.1, 0.5, 0.2, 0.9, 0.33]
    found = ec.money_at_risk(worth, risk, level=0.8, draws=20_000)
    assert found.each.tolist() == pytest.approx([10, 125, 200, 36, 109.89])
    assert found.band.value == pytest.approx(480.89)
    assert (found.band.low, found.band.high) == exact_band(worth, risk, 0.8)


def test_many_customers_follow_the_normal_law_of_their_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    worth, risk = rng.lognormal(4, 1, 6_000), rng.beta(1, 4, 6_000)
    bands = []
    for drawn_one_by_one in (10, 6_000):
        monkeypatch.setattr(uncertainty, "ONE_BY_ONE", drawn_one_by_one)
        bands.append(ec.money_at_risk(worth, risk).band)
    mixed, drawn = bands
    width = drawn.high - drawn.low
    assert (mixed.low, mixed.high) == pytest.approx((drawn.low, drawn.high), abs=0.06 * width)
    theory = 2 * 1.645 * np.sqrt((worth**2 * risk * (1 - risk)).sum())
    assert width == pytest.approx(theory, rel=0.06)


def test_an_error_common_to_all_does_not_even_out() -> None:
    worth, risk = np.full(5_000, 100.0), np.full(5_000, 0.2)
    alone, common = ec.money_at_risk(worth, risk).band, ec.money_at_risk(worth, risk, off_by=0.3).band
    assert common.high - common.low > 5 * (alone.high - alone.low)
    # odds .25 e^±(1.645 · .3)
    ends = [500_000 * odds / (1 + odds) for odds in (0.25 * np.exp(-0.4935), 0.25 * np.exp(0.4935))]
    assert (common.low, common.high) == pytest.approx(ends, rel=0.03)


def test_how_far_off_earlier_forecasts_were_is_learnt_beyond_chance() -> None:
    assert ec.off_by_of([200, 210], [200, 210], customers=[1_000, 1_000]) == 0.0
    # expected 200 of 1,000 and 250 came: .288 on the log-odds, of which chance makes .079
    assert ec.off_by_of([200], [250], customers=[1_000]) == pytest.approx(
        np.sqrt(0.2871**2 - 0.0790**2), abs=1e-3
    )
    assert ec.off_by_of([2], [3], customers=[10]) == 0.0  # so few that chance explains it
    assert np.isfinite(ec.off_by_of([0, 10], [10, 0], customers=[10, 10]))


@settings(max_examples=30)
@given(
    values=values,
    unit=st.sampled_from([0.01, 100.0]),
    off_by=st.sampled_from([0.0, 0.5, 20.0]),
    seed=st.integers(0, 99),
)
def test_money_at_risk_keeps_to_what_there_is(
    values: list[tuple[float, float]], unit: float, off_by: float, seed: int
) -> None:
    worth, risk = map(np.array, zip(*values, strict=True))
    found = ec.money_at_risk(worth, risk, off_by=off_by, draws=300, seed=seed)
    assert -1e-9 <= found.band.low <= found.band.high <= worth.sum() * (1 + 1e-9)
    order = np.random.default_rng(seed).permutation(len(worth))
    turned = ec.money_at_risk(worth[order], risk[order], off_by=off_by, draws=300, seed=seed).band
    assert (turned.low, turned.high) == pytest.approx((found.band.low, found.band.high), rel=1e-9, abs=1e-9)
    cents = ec.money_at_risk(worth * unit, risk, off_by=off_by, draws=300, seed=seed).band
    assert (cents.low, cents.high) == pytest.approx(
        (unit * found.band.low, unit * found.band.high), rel=1e-6, abs=1e-9
    )
    wider = ec.money_at_risk(worth, risk, off_by=off_by, draws=300, seed=seed, level=0.99).band
    assert wider.low <= found.band.low
    assert found.band.high <= wider.high


BAD: dict[str, tuple[Any, str]] = {
    "a chance over 1": (lambda: ec.money_at_risk([1, 2], [0.5, 50]), r"chances, row 1 .*50 is above 1"),
    "a missing chance": (lambda: ec.money_at_risk([1, 2], [0.5, None]), r"chances, row 1 .*None is not a number"),
    "negative money": (lambda: ec.money_at_risk([1, -2], [0.5, 0.5]), r"values, row 1 .*-2 is negative"),
    "other customers": (lambda: ec.money_at_risk([1, 2], [0.5]), "chances: 1 figures for 2 customers"),
    "a single figure": (lambda: ec.money_at_risk(1, [0.5]), "values: one figure for each customer"),
    "no draws": (lambda: ec.money_at_risk([1], [0.5], draws=0), "draws: 0 is below 1"),
    "half a draw": (lambda: ec.money_at_risk([1], [0.5], draws=10.5), "draws: 10.5 is not a whole number"),
    "more came than there were": (lambda: ec.off_by_of([1], [11], customers=[10]), "came, row 0 .*11 of 10 customers"),
    "no cut-off": (lambda: ec.off_by_of([], [], customers=[]), "one earlier cut-off or more"),
    "a spread that falls": (lambda: ec.Spread(4, 3, 10), "spread: 4, 3, 10 must not fall"),
    "nothing uncertain": (lambda: ec.outlook(lambda x: x, {"x": 1}), "no figure is a Spread"),
    "a result that is none": (lambda: ec.outlook(lambda x: float("nan"), {"x": ec.Spread(1, 2, 3)}), "the result of the formula"),
    "no level": (lambda: ec.outlook(lambda x: x, {"x": ec.Spread(1, 2, 3)}, level=90), "level: 90 is above 1"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_bad_input_gets(case: str) -> None:
    action, message = BAD[case]
    with pytest.raises(BadFigure, match=message):
        action()
