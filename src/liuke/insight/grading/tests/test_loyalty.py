from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.insight.errors import BadFigure
from liuke.insight.grading import LEVELS, loyalty, loyalty_levels

evidence = st.none() | st.floats(0, 1)
customers = st.lists(
    st.tuples(st.integers(0, 9), evidence, evidence, evidence, evidence), min_size=1, max_size=20
)


def test_lo01_three_repeat_purchases_and_not_dissatisfied() -> None:
    found = loyalty([4, 3, 4, 4, 2, 1, 0], dissatisfied=[False, False, True, None, None, None, None])
    assert found.tolist() == ["loyal", "repeat", "repeat_but_unhappy", "loyal", "repeat", "once", "none"]


def test_lo01_the_attitude_may_have_to_be_proved_and_the_repeats_be_others() -> None:
    assert loyalty([4, 4], dissatisfied=[None, False], unasked_are_loyal=False).tolist() == [
        "repeat_only",
        "loyal",
    ]
    assert loyalty([4, 6], min_repeats=5).tolist() == ["repeat", "loyal"]


def test_lo02_four_customers_of_four_levels() -> None:
    found = loyalty_levels(
        [1, 2, 2, 5],
        belief=[0.9, 0.9, 0.8, 0.9],
        satisfaction=[0.3, 0.9, 0.8, 0.9],
        intent=[0.2, 0.4, 0.9, 0.9],
        resistance=[None, None, None, 1.0],
    )
    assert found.level.tolist() == ["cognitive", "affective", "intention", "behavioural"]
    assert (np.diff(found.score) > 0).all()
    assert found.score[3] == pytest.approx(25 * (0.9 + 0.9 + 0.9 + 1.0))
    assert found.known.tolist() == [4, 4, 4, 4]


def test_lo02_many_purchases_of_an_unhappy_customer_are_habit() -> None:
    found = loyalty_levels([9, 9], belief=[0.9, 0.9], satisfaction=[0.1, None])
    assert found.level.tolist() == ["cognitive", "behavioural"]


def test_lo02_behaviour_alone_is_told_as_thin_evidence() -> None:
    found = loyalty_levels([4, 3, 0])
    assert found.level.tolist() == ["behavioural", "none", "none"]
    assert found.known.tolist() == [1, 1, 1]
    assert found.score.tolist() == pytest.approx([62.5, 37.5 + 25 * 2 / 3, 37.5])


def test_lo02_who_never_stood_firm_acts_from_want_of_choice() -> None:
    found = loyalty_levels([5], belief=[0.9], resistance=[0.0])
    assert found.level.tolist() == ["cognitive"]


@given(customers=customers, seed=st.integers(0, 99))
def test_lo02_order_is_of_no_account_and_scores_stay_in_range(customers: list[Any], seed: int) -> None:
    def of(rows: list[Any]) -> Any:
        orders, belief, satisfaction, intent, resistance = zip(*rows, strict=True)
        return loyalty_levels(
            orders, belief=belief, satisfaction=satisfaction, intent=intent, resistance=resistance
        )

    plain = of(customers)
    assert ((plain.score >= 0) & (plain.score <= 100)).all()
    assert set(plain.level) <= set(LEVELS)
    order = np.random.default_rng(seed).permutation(len(customers))
    turned = of([customers[row] for row in order])
    assert turned.level.tolist() == plain.level[order].tolist()
    assert turned.score.tolist() == plain.score[order].tolist()


@given(
    orders=st.integers(0, 9),
    given_=st.lists(evidence, min_size=4, max_size=4),
    which=st.integers(0, 4),
    more=st.floats(0, 1),
)
def test_lo02_more_evidence_never_lowers_score_or_level(
    orders: int, given_: list[float | None], which: int, more: float
) -> None:
    def of(orders: int, given_: list[float | None]) -> tuple[float, int]:
        names = ("belief", "satisfaction", "intent", "resistance")
        found = loyalty_levels([orders], **{name: [each] for name, each in zip(names, given_, strict=True)})
        return float(found.score[0]), LEVELS.index(found.level[0])

    before = of(orders, given_)
    if which == 4:
        after = of(orders + 1, given_)
    else:
        now = given_[which]
        if now is None:
            return
        after = of(orders, [*given_[:which], max(now, more), *given_[which + 1 :]])
    assert after[0] >= before[0] - 1e-9
    assert after[1] >= before[1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: loyalty([4, -1]), r"orders, row 1 .*-1 is negative"),
        (lambda: loyalty([4, 2.5]), r"orders, row 1 .*2.5 is not a whole number"),
        (lambda: loyalty([4, None]), r"orders, row 1 .*the count is missing"),
        (lambda: loyalty([4], dissatisfied=[True, False]), "dissatisfied: 2 answers for 1 customers"),
        (lambda: loyalty([4], dissatisfied=["no"]), r"dissatisfied, row 0 .*'no' is not true, false or None"),
        (lambda: loyalty([4], min_repeats=0), "min_repeats: 0 is below 1"),
        (lambda: loyalty_levels([4], belief=[7]), r"belief, row 0 .*7 is above 1"),
        (lambda: loyalty_levels([4], intent=[-0.1]), r"intent, row 0 .*-0.1 is negative"),
        (lambda: loyalty_levels([4], satisfaction=[0.5, 0.5]), "satisfaction: 2 figures for 1 customers"),
        (lambda: loyalty_levels([4], held_from=0), "held_from: 0 must be above 0"),
    ],
)  # fmt: skip
def test_what_bad_input_gets(call: Any, message: str) -> None:
    with pytest.raises(BadFigure, match=message):
        call()
