"""The few special functions of the purchase models, in forms that neither overflow nor cancel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, expit, gammaln, zeta

from liuke.insight.models.columns import Floats

__all__ = ["RisingSum", "digamma", "expit", "log_rising"]

LARGE = 50.0
FEW = 1000


def log_rising(z: float, n: Floats) -> tuple[Floats, Floats, Floats]:
    """ln Γ(z + n) - ln Γ(z) with its first and second derivative in z, each of the shape of n; z > 0, n >= 0.

    For whole and not too many n these are sums of ln(z+i), 1/(z+i) and -1/(z+i)² over i < n, quicker than the special
    functions and exact for any z. Otherwise, where z dwarfs n, plain differences would lose their digits; then
    Stirling's series is taken on both sides and the large common part cancels on paper.
    """
    if n.max(initial=0.0) <= FEW:
        steps = n.astype(np.intp)
        if (steps == n).all():
            return _sums(z, steps)
    if z < LARGE:
        value: Floats = gammaln(z + n) - gammaln(z)
        # ψ'(z) is Hurwitz's ζ(2, z)
        return value, digamma(z + n) - digamma(z), zeta(2.0, z + n) - zeta(2.0, z)
    small, moved = 1.0 / z, 1.0 / (z + n)
    log_ratio = np.log1p(n * small)
    value = (z - 0.5) * log_ratio + n * np.log(z + n) - n + _tail(moved) - _tail(small)
    slope = (
        log_ratio
        - (moved - small) / 2
        - (moved**2 - small**2) / 12
        + (moved**4 - small**4) / 120
        - (moved**6 - small**6) / 252
    )
    bend = (
        -n * small * moved
        + (moved**2 - small**2) / 2
        + (moved**3 - small**3) / 6
        - (moved**5 - small**5) / 30
    )
    return value, slope, bend


def _sums(z: float, steps: NDArray[np.intp]) -> tuple[Floats, Floats, Floats]:
    terms = z + np.arange(steps.max(initial=0))
    inverse = 1 / terms
    sums = np.zeros((3, len(terms) + 1))
    np.cumsum((np.log(terms), inverse, -(inverse**2)), axis=1, out=sums[:, 1:])
    value, slope, bend = sums[:, steps]
    return value, slope, bend


class RisingSum:
    """Σ weight (ln Γ(z + n) - ln Γ(z)) over many n, with its first and second derivative in z.

    For whole and not too many n the terms ln(z+i) are gone through once, each as often as there are n above i: the
    work no longer depends on how many n there are.
    """

    def __init__(self, n: Floats, weights: Floats) -> None:
        self.n, self.weights = n, weights
        self.terms: Floats = np.zeros(0)
        steps = n.astype(np.intp) if n.max(initial=0.0) <= FEW else None
        self.above: Floats | None = None
        if steps is not None and (steps == n).all():
            each = np.bincount(steps, weights=weights)
            self.above = (each.sum() - np.cumsum(each))[:-1]
            self.terms = np.arange(len(self.above)).astype(np.float64)
        else:
            distinct, index = np.unique(n, return_inverse=True)
            self.n = distinct
            self.weights = np.bincount(index, weights=weights).astype(np.float64)

    def __call__(self, z: float) -> tuple[float, float, float]:
        if self.above is None:
            value, slope, bend = (float(self.weights @ part) for part in log_rising(z, self.n))
            return value, slope, bend
        terms = z + self.terms
        inverse = 1 / terms
        part = self.above * inverse
        return float(self.above @ np.log(terms)), float(part.sum()), -float(part @ inverse)


def _tail(inverse: Floats | float) -> Floats:
    square = np.asarray(inverse) ** 2
    tail: Floats = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))
    return tail
