"""BG/NBD: customers may leave after each repeat purchase."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from liuke.insight.errors import OneTimeBuyers
from liuke.insight.models.columns import Floats, Timing
from liuke.insight.models.dropout import expected_before_leaving
from liuke.insight.models.optimum import Likelihood
from liuke.insight.models.purchase import PurchaseModel, last_of
from liuke.insight.models.special import RisingSum, expit
from liuke.insight.models.triples import Triples

# triples at a time: arrays of 64 kB are reused, larger ones are mapped anew at many times the cost
BLOCK = 8192
# with α beyond so many mean lifetimes ln(1 + T/α) would lose digits that r then multiplies; below, it is ten times as quick
TINY_PARTS = 1e4


class LeavesAfterPurchase(PurchaseModel):
    """Base of BG/NBD and MBG/NBD: rate λ ~ Gamma(r, α), a chance p ~ Beta(a, b) of leaving after a purchase.

    They differ in one thing, whether the first purchase already counts as a chance to leave: `first_counts`
    is 0 or 1. With j = x + first_counts chances survived, the likelihood of (x, tx, T) is

        B(a, b+j)/B(a, b) Γ(r+x) α^r / Γ(r) { (α+T)^-(r+x) + [j > 0] a/(b+j-1) (α+tx)^-(r+x) }.
    """

    param_names = ("r", "alpha", "a", "b")
    time_params = ("alpha",)
    rough_from = 2000
    matrix = ((1, 0, 0, 0), (1, 1, 0, 0), (0, 0, 1, 1), (0, 0, 0, 1))
    first_counts: int

    def _starts(self, scaled: Triples) -> list[Floats]:
        rate = scaled.purchases / float((scaled.count * scaled.T).sum())
        guesses = [(0.3, 0.2 / rate, 0.8, 2.5), (2.0, 1.0 / rate, 0.1, 1.0), (0.1, 0.05 / rate, 3.0, 1.0)]
        return [np.log(guess) for guess in guesses]

    def _likelihood(self, scaled: Triples, *, rough: bool) -> Likelihood:
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

    def _expected_if_alive(self, x: Floats, T: Floats, horizon: Floats | float) -> Floats:
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


def _likelihood(triples: Triples, first_counts: int) -> Likelihood:
    """Log-likelihood over triples with gradient and Hessian in (ln r, ln α, ln a, ln b).

    A triple's likelihood is a sum of two cases, stayed and left; with p the share of each and h the log of each,
    the gradient is the mean of h' and the Hessian the mean of h'' plus the covariance of h'.
    """
    blocks = [_Block.of(part, first_counts) for part in triples.blocks(BLOCK)]
    add_frequency_terms = frequency_terms(triples, triples.frequency + first_counts)

    def likelihood(log_params: Floats) -> tuple[float, Floats, Floats]:
        r, alpha, a, b = np.exp(log_params)
        value, slope, hessian = -triples.purchases * log_params[1], np.zeros(4), np.zeros((4, 4))
        slope[1] = -triples.purchases
        for block in blocks:
            part = block.likelihood(r, alpha, log_params[2], b)
            value += part[0]
            slope += part[1]
            hessian += part[2]
        return add_frequency_terms((r, a, b), float(value), slope, hessian)

    return likelihood


@dataclass(frozen=True)
class _Block:
    """Some triples: `chances` to leave they survived before the last, `barred` is -inf for those who had none."""

    x: Floats
    tx: Floats
    T: Floats
    count: Floats
    chances: Floats
    barred: Floats

    @classmethod
    def of(cls, triples: Triples, first_counts: int) -> _Block:
        survived = triples.frequency + first_counts
        barred = np.where(survived > 0, 0.0, -np.inf)
        chances = np.maximum(survived - 1, 0.0)
        return cls(triples.frequency, triples.recency, triples.T, triples.count, chances, barred)

    def likelihood(self, r: float, alpha: float, log_a: float, b: float) -> tuple[float, Floats, Floats]:
        """The two cases without what depends on the frequency alone; derivatives in (r, ln α, ln a, ln b)."""
        k, count = r + self.x, self.count
        in_end, in_last = self.T / alpha, self.tx / alpha
        to_end, to_last = (
            np.log1p(part) if alpha > TINY_PARTS else np.log(1.0 + part) for part in (in_end, in_last)
        )
        # α^r (α+t)^-(r+x) = (1 + t/α)^-(r+x) α^-x
        stayed = -k * to_end
        ahead = log_a - np.log(b + self.chances) - k * to_last + self.barred - stayed  # ln(left / stayed)
        odds = np.exp(-np.abs(ahead))
        both = stayed + np.maximum(ahead, 0.0) + np.log(1.0 + odds)
        gone = np.where(ahead > 0, 1.0, odds) / (1.0 + odds)
        weight_left = count * gone
        weight_stayed = count - weight_left
        end, last, chance = in_end / (1.0 + in_end), in_last / (1.0 + in_last), b / (b + self.chances)
        gap = weight_stayed * end + weight_left * last
        slope = np.array(
            [
                -(weight_stayed @ to_end) - weight_left @ to_last,
                k @ gap,
                weight_left.sum(),
                -(weight_left @ chance),
            ]
        )
        apart = np.empty((4, len(k)))
        apart[0], apart[1], apart[2], apart[3] = to_last - to_end, k * (end - last), -1.0, chance
        hessian = (apart * (weight_stayed * gone)) @ apart.T
        hessian[0, 1] += gap.sum()
        hessian[1, 0] = hessian[0, 1]
        hessian[1, 1] -= k @ (weight_stayed * end * (1 - end) + weight_left * last * (1 - last))
        hessian[3, 3] -= weight_left @ (chance * (1 - chance))
        return float(count @ both), slope, hessian


FrequencyTerms = Callable[[tuple[float, float, float], float, Floats, Floats], tuple[float, Floats, Floats]]


def frequency_terms(triples: Triples, survived: Floats, *, phases: int = 1) -> FrequencyTerms:
    """What adds the terms in the frequency alone, and goes over to ln r.

    They are ln Γ(r + phases x)/Γ(r) + ln B(a, b+j)/B(a, b) with j chances survived; slope and Hessian come in
    (r, ln α, ln a, ln b).
    """
    of_bought = RisingSum(phases * triples.frequency, triples.count)
    of_survived = RisingSum(survived, triples.count)

    def add(
        params: tuple[float, float, float], value: float, slope: Floats, hessian: Floats
    ) -> tuple[float, Floats, Floats]:
        r, a, b = params
        bought, rise, fall = of_bought(r), of_survived(b), of_survived(a + b)
        value += bought[0] + rise[0] - fall[0]
        slope[0] = r * (slope[0] + bought[1])
        hessian[0] *= r
        hessian[:, 0] *= r
        hessian[0, 0] += slope[0] + r**2 * bought[2]
        slope[2] -= a * fall[1]
        slope[3] += b * (rise[1] - fall[1])
        hessian[2, 2] -= a * fall[1] + a**2 * fall[2]
        hessian[3, 3] += b * (rise[1] - fall[1]) + b**2 * (rise[2] - fall[2])
        hessian[2, 3] -= a * b * fall[2]
        hessian[3, 2] = hessian[2, 3]
        return value, slope, hessian

    return add
