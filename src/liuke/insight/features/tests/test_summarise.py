from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from liuke import insight
from liuke.insight.datasets import cdnow_sample
from liuke.insight.tests.logs import log


def rows_of(purchases: insight.Purchases, **kwargs: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = insight.summarise(purchases, **kwargs).to_pylist()
    return found


def test_the_four_figures_of_a_customer() -> None:
    purchases = log(
        ("A", "2026-01-01", 10.0), ("A", "2026-01-01", 5.0), ("A", "2026-01-11", 20.0), ("A", "2026-01-31", 40.0),
        ("B", "2026-01-21", 7.0),
    )  # fmt: skip
    assert rows_of(purchases, as_of=date(2026, 2, 10)) == [
        {"customer": "A", "frequency": 2, "recency": 30.0, "T": 40.0, "monetary": 30.0},
        {"customer": "B", "frequency": 0, "recency": 0.0, "T": 20.0, "monetary": 0.0},
    ]


def test_weeks_are_days_divided_by_seven() -> None:
    purchases = log(("A", "2026-01-01", 10.0), ("A", "2026-01-15", 5.0))
    assert rows_of(purchases, as_of=date(2026, 1, 22), unit="week")[0]["recency"] == 2.0


def test_later_rows_do_not_count() -> None:
    early = [("A", "2026-01-01", 10.0), ("A", "2026-01-15", 5.0)]
    late = [("A", "2026-02-01", 99.0), ("A", "2026-02-02", -99.0), ("B", "2026-02-01", 1.0)]
    as_of = date(2026, 1, 31)
    assert rows_of(log(*early, *late), as_of=as_of) == rows_of(log(*early), as_of=as_of)


def test_a_refund_lowers_the_purchase_it_follows() -> None:
    purchases = log(
        ("A", "2026-01-01", 10.0),
        ("A", "2026-01-05", 50.0),
        ("A", "2026-01-09", -20.0),
        ("A", "2026-01-20", 40.0),
    )
    found = rows_of(purchases, as_of=date(2026, 1, 31))[0]
    assert (found["frequency"], found["monetary"]) == (2, 35.0)
    before = rows_of(purchases, as_of=date(2026, 1, 8))[0]
    assert before["monetary"] == 50.0


def test_who_only_sent_back_is_no_customer() -> None:
    assert [
        row["customer"]
        for row in rows_of(log(("A", "2026-01-01", 10.0), ("B", "2026-01-02", -5.0)), as_of=date(2026, 1, 3))
    ] == ["A"]


def test_mean_value_never_falls_below_nothing() -> None:
    purchases = log(("A", "2026-01-01", 10.0), ("A", "2026-01-05", 5.0), ("A", "2026-01-06", -80.0))
    assert rows_of(purchases, as_of=date(2026, 1, 31))[0]["monetary"] == 0.0


def test_the_papers_summary_of_the_cdnow_sample_gives_the_papers_fit() -> None:
    summary = insight.summarise(insight.read_purchases(cdnow_sample()), as_of=date(1997, 9, 30), unit="week")
    assert summary.num_rows == 2357
    model = insight.BGNBD().fit(summary)
    assert model.log_likelihood_ == pytest.approx(-9582.43, abs=0.01)
    assert [model.params_[name] for name in ("r", "alpha", "a", "b")] == pytest.approx(
        [0.2426, 4.4136, 0.7929, 2.4259], abs=2e-3
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [({"unit": "year"}, "day or week"), ({"as_of": date(2025, 1, 1)}, "before the first purchase")],
)
def test_bad_arguments_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        insight.summarise(log(("A", "2026-01-01", 1.0)), **{"as_of": date(2026, 1, 2), **change})


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABC"), st.dates(date(2025, 1, 1), date(2025, 6, 1)), st.integers(-20, 100)
        ),
        min_size=1,
    )
)
def test_a_customer_is_within_his_bounds(rows: list[tuple[str, date, int]]) -> None:
    as_of = date(2025, 7, 1)
    assume(
        any(amount >= 0 for _customer, _on, amount in rows)
    )  # refunds alone are no log: reading refuses them
    for row in rows_of(log(*rows), as_of=as_of):
        bought = {on for customer, on, amount in rows if customer == row["customer"] and amount >= 0}
        assert row["frequency"] == len(bought) - 1
        assert 0 <= row["recency"] <= row["T"]
        assert row["monetary"] >= 0
