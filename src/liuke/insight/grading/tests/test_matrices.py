from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.insight.errors import BadFigure
from liuke.insight.grading import (
    ACTIONS,
    CHURN_POINTS,
    Matrix,
    matrix,
    now_future_matrix,
    profit_cost_matrix,
    relationships,
)

HIGH_HIGH_LOW_LOW, HIGH_LOW_HIGH_LOW = [100.0, 100.0, 10.0, 10.0], [50.0, 5.0, 50.0, 5.0]
NAMES = {"HH": "a", "HL": "b", "LH": "c", "LL": "d"}
pairs = st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=1, max_size=40)


def test_cl06_profit_against_service_cost() -> None:
    found = profit_cost_matrix(HIGH_HIGH_LOW_LOW, HIGH_LOW_HIGH_LOW)
    assert found.cell.tolist() == ["profitable", "most_profitable", "least_profitable", "profitable"]
    assert found.quadrant.tolist() == ["HH", "HL", "LH", "LL"]
    assert found.counts == {"HH": 1, "HL": 1, "LH": 1, "LL": 1}
    assert found.members("profitable").tolist() == [0, 3]
    assert found.members("LH").tolist() == [2]


def test_cl06_a_fixed_split_is_high_from_there_on() -> None:
    found = profit_cost_matrix([99, 100, 101], [5, 5, 4], splits=(100, 5))
    assert found.quadrant.tolist() == ["LH", "HH", "HL"]
    assert found.cuts == (100, 5)


def test_cl07_profit_now_against_profit_to_come_with_what_to_do() -> None:
    found = now_future_matrix(HIGH_HIGH_LOW_LOW, HIGH_LOW_HIGH_LOW)
    assert found.cell.tolist() == ["best", "keep", "invest", "worst"]
    assert [ACTIONS[cell] for cell in found.cell] == [
        "protect",
        "retain_cheaply",
        "investment_plan",
        "minimise_cost",
    ]


def test_cl08_four_relationship_types() -> None:
    found = relationships(HIGH_HIGH_LOW_LOW, [90, 20, 90, 20])
    assert found.cell.tolist() == ["partner", "functional", "emotional", "drifting"]


def test_cl08_drifting_adds_the_most_churn_points() -> None:
    assert CHURN_POINTS["drifting"] == max(CHURN_POINTS.values()) > CHURN_POINTS["partner"] == 0


def test_who_has_no_figure_has_no_cell_and_does_not_count() -> None:
    found = profit_cost_matrix([100, None, 10, 55], [5, 5, None, 6])
    assert found.cell.tolist() == ["most_profitable", None, None, "least_profitable"]
    assert sum(found.counts.values()) == 2


def test_nobody_is_high_where_all_are_alike() -> None:
    assert profit_cost_matrix([7.0] * 5, [3.0] * 5).counts == {"HH": 0, "HL": 0, "LH": 0, "LL": 5}
    assert profit_cost_matrix([1.0], [1.0]).quadrant.tolist() == ["LL"]
    assert profit_cost_matrix([], []).counts == {"HH": 0, "HL": 0, "LH": 0, "LL": 0}


@given(pairs=pairs, seed=st.integers(0, 99))
def test_order_and_units_change_no_cell(pairs: list[tuple[int, int]], seed: int) -> None:
    first, second = map(np.array, zip(*pairs, strict=True))
    plain = matrix(first, second, names=NAMES)
    order = np.random.default_rng(seed).permutation(len(first))
    assert matrix(first[order], second[order], names=NAMES).cell.tolist() == plain.cell[order].tolist()
    assert matrix(first * 100, second * 0.5, names=NAMES).cell.tolist() == plain.cell.tolist()
    fixed = matrix(first, second, names=NAMES, splits=(10, -3))
    assert matrix(first * 4, second * 2, names=NAMES, splits=(40, -6)).cell.tolist() == fixed.cell.tolist()


@given(
    pairs=pairs,
    splits=st.tuples(st.just("median") | st.integers(-60, 60), st.just("median") | st.integers(-60, 60)),
)
def test_who_has_more_never_stands_lower_and_equals_stand_together(
    pairs: list[tuple[int, int]], splits: Any
) -> None:
    first, second = zip(*pairs, strict=True)
    found: Matrix = matrix(first, second, names=NAMES, splits=splits)
    high = np.array([quadrant[0] == "H" for quadrant in found.quadrant])
    by_first = {value: {bool(each) for each in high[np.array(first) == value]} for value in set(first)}
    assert all(len(states) == 1 for states in by_first.values())
    if high.any() and not high.all():
        assert min(np.array(first)[high]) > max(np.array(first)[~high])
    assert sum(found.counts.values()) == len(pairs)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, float("nan")], [1, 2]), r"profit, row 1 .*nan is not a finite number"),
        (([1, 2], [1, "x"]), r"service_cost, row 1 .*'x' is not a number"),
        (([1, 2], [1]), "service_cost: 1 figures for 2 customers"),
        (([1, 2], [1, float("inf")]), r"service_cost, row 1 .*inf is not a finite number"),
    ],
)
def test_what_bad_input_gets(arguments: Any, message: str) -> None:
    with pytest.raises(BadFigure, match=message):
        profit_cost_matrix(*arguments)


def test_what_bad_splits_and_names_get() -> None:
    with pytest.raises(BadFigure, match=r"split of profit: .*'mean' is not a number"):
        profit_cost_matrix([1, 2], [1, 2], splits=("mean", 1))  # type: ignore[arg-type]
    with pytest.raises(BadFigure, match="names: no name for LL"):
        matrix([1], [1], names={"HH": "a", "HL": "b", "LH": "c"})
