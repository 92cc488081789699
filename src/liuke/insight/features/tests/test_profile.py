from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from liuke.insight.features.gaps import fetch_gaps
from liuke.insight.features.rolling import rolling
from liuke.insight.features.snapshot import Snapshot, snapshot
from liuke.insight.tests.logs import log

BUYER = [("A", f"2026-0{month}-01", 100.0 + month) for month in range(1, 7)]


def of(
    *rows: tuple[object, ...], as_of: date, names: tuple[str, ...] = ("customer", "on", "amount")
) -> Snapshot:
    return snapshot(log(*rows, names=names), as_of=as_of)


def test_gaps_are_the_days_between_purchase_days() -> None:
    seen = of(*BUYER, as_of=date(2026, 6, 15))
    assert seen["purchases"][0] == 6
    assert seen["gap_median"][0] == 31.0
    assert seen["last_gap"][0] == 31.0
    assert seen.waited[0] == 14.0


def test_the_wait_is_ranked_among_own_gaps() -> None:
    seen = of(*BUYER, as_of=date(2026, 7, 2))  # 31 days: as long as three gaps, longer than 28 and 30
    assert (seen["shorter_gaps"][0], seen["equal_gaps"][0]) == (2, 3)


def test_the_last_three_purchases_are_held_against_the_others() -> None:
    seen = of(*BUYER, as_of=date(2026, 6, 15))
    assert seen["basket_recent"][0] == pytest.approx(105.0)
    assert seen["basket_before"][0] == pytest.approx(102.0)


def test_breadth_counts_products_of_a_day() -> None:
    rows = [
        ("A", f"2026-0{month}-01", 1.0, code)
        for month in range(1, 6)
        for code in "PQR"[: 3 if month < 3 else 1]
    ]
    seen = of(*rows, as_of=date(2026, 6, 1), names=("customer", "on", "amount", "product"))
    assert (seen["breadth_before"][0], seen["breadth_recent"][0]) == (3.0, 1.0)


def test_totals_take_refunds_off() -> None:
    seen = of(*BUYER, ("A", "2026-06-03", -50.0), ("A", "2024-01-01", 7.0), as_of=date(2026, 6, 15))
    assert seen["total"][0] == pytest.approx(621.0 + 7.0 - 50.0)
    assert seen["total_12m"][0] == pytest.approx(571.0)
    assert (seen["refunded_lately"][0], seen["refunds_lately"][0]) == (50.0, 1.0)


def test_windows_end_on_the_day_asked_for() -> None:
    purchases = log(*BUYER, ("A", "2025-06-20", 1.0))
    table = purchases.engine.fetch(
        rolling(purchases.days, as_of=date(2026, 6, 15), horizon_days=30)
    ).to_pylist()
    assert (table[0]["bought_14"], table[0]["bought_30"], table[0]["bought_60"]) == (0, 1, 2)
    assert (table[0]["bought_year_ago"], table[0]["bought_before_year_ago"]) == (1, 0)
    assert table[0]["spent_30"] == 106.0


def test_every_gap_knows_those_before_it() -> None:
    purchases = log(
        ("A", "2026-01-01", 1.0), ("A", "2026-01-11", 1.0), ("A", "2026-01-31", 1.0), ("B", "2026-01-05", 1.0)
    )
    found = fetch_gaps(purchases.engine, purchases.days, as_of=date(2026, 2, 1))
    rows = sorted(zip(found.before.tolist(), found.mean.tolist(), found.log_gap.tolist(), strict=True))
    assert rows[0] == pytest.approx((0.0, 0.0, 2.302585))
    assert rows[1] == pytest.approx((1.0, 2.302585, 2.995732))


def test_means_of_logarithms_are_rounded_so_that_no_engine_shows_in_the_last_digit() -> None:
    days = ("2026-01-01", "2026-01-08", "2026-01-15", "2026-02-14")
    seen = of(*(("A", on, 1.0) for on in days), as_of=date(2026, 3, 1))
    gaps = np.log([7.0, 7.0, 30.0])
    assert seen["log_gap_mean"].tolist() == [round(float(gaps.mean()), 9)]
    assert seen["log_gap_sd"].tolist() == [round(float(gaps.std()), 9)]
