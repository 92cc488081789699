"""BG/BB: customers who may buy once at each of a row of occasions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liuke.insight.errors import BadHorizon, BadTable
from liuke.insight.models.columns import TABLE, Floats, Timing, read_timing
from liuke.insight.models.estimator import check_horizon
from liuke.insight.models.optimum import Likelihood
from liuke.insight.models.purchase import PurchaseModel
from liuke.insight.models.special import log_rising
from liuke.insight.models.triples import Triples


class BGBB(PurchaseModel):
    """Beta-geometric / beta-Bernoulli model of repeat buying at discrete occasions (a yearly appeal, a weekly market).

    Before each occasion a customer leaves for good with chance θ; while there he buys at an occasion with chance p;
    p ~ Beta(α, β) and θ ~ Beta(γ, δ) over customers, independently. Likelihood of x purchases at n occasions, the last
    at occasion tx:

        L = B(α+x, β+n-x)/B(α, β) B(γ, δ+n)/B(γ, δ)
          + Σ_{m=tx}^{n-1} B(α+x, β+m-x)/B(α, β) B(γ+1, δ+m)/B(γ, δ)

    Table columns: `frequency` (x), `recency` (tx, number of the last occasion with a purchase, 0 for none), `T` (n),
    all whole, x <= tx <= n; the purchase that won the customer is not counted. Parameters `params_`: alpha, beta,
    gamma, delta (pure numbers). `horizon` counts occasions and must be whole.

    `probability_alive` is the chance to be there at the next occasion, n+1, as in the paper.

    Source: Fader, Hardie and Shang (2010), Customer-Base Analysis in a Discrete-Time Noncontractual Setting, Marketing
    Science 29(6), 1086-1108, equations (7) for the likelihood, (11) for P(alive), (13) for the conditional expectation.
    """

    param_names = ("alpha", "beta", "gamma", "delta")
    time_params = ()
    rough_from = 10**9  # distinct triples are few by nature
    matrix = ((1, 0, 0, 0), (1, 1, 0, 0), (0, 0, 1, 1), (0, 0, 0, 1))

    def _unit(self, triples: Triples) -> float:
        return 1.0

    def _readable(self, summary: Any) -> Timing:
        return _occasions(super()._readable(summary))

    def _starts(self, scaled: Triples) -> list[Floats]:
        guesses = [(1.0, 1.0, 0.5, 2.0), (0.5, 2.0, 0.3, 3.0), (2.0, 2.0, 1.0, 10.0)]
        return [np.log(guess) for guess in guesses]

    def _likelihood(self, scaled: Triples, *, rough: bool) -> Likelihood:
        return _likelihood(scaled)

    def probability_alive(self, summary: Any) -> Floats:
        """P(there at occasion n+1 | x, tx, n), shape (n,), in [0, 1]."""
        self._require_fit()
        timing = _occasions(read_timing(summary))
        gamma, delta = self.params_["gamma"], self.params_["delta"]
        alive: Floats = self._alive(timing) * (delta + timing.T) / (gamma + delta + timing.T)
        return alive

    def _alive(self, timing: Timing) -> Floats:
        """P(there at occasion n): the share of the first term in the likelihood."""
        timing = _occasions(timing)
        triples, index = np.unique(
            np.stack([timing.frequency, timing.recency, timing.T]), axis=1, return_inverse=True
        )
        cases = _Cases.of(*triples)
        logs = cases.logs(*(self.params_[name] for name in self.param_names))
        share = np.exp(logs[cases.first] - cases.log_sum(logs))
        alive: Floats = share[index.ravel()]
        return alive

    def _expected_if_alive(self, x: Floats, T: Floats, horizon: Floats | float) -> Floats:
        """Σ_j E[p] E[(1-θ)^j]: the mean purchase chance times the occasions one is there for."""
        alpha, beta, _, _ = (self.params_[name] for name in self.param_names)
        there = self._there(T, horizon)
        expected: Floats = (alpha + x) / (alpha + beta + T) * there.sum(axis=1)
        return expected

    def _purchase_if_alive(self, x: Floats, T: Floats, horizon: float) -> Floats:
        """Σ_j E[(1-θ)^j] E[p (1-p)^(j-1)]: the first purchase comes at occasion j."""
        alpha, beta, _, _ = (self.params_[name] for name in self.param_names)
        steps = np.arange(int(horizon) - 1)
        missed = (beta + T - x)[:, None] + steps
        still = np.cumprod(missed / (missed + (alpha + x)[:, None] + 1), axis=1)
        first = (alpha + x) / (alpha + beta + T)
        waits = np.concatenate([np.ones((len(x), 1)), still], axis=1) * first[:, None]
        likely: Floats = np.einsum("ij,ij->i", self._there(T, horizon), waits)
        return likely

    def _there(self, T: Floats, horizon: Floats | float) -> Floats:
        """P(there at occasion n+j | there at n), j = 1 … the longest horizon, 0 beyond a row's own; shape (u, j)."""
        gamma, delta = self.params_["gamma"], self.params_["delta"]
        ahead = np.broadcast_to(np.asarray(horizon, dtype=np.float64), T.shape)
        steps = np.arange(int(ahead.max(initial=0)))
        stays = (delta + T)[:, None] + steps
        there = np.cumprod(stays / (stays + gamma), axis=1) * (steps < ahead[:, None])
        return np.asarray(there, dtype=np.float64)

    def expected_purchases(self, summary: Any, *, horizon: float) -> Floats:
        """E[purchases at the next `horizon` occasions | x, tx, n], shape (n,); `BadHorizon` unless whole and above 0."""
        return super().expected_purchases(summary, horizon=_whole(horizon))

    def probability_of_purchase(self, summary: Any, *, horizon: float) -> Floats:
        """P(a purchase at one of the next `horizon` occasions), shape (n,); `BadHorizon` unless whole and above 0."""
        return super().probability_of_purchase(summary, horizon=_whole(horizon))

    def discounted_purchases(
        self, summary: Any, *, horizon: float, discount_rate: float, steps: int | None = None
    ) -> Floats:
        """E[purchases at the next `horizon` occasions, each times its discount factor], shape (n,).

        A purchase at occasion n + j counts (1 + discount_rate)^-j; `steps` is of no use here, occasions are steps.
        """
        return self._discounted(summary, _whole(horizon), discount_rate, int(horizon), late=True)

    def expected_purchases_new(self, horizon: float) -> float:
        """E[purchases at the first `horizon` occasions] of a customer just won: equation (8) by its sum."""
        new = Timing(np.zeros(1), np.zeros(1), np.zeros(1))
        return float(self.expected_purchases(new, horizon=horizon)[0])

    def _draw(self, T: Floats, horizon: float, rng: np.random.Generator) -> dict[str, Any]:
        alpha, beta, gamma, delta = (self.params_[name] for name in self.param_names)
        if (np.floor(T) != T).any():
            raise BadHorizon("T counts occasions and must be whole")
        chance, leaving = rng.beta(alpha, beta, len(T)), rng.beta(gamma, delta, len(T))
        there_for = rng.geometric(np.maximum(leaving, 1e-15)) - 1
        made, last, future = (np.zeros(len(T), dtype=np.int64) for _ in range(3))
        for occasion in range(1, int(T.max(initial=0) + _whole(horizon or 1)) + 1):
            buys = (rng.random(len(T)) < chance) & (occasion <= there_for)
            watched = occasion <= T
            made += buys & watched
            last[buys & watched] = occasion
            future += buys & ~watched & (occasion <= T + horizon)
        return {"frequency": made, "recency": last, "T": T, "future": future, "alive": there_for > T}

    def explain(self) -> str:
        """Say in plain words what was learnt and how far to trust it."""
        self._require_fit()
        alpha, beta, gamma, delta = (self.params_[name] for name in self.param_names)
        lines = [
            "BG/BB: a chance of buying at each occasion while one is there, and of leaving before each.",
            f"While there, customers buy at {100 * alpha / (alpha + beta):.3g} % of occasions on average.",
            f"Before the first occasion {100 * gamma / (gamma + delta):.3g} % leave.",
            *self._explain_fit(),
        ]
        return "\n".join(lines)


def _whole(horizon: float) -> float:
    value = check_horizon(horizon)
    if value != np.floor(value):
        raise BadHorizon(f"horizon counts occasions and must be whole, not {value:g}")
    return value


def _occasions(timing: Timing) -> Timing:
    for name, values in (("recency", timing.recency), ("T", timing.T)):
        broken = values != np.floor(values)
        if broken.any():
            row = int(np.argmax(broken))
            raise BadTable(f"occasions must be whole: {values[row]:g}", table=TABLE, column=name, row=row)
    more = timing.frequency > timing.recency
    if more.any():
        row = int(np.argmax(more))
        problem = f"{timing.frequency[row]:g} purchases by occasion {timing.recency[row]:g}: one an occasion at most"
        raise BadTable(problem, table=TABLE, column="frequency", row=row)
    return timing


@dataclass(frozen=True)
class _Cases:
    """What may have happened to m triples, one row a case: still there at n (the `first` of each triple), or gone before
    occasion tx+1 … n.

    `x`, `there` (occasions one was there for) and `gone` (0 or 1) are (c,), all whole; `triple` says whose case it is.
    """

    x: NDArray[np.intp]
    there: NDArray[np.intp]
    gone: NDArray[np.intp]
    first: NDArray[np.intp]
    triple: NDArray[np.intp]

    @classmethod
    def of(cls, x: Floats, tx: Floats, n: Floats) -> _Cases:
        sizes = (n - tx).astype(np.intp) + 1
        first = np.cumsum(sizes) - sizes
        triple = np.repeat(np.arange(len(x)), sizes)
        # case 0 of a triple is "there at n", case i > 0 is "there for tx + i - 1 and then gone"
        case = np.arange(len(triple)) - first[triple]
        gone = np.minimum(case, 1)
        there = np.where(gone == 1, tx.astype(np.intp)[triple] + case - 1, n.astype(np.intp)[triple])
        return cls(x.astype(np.intp)[triple], there, gone, first, triple)

    def logs(self, alpha: float, beta: float, gamma: float, delta: float) -> Floats:
        """ln of each case, (c,)."""
        return self._logs(self._tables(alpha, beta, gamma, delta), gamma)

    def log_sum(self, logs: Floats) -> Floats:
        """ln of the sum over each triple's cases, (m,)."""
        top = np.maximum.reduceat(logs, self.first)
        total: Floats = top + np.log(np.add.reduceat(np.exp(logs - top[self.triple]), self.first))
        return total

    def _tables(
        self, alpha: float, beta: float, gamma: float, delta: float
    ) -> list[tuple[Floats, Floats, Floats]]:
        steps = np.arange(self.there.max(initial=0) + 2.0)
        return [log_rising(z, steps) for z in (alpha, beta, alpha + beta, delta, gamma + delta)]

    def _logs(self, tables: list[tuple[Floats, Floats, Floats]], gamma: float) -> Floats:
        buys, misses, occasions, stays, leaves = (table[0] for table in tables)
        logs: Floats = buys[self.x] + misses[self.there - self.x] - occasions[self.there]
        logs += stays[self.there] - leaves[self.there + self.gone] + np.log(gamma) * self.gone
        return logs

    def moments(
        self, params: tuple[float, float, float, float], count: Floats
    ) -> tuple[float, Floats, Floats]:
        """Log-likelihood of `count` (m,) customers with slope (4,) and Hessian (4, 4) in the parameters."""
        tables, gamma = self._tables(*params), params[2]
        logs = self._logs(tables, gamma)
        total = self.log_sum(logs)
        share = np.exp(logs - total[self.triple]) * count[self.triple]
        missed, ended = self.there - self.x, self.there + self.gone
        buys, misses, occasions, stays, leaves = (table[1] for table in tables)
        score = np.stack(
            [
                buys[self.x] - occasions[self.there],
                misses[missed] - occasions[self.there],
                self.gone / gamma - leaves[ended],
                stays[self.there] - leaves[ended],
            ]
        )
        weighted = score * share
        mean = np.add.reduceat(weighted, self.first, axis=1)
        hessian = weighted @ score.T - (mean / count) @ mean.T
        buys, misses, occasions, stays, leaves = (table[2] for table in tables)
        shared, left = share @ occasions[self.there], share @ leaves[ended]
        hessian[:2, :2] -= shared
        hessian[2:, 2:] -= left
        hessian[0, 0] += share @ buys[self.x]
        hessian[1, 1] += share @ misses[missed]
        hessian[2, 2] -= (share @ self.gone) / gamma**2
        hessian[3, 3] += share @ stays[self.there]
        return float(count @ total), mean.sum(axis=1), hessian


def _likelihood(triples: Triples) -> Likelihood:
    """Log-likelihood over triples with gradient and Hessian in the log-parameters."""
    cases = _Cases.of(triples.frequency, triples.recency, triples.T)

    def likelihood(log_params: Floats) -> tuple[float, Floats, Floats]:
        alpha, beta, gamma, delta = np.exp(log_params)
        value, slope, hessian = cases.moments((alpha, beta, gamma, delta), triples.count)
        params = np.exp(log_params)
        gradient = params * slope
        return value, gradient, hessian * np.outer(params, params) + np.diag(gradient)

    return likelihood
