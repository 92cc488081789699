"""The few special functions of the purchase models, in forms that neither overflow nor cancel."""

from __future__ import annotations

import numpy as np
from scipy.special import digamma, expit, gammaln, roots_legendre

from liuke.insight.models.columns import Floats

__all__ = ["digamma", "expit", "log_rising", "log_rising_slope", "truncated_legendre"]


def log_rising(z: float, n: Floats) -> Floats:
    """ln Γ(z + n) - ln Γ(z) for z > 0, n >= 0, shape of n; exact to rounding even where z dwarfs n."""
    if z < 50:
        plain: Floats = gammaln(z + n) - gammaln(z)
        return plain
    # Stirling on both sides: the large common part cancels on paper instead of in the last digits
    stirling: Floats = (z - 0.5) * np.log1p(n / z) + n * np.log(z + n) - n + _remainder(z + n) - _remainder(z)
    return stirling


def _remainder(z: Floats | float) -> Floats:
    inverse = np.asarray(1.0 / z)
    square = inverse**2
    tail: Floats = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))
    return tail


def log_rising_slope(z: float, n: Floats) -> Floats:
    """d/dz of `log_rising`: ψ(z + n) - ψ(z)."""
    if z < 50:
        plain: Floats = digamma(z + n) - digamma(z)
        return plain
    # ψ(z) = ln z - 1/(2z) - 1/(12 z²) + 1/(120 z⁴) - …
    inverse, moved = 1.0 / z, 1.0 / (z + n)
    slope: Floats = (
        np.log1p(n / z)
        - (moved - inverse) / 2
        - (moved**2 - inverse**2) / 12
        + (moved**4 - inverse**4) / 120
        - (moved**6 - inverse**6) / 252
    )
    return slope


def truncated_legendre(order: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on [0, 1], each of shape (order,)."""
    nodes, weights = roots_legendre(order)
    return (nodes + 1) / 2, weights / 2
