from __future__ import annotations

import sys
from datetime import date
from io import BytesIO
from typing import Any

import numpy as np
import pytest

from liuke import insight
from liuke.insight import plots
from liuke.insight.datasets import cdnow_sample
from liuke.insight.errors import BadFigure, BadHorizon, MissingExtra, NotFitted
from liuke.insight.tests.logs import log

FITTED = date(1997, 9, 30)
UNTIL = date(1998, 6, 30)
MODEL = insight.ParetoNBD.with_params(r=0.5532, alpha=10.576, s=0.6063, beta=11.672)


@pytest.fixture(scope="module")
def purchases() -> insight.Purchases:
    return insight.read_purchases(cdnow_sample())


@pytest.fixture(scope="module")
def summary(purchases: insight.Purchases) -> Any:
    return insight.summarise(purchases, as_of=FITTED, unit="week")


@pytest.fixture(scope="module")
def tracked(purchases: insight.Purchases) -> plots.Tracking:
    return plots.tracking(MODEL, purchases, fitted_until=FITTED, until=UNTIL)


def test_the_frequency_histogram_counts_every_customer_once(summary: Any) -> None:
    actual, expected = plots.frequency_counts(MODEL, summary, most=7)
    # Fader, Hardie and Lee (2005), figure 1: 1,411 customers without a repeat purchase, 439 with one
    assert actual.tolist()[:2] == [1411, 439]
    assert actual.sum() == 2357
    assert expected.sum() == pytest.approx(2357)
    assert expected[0] == pytest.approx(actual[0], rel=0.05)


def test_the_alive_matrix_is_paler_for_the_frequent_buyer_gone_quiet() -> None:
    frequency, recency, alive = plots.alive_grid(MODEL, T=39, most_frequency=10, steps=20)
    assert alive.shape == (11, 21) == (len(frequency), len(recency))
    assert ((alive >= 0) & (alive <= 1)).all()
    assert (np.diff(alive[3]) >= 0).all()  # the later the last purchase, the likelier
    assert alive[10, 5] < alive[2, 5]


def test_tracking_follows_the_log(tracked: plots.Tracking) -> None:
    weeks = len(tracked.time)
    assert weeks == 78
    assert tracked.fitted_until == 39
    # 2,457 repeat purchases in the first 39 weeks, 1,882 in the 39 after
    assert tracked.actual[:39].sum() == 2457
    assert tracked.actual.sum() == pytest.approx(2457 + 1882, abs=1)
    assert tracked.expected[:39].sum() == pytest.approx(2457, rel=0.03)
    assert 0.75 < tracked.expected[39:].sum() / 1882 < 1.0  # Christmas is beyond the model
    assert (tracked.expected >= 0).all()


def test_tracking_in_days_is_the_same_sum() -> None:
    purchases = log(("A", "2026-01-01", 1.0), ("A", "2026-01-09", 1.0), ("B", "2026-01-05", 1.0), ("C", "2026-01-20", 1.0), ("C", "2026-01-21", 1.0))  # fmt: skip
    daily = insight.ParetoNBD.with_params(r=0.5532, alpha=10.576 * 7, s=0.6063, beta=11.672 * 7)
    ends = {"fitted_until": date(2026, 1, 10), "until": date(2026, 1, 28)}
    weeks, days = (
        plots.tracking(MODEL, purchases, **ends),
        plots.tracking(daily, purchases, unit="day", **ends),
    )
    assert weeks.actual.tolist() == [0, 1, 0, 0]  # C was won later
    assert days.actual.sum() == weeks.actual.sum()
    assert days.expected.sum() == pytest.approx(weeks.expected.sum())
    by_hand = MODEL.expected_purchases_new(27 / 7) + MODEL.expected_purchases_new(23 / 7)
    assert weeks.expected.sum() == pytest.approx(by_hand)


def test_calibration_groups_hold_their_share() -> None:
    rng = np.random.default_rng(1)
    p = rng.random(2_000)
    came = rng.random(2_000) < p
    found = plots.groups(p, came, count=8)
    assert len(found) == 8
    assert sum(each.came.count for each in found) == came.sum()
    assert sum(each.came.low <= each.forecast <= each.came.high for each in found) >= 6
    assert len(plots.groups([0.1, 0.9], [0, 1])) == 2


def drawn(tracked: plots.Tracking, summary: Any) -> dict[str, Any]:
    gains = np.linspace(1, -1, 200)
    return {
        "histogram": plots.plot_frequency_histogram(MODEL, summary),
        "alive": plots.plot_alive_matrix(MODEL, T=39),
        "cumulative": plots.plot_cumulative_tracking(tracked),
        "incremental": plots.plot_incremental_tracking(tracked),
        "calibration": plots.plot_calibration([0.1, 0.5, 0.9, 0.9], [False, True, True, True]),
        "lorenz": plots.plot_lorenz(insight.grading.concentration([1, 2, 3, 10])),
        "qini": plots.plot_qini(insight.experiments.qini(gains + 0.01, gains)),
    }


def test_every_plot_is_drawn_with_title_and_labels(tracked: plots.Tracking, summary: Any) -> None:
    pytest.importorskip("matplotlib")
    for name, ax in drawn(tracked, summary).items():
        assert ax.get_title(loc="left"), name
        assert ax.get_xlabel(), name
        assert ax.get_ylabel(), name
        image = BytesIO()
        ax.figure.savefig(image, format="png")
        assert image.getvalue().startswith(b"\x89PNG"), name


def test_a_plot_goes_where_it_is_told_and_shows_the_figures(tracked: plots.Tracking) -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure()
    first, second = figure.subplots(1, 2)
    assert plots.plot_cumulative_tracking(tracked, ax=second) is second
    assert not first.lines
    actual, expected, _ = second.lines
    assert actual.get_ydata()[-1] == tracked.actual.sum()
    assert expected.get_ydata()[-1] == pytest.approx(tracked.expected.sum())


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtra, match=r"pip install 'liuke\[plot\]'"):
        plots.plot_lorenz(insight.grading.concentration([1, 2]))


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda log: plots.tracking(MODEL, log, fitted_until=UNTIL, until=FITTED), BadHorizon, "lies before"),
        (lambda log: plots.tracking(MODEL, log, fitted_until=date(1990, 1, 1), until=UNTIL), ValueError, "before the first"),
        (lambda log: plots.tracking(insight.ParetoNBD(), log, fitted_until=FITTED, until=UNTIL), NotFitted, "fit first"),
        (lambda log: plots.alive_grid(MODEL, T=0), BadFigure, "T: 0 must be above 0"),
        (lambda log: plots.groups([0.5, 1.5], [0, 1]), BadFigure, r"probability, row 1 .*1.5 is above 1"),
        (lambda log: plots.groups([0.5, 0.5], [0, 0.5]), BadFigure, r"came, row 1 .*0.5 is neither 0 nor 1"),
        (lambda log: plots.groups([0.5], [0, 1]), BadFigure, "came: 2 figures for 1 customers"),
    ],
)  # fmt: skip
def test_what_bad_input_gets(purchases: insight.Purchases, call: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message):
        call(purchases)
