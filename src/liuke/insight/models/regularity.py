"""MBG/CNBD-k: customers who buy more regularly than chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaln, xlogy

from liuke.insight.errors import BadTable
from liuke.insight.models.bgnbd import frequency_terms
from liuke.insight.models.columns import TABLE, Floats, Timing, read_columns
from liuke.insight.models.estimator import check_horizon
from liuke.insight.models.optimum import Likelihood
from liuke.insight.models.purchase import PurchaseModel
from liuke.insight.models.triples import Triples, bin_sum, count_distinct

NEGLIGIBLE = 1e-12


def log_gaps(customers: Any, times: Any) -> tuple[NDArray[Any], Floats]:
    """Return the distinct customers (n,), sorted, and for each the sum of ln(gap) between his successive purchases.

    `customers` and `times` (purchases,) are in any order; `times` are numbers in the unit of the summary. Purchases of a
    customer at one and the same time count once, as in a summary; who bought once gets 0.

    Formula: Σ ln(t[j] - t[j-1]). Errors: `BadTable` for arrays of other shapes or a time that isn't finite.
    Source: Platzer and Reutterer (2016), Ticking away the moments, Marketing Science 35(5), 779-799, whose likelihood needs it.
    """
    owner, at = np.asarray(customers), np.asarray(times, dtype=np.float64)
    if owner.shape != at.shape or owner.ndim != 1:
        raise BadTable(
            f"as many customers as times are needed, not {owner.shape} and {at.shape}", table="purchases"
        )
    if not np.isfinite(at).all():
        row = int(np.argmin(np.isfinite(at)))
        raise BadTable(f"{at[row]} is not a finite number", table="purchases", column="times", row=row)
    names, index = np.unique(owner, return_inverse=True)
    order = np.lexsort((at, index))
    index, at = index[order], at[order]
    gap = np.diff(at)
    inner = (np.diff(index) == 0) & (gap > 0)
    return names, bin_sum(index[1:][inner], np.log(gap[inner]), len(names))


@dataclass(frozen=True)
class GapTriples(Triples):
    """Triples with the mean of their customers' sums of ln(gap)."""

    log_gaps: Floats

    def weighted(self, count: Floats) -> GapTriples:
        kept = count > 0
        return GapTriples(
            self.frequency[kept], self.recency[kept], self.T[kept], count[kept], self.log_gaps[kept]
        )


class MBGCNBD(PurchaseModel):
    """MBG/NBD with purchases k times as regular: the condensed negative binomial of order k.

    A gap between purchases is a sum of k exponential stages of rate λ (Erlang-k), λ ~ Gamma(r, α); after each purchase, the
    first included, one leaves with chance p ~ Beta(a, b). k = 1 is MBG/NBD. With s = T - tx the time since the last
    purchase, the likelihood of x purchases with gaps g_i is

        L = Π g_i^(k-1) / Γ(k)^x  Γ(r+kx) α^r / Γ(r) { B(a+1, b+x)/B(a, b) (α+tx)^-(r+kx)
          + B(a, b+x+1)/B(a, b) Σ_{j<k} Γ(r+kx+j)/Γ(r+kx) s^j/j! (α+T)^-(r+kx+j) }

    Besides frequency, recency and T the table needs `log_gaps`, the sum of ln g_i of each customer (function `log_gaps`), in
    the same unit of time; 0 where frequency is 0. `k` fixes the regularity, None chooses it by likelihood up to `max_k`;
    learned: `k_` and `params_` r, a, b (pure numbers), alpha (time; of a stage, so that the mean gap is k α/(r-1)).

    Source: Platzer and Reutterer (2016), Ticking Away the Moments: Timing Regularity Helps to Better Predict Customer
    Activity, Marketing Science 35(5), 779-799; Reutterer, Platzer and Schröder (2021), Leveraging Purchase Regularity for
    Predicting Customer Behavior the Easy Way, International Journal of Research in Marketing 38(1), 194-215.
    """

    param_names = ("r", "alpha", "a", "b")
    time_params = ("alpha",)
    rough_from = 4000
    matrix = ((1, 0, 0, 0), (1, 1, 0, 0), (0, 0, 1, 1), (0, 0, 0, 1))
    k_: int

    def __init__(self, k: int | None = None, *, max_k: int = 8, min_customers: int = 30) -> None:
        super().__init__(min_customers=min_customers)
        self.k = k
        self.max_k = max_k

    def _settings(self) -> dict[str, Any]:
        return {"k": self.k, "max_k": self.max_k, "min_customers": self.min_customers}

    def _learned(self) -> dict[str, Any]:
        return {**super()._learned(), "k": self.k_}

    def _restore(self, learned: dict[str, Any]) -> None:
        super()._restore(learned)
        self.k_ = int(learned["k"])

    @classmethod
    def _unlearned(cls) -> dict[str, Any]:
        return {**super()._unlearned(), "k": 1}

    def _triples(self, summary: Any) -> GapTriples:
        timing = self._readable(summary)
        gaps = read_columns(summary, ["log_gaps"], negative=True)["log_gaps"]
        wrong = (timing.frequency == 0) & (gaps != 0)
        if wrong.any():
            row = int(np.argmax(wrong))
            raise BadTable("gaps without a repeat purchase", table=TABLE, column="log_gaps", row=row)
        columns = (timing.frequency, timing.recency, timing.T)
        (x, tx, T), count = count_distinct(*columns)
        triples = np.stack(columns)
        # the same sort as count_distinct, so that each customer finds his triple
        _, index = np.unique(triples, axis=1, return_inverse=True)
        return GapTriples(x, tx, T, count, bin_sum(index.ravel(), gaps, len(x)) / count)

    def _fit_triples(self, triples: Triples, *, starts: list[Floats] | None) -> None:
        if (self.k is not None and self.k < 1) or self.max_k < 1:
            raise ValueError("k and max_k must be 1 or more")
        best: dict[str, Any] | None = None
        for k in range(1, self.max_k + 1) if self.k is None else (self.k,):
            self.k_ = k
            super()._fit_triples(triples, starts=starts)
            if best is not None and self.log_likelihood_ <= best["log_likelihood_"]:
                break
            best = dict(vars(self))
        if best is not None:
            vars(self).update(best)

    def _refit(self, triples: Triples) -> Self:
        model = type(self)(self.k_, max_k=self.max_k, min_customers=self.min_customers)
        model._fit_triples(triples, starts=[np.log([self.params_[name] for name in self.param_names])])
        return model

    def _constant(self, triples: Triples, unit: float) -> float:
        gaps = float(triples.count @ triples.log_gaps) if isinstance(triples, GapTriples) else 0.0
        stages = triples.purchases * float(self.k_ * np.log(unit) + gammaln(self.k_))
        return (self.k_ - 1) * gaps - stages

    def _starts(self, scaled: Triples) -> list[Floats]:
        rate = self.k_ * scaled.purchases / float(scaled.count @ scaled.T)
        guesses = [(0.5, 0.5 / rate, 1.0, 2.0), (2.0, 1.0 / rate, 0.1, 1.0), (0.1, 0.05 / rate, 3.0, 1.0)]
        return [np.log(guess) for guess in guesses]

    def _likelihood(self, scaled: Triples, *, rough: bool) -> Likelihood:
        return _likelihood(scaled, self.k_)

    def _stages(self, timing: Timing) -> tuple[Floats, Floats]:
        """P(alive at T) and, given that, the chances (n, k) to have gone through j stages since the last purchase."""
        r, alpha, a, b = (self.params_[name] for name in self.param_names)
        x, tx, T = timing.frequency, timing.recency, timing.T
        shape = r + self.k_ * x
        stayed = _log_stages(shape, np.log1p((T - tx) / (alpha + tx)), (T - tx) / (alpha + T), self.k_)
        top = stayed.max(axis=1)
        total = top + np.log(np.exp(stayed - top[:, None]).sum(axis=1))
        left = np.log(a) - np.log(b + x)
        return np.exp(total - np.logaddexp(total, left)), np.exp(stayed - total[:, None])

    def _alive(self, timing: Timing) -> Floats:
        return self._stages(timing)[0]

    def _weighted(self, timing: Timing, horizons: Floats, weights: Floats) -> Floats:
        alive, stages = self._stages(timing)
        total = np.zeros_like(alive)
        for horizon, weight in zip(horizons.tolist(), weights.tolist(), strict=True):
            total += weight * self._if_alive(timing, stages, horizon)
        return alive * total

    def _if_alive(self, timing: Timing, stages: Floats, horizon: float) -> Floats:
        """Σ_n P(purchase n comes within the horizon): n k stages less those done, and n - 1 chances to leave survived.

        Stages in the horizon are negative binomial given j done: P(M >= m) = I_q(m, r+kx+j), q = h/(α+T+h).
        """
        r, alpha, a, b = (self.params_[name] for name in self.param_names)
        distinct, index = np.unique(np.stack([timing.frequency, timing.T]), axis=1, return_inverse=True)
        x, T = distinct
        shape = (r + self.k_ * x)[:, None] + np.arange(self.k_)
        q = (horizon / (alpha + T + horizon))[:, None]
        total, open_rows, n = np.zeros_like(shape), np.arange(len(x)), 1
        stays = np.ones_like(x)
        while len(open_rows):
            wanted = n * self.k_ - np.arange(self.k_)
            comes = betainc(wanted, shape[open_rows], q[open_rows]) * stays[open_rows, None]
            total[open_rows] += comes
            goes_on = (comes > NEGLIGIBLE * total[open_rows]).any(axis=1)
            open_rows = open_rows[goes_on]
            chances = b + x + n
            stays *= chances / (a + chances)
            n += 1
        expected: Floats = np.einsum("ij,ij->i", total[index.ravel()], stages)
        return expected

    def _likely(self, timing: Timing, horizon: float) -> Floats:
        """The next purchase comes when the k - j stages still missing are gone through."""
        r, alpha = self.params_["r"], self.params_["alpha"]
        alive, stages = self._stages(timing)
        done = np.arange(self.k_)
        shape = (r + self.k_ * timing.frequency)[:, None] + done
        q = (horizon / (alpha + timing.T + horizon))[:, None]
        likely: Floats = alive * np.einsum("ij,ij->i", betainc(self.k_ - done, shape, q), stages)
        return likely

    def _expected_if_alive(self, x: Floats, T: Floats, horizon: Floats | float) -> Floats:
        raise NotImplementedError("depends on the time since the last purchase too: see _weighted")

    def _purchase_if_alive(self, x: Floats, T: Floats, horizon: float) -> Floats:
        raise NotImplementedError("depends on the time since the last purchase too: see _likely")

    def expected_purchases_new(self, horizon: float) -> float:
        """E[repeat purchases in (0, horizon]] of a customer just won, of whom nothing else is known."""
        self._require_fit()
        new = Timing(np.zeros(1), np.zeros(1), np.zeros(1))
        return float(self._weighted(new, np.array([check_horizon(horizon)]), np.ones(1))[0])

    def _draw(self, T: Floats, horizon: float, rng: np.random.Generator) -> dict[str, Any]:
        r, alpha, a, b = (self.params_[name] for name in self.param_names)
        n = len(T)
        rate, leaving = np.maximum(rng.gamma(r, 1 / alpha, n), 1e-300), rng.beta(a, b, n)
        now, last, gaps = np.zeros(n), np.zeros(n), np.zeros(n)
        made, future = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
        alive = np.ones(n, dtype=np.bool_)
        there = np.arange(n)
        while len(there):
            leaves = rng.random(len(there)) < leaving[there]
            alive[there[leaves & (now[there] <= T[there])]] = False
            there = there[~leaves]
            gap = rng.gamma(self.k_, size=len(there)) / rate[there]
            now[there] += gap
            watched = now[there] <= T[there]
            made[there] += watched
            future[there] += ~watched & (now[there] <= T[there] + horizon)
            last[there] = np.where(watched, now[there], last[there])
            gaps[there] += np.where(watched, np.log(np.maximum(gap, 1e-300)), 0.0)
            there = there[now[there] <= T[there] + horizon]
        return {
            "frequency": made,
            "recency": last,
            "T": T,
            "log_gaps": gaps,
            "future": future,
            "alive": alive,
        }

    def explain(self) -> str:
        """Say in plain words what was learnt and how far to trust it."""
        self._require_fit()
        r, alpha, a, b = (self.params_[name] for name in self.param_names)
        regular = "as chance has it" if self.k_ == 1 else f"{self.k_} times as regularly as chance"
        lines = [
            f"MBG/CNBD-{self.k_}: customers buy {regular}, with a chance of leaving after every purchase.",
            f"While a customer stays, purchases come at {r / alpha / self.k_:.4g} per unit of time on average.",
            f"After a purchase, the first included, {100 * a / (a + b):.3g} % leave on average.",
            *self._explain_fit(),
        ]
        return "\n".join(lines)


def _log_stages(shape: Floats, waited: Floats, part: Floats, k: int) -> Floats:
    """ln of Γ(shape+j)/Γ(shape) part^j/j! exp(-shape waited) for j < k, shape (m, k)."""
    stages = np.arange(k)
    grown = np.cumsum(np.log(shape[:, None] + stages[:-1]), axis=1)
    grown = np.concatenate([np.zeros((len(shape), 1)), grown], axis=1)
    logs: Floats = grown + xlogy(stages, part[:, None]) - gammaln(stages + 1) - (shape * waited)[:, None]
    return logs


def _likelihood(triples: Triples, k: int) -> Likelihood:
    """Log-likelihood over triples with gradient and Hessian in (ln r, ln α, ln a, ln b).

    The cases of a triple are: gone after the last purchase, or still there with j < k stages gone through since. The
    gradient is the mean of their h' and the Hessian the mean of h'' plus the covariance of h'.
    """
    x, tx, T, count = triples.frequency, triples.recency, triples.T, triples.count
    stages = np.arange(k)
    add_frequency_terms = frequency_terms(triples, triples.frequency + 1, phases=k)

    def likelihood(log_params: Floats) -> tuple[float, Floats, Floats]:
        r, alpha, a, b = np.exp(log_params)
        shape = r + k * x
        to_end, to_last, end, last = (
            np.log1p(T / alpha),
            np.log1p(tx / alpha),
            T / (alpha + T),
            tx / (alpha + tx),
        )
        stayed = _log_stages(shape, to_end, (T - tx) / (alpha + T), k)
        left = log_params[2] - np.log(b + x) - shape * to_last
        logs = np.concatenate([left[:, None], stayed], axis=1)
        top = logs.max(axis=1)
        total = top + np.log(np.exp(logs - top[:, None]).sum(axis=1))
        share = np.exp(logs - total[:, None]) * count[:, None]
        steps = shape[:, None] + stages[:-1]
        grown = np.zeros((2, len(x), k))
        grown[0, :, 1:], grown[1, :, 1:] = np.cumsum(1 / steps, axis=1), -np.cumsum(1 / steps**2, axis=1)
        chance = b / (b + x)
        score = np.zeros((4, len(x), k + 1))
        score[0, :, 0], score[0, :, 1:] = -to_last, grown[0] - to_end[:, None]
        score[1, :, 0], score[1, :, 1:] = (
            shape * last,
            shape[:, None] * end[:, None] - stages * (1 - end)[:, None],
        )
        score[2, :, 0], score[3, :, 0] = 1.0, -chance
        weighted = score * share
        mean = weighted.sum(axis=2)
        hessian = weighted.reshape(4, -1) @ score.reshape(4, -1).T - (mean / count) @ mean.T
        gone, there = share[:, 0], share[:, 1:]
        hessian[0, 0] += (there * grown[1]).sum()
        hessian[0, 1] += gone @ last + there.sum(axis=1) @ end
        hessian[1, 0] = hessian[0, 1]
        bend = (there * (shape[:, None] + stages)).sum(axis=1) @ (end * (1 - end))
        hessian[1, 1] -= (gone * shape) @ (last * (1 - last)) + bend
        hessian[3, 3] -= gone @ (chance * (1 - chance))
        slope = mean.sum(axis=1)
        slope[1] -= k * triples.purchases
        value = float(count @ total) - k * triples.purchases * log_params[1]
        return add_frequency_terms((r, a, b), value, slope, hessian)

    return likelihood
