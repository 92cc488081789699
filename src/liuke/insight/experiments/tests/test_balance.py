from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta

from liuke.insight import experiments as ex
from liuke.insight.errors import SampleRatioMismatch

HALVES = {"control": 0.5, "treated": 0.5}


def test_lost_customers_are_noticed() -> None:
    """Fabijan et al. 2019: 821,588 against 815,482 of an even drawing is no chance."""
    with pytest.warns(SampleRatioMismatch, match="find the cause"):
        found = ex.sample_ratio({"control": 821_588, "treated": 815_482}, HALVES)
    assert found.mismatch
    assert found.p == pytest.approx(1.8e-6, rel=0.1)
    assert found.expected["control"] == 818_535


def test_chance_is_let_pass() -> None:
    found = ex.sample_ratio({"control": 1_010, "treated": 990}, HALVES)
    assert not found.mismatch
    assert found.p > 0.5
    assert found.p_always == 1.0


def test_looking_every_day_raises_no_false_alarm_by_the_always_valid_test() -> None:
    generator = np.random.default_rng(3)
    daily = generator.binomial(50, 0.5, (200, 100)).cumsum(axis=1)
    alarms_always = alarms_once = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SampleRatioMismatch)
        for path in daily:
            looks = [
                ex.sample_ratio(
                    {"control": int(n), "treated": 50 * (day + 1) - int(n)}, HALVES, alarm=0.05, peeking=True
                )
                for day, n in enumerate(path)
            ]
            alarms_always += any(look.mismatch for look in looks)
            alarms_once += any(look.p < 0.05 for look in looks)
    assert alarms_always / 200 <= 0.07
    assert alarms_once / 200 > 0.2  # what the ordinary test would do


def test_the_always_valid_figure_is_the_mixture_it_says() -> None:
    """Two arms: the mean of the likelihood ratio over Beta(50, 50), by quadrature; the other way to the same number."""
    lost, kept = 560, 440

    def ratio(theta: float) -> float:
        return float(np.exp(lost * np.log(2 * theta) + kept * np.log(2 * (1 - theta)))) * beta(50, 50).pdf(
            theta
        )

    factor, _ = quad(ratio, 0.3, 0.8, epsabs=0, epsrel=1e-10)
    found = ex.sample_ratio({"control": lost, "treated": kept}, HALVES, alarm=1e-9)
    assert found.p_always == pytest.approx(1 / factor, rel=1e-6)


def test_a_lasting_loss_is_found_while_peeking() -> None:
    with pytest.warns(SampleRatioMismatch):
        assert ex.sample_ratio({"control": 5_300, "treated": 4_700}, HALVES, peeking=True).mismatch


@pytest.mark.parametrize(
    "counts", [{"control": 0, "treated": 0}, {"control": -1, "treated": 5}, {"control": 5}]
)
def test_impossible_counts_are_refused(counts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="counts|shares"):
        ex.sample_ratio(counts, HALVES)
