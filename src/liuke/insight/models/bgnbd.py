"""BG/NBD: customers may leave after each repeat purchase."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from liuke.insight.errors import OneTimeBuyers
from liuke.insight.models.columns import Floats, Timing
from liuke.insight.models.dropout import expected_before_leaving
from liuke.insight.models.optimum import Objective
from liuke.insight.models.purchase import LEAVING_BOX, RATE_BOX, TIME_BOX, PurchaseModel, last_of
from liuke.insight.models.special import expit, log_rising, log_rising_slope
from liuke.insight.models.triples import Triples, bin_sum


class LeavesAfterPurchase(PurchaseModel):
    """Base of BG/NBD and MBG/NBD: rate λ ~ Gamma(r, α), a chance p ~ Beta(a, b) of leaving after a purchase.

    They differ in one thing, whether the first purchase already counts as a chance to leave: `first_counts`
    is 0 or 1. With j = x + first_counts chances survived, the likelihood of (x, tx, T) is

        B(a, b+j)/B(a, b) Γ(r+x) α^r / Γ(r) { (α+T)^-(r+x) + [j > 0] a/(b+j-1) (α+tx)^-(r+x) }.
    """

    param_names = ("r", "alpha", "a", "b")
    time_params = ("alpha",)
    boxes = (RATE_BOX, TIME_BOX, LEAVING_BOX, LEAVING_BOX)
    first_counts: int

    def _starts(self, scaled: Triples) -> list[Floats]:
        rate = scaled.purchases / float((scaled.count * scaled.T).sum())
        guesses = [(0.5, 0.5 / rate, 1.0, 2.0), (2.0, 1.0 / rate, 0.1, 1.0), (0.1, 0.05 / rate, 3.0, 1.0)]
        return [np.log(guess) for guess in guesses]

    def _objective(self, scaled: Triples) -> Objective:
        return _likelihood(scaled, self.first_counts)

    def _log_odds_alive(self, timing: Timing) -> Floats:
        """ln P(alive) - ln P(left), +inf where leaving was impossible."""
        r, alpha, a, b = (self.params_[name] for name in self.param_names)
        x, tx, T = timing.frequency, timing.recency, timing.T
        chances = x + self.first_counts
        never = chances == 0
        odds: Floats = np.log(b + np.where(never, 1.0, chances) - 1) - np.log(a)
        odds -= (r + x) * np.log1p((T - tx) / (alpha + tx))
        odds[never] = np.inf
        return odds

    def _alive(self, timing: Timing) -> Floats:
        alive: Floats = expit(self._log_odds_alive(timing))
        return alive

    def _expected_if_alive(self, x: Floats, T: Floats, horizon: float) -> Floats:
        r, alpha, a, b = (self.params_[name] for name in self.param_names)
        return expected_before_leaving(r + x, a, b + x + self.first_counts, horizon / (alpha + T))

    def _purchase_if_alive(self, x: Floats, T: Floats, horizon: float) -> Floats:
        # nobody leaves between purchases: whoever is alive buys again, at his rate λ ~ Gamma(r+x, α+T)
        k, soonness = self.params_["r"] + x, np.log1p(horizon / (self.params_["alpha"] + T))
        bought: Floats = -np.expm1(-k * soonness)
        return bought

    def expected_purchases_new(self, horizon: float) -> float:
        """E[repeat purchases in (0, horizon]] of a customer just won: equation (9), by quadrature."""
        new = Timing(np.zeros(1), np.zeros(1), np.zeros(1))
        return float(self.expected_purchases(new, horizon=horizon)[0])

    def _draw(self, T: Floats, horizon: float, rng: np.random.Generator) -> dict[str, Any]:
        r, alpha, a, b = (self.params_[name] for name in self.param_names)
        n = len(T)
        rate, leaving = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
        # the purchase after which the customer leaves; the first purchase of all may be it when it counts
        last = rng.geometric(np.maximum(leaving, 1e-15)).astype(np.float64) - self.first_counts
        wished, later = rng.poisson(rate * T).astype(np.float64), rng.poisson(rate * horizon)
        alive = wished < last
        made = np.minimum(wished, last)
        return {
            "frequency": made.astype(np.int64),
            "recency": last_of(made, wished, T, rng),
            "T": T,
            "future": np.where(alive, np.minimum(later, last - made), 0).astype(np.int64),
            "alive": alive,
        }

    def _boundary(self) -> tuple[str, ...]:
        r, _, a, b = (self.params_[name] for name in self.param_names)
        found = []
        if a / (a + b) < 1e-4:
            found.append(
                "nobody leaves: the data show no end of buying, so P(alive) is 1 or nearly so for everyone"
            )
        elif a / (a + b) > 1 - 1e-4:
            found.append("everybody leaves at the first chance")
        elif a + b > 1e4:
            found.append("one chance of leaving for all: the data show no difference between customers in it")
        if r > 1e4:
            found.append("one buying rate for all: the data show no difference between customers in it")
        return tuple(found)

    def _explain_rate(self) -> str:
        r, alpha, _, _ = (self.params_[name] for name in self.param_names)
        return (
            f"While a customer stays, purchases come at {r / alpha:.4g} per unit of time on average; "
            f"rates differ between customers by {100 / np.sqrt(r):.0f} % of that."
        )


class BGNBD(LeavesAfterPurchase):
    """Beta-geometric / negative binomial distribution model of repeat buying.

    While alive a customer buys at a steady rate λ (Poisson); after each repeat purchase he leaves for good
    with chance p; λ ~ Gamma(r, α) and p ~ Beta(a, b) over customers, independently. Likelihood of x
    purchases, the last at tx, seen until T:

        L = B(a, b+x)/B(a, b) Γ(r+x) α^r / (Γ(r) (α+T)^(r+x))
          + [x > 0] B(a+1, b+x-1)/B(a, b) Γ(r+x) α^r / (Γ(r) (α+tx)^(r+x))

    Parameters `params_`: r, a, b (pure numbers), alpha (in the unit of time of the table). A customer with
    x = 0 cannot have left: P(alive) = 1 by construction; prefer MBGNBD or ParetoNBD to judge one-time
    buyers (asking for it warns `OneTimeBuyers`).

    Source: Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2),
    275-284, equations (6) for the likelihood and (10) for the conditional expectation; P(alive) from their
    note of 2008.
    """

    first_counts = 0

    def probability_alive(self, summary: Any) -> Floats:
        """P(alive at T | x, tx, T) = 1 / (1 + [x > 0] a/(b+x-1) ((α+T)/(α+tx))^(r+x)), shape (n,).

        Warnings: `OneTimeBuyers` when the table has customers with frequency 0, who all get 1.
        """
        alive = super().probability_alive(summary)
        one_time = int((alive == 1.0).sum())
        if one_time:
            warnings.warn(
                f"BGNBD holds {one_time:,} one-time buyers to be alive for certain; "
                "MBGNBD and ParetoNBD can judge them",
                OneTimeBuyers,
                stacklevel=2,
            )
        return alive

    def explain(self) -> str:
        """Say in plain words what was learnt and how far to trust it."""
        self._require_fit()
        a, b = self.params_["a"], self.params_["b"]
        lines = [
            "BG/NBD: buying at a steady rate, with a chance of leaving after each repeat purchase.",
            self._explain_rate(),
            f"After a repeat purchase {100 * a / (a + b):.3g} % leave on average.",
            "One-time buyers are always held to be alive: the model gives them no occasion to leave.",
            *self._explain_fit(),
        ]
        return "\n".join(lines)


def _likelihood(triples: Triples, first_counts: int) -> Objective:
    """Log-likelihood over triples and its gradient in (ln r, ln α, ln a, ln b)."""
    x, tx, T, count = triples.frequency, triples.recency, triples.T, triples.count
    counts = triples.frequencies
    by_count = triples.customers_by_frequency
    index = triples.frequency_index
    survived = counts + first_counts
    can_leave = (x + first_counts) > 0
    before_last = np.where(survived > 0, survived - 1, 0.0)

    def objective(log_params: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = np.exp(log_params)
        # terms in the frequency alone, worked out once for each distinct frequency
        common = log_rising(r, counts) + log_rising(b, survived) - log_rising(a + b, survived)
        fall = log_rising_slope(a + b, survived)
        leave = (log_params[2] - np.log(b + before_last))[index]
        to_end, to_last = np.log1p(T / alpha), np.log1p(tx / alpha)
        k = r + x
        # α^r (α+t)^-(r+x) = (1 + t/α)^-(r+x) α^-x
        stayed = -k * to_end
        left = np.where(can_leave, leave - k * to_last, -np.inf)
        value = by_count @ common + count @ np.logaddexp(stayed, left) - triples.purchases * log_params[1]
        alive = np.where(can_leave, expit(stayed - left), 1.0)
        gone = 1.0 - alive
        weighted_gone = count * gone
        slope_r = by_count @ log_rising_slope(r, counts) - count @ (alive * to_end + gone * to_last)
        slope_alpha = count @ (k * (alive * T / (alpha + T) + gone * tx / (alpha + tx))) - triples.purchases
        slope_a = weighted_gone.sum() - a * (by_count @ fall)
        gone_by_count = bin_sum(index, weighted_gone, len(counts))
        slope_b = b * (
            by_count @ (log_rising_slope(b, survived) - fall) - gone_by_count @ (1 / (b + before_last))
        )
        return float(value), np.array([r * slope_r, slope_alpha, slope_a, slope_b])

    return objective
