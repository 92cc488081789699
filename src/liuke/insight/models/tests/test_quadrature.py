"""The two integrals behind the models, against figures worked out with 40 digits (mpmath, hypergeometric forms)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import digamma, gammaln, polygamma

from liuke.insight.models.clocks import ring_chance
from liuke.insight.models.dropout import expected_before_leaving
from liuke.insight.models.special import log_rising

# k, a, b, tau, E[purchases]
BEFORE_LEAVING = [
    (0.24, 0.79, 2.4, 39 / 43, 0.19374633798716204),
    (29.24, 0.79, 31.4, 39 / 43, 20.481192034051514),
    (0.24, 0.79, 2.4, 1e4, 23.482401400586145),
    (5.2, 0.5, 7.0, 500.0, 246.0877140622215),
    (1000.2, 0.79, 1002.0, 50.0, 6118.999119639968),
    (3.2, 1e-5, 1.0, 0.5, 1.5999880326080957),
    (3.0, 1e5, 1e5, 0.5, 0.9760005791978048),
    (1e4, 0.5, 1e-4, 10.0, 1.1118823254790524),
    (3.0, 1.0, 5.0, 1.0, 2.3092205557311454),
]


@pytest.mark.parametrize(("k", "a", "b", "tau", "expected"), BEFORE_LEAVING)
def test_purchases_before_leaving(k: float, a: float, b: float, tau: float, expected: float) -> None:
    got = expected_before_leaving(np.array([k]), a, np.array([b]), np.array([tau]))[0]
    assert got == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("a", [1.0 - 1e-9, 1.0, 1.0 + 1e-9])
def test_the_pole_of_the_closed_form_is_no_pole(a: float) -> None:
    got = expected_before_leaving(np.array([3.0]), a, np.array([5.0]), np.array([1.0]))[0]
    assert got == pytest.approx(2.3092205557311454, rel=1e-7)


@pytest.mark.parametrize(
    ("k", "alpha", "s", "beta", "length"),
    [
        (0.55, 10.6, 0.6, 11.7, 39.0),
        (29.5, 41.0, 0.6, 42.0, 8.0),
        (800.0, 52.0, 0.3, 4.0, 30.0),
        (0.2, 1e-3, 2.0, 50.0, 100.0),
        (3.0, 50.0, 0.5, 1e-3, 100.0),
        (2.0, 1.0, 3.0, 1.0, 1e-6),
        (0.05, 1.0, 0.02, 30.0, 1e4),
    ],
)
def test_the_clock_that_rings_first(k: float, alpha: float, s: float, beta: float, length: float) -> None:
    def density(w: float) -> float:
        u = np.expm1(w)
        return float(s / (beta + u) * (1 + u / beta) ** -s * (1 + u / alpha) ** -k * (1 + u))

    exact = quad(density, 0, np.log1p(length), epsabs=0, epsrel=1e-12, limit=2000)[0]
    got = ring_chance(*(np.array([value]) for value in (k, alpha, s, beta, length)))[0]
    assert got == pytest.approx(exact, rel=1e-9)


def test_a_year_of_seconds_with_thousands_of_purchases_stays_finite() -> None:
    k = np.array([5000.5, 0.5, 2e5])
    got = ring_chance(k, np.full(3, 1e7), np.full(3, 0.5), np.full(3, 3e7), np.array([3e7, 0.0, 1e9]))
    assert np.isfinite(got).all()
    assert got[1] == 0.0
    assert ((got >= 0) & (got <= 1)).all()


@pytest.mark.parametrize("z", [1e-4, 0.3, 7.0, 49.99, 50.01, 1e3])
def test_log_rising_and_its_derivatives(z: float) -> None:
    n = np.array([0.0, 1.0, 2.0, 30.0, 5000.0])
    value, slope, bend = log_rising(z, n)
    assert value == pytest.approx(gammaln(z + n) - gammaln(z), rel=1e-10, abs=1e-12)
    assert slope == pytest.approx(digamma(z + n) - digamma(z), rel=1e-9, abs=1e-12)
    assert bend == pytest.approx(polygamma(1, z + n) - polygamma(1, z), rel=1e-8, abs=1e-12)


def test_log_rising_keeps_its_digits_where_the_plain_difference_loses_them() -> None:
    # Γ(z+2)/Γ(z) = z (z+1)
    value = log_rising(1e12, np.array([2.0]))[0][0]
    assert value == pytest.approx(np.log(1e12) + np.log(1e12 + 1), rel=1e-15)
