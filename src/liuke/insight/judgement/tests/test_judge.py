from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from liuke import insight
from liuke.insight import Judgement, JudgeSettings
from liuke.insight.datasets import cdnow_sample
from liuke.insight.errors import BadDay, BadHorizon
from liuke.insight.tests.logs import START, log, shop

AS_OF = START + timedelta(days=400)
COLUMNS = {
    "customer", "first_on", "last_on", "purchases", "total", "mean_value", "total_12m", "grade", "rfm", "p_alive", "p_buy",
    "expected_purchases", "expected_value", "clv", "usual_gap_days", "gap_days", "gap_percentile", "next_on",
    "next_from_on", "next_to_on", "about_now", "risk", "band", "value_at_risk", "stage", "reasons",
}  # fmt: skip


@pytest.fixture(scope="module")
def judged() -> Judgement:
    return insight.judge(insight.read_purchases(shop(400)), as_of=AS_OF, horizon_days=28)


def column(judgement: Judgement, name: str) -> np.ndarray:
    return np.array(judgement.table[name].to_pylist())


def test_every_customer_has_one_row_with_every_column(judged: Judgement) -> None:
    assert set(judged.table.column_names) == COLUMNS
    customers = judged.table["customer"].to_pylist()
    assert customers == sorted(set(customers))
    nullable = {"grade", "next_on", "next_from_on", "next_to_on"}
    assert all(judged.table[name].null_count == 0 for name in COLUMNS - nullable)


def test_purchases_are_distinct_days_up_to_the_day_asked_for() -> None:
    rows = [
        ("A", "2026-01-01", 1.0),
        ("A", "2026-01-01", 2.0),
        ("A", "2026-01-09", 3.0),
        ("A", "2026-02-01", 9.0),
        ("B", "2026-02-01", 1.0),
    ]
    table = insight.judge(log(*rows), as_of=date(2026, 1, 15), horizon_days=30).table
    assert table.select(["customer", "purchases", "total", "mean_value"]).to_pylist() == [
        {"customer": "A", "purchases": 2, "total": 6.0, "mean_value": 3.0}
    ]


@pytest.mark.parametrize(
    ("gap", "waited", "due"),
    [(12, 4, False), (12, 8, False), (12, 9, True), (12, 13, True), (40, 20, False), (40, 34, True)],
)
def test_about_now_is_not_long_before_the_usual_gap_is_over(gap: int, waited: int, due: bool) -> None:
    last = AS_OF - timedelta(days=waited)
    steady = [("steady", (last - timedelta(days=gap * n)).isoformat(), 9.0) for n in range(9)]
    others = [
        (f"other {k}", (AS_OF - timedelta(days=30 * n + k)).isoformat(), 9.0)
        for k in range(60)
        for n in range(5)
    ]
    table = insight.judge(log(*steady, *others), as_of=AS_OF, horizon_days=28).table.to_pylist()
    assert next(row["about_now"] for row in table if row["customer"] == "steady") is due


def test_later_rows_change_nothing(judged: Judgement) -> None:
    whole = shop(400)
    until = whole.filter(pa.array([on <= AS_OF for on in whole["on"].to_pylist()]))
    again = insight.judge(insight.read_purchases(until), as_of=AS_OF, horizon_days=28)
    for name in ("risk", "band", "grade", "reasons", "value_at_risk"):
        assert again.table[name].to_pylist() == judged.table[name].to_pylist(), name


def test_probabilities_keep_their_order(judged: Judgement) -> None:
    p_buy, p_alive = column(judged, "p_buy"), column(judged, "p_alive")
    assert ((p_buy > 0) & (p_buy <= p_alive) & (p_alive <= 1)).all()
    assert (column(judged, "expected_purchases") >= p_buy - 1e-9).all()


def test_the_longer_silent_the_higher_the_risk(judged: Judgement) -> None:
    repeat = column(judged, "purchases") >= 4
    ratio = column(judged, "gap_days")[repeat] / column(judged, "usual_gap_days")[repeat]
    risk = column(judged, "risk")[repeat]
    assert risk[ratio < 1].mean() < 25
    assert risk[ratio > 4].mean() > 75


def test_money_at_risk_is_the_last_years_sales_pro_rata_times_the_risk(judged: Judgement) -> None:
    for row in judged.table.to_pylist():
        known = min(max((AS_OF - row["first_on"]).days, 90), 365)
        kept = max(row["total_12m"] * 28 / known, row["expected_value"])
        assert row["value_at_risk"] == pytest.approx(kept * row["risk"] / 100, abs=kept * 0.006 + 0.01)


def test_cl01_the_grades_cover_who_bought_within_the_year(judged: Judgement) -> None:
    current = column(judged, "gap_days") < 365
    grades = column(judged, "grade")
    assert (grades[current] != None).all()  # noqa: E711 - an array is compared
    assert (grades[~current] == None).all()  # noqa: E711
    best = judged.table.sort_by([("total_12m", "descending")])["grade"][0].as_py()
    assert best == "platinum"


def test_dates_to_come_lie_ahead_and_the_lost_have_none(judged: Judgement) -> None:
    for row in judged.table.to_pylist():
        if row["stage"] == "lost":
            assert row["next_on"] is None
        else:
            assert AS_OF < row["next_from_on"] <= row["next_on"] <= row["next_to_on"]


def test_reasons_are_json_and_never_empty(judged: Judgement) -> None:
    assert all(json.loads(text)[0]["code"] for text in judged.table["reasons"].to_pylist())


def test_the_weeks_make_the_buyers_of_the_horizon(judged: Judgement) -> None:
    assert sum(week["customers"] for week in judged.weeks) == pytest.approx(column(judged, "p_buy").sum())
    assert (judged.weeks[0]["from_on"], judged.weeks[-1]["to_on"]) == (
        AS_OF + timedelta(days=1),
        AS_OF + timedelta(days=28),
    )


def test_models_and_forecast_are_on_record_as_plain_json(judged: Judgement) -> None:
    record = json.loads(json.dumps({"models": judged.models, "forecast": judged.forecast}, allow_nan=False))
    assert {"BGNBD", "MBGNBD", "ParetoNBD", "GammaGamma"} <= record["models"].keys()
    assert record["forecast"]["backtest"]["customers"] > 0
    assert judged.fallback is None


def test_the_published_gamma_gamma_of_the_cdnow_sample() -> None:
    judgement = insight.judge(
        insight.read_purchases(cdnow_sample()), as_of=date(1997, 9, 30), horizon_days=39 * 7
    )
    params = judgement.models["GammaGamma"]["params"]
    assert [params[name] for name in ("p", "q", "gamma")] == pytest.approx([6.25, 3.74, 15.44], abs=0.02)
    assert judgement.models["BGNBD"]["params"]["alpha"] == pytest.approx(4.4136 * 7, abs=0.01)


def test_too_few_customers_fall_back_to_the_rhythm_and_say_so() -> None:
    rows = [("A", f"2026-0{month}-01", 10.0) for month in range(1, 7)] + [
        ("B", f"2026-0{month}-15", 9.0) for month in (1, 2, 3)
    ]
    judgement = insight.judge(log(*rows), as_of=date(2026, 6, 20), horizon_days=30)
    assert judgement.fallback is not None
    assert judgement.fallback.startswith("TooFewCustomers")
    assert judgement.models == {}
    by_customer = {row["customer"]: row for row in judgement.table.to_pylist()}
    assert by_customer["B"]["risk"] > by_customer["A"]["risk"] + 30
    assert json.loads(by_customer["B"]["reasons"])[0]["code"] == "gap"


def test_a_fit_at_the_edge_is_told() -> None:
    generator = np.random.default_rng(9)
    rows = []
    for number in range(150):  # nobody ever leaves
        rate, at = generator.gamma(2.0, 1 / 60), generator.uniform(0, 100)
        while at < 400:
            rows.append((f"C{number}", START + timedelta(days=int(at)), 10.0))
            at += max(generator.exponential(1 / rate), 1)
    judgement = insight.judge(log(*rows), as_of=AS_OF, horizon_days=30)
    assert judgement.forecast["boundary"]
    assert np.isfinite(column(judgement, "p_alive")).all()


def test_settings_reach_the_judgement(judged: Judgement) -> None:
    strict = JudgeSettings(grade_cuts=(0.05, 0.15, 0.40), lost_days=100, dormant_min_days=30, high_risk=50)
    again = insight.judge(insight.read_purchases(shop(400)), as_of=AS_OF, horizon_days=28, settings=strict)
    counts = [sum(column(j, "grade") == "platinum") for j in (judged, again)]
    assert counts[1] > 3 * counts[0]
    assert sum(column(again, "stage") == "lost") > sum(column(judged, "stage") == "lost")


def test_ten_times_the_same_row_is_one_purchase_of_ten_times_the_money() -> None:
    once = insight.judge(
        log(("A", "2026-01-01", 5.0)), as_of=date(2026, 1, 9), horizon_days=30
    ).table.to_pylist()[0]
    often = insight.judge(
        log(*[("A", "2026-01-01", 5.0)] * 10), as_of=date(2026, 1, 9), horizon_days=30
    ).table.to_pylist()[0]
    assert (often["purchases"], often["total"]) == (once["purchases"], 10 * once["total"])


def test_bad_arguments_are_refused() -> None:
    with pytest.raises(BadHorizon):
        insight.judge(log(("A", "2026-01-01", 5.0)), as_of=date(2026, 1, 9), horizon_days=0)
    with pytest.raises(BadDay, match="before the first purchase"):
        insight.judge(log(("A", "2026-01-01", 5.0)), as_of=date(2025, 1, 9), horizon_days=30)


def test_who_lately_buys_at_a_discount_is_told_so() -> None:
    """Three in ten off in the last half year, one in twenty before; the others always had one in ten."""
    rows = [
        (f"C{k}", (AS_OF - timedelta(days=30 * n + k % 20)).isoformat(), 90.0, 10.0)
        for k in range(60) for n in range(10)
    ]  # fmt: skip
    rows += [
        (
            "hooked",
            (AS_OF - timedelta(days=30 * n)).isoformat(),
            70.0 if n < 6 else 95.0,
            30.0 if n < 6 else 5.0,
        )
        for n in range(10)
    ]
    purchases = log(*rows, names=("customer", "on", "amount", "discount"))
    table = insight.judge(purchases, as_of=AS_OF, horizon_days=28).table.to_pylist()
    told = {
        row["customer"]: reason
        for row in table for reason in json.loads(row["reasons"]) if reason["code"] == "discount_rose"
    }  # fmt: skip
    assert told == {"hooked": {"code": "discount_rose", "from": 0.05, "to": 0.3}}
