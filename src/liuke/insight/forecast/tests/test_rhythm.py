from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from liuke import insight
from liuke.insight.features.gaps import fetch_gaps
from liuke.insight.features.snapshot import snapshot
from liuke.insight.forecast.histories import history_of
from liuke.insight.forecast.rhythm import History, RhythmRule
from liuke.insight.forecast.track import log_loss
from liuke.insight.tests.logs import START, log, shop

AS_OF = START + timedelta(days=400)


def fitted(purchases: insight.Purchases, as_of: date) -> tuple[RhythmRule, History]:
    history = history_of(snapshot(purchases, as_of=as_of))
    return RhythmRule().fit(history, fetch_gaps(purchases.engine, purchases.days, as_of=as_of)), history


@pytest.fixture(scope="module")
def regular() -> tuple[RhythmRule, History]:
    return fitted(insight.read_purchases(shop(400, gap_days=14, regular=9.0, leaving=0.03)), AS_OF)


def waiting(history: History, days: float, *, gaps: int) -> History:
    """Customers with at least so many gaps, all waiting for `days` of their own usual gaps."""
    rows = np.flatnonzero(history.gaps >= gaps)
    kept = History(**{name: getattr(history, name)[rows] for name in History.__dataclass_fields__})
    return replace(kept, waited=np.round(kept.gap_median * days))


def test_the_longer_the_wait_the_likelier_he_has_left(regular: tuple[RhythmRule, History]) -> None:
    rule, history = regular
    means = [rule.probability_alive(waiting(history, days, gaps=8)).mean() for days in (0.2, 1, 2, 4, 8)]
    assert means == sorted(means, reverse=True)
    assert means[0] > 0.9
    assert means[-1] < 0.1


def test_a_longer_horizon_never_makes_a_purchase_less_likely(regular: tuple[RhythmRule, History]) -> None:
    rule, history = regular
    chances = [rule.probability_of_purchase(history, horizon=days) for days in (1, 7, 28, 91, 365)]
    assert all((later >= sooner - 1e-12).all() for sooner, later in zip(chances, chances[1:], strict=False))
    assert all(((p > 0) & (p < 1)).all() for p in chances)


def test_nobody_buys_who_has_left(regular: tuple[RhythmRule, History]) -> None:
    rule, history = regular
    assert (
        rule.probability_of_purchase(history, horizon=365) <= rule.probability_alive(history) + 1e-6
    ).all()


def test_the_next_purchase_lies_between_its_quartiles(regular: tuple[RhythmRule, History]) -> None:
    rule, history = regular
    early, middle, late = (rule.next_gap(history, quantile) for quantile in (0.25, 0.5, 0.75))
    assert (early <= middle).all()
    assert (middle <= late).all()
    assert (early >= 0).all()


def test_own_gaps_outweigh_the_populations(regular: tuple[RhythmRule, History]) -> None:
    rule, history = regular
    usual = np.exp(rule.usual(history)[0])
    many = history.gaps >= 10
    assert np.abs(np.log(usual[many] / history.gap_median[many])).mean() < 0.15


def test_regular_customers_are_known_better_than_any_poisson_model_knows_them() -> None:
    purchases = insight.read_purchases(shop(400, gap_days=14, regular=9.0, leaving=0.03))
    rule, history = fitted(purchases, AS_OF)
    seen = snapshot(purchases, as_of=AS_OF)
    came = _came(purchases, seen.customer.to_pylist(), days=28)
    model = insight.MBGNBD().fit(seen.timing())
    poisson = log_loss(model.probability_of_purchase(seen.timing(), horizon=28), came)
    assert log_loss(rule.probability_of_purchase(history, horizon=28), came) < 0.9 * poisson


def _came(purchases: insight.Purchases, customers: list[str], *, days: int) -> np.ndarray:
    later = {
        day["customer"]
        for day in purchases.engine.fetch(purchases.days).to_pylist()
        if AS_OF < day["on"] <= AS_OF + timedelta(days=days)
    }
    return np.array([customer in later for customer in customers])


@pytest.mark.parametrize(
    "rows",
    [
        [("A", "2026-01-01", 1.0)],
        [("A", "2026-01-01", 1.0), ("A", "2026-01-02", 1.0)],
        [(f"C{n}", "2026-01-01", 1.0) for n in range(20)],
    ],
    ids=["one customer", "one gap", "nobody came back"],
)
def test_the_least_data_still_gives_figures(rows: list[tuple[str, str, float]]) -> None:
    rule, history = fitted(log(*rows), date(2026, 2, 1))
    for figures in (
        rule.probability_alive(history),
        rule.probability_of_purchase(history, horizon=30),
        rule.next_gap(history, 0.5),
        rule.percentile(history),
    ):
        assert np.isfinite(figures).all()
