from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liuke.insight import experiments as ex
from liuke.insight.errors import BadTable, InsightError

grids = st.integers(1, 3).flatmap(
    lambda kinds: st.tuples(
        st.lists(
            st.tuples(*[st.integers(-4, 12)] * kinds, *[st.integers(0, 6)] * kinds), min_size=1, max_size=6
        ),
        st.just(kinds),
        st.integers(0, 20),
    )
)


def unpack(rows: list[tuple[int, ...]], kinds: int) -> tuple[Any, Any]:
    figures = np.array(rows, dtype=float)
    return figures[:, :kinds], figures[:, kinds:]


def best_by_trying(gain: Any, cost: Any, budget: float) -> float:
    best = 0.0
    for choice in product(range(-1, gain.shape[1]), repeat=len(gain)):
        made = [(row, kind) for row, kind in enumerate(choice) if kind >= 0]
        if sum(cost[at] for at in made) <= budget:
            best = max(best, sum(gain[at] - cost[at] for at in made))
    return float(best)


@given(grids)
def test_the_exact_choice_is_the_best_of_all(case: tuple[Any, int, int]) -> None:
    rows, kinds, budget = case
    gain, cost = unpack(rows, kinds)
    found = ex.best_contacts(gain, cost, budget=budget, exact=True)
    best = best_by_trying(gain, cost, budget)
    assert found.exact
    assert found.profit == pytest.approx(best, abs=1e-7)
    assert found.cost <= budget + 1e-6


@given(grids)
def test_the_greedy_choice_keeps_the_budget_and_its_bound_holds(case: tuple[Any, int, int]) -> None:
    rows, kinds, budget = case
    gain, cost = unpack(rows, kinds)
    found = ex.best_contacts(gain, cost, budget=budget)
    best = best_by_trying(gain, cost, budget)
    assert found.cost <= budget + 1e-6
    assert found.profit <= best + 1e-9
    assert found.bound >= best - 1e-7
    assert found.bound - found.profit <= max((gain - cost).max(), 0) + 1e-7  # less than one contact's worth
    made = found.choice >= 0
    chosen = (np.flatnonzero(made), found.choice[made])
    assert found.profit == pytest.approx((gain - cost)[chosen].sum())
    assert ((gain - cost)[chosen] > 0).all()


@given(grids, st.integers(0, 10))
def test_more_budget_never_bounds_lower_and_the_price_is_its_slope(
    case: tuple[Any, int, int], more: int
) -> None:
    rows, kinds, budget = case
    gain, cost = unpack(rows, kinds)
    small = ex.best_contacts(gain, cost, budget=budget)
    great = ex.best_contacts(gain, cost, budget=budget + more)
    assert small.bound - 1e-7 <= great.bound <= small.bound + small.price * more + 1e-6


def test_many_customers_are_within_a_hair_of_the_bound() -> None:
    generator = np.random.default_rng(1)
    gain = generator.normal(1, 2, (100_000, 3))
    cost = generator.uniform(0.2, 1.5, (100_000, 3))
    found = ex.best_contacts(gain, cost, budget=20_000)
    assert found.gap < 1e-4
    assert 0 <= 20_000 - found.cost < 2
    assert found.price > 0


def test_exact_and_greedy_on_a_thousand() -> None:
    generator = np.random.default_rng(2)
    gain, cost = generator.normal(1, 2, (1_000, 2)), np.array([0.5, 1.7])
    greedy = ex.best_contacts(gain, cost, budget=300, value=1.3)
    exact = ex.best_contacts(gain, cost, budget=300, value=1.3, exact=True)
    assert greedy.profit <= exact.profit <= greedy.bound + 1e-9
    assert greedy.gap < 0.002


def test_choosing_by_increment_alone_would_be_worse() -> None:
    """Negative control: the dearest contact moves most, and eats the budget."""
    gain = np.column_stack([np.full(100, 3.0), np.full(100, 5.0)])
    cost = np.array([1.0, 4.0])
    found = ex.best_contacts(gain, cost, budget=100)
    assert (found.contacts, found.profit) == (100, 200.0)
    assert set(found.choice) == {0}
    by_increment = 25 * (5.0 - 4.0)
    assert by_increment < found.profit


def test_contacts_that_do_not_pay_are_not_made() -> None:
    found = ex.best_contacts([0.5, -1.0, 2.0], 1.0, budget=1e9)
    assert found.choice.tolist() == [-1, -1, 0]
    assert (found.price, found.gap, found.exact) == (0.0, 0.0, True)
    free = ex.best_contacts([0.5, -1.0, 2.0], 0.0, budget=0.0)
    assert free.choice.tolist() == [0, -1, 0]
    none = ex.best_contacts(np.empty((0, 2)), 1.0, budget=5)
    assert (none.contacts, none.profit, none.gap) == (0, 0.0, 0.0)
    assert ex.best_contacts([3.0], 1.0, budget=0.0).contacts == 0


@pytest.mark.parametrize(
    ("gain", "cost", "column", "row"),
    [
        ([1.0, np.nan], 1.0, "0", 1),
        ([[1.0, 2.0], [3.0, np.inf]], 1.0, "1", 1),
        ([1.0, 2.0], [1.0, -1.0], "0", 1),
        ([[1.0, 2.0]], [1.0, np.nan], "1", 0),
        ([[1.0, 2.0]], [1.0, 2.0, 3.0], None, None),
        (["a"], 1.0, None, None),
        (np.zeros((2, 2, 2)), 1.0, None, None),
    ],
)
def test_bad_figures_are_refused(gain: Any, cost: Any, column: str | None, row: int | None) -> None:
    with pytest.raises(BadTable) as refused:
        ex.best_contacts(gain, cost, budget=1)
    assert (refused.value.table, refused.value.column, refused.value.row) == ("increments", column, row)


def test_bad_budgets_are_refused() -> None:
    for budget in (-1.0, np.inf, np.nan):
        with pytest.raises(ValueError, match="budget"):
            ex.best_contacts([1.0], 1.0, budget=budget)
    with pytest.raises(ValueError, match="value"):
        ex.best_contacts([1.0], 1.0, budget=1, value=np.nan)
    with pytest.raises(InsightError, match="5000"):
        ex.best_contacts(np.ones(5_001), 1.0, budget=1, exact=True)
