from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from liuke.insight.errors import BadFigure
from liuke.insight.grading import (
    abc,
    concentration,
    customers_for,
    grade,
    rfm,
    rules_of_thumb,
    shares,
    top_share,
)

sales = st.lists(st.integers(0, 10_000), min_size=1, max_size=60)


def test_cl12_the_class_of_the_share_before() -> None:
    """Cumulative 70, 85, 93, 97 and 100 %."""
    assert abc([700, 150, 80, 40, 30]).tolist() == ["A", "A", "B", "B", "C"]


def test_cl12_cuts_are_free_and_equal_sales_go_by_the_later_order_then_the_number() -> None:
    assert abc([700, 150, 80, 40, 30], cuts=(0.5, 0.9)).tolist() == ["A", "B", "B", "C", "C"]
    days = [date(2026, 1, 1), date(2026, 3, 1), date(2026, 2, 1), date(2026, 2, 1)]
    found = abc([50, 50, 50, 50], cuts=(0.25, 0.5), last_on=days, number=["K1", "K2", "K4", "K3"])
    assert found.tolist() == ["C", "A", "C", "B"]


def test_cl13_four_per_cent_make_thirty() -> None:
    values = [7.5] * 4 + [70 / 96] * 96
    by_share = {rule.customers: rule for rule in rules_of_thumb(values)}
    assert by_share[0.04].found == pytest.approx(0.30)
    assert by_share[0.04].matched
    assert not by_share[0.20].matched
    assert [rule.sales for rule in rules_of_thumb(values)] == [0.30, 0.80, 0.78]


def test_cl13_gini_of_equal_sales_and_of_one_who_has_all() -> None:
    assert concentration([5, 5, 5, 5]).gini == 0
    assert concentration([0, 0, 0, 100]).gini == pytest.approx(0.75)


def test_cl13_top_share_and_how_few_make_how_much() -> None:
    values = [10, 60, 20, 10]
    assert top_share(values, 0.25) == pytest.approx(0.6)
    assert customers_for(values, 0.60) == 1
    assert customers_for(values, 0.61) == 2
    assert customers_for(values, 1.0) == 4
    assert customers_for([0, 0], 0.8) == 0


@given(values=sales, share=st.floats(0.01, 1))
def test_so_few_customers_make_at_least_that_share_and_one_fewer_do_not(
    values: list[int], share: float
) -> None:
    assume(sum(values) > 0)
    few = customers_for(values, share)
    from_top = sorted(values, reverse=True)
    assert sum(from_top[:few]) >= share * sum(values) * (1 - 1e-9)
    assert sum(from_top[: few - 1]) < share * sum(values) * (1 + 1e-9)


@given(values=sales, seed=st.integers(0, 99), unit=st.sampled_from([0.01, 100.0, 7.0]))
def test_order_and_units_change_nothing(values: list[int], seed: int, unit: float) -> None:
    sold, number = np.array(values, dtype=float), np.arange(len(values))
    order = np.random.default_rng(seed).permutation(len(values))
    for by in (abc, grade):
        plain = by(sold, number=number)
        assert by(sold[order], number=number[order]).tolist() == plain[order].tolist()
        assert by(sold * unit, number=number).tolist() == plain.tolist()
    assert concentration(sold[order]).gini == concentration(sold).gini
    assert concentration(sold * unit).gini == pytest.approx(concentration(sold).gini, abs=1e-9)
    assert shares(sold)[order].tolist() == shares(sold[order]).tolist()


@given(values=sales)
def test_who_bought_more_is_in_no_worse_class(values: list[int]) -> None:
    found = dict(
        zip(
            "ABC",
            ([v for v, c in zip(values, abc(values), strict=True) if c == name] for name in "ABC"),
            strict=True,
        )
    )
    if found["A"] and found["B"]:
        assert min(found["A"]) >= max(found["B"])
    if found["B"] and found["C"]:
        assert min(found["B"]) >= max(found["C"])
    if sum(values):
        assert max(values) in found["A"]


BAD: dict[str, tuple[Any, str]] = {
    "NaN in sales": (lambda: concentration([1, float("nan")]), r"values, row 1 .*nan is not a finite number"),
    "infinite sales": (lambda: abc([float("inf"), 1]), r"values, row 0 .*inf is not a finite number"),
    "a missing value": (lambda: shares([1, None]), r"values, row 1 .*None is not a number"),
    "text": (lambda: top_share(["a"], 0.2), r"values, row 0 .*'a' is not a number"),
    "a top over 1": (lambda: concentration([1], tops=(20,)), "tops: 20 is above 1"),
    "no top": (lambda: top_share([1], 0), "tops: 0 must be above 0"),
    "falling cuts": (lambda: abc([1], cuts=(0.95, 0.8)), "cuts: two growing shares"),
    "one cut": (lambda: abc([1], cuts=(0.8,)), "cuts: two growing shares"),  # type: ignore[arg-type]
    "a cut of nothing": (lambda: abc([1], cuts=(0, 0.8)), "cuts: 0 must be above 0"),
    "keys of others": (lambda: abc([1, 2], number=[1]), "number: 1 entries for 2 values"),
    "a negative budget": (lambda: shares([1], budget=-1), "budget: -1 is negative"),
    "a share over 1": (lambda: customers_for([1], 80), "share: 80 is above 1"),
    "future purchases": (lambda: rfm([-1], [1], [1]), r"recency_days, row 0 .*-1 is negative"),
    "no purchases to count": (lambda: rfm([1], [float("nan")], [1]), r"frequency, row 0 .*nan is not a finite"),
    "columns of two lengths": (lambda: rfm([1, 2], [1], [1, 2]), "frequency: 1 figures for 2 customers"),
    "ten groups": (lambda: rfm([1], [1], [1], groups=10), "groups: 2 to 9 groups"),
    "a grade for nobody": (lambda: grade(["x"]), r"values, row 0 .*'x' is not a number"),
    "names too few": (lambda: grade([1], (0.5,), names=("all",)), "names: 1 cuts make 2 grades"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_bad_input_gets(case: str) -> None:
    action, message = BAD[case]
    with pytest.raises(BadFigure, match=message):
        action()


@given(
    values=st.lists(
        st.tuples(st.integers(0, 500), st.integers(1, 30), st.integers(-100, 9_999)), min_size=1, max_size=40
    )
)
def test_rfm_equal_figures_get_equal_digits_and_better_ones_no_worse(
    values: list[tuple[int, int, int]],
) -> None:
    recency, frequency, monetary = map(np.array, zip(*values, strict=True))
    found = rfm(recency, frequency, monetary)
    digits = np.array([[int(digit) for digit in each] for each in found])
    for place, goodness in enumerate((-recency, frequency, monetary)):
        better = goodness[:, None] > goodness[None, :]
        assert (digits[:, None, place] >= digits[None, :, place])[better].all()
        same = goodness[:, None] == goodness[None, :]
        assert (digits[:, None, place] == digits[None, :, place])[same].all()
