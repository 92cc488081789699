"""Pareto/NBD: customers may leave at any moment."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import exprel

from liuke.insight.models.clocks import ring, ring_chance
from liuke.insight.models.columns import Floats, Timing
from liuke.insight.models.optimum import Objective
from liuke.insight.models.purchase import LEAVING_BOX, RATE_BOX, TIME_BOX, PurchaseModel, last_of
from liuke.insight.models.special import expit, log_rising, log_rising_slope
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
    boxes = (RATE_BOX, TIME_BOX, LEAVING_BOX, TIME_BOX)

    def _starts(self, scaled: Triples) -> list[Floats]:
        rate = scaled.purchases / float((scaled.count * scaled.T).sum())
        guesses = [(0.6, 0.4 / rate, 0.6, 0.4), (2.0, 1.0 / rate, 0.1, 1.0), (0.3, 0.1 / rate, 2.0, 1.0)]
        return [np.log(guess) for guess in guesses]

    def _objective(self, scaled: Triples) -> Objective:
        return _likelihood(scaled)

    def _alive(self, timing: Timing) -> Floats:
        """P(alive) = A / (A + D), alive at T against left in (tx, T), both seen from the last purchase."""
        r, alpha, s, beta = (self.params_[name] for name in self.param_names)
        k, first, second = r + timing.frequency, alpha + timing.recency, beta + timing.recency
        waited = timing.T - timing.recency
        log_stayed = -k * np.log1p(waited / first) - s * np.log1p(waited / second)
        chance = ring_chance(k, first, s, second, waited)
        alive: Floats = expit(log_stayed - np.log(np.maximum(chance, 1e-300)))
        return alive

    def _expected_if_alive(self, x: Floats, T: Floats, horizon: float) -> Floats:
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

    def _boundary(self) -> tuple[str, ...]:
        r, _, s, beta = (self.params_[name] for name in self.param_names)
        leaves = -np.expm1(-s * np.log1p(self.watched_ / beta))
        found = []
        if leaves < 1e-3:
            found.append(
                "nobody leaves: the data show no end of buying, so P(alive) is 1 or nearly so for everyone"
            )
        elif s > 1e4:
            found.append("one rate of leaving for all: the data show no difference between customers in it")
        if r > 1e4:
            found.append("one buying rate for all: the data show no difference between customers in it")
        return tuple(found)

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


def _likelihood(triples: Triples) -> Objective:
    """Log-likelihood over triples and its gradient in (ln r, ln α, ln s, ln β)."""
    x, tx, T, count = triples.frequency, triples.recency, triples.T, triples.count
    counts, by_count = triples.frequencies, triples.customers_by_frequency
    waited = T - tx

    def objective(log_params: Floats) -> tuple[float, Floats]:
        r, alpha, s, beta = np.exp(log_params)
        k, first, second = r + x, alpha + tx, beta + tx
        first_last, second_last = np.log1p(tx / alpha), np.log1p(tx / beta)
        first_end, second_end = np.log1p(waited / first), np.log1p(waited / second)
        rung = ring(k, first, s, second, waited)
        # both measured from the last purchase, whose own factor is common to them
        log_stayed = -k * first_end - s * second_end
        log_left = np.log(np.maximum(rung.chance, 1e-300))
        either = np.logaddexp(log_stayed, log_left)
        value = (
            by_count @ log_rising(r, counts)
            + count @ (either - k * first_last - s * second_last)
            - triples.purchases * log_params[1]
        )
        alive = np.exp(log_stayed - either)
        left = 1.0 - alive
        # means over the moment of leaving, for those who left
        log_first, log_second = (rung.share * rung.log_first).sum(1), (rung.share * rung.log_second).sum(1)
        left_at = tx[:, None] + rung.time
        part_first = (rung.share * (left_at / (alpha + left_at))).sum(1)
        part_second = (rung.share * (left_at / (beta + left_at))).sum(1)
        slope_r = by_count @ log_rising_slope(r, counts) - count @ (
            first_last + alive * first_end + left * log_first
        )
        slope_alpha = count @ (k * (alive * T / (alpha + T) + left * part_first)) - triples.purchases
        slope_s = count @ (left / s - second_last - alive * second_end - left * log_second)
        slope_beta = count @ (s * alive * T / (beta + T) + left * ((s + 1) * part_second - 1))
        return float(value), np.array([r * slope_r, slope_alpha, s * slope_s, slope_beta])

    return objective
