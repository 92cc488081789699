"""Expected purchases before leaving, when one may leave after each purchase with a chance drawn from a Beta.

A customer who buys at rate λ and leaves after each purchase with chance p makes (1 - exp(-λ p t)) / p
purchases in t on average. With λ ~ Gamma(k, β) and τ = t/β this is g(p) = (1 - (1 + p τ)^-k) / p, and with
p ~ Beta(a, b)

    E[g(p)] = (a+b-1)/(a-1) [1 - 2F1(k, a-1; a+b-1; -τ)],

Fader, Hardie and Lee (2005) equation (10) after a Pfaff transformation. That form is 0/0 at a = 1 and its
2F1 overflows for frequent buyers, so the mean is taken by quadrature, where every term is positive. Both
rules below were compared with 40-digit arithmetic: relative error under 1e-11.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from liuke.insight.models.columns import Floats

NODES = 24  # LAPACK takes to threads above this order, at ten times the time for matrices so small
# nodes at a time: arrays of 64 kB are reused, larger ones are mapped anew at three times the cost
CHUNK = 8192
STEP = 0.125
TAIL = 36.0  # e^-36 is a rounding error


def expected_before_leaving(k: Floats, a: float, b: Floats, tau: Floats) -> Floats:
    """E[purchases] for λ ~ Gamma(k, β), p ~ Beta(a, b) within τ = horizon / β; arrays are of shape (u,)."""
    result = np.empty_like(k)
    steep = _too_steep_for_gauss(k, a, b, tau)
    distinct, index = np.unique(b[~steep], return_inverse=True)
    nodes, weights = beta_rule(a, distinct)
    rule = np.zeros(len(k), dtype=np.intp)
    rule[~steep] = index
    for part in _pieces(np.flatnonzero(~steep), NODES):
        counts = _purchases(k[part], nodes[rule[part]], tau[part])
        result[part] = np.einsum("ij,ij->i", counts, weights[rule[part]])
    for part in _pieces(np.flatnonzero(steep), 700):
        result[part] = _by_steps(k[part], a, b[part], tau[part])
    return result


def _pieces(rows: NDArray[np.intp], nodes: int) -> Iterator[NDArray[np.intp]]:
    step = max(1, CHUNK // nodes)
    for start in range(0, len(rows), step):
        yield rows[start : start + step]


def _too_steep_for_gauss(k: Floats, a: float, b: Floats, tau: Floats) -> NDArray[np.bool_]:
    """Whether g falls so fast near p = 0, against the width of the Beta, that polynomials follow it badly."""
    if a > 50:
        return np.zeros(len(k), dtype=np.bool_)
    widest = np.minimum(1.0, (a + 10 + 5 * np.sqrt(a)) / (a + b))
    steep: NDArray[np.bool_] = np.maximum(1.0, k / 3) * tau * widest > 10
    return steep


def beta_rule(a: float, b: Floats, order: int = NODES) -> tuple[Floats, Floats]:
    """Gauss rule for the mean over p ~ Beta(a, b): nodes and weights of shape (len(b), order).

    Golub and Welsch (1969): nodes are the eigenvalues of the Jacobi matrix of the weight p^(a-1)
    (1-p)^(b-1), weights the squared first components of its eigenvectors; they sum to 1.
    """
    n = np.arange(1.0, order)
    alpha, beta = b[:, None] - 1, a - 1
    total = alpha + beta
    matrix = np.zeros((len(b), order, order))
    steps = np.arange(order)
    first = (beta - alpha) / (total + 2)
    rest = (beta**2 - alpha**2) / ((2 * n + total) * (2 * n + total + 2))
    matrix[:, steps, steps] = np.concatenate([first, rest], axis=1)
    # (n + total) / (2n + total - 1) is 1 at n = 1, also where it reads 0/0
    ratio = np.ones_like(rest)
    ratio[:, 1:] = (n[1:] + total) / (2 * n[1:] + total - 1)
    square = 4 * n * (n + alpha) * (n + beta) * ratio / ((2 * n + total) ** 2 * (2 * n + total + 1))
    matrix[:, steps[1:], steps[:-1]] = np.sqrt(square)
    nodes, vectors = np.linalg.eigh(matrix)
    return np.clip((nodes + 1) / 2, 0.0, 1.0), vectors[:, 0, :] ** 2


def _by_steps(k: Floats, a: float, b: Floats, tau: Floats) -> Floats:
    """E[g] = g(1) + ∫ P(Beta < p) (-g'(p)) dp by even steps in the logit of p, for g steep near 0.

    The integrand dies away exponentially on both sides, where the trapezoid rule converges exponentially.
    """
    lowest = np.floor(-np.log(max(float((k * tau).max()), 1.0)) - TAIL)
    logits = np.arange(lowest, TAIL, STEP)
    p, q = 1 / (1 + np.exp(-logits)), 1 / (1 + np.exp(logits))
    distinct, index = np.unique(b, return_inverse=True)
    below = betainc(a, distinct[:, None], p)[index]
    g = _purchases(k, np.broadcast_to(p, (len(k), len(p))), tau)
    log_kept = np.log1p(p * tau[:, None])
    # -g'(p) p, with the slope of the logit: dp = p q du
    falls = np.maximum(g - (k * tau)[:, None] * np.exp(-(k[:, None] + 1) * log_kept), 0.0)
    at_one = -np.expm1(-k * np.log1p(tau))
    mean: Floats = at_one + STEP * (below * falls * q).sum(axis=1)
    return mean


def _purchases(k: Floats, p: Floats, tau: Floats) -> Floats:
    """g(p) with k, tau (u,) and p (u, nodes); expm1 keeps all digits as p goes to 0, where g is k τ."""
    with np.errstate(divide="ignore", invalid="ignore"):
        g = -np.expm1(-k[:, None] * np.log1p(p * tau[:, None])) / p
    return np.where(p > 1e-300, g, (k * tau)[:, None])
