from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.insight import experiments as ex
from liuke.insight.errors import BadTable


def ranked(seed: int, customers: int = 500, signal: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """(score, gains): gains are 2 · signal · r on average, the score is r; noise of scores with heavy tails."""
    generator = np.random.default_rng(seed)
    r = generator.random(customers)
    return r, 2 * signal * r + generator.standard_t(4, customers) * 3


def test_a_worked_example() -> None:
    """Four customers, gains 4 0 2 -2 in the order of the score: G = 0, 1, 1, 1.5, 1; area by trapezes 1; straight ½."""
    found = ex.qini([9.0, 7.0, 5.0, 3.0], [4.0, 0.0, 2.0, -2.0], points=5)
    assert found.gain.tolist() == pytest.approx([0.0, 1.0, 1.0, 1.5, 1.0])
    assert (found.average, found.auuc, found.qini) == pytest.approx((1.0, 1.0, 0.5))


def test_the_area_is_that_under_the_curve() -> None:
    score, gains = ranked(1)
    found = ex.qini(score, gains, points=2001)
    assert found.auuc == pytest.approx(np.trapezoid(found.gain, found.depth), abs=1e-3)
    assert found.qini == pytest.approx(found.auuc - found.average / 2)
    assert found.gain[-1] == pytest.approx(gains.mean())


def test_intervals_hold_as_often_as_they_say() -> None:
    """Truth: E[2 r (1/2 - rank from the top)] = E[2 r (r - 1/2)] = 1/6; at half depth E[2 r · 1{r > 1/2}] = 3/4."""
    area = half = 0
    for seed in range(1_000):
        found = ex.qini(*ranked(seed), points=3)
        area += found.low <= 1 / 6 <= found.high
        half += found.gain_low[1] <= 0.75 <= found.gain_high[1]
    assert area / 1_000 == pytest.approx(0.95, abs=0.02)
    assert half / 1_000 == pytest.approx(0.95, abs=0.02)


def test_intervals_along_the_curve_are_no_wider_than_needed_either() -> None:
    """With gains that rise steeply (20 r), who stands at the threshold matters: m. At half depth the truth is 7.5."""
    half = 0
    for seed in range(1_000):
        found = ex.qini(*ranked(seed, signal=10.0), points=3)
        half += found.gain_low[1] <= 7.5 <= found.gain_high[1]
    assert half / 1_000 == pytest.approx(0.95, abs=0.025)


def test_a_ranking_without_worth_is_seldom_held_for_one() -> None:
    found = 0
    for seed in range(1_000):
        score, gains = ranked(seed, signal=0.0)
        found += ex.qini(score, gains).p < 0.05
    assert found / 1_000 == pytest.approx(0.05, abs=0.02)


@given(st.integers(0, 10_000), st.integers(2, 60))
def test_only_the_order_of_scores_counts(seed: int, customers: int) -> None:
    score, gains = ranked(seed, customers)
    order = np.random.default_rng(seed).permutation(customers)
    first, second = ex.qini(score, gains), ex.qini(np.exp(3 * score[order]) - 7, gains[order])
    assert second.qini == pytest.approx(first.qini, abs=1e-9)
    assert second.standard_error == pytest.approx(first.standard_error)
    assert np.allclose(second.gain, first.gain)
    turned = ex.qini(-score, gains)
    assert turned.qini == pytest.approx(-first.qini, abs=1e-9)


@given(
    st.lists(
        st.tuples(st.integers(-3, 3), st.floats(-1e90, 1e90), st.integers(0, 2)), min_size=2, max_size=40
    )
)
def test_any_ranking_gives_finite_figures(rows: list[tuple[int, float, int]]) -> None:
    score, gains, groups = (np.array(column) for column in zip(*rows, strict=True))
    found = ex.qini(score, gains, groups=groups)
    for value in vars(found).values():
        assert np.isfinite(value).all()
    assert found.low <= found.qini <= found.high
    assert np.all(found.gain_low <= found.gain_high)


def test_equal_scores_are_no_ranking() -> None:
    found = ex.qini(np.zeros(100), np.arange(100.0))
    assert (found.qini, found.low, found.high) == pytest.approx((0, 0, 0), abs=1e-12)
    assert np.allclose(found.gain, found.depth * 49.5)


def test_groups_are_ranked_apart() -> None:
    """Scores of two folds come from two models: that one says more throughout must not rank its fold first."""
    score, gains = ranked(3, 1_000)
    groups = np.arange(1_000) % 2
    gains = gains - 5.0 * groups
    assert ex.qini(score + 100 * groups, gains, groups=groups).qini == pytest.approx(
        ex.qini(score, gains, groups=groups).qini
    )
    assert ex.qini(score + 100 * groups, gains).qini < ex.qini(score, gains, groups=groups).qini - 0.5


@pytest.mark.parametrize(
    ("score", "gains", "column", "row"),
    [
        ([1.0, np.nan], [1.0, 2.0], "score", 1),
        ([1.0, 2.0], [np.inf, 2.0], "gain", 0),
        ([1.0, 2.0, 3.0], [1.0, 2.0], None, None),
        ([1.0], [1.0], None, None),
        (["a", "b"], [1.0, 2.0], "score", None),
    ],
)
def test_bad_rankings_are_refused(score: list, gains: list, column: str | None, row: int | None) -> None:
    with pytest.raises(BadTable) as refused:
        ex.qini(score, gains)
    assert (refused.value.table, refused.value.column, refused.value.row) == ("ranking", column, row)
    with pytest.raises(BadTable, match="groups"):
        ex.qini([1.0, 2.0], [1.0, 2.0], groups=[1])
