"""Losses by group (CH08) and benefit by segment (CL20)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.insight.errors import BadFigure
from liuke.insight.grading import benefit, losses

FACTORS = ("price", "quality", "innovation", "service_quality", "corporate_image")


def test_ch08_the_report_sums_to_the_lost() -> None:
    sellers = ["Li", "Li", "Wang", "Wang", "Wang", None]
    found = losses(sellers, [True, False, True, True, False, True], values=[100, 50, 30, 30, 90, 10])
    assert [(each.group, each.customers, each.lost, each.value) for each in found.groups] == [
        (None, 1, 1, 10), ("Wang", 3, 2, 60), ("Li", 2, 1, 100),
    ]  # fmt: skip
    assert sum(each.lost for each in found.groups) == found.lost == 4
    assert (found.value, found.churn) == (170, pytest.approx(4 / 6))
    # one customer lost of one tells next to nothing
    assert found.groups[0].churn.low < 0.35


def test_ch08_by_segment_and_competitor_together() -> None:
    found = losses([("gold", "X"), ("gold", "Y"), ("gold", "X")], [True, True, False])
    assert {each.group: each.lost for each in found.groups} == {("gold", "X"): 1, ("gold", "Y"): 1}


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["a", "b", None]), st.booleans(), st.integers(0, 100)), max_size=30
    ),
    seed=st.integers(0, 99),
)
def test_ch08_losses_sum_in_any_order(rows: list[Any], seed: int) -> None:
    groups, lost, values = ([row[i] for row in rows] for i in range(3))
    found = losses(groups, lost, values=values)
    assert found.lost == sum(lost) == sum(each.lost for each in found.groups)
    assert found.customers == len(rows) == sum(each.customers for each in found.groups)
    assert found.value == sum(value for value, gone in zip(values, lost, strict=True) if gone)
    order = np.random.default_rng(seed).permutation(len(rows))
    turned = losses([groups[i] for i in order], [lost[i] for i in order], values=[values[i] for i in order])
    assert turned == found


def test_cl20_five_scores_of_each_segment() -> None:
    answers = {factor: [8, 6, None] for factor in FACTORS}
    answers["price"] = [2, None, None]
    found = benefit(
        ["north", "north", "south"], answers, weights={**dict.fromkeys(FACTORS, 1.0), "price": 4.0}
    )
    north, south = found["north"], found["south"]
    assert north.scores == {
        "price": 2,
        "quality": 7,
        "innovation": 7,
        "service_quality": 7,
        "corporate_image": 7,
    }
    assert (north.answers, north.overall) == (2, pytest.approx((4 * 2 + 4 * 7) / 8))
    assert (south.answers, south.overall) == (0, None)
    assert set(south.scores.values()) == {None}


EVEN = {factor: [5.0] for factor in FACTORS}
BAD: dict[str, tuple[Any, str]] = {
    "a missing factor": (lambda: benefit(["n"], {"price": [5]}), "answers: the factors are .*check corporate_image"),
    "an unknown weight": (lambda: benefit(["n"], EVEN, weights={"colour": 1}), "weights: the factors are"),
    "weights of nothing": (lambda: benefit(["n"], EVEN, weights=dict.fromkeys(FACTORS, 0)), "all weights are 0"),
    "a score over ten": (lambda: benefit(["n"], {**EVEN, "price": [11]}), r"price, row 0 .*11 is above 10"),
    "a negative score": (lambda: benefit(["n"], {**EVEN, "price": [-1]}), r"price, row 0 .*-1 is negative"),
    "scores of others": (lambda: benefit(["n"], {**EVEN, "price": [1, 2]}), "price: 2 scores for 1 customers"),
    "lost, perhaps": (lambda: losses(["a"], [None]), r"lost, row 0 .*None is not true or false"),  # type: ignore[list-item]
    "losses of others": (lambda: losses(["a"], [True, False]), "lost: 2 entries for 1 customers"),
    "values of others": (lambda: losses(["a"], [True], values=[1, 2]), "values: 2 figures for 1 customers"),
    "a negative value": (lambda: losses(["a"], [True], values=[-1]), r"values, row 0 .*-1 is negative"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_bad_input_gets(case: str) -> None:
    action, message = BAD[case]
    with pytest.raises(BadFigure, match=message):
        action()
