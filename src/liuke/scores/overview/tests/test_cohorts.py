from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from liuke.scores.overview.rules import cohorts, last_whole_month, month_of


def test_a_cohort_is_followed_month_by_month() -> None:
    customers = np.array([1, 1, 2, 3, 3])
    months = np.array([10, 12, 10, 11, 12])
    found = cohorts(customers, months, until=12)
    assert [(c.month, c.size, c.active) for c in found] == [(10, 2, [2, 0, 1]), (11, 1, [1, 1])]
    assert found[0].shares == [1.0, 0.0, 0.5]


def test_nobody_has_bought() -> None:
    assert cohorts(np.array([]), np.array([]), until=5) == []


def test_a_month_has_its_name() -> None:
    (one,) = cohorts(np.array([1]), np.array([month_of(2026, 12)]), until=month_of(2027, 1))
    assert one.label == "2026-12"
    assert one.active == [1, 0]


@given(st.sets(st.tuples(st.integers(1, 20), st.integers(0, 30)), max_size=80))
def test_sizes_total_the_customers(bought: set[tuple[int, int]]) -> None:
    rows = sorted(bought)
    customers = np.array([c for c, _ in rows], dtype=np.int64)
    months = np.array([m for _, m in rows], dtype=np.int64)
    found = cohorts(customers, months, until=30)
    assert sum(c.size for c in found) == len({c for c, _ in rows})
    assert all(count <= c.size for c in found for count in c.active)


def test_a_month_under_way_does_not_count() -> None:
    assert last_whole_month(date(2026, 11, 22)) == month_of(2026, 10)
    assert last_whole_month(date(2026, 11, 30)) == month_of(2026, 11)
    assert last_whole_month(date(2026, 1, 5)) == month_of(2025, 12)
    customers, months = np.array([1, 1, 2]), np.array([month_of(2026, m) for m in (9, 11, 11)])
    (only,) = cohorts(customers, months, until=month_of(2026, 10))
    assert (only.size, only.active) == (1, [1, 0])
