from __future__ import annotations

import itertools
from collections import Counter
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke import insight
from liuke.insight.errors import BadFigure
from liuke.insight.grading import abc, concentration, cuts_of, grade, movement, rfm, shares
from liuke.insight.tests.logs import log

ORDER = ("platinum", "gold", "iron", "lead")


def counted(grades: np.ndarray) -> tuple[int, ...]:
    counts = Counter(grades.tolist())
    return tuple(counts[name] for name in ORDER)


@pytest.mark.parametrize(
    ("customers", "sizes"),
    [
        (100, (1, 4, 15, 80)),
        (1000, (10, 40, 150, 800)),
        (250, (3, 10, 37, 200)),
        (40, (1, 1, 6, 32)),
        (1, (1, 0, 0, 0)),
        (0, (0, 0, 0, 0)),
    ],
)
def test_cl01_the_pyramid(customers: int, sizes: tuple[int, ...]) -> None:
    assert counted(grade(np.random.default_rng(1).permutation(customers).astype(float))) == sizes


def test_cl01_ties_go_to_the_later_order_then_to_the_lower_number() -> None:
    grades = grade([5.0] * 4, (0.25,), last_on=[date(2026, 1, 1), date(2026, 3, 1), date(2026, 3, 1), date(2026, 2, 1)],
                   number=["K4", "K3", "K2", "K1"], names=("best", "rest"))  # fmt: skip
    assert grades.tolist() == ["rest", "rest", "best", "rest"]


def test_cl02_other_percentages() -> None:
    assert counted(grade(np.arange(100.0), cuts_of((5, 10, 25, 60)))) == (5, 10, 25, 60)


@pytest.mark.parametrize("percentages", [(1, 4, 15, 79), (1, 4, 15, 81), (0, 5, 15, 80), (-1, 6, 15, 80)])
def test_cl02_percentages_must_make_a_hundred(percentages: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="make 100"):
        cuts_of(percentages)


def test_cl02_a_customer_without_business_has_no_grade_and_does_not_count() -> None:
    grades = grade([*np.arange(100.0), None, None])
    assert grades[-2:].tolist() == [None, None]
    assert counted(grades) == (1, 4, 15, 80)


@pytest.mark.parametrize("cuts", [(0.05, 0.01, 0.2), (0.0, 0.05, 0.2), (0.01, 0.05, 1.2)])
def test_cuts_grow(cuts: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="cuts"):
        grade([1.0], cuts)


def test_a_value_that_is_no_number_is_refused() -> None:
    with pytest.raises(BadFigure, match=r"values, row 1 .*nan is not a finite number"):
        grade([1.0, float("nan")])


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=60))
def test_a_better_grade_never_has_less(values: list[float]) -> None:
    grades = grade(values)
    by_grade = [
        [value for value, name in zip(values, grades, strict=True) if name == wanted] for wanted in ORDER
    ]
    for better, worse in itertools.pairwise([group for group in by_grade if group]):
        assert min(better) >= max(worse)


def test_cl04_shares_of_sales_divide_the_budget() -> None:
    assert shares([600, 300, 100]).tolist() == [0.6, 0.3, 0.1]
    assert shares([600, 300, 100], budget=50_000).tolist() == [30_000, 15_000, 5_000]
    assert shares([0, 0]).tolist() == [0, 0]
    assert shares([10, -5]).tolist() == [1, 0]


def test_rfm_scores_each_on_its_own() -> None:
    assert rfm([1, 100], [1, 9], [50, 500]).tolist() == ["422", "244"]
    assert set(rfm(range(10), [1] * 10, range(10)).tolist()) == {
        f"{5 - n // 2}3{n // 2 + 1}" for n in range(10)
    }


def test_abc_by_share_of_sales() -> None:
    assert abc([800, 150, 50, 0]).tolist() == ["A", "B", "C", "C"]
    assert abc([0, 0]).tolist() == ["C", "C"]


def test_concentration_of_a_known_distribution() -> None:
    found = concentration([1, 1, 1, 1])
    assert (found.gini, found.top[0.20]) == pytest.approx((0.0, 0.25))
    one = concentration([0, 0, 0, 100])
    assert (one.gini, one.top[0.01]) == pytest.approx((0.75, 1.0))
    assert concentration([0, -3]).gini == 0


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=80))
def test_the_lorenz_curve_never_falls_and_bends_one_way(values: list[float]) -> None:
    found = concentration(values)
    assert 0 <= found.gini <= 1
    assert (np.diff(found.sales) >= -1e-9).all()
    assert (found.sales <= found.customers + 1e-9).all()


def test_movement_counts_from_to() -> None:
    then = {"A": "gold", "B": "iron", "C": "lead"}
    now = {"A": "iron", "B": "iron", "D": "gold"}
    assert movement(then, now) == {
        ("gold", "iron"): 1,
        ("iron", "iron"): 1,
        ("lead", None): 1,
        (None, "gold"): 1,
    }


def test_cohorts_keep_who_comes_back() -> None:
    purchases = log(
        ("A", "2026-01-03", 1.0), ("A", "2026-02-03", 1.0), ("A", "2026-02-04", 1.0), ("B", "2026-01-30", 1.0), ("B", "2026-03-05", 1.0),
        ("C", "2026-02-10", 1.0), ("C", "2026-03-31", -1.0),
    )  # fmt: skip
    found = insight.cohorts(purchases, as_of=date(2026, 3, 31))
    assert [(cohort.start_on, cohort.active, cohort.whole) for cohort in found] == [
        (date(2026, 1, 1), (2, 1, 1), True),
        (date(2026, 2, 1), (1, 0), True),
    ]
    assert found[0].retention == (1.0, 0.5, 0.5)
    quarter = insight.cohorts(purchases, as_of=date(2026, 3, 30), period="quarter")
    assert [(cohort.active, cohort.whole) for cohort in quarter] == [((3,), False)]
