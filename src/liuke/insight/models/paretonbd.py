"""Pareto/NBD: customers may leave at any moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import exprel

from liuke.insight.models.clocks import ring_chance, rings
from liuke.insight.models.columns import Floats, Timing
from liuke.insight.models.optimum import Likelihood
from liuke.insight.models.purchase import PurchaseModel, last_of
from liuke.insight.models.special import RisingSum, expit
from liuke.insight.models.triples import Triples


class ParetoNBD(PurchaseModel):
    """Pareto / negative binomial distribution model of repeat buying.

    While alive a customer buys at a steady rate λ (Poisson) and leaves at rate μ (exponential life); λ ~
    Gamma(r, α) and μ ~ Gamma(s, β) over customers, independently. Likelihood of x purchases, the last at
    tx, seen until T:

        L = Γ(r+x)/Γ(r) α^r β^s { (α+T)^-(r+x) (β+T)^-s + s ∫_tx^T (α+τ)^-(r+x) (β+τ)^-(s+1) dτ }

    the integral being over the moment of leaving (module `clocks` says why it is kept as one).

    Parameters `params_`: r, s (pure numbers), alpha, beta (in the unit of time of the table).

    Source: Schmittlein, Morrison and Colombo (1987), Counting your customers, Management Science 33(1), 1-24;
    Fader and Hardie (2005), A note on deriving the Pareto/NBD model and related expressions.
    """

    param_names = ("r", "alpha", "s", "beta")
    time_params = ("alpha", "beta")
    rough_from = 500
    matrix = ((1, 0, 0, 0), (1, 1, 0, 0), (0, 0, 0, 1), (0, 0, -1, 1))

    def _starts(self, scaled: Triples) -> list[Floats]:
        rate = scaled.purchases / float((scaled.count * scaled.T).sum())
        guesses = [(0.6, 0.4 / rate, 0.6, 0.4), (2.0, 1.0 / rate, 0.1, 1.0), (0.3, 0.1 / rate, 2.0, 1.0)]
        return [np.log(guess) for guess in guesses]

    def _likelihood(self, scaled: Triples, *, rough: bool) -> Likelihood:
        return _likelihood(scaled, rough=rough)

    def _alive(self, timing: Timing) -> Floats:
        """P(alive) = A / (A + D), alive at T against left in (tx, T), both seen from the last purchase."""
        r, alpha, s, beta = (self.params_[name] for name in self.param_names)
        k, first, second = r + timing.frequency, alpha + timing.recency, beta + timing.recency
        waited = timing.T - timing.recency
        log_stayed = -k * np.log1p(waited / first) - s * np.log1p(waited / second)
        chance = ring_chance(k, first, np.full_like(k, s), second, waited)
        alive: Floats = expit(log_stayed - np.log(np.maximum(chance, 1e-300)))
        return alive

    def _expected_if_alive(self, x: Floats, T: Floats, horizon: Floats | float) -> Floats:
        """(r+x)/(α+T) (β+T)/(s-1) [1 - ((β+T)/(β+T+t))^(s-1)], written so that s = 1 is no exception."""
        r, alpha, s, beta = (self.params_[name] for name in self.param_names)
        growth = np.log1p(horizon / (beta + T))
        expected: Floats = (r + x) * (beta + T) / (alpha + T) * growth * exprel((1 - s) * growth)
        return expected

    def _purchase_if_alive(self, x: Floats, T: Floats, horizon: float) -> Floats:
        r, alpha, s, beta = (self.params_[name] for name in self.param_names)
        leaving, length = np.full_like(x, s), np.full_like(x, horizon)
        return np.minimum(ring_chance(leaving, beta + T, r + x, alpha + T, length), 1.0)

    def expected_purchases_new(self, horizon: float) -> float:
        """E[repeat purchases in (0, horizon]] of a customer just won: rβ/(α(s-1)) [1 - (β/(β+t))^(s-1)]."""
        new = Timing(np.zeros(1), np.zeros(1), np.zeros(1))
        return float(self.expected_purchases(new, horizon=horizon)[0])

    def _draw(self, T: Floats, horizon: float, rng: np.random.Generator) -> dict[str, Any]:
        r, alpha, s, beta = (self.params_[name] for name in self.param_names)
        n = len(T)
        rate, leaving = rng.gamma(r, 1 / alpha, n), rng.gamma(s, 1 / beta, n)
        life = rng.exponential(1.0, n) / np.maximum(leaving, 1e-300)
        watched = np.minimum(life, T)
        made = rng.poisson(rate * watched).astype(np.float64)
        ahead = np.clip(life - T, 0.0, horizon)
        return {
            "frequency": made.astype(np.int64),
            "recency": last_of(made, made, watched, rng),
            "T": T,
            "future": rng.poisson(rate * ahead),
            "alive": life > T,
        }

    def explain(self) -> str:
        """Say in plain words what was learnt and how far to trust it."""
        self._require_fit()
        r, alpha, s, beta = (self.params_[name] for name in self.param_names)
        half = beta * np.expm1(np.log(2) / s) if s > 1e-2 else np.inf
        lines = [
            "Pareto/NBD: buying at a steady rate, with a chance of leaving at any moment.",
            f"While a customer stays, purchases come at {r / alpha:.4g} per unit of time on average; "
            f"rates differ between customers by {100 / np.sqrt(r):.0f} % of that.",
            f"Half of new customers have left after {half:.4g} units of time.",
            *self._explain_fit(),
        ]
        return "\n".join(lines)


def _likelihood(triples: Triples, *, rough: bool) -> Likelihood:
    """Log-likelihood over triples with gradient and Hessian in (ln r, ln α, ln s, ln β).

    A triple's likelihood is a sum over what may have happened after the last purchase: still a customer at T, or
    gone at one of the nodes of the integral. With p the share of each in the sum and h the log of each, the gradient
    is the mean of h' and the Hessian the mean of h'' plus the covariance of h'.
    """
    x, tx, T, count = triples.frequency, triples.recency, triples.T, triples.count
    of_bought = RisingSum(triples.frequency, triples.count)
    waited = T - tx

    def likelihood(log_params: Floats) -> tuple[float, Floats, Floats]:
        r, alpha, s, beta = np.exp(log_params)
        k = r + x
        first_last, second_last = np.log1p(tx / alpha), np.log1p(tx / beta)
        first_end, second_end = np.log1p(waited / (alpha + tx)), np.log1p(waited / (beta + tx))
        # both cases measured from the last purchase, whose own factor is common to them
        log_stayed = -k * first_end - s * second_end
        bought = of_bought(r)
        value = bought[0] - triples.purchases * log_params[1] - count @ (k * first_last + s * second_last)
        slope, hessian = np.zeros(4), np.zeros((4, 4))
        for ring in rings(k, alpha + tx, np.full_like(k, s), beta + tx, waited, rough=rough):
            i = ring.rows
            log_left = np.log(np.maximum(ring.chance, 1e-300))
            either = np.logaddexp(log_stayed[i], log_left)
            value += count[i] @ either
            left = count[i] * np.exp(log_left - either)
            gone = _Cases(
                share=left[:, None] * ring.share,
                ended=tx[i, None] + ring.time,
                log_first=first_last[i, None] + ring.log_first,
                log_second=second_last[i, None] + ring.log_second,
                leaving=1.0,
            )
            stayed = _Cases(
                share=(count[i] - left)[:, None],
                ended=T[i, None],
                log_first=(first_last + first_end)[i, None],
                log_second=(second_last + second_end)[i, None],
                leaving=0.0,
            )
            mean, bend = gone.moments(k[i], alpha, s, beta)
            other_mean, other_bend = stayed.moments(k[i], alpha, s, beta)
            mean += other_mean
            slope += mean.sum(axis=1)
            hessian += bend + other_bend - (mean / count[i]) @ mean.T
        slope[0] += bought[1]
        hessian[0, 0] += bought[2]
        slope[1] -= triples.purchases
        scale = np.array([r, 1.0, s, 1.0])
        gradient = scale * slope
        hessian *= np.outer(scale, scale)
        hessian[[0, 2], [0, 2]] += gradient[[0, 2]]
        return float(value), gradient, hessian

    return likelihood


@dataclass(frozen=True)
class _Cases:
    """What may have happened after the last purchase of m triples: j cases each, all arrays (m, j).

    `share`: customers times the chance of the case; `ended`: when watching or life ended, u; `log_first`, `log_second`:
    ln(1 + u/α), ln(1 + u/β); `leaving`: 1 where life ended, whose density has s/(β + u) more, 0 at the end of watching.
    """

    share: Floats
    ended: Floats
    log_first: Floats
    log_second: Floats
    leaving: float

    def moments(self, k: Floats, alpha: float, s: float, beta: float) -> tuple[Floats, Floats]:
        """Sums over cases, with h the log-likelihood of a case in (r, ln α, s, ln β): of h' (4, m), of h'' + h' h'ᵀ (4, 4)."""
        share, leaving = self.share, self.leaving
        first, second = self.ended / (alpha + self.ended), self.ended / (beta + self.ended)
        score = np.empty((4, *share.shape))
        score[0] = -self.log_first
        score[1] = k[:, None] * first
        score[2] = leaving / s - self.log_second
        score[3] = (s + leaving) * second - leaving
        weighted = score * share
        bend = weighted.reshape(4, -1) @ score.reshape(4, -1).T
        by_first, by_second = share * first, share * second
        bend[0, 1] += by_first.sum()
        bend[1, 1] -= (score[1] * (share - by_first)).sum()
        bend[2, 2] -= leaving * share.sum() / s**2
        bend[2, 3] += by_second.sum()
        bend[3, 3] -= (s + leaving) * (by_second.sum() - np.vdot(by_second, second))
        bend[1, 0], bend[3, 2] = bend[0, 1], bend[2, 3]
        return weighted @ np.ones(share.shape[1]), bend
