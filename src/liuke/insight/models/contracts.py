"""Retention under contracts: shifted-beta-geometric and beta-discrete-Weibull."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa
from scipy.special import betaln, digamma

from liuke.insight.errors import BadHorizon, BadTable, TooFewCustomers
from liuke.insight.models.bootstrap import ParameterDraws, resample
from liuke.insight.models.columns import Floats, read_columns, refuse_repeated_customers
from liuke.insight.models.estimator import LikelihoodModel, check_horizon
from liuke.insight.models.optimum import Coordinates, Optimum, differenced, maximise
from liuke.insight.models.triples import count_distinct

TABLE = "contracts"
EDGES = {
    (0, False): "nobody leaves: no end of a contract was seen, or hardly any",
    (0, True): "everybody leaves at the first renewal",
    (1, False): "whoever leaves does so at once, the others never",
    (1, True): "one chance of leaving for all: the data show no difference between customers in it",
    (2, False): "whoever has renewed once never leaves",
    (2, True): "nobody gets beyond the first periods",
}


def contracts_from_survivors(survivors: Sequence[int]) -> pa.Table:
    """Return the contracts of one cohort from the number still there after 0, 1, 2 … renewals.

    `survivors` falls from the size of the cohort; [1000, 869, 743] gives 131 contracts that ended at the first
    renewal, 126 at the second and 743 that were renewed twice and run on. One row each: customer, periods, ended.

    Periods and survivors are counts. Errors: `BadTable` naming the row where they don't fall. Source: the layout of the
    tables in Fader and Hardie (2007), How to project customer retention, Journal of Interactive Marketing 21(1), 76-90.
    """
    counts = np.asarray(survivors)
    if counts.ndim != 1 or len(counts) < 2 or counts.dtype.kind not in "iu":
        raise BadTable("two or more whole numbers are needed", table="survivors")
    wrong = (np.diff(counts, prepend=counts[0]) > 0) | (counts < 0)
    if wrong.any():
        problem = "survivors can only become fewer, down to 0"
        raise BadTable(problem, table="survivors", row=int(np.argmax(wrong)))
    lost = counts[:-1] - counts[1:]
    periods = np.repeat([*range(1, len(counts)), len(counts) - 1], [*lost, counts[-1]])
    ended = np.repeat([1, 0], [lost.sum(), counts[-1]])
    table: dict[str, Any] = {"customer": np.arange(1, len(periods) + 1), "periods": periods, "ended": ended}
    return pa.table(table)


@dataclass(frozen=True)
class Contracts:
    """Distinct (periods, ended), each (m,), with the number of contracts that have it."""

    periods: Floats
    ended: Floats
    count: Floats

    def weighted(self, count: Floats) -> Contracts:
        kept = count > 0
        return Contracts(self.periods[kept], self.ended[kept], count[kept])


class ContractModel(LikelihoodModel):
    """Base of the models of contracts that are renewed or not at the end of each period.

    Table columns: `periods` (whole, 1 or more: at which renewal the contract ended, or how many renewals it has had if
    it runs on, then 0 is possible) and `ended` (1 or 0); an optional `customer` may not repeat. With S(t) the chance to
    outlast t renewals, an ended contract has the likelihood S(t-1) - S(t), one that runs on S(t).

    Fewer contracts than `min_customers` raise `TooFewCustomers`.
    """

    coordinates: ClassVar[Coordinates]
    guesses: ClassVar[tuple[tuple[float, ...], ...]]

    def __init__(self, *, min_customers: int = 30) -> None:
        self.min_customers = min_customers

    def _settings(self) -> dict[str, Any]:
        return {"min_customers": self.min_customers}

    def fit(self, contracts: Any) -> Self:
        """Learn from a table of contracts; returns self.

        Errors: `BadTable` and its kinds, `TooFewCustomers`. Warnings: `BoundaryFit`, `NotConverged`.
        """
        self._fit_contracts(self._readable(contracts), starts=[np.log(guess) for guess in self.guesses])
        self._warn()
        return self

    def _readable(self, contracts: Any) -> Contracts:
        refuse_repeated_customers(contracts, table_name=TABLE)
        columns = read_contracts(contracts)
        if len(columns["periods"]) < self.min_customers:
            raise TooFewCustomers(len(columns["periods"]), self.min_customers, type(self).__name__)
        (periods, ended), count = count_distinct(columns["periods"], columns["ended"])
        return Contracts(periods, ended, count)

    def _fit_contracts(self, contracts: Contracts, *, starts: list[Floats]) -> None:
        optimum = maximise(differenced(self._likelihood(contracts)), starts, self.coordinates)
        customers = float(contracts.count.sum())
        self._keep(
            optimum,
            params=np.exp(optimum.log_params),
            log_likelihood=optimum.log_likelihood,
            customers=customers,
        )
        self.boundary_ = _findings(optimum)

    def bootstrap(self, contracts: Any, *, draws: int = 200, seed: int) -> ParameterDraws[Self]:
        """Refit on `draws` resamples of the contracts (with replacement); see `ParameterDraws`."""
        self._require_fit()
        read = self._readable(contracts)
        return ParameterDraws([self._refit(read.weighted(n)) for n in resample(read.count, draws, seed)])

    def _refit(self, contracts: Contracts) -> Self:
        model = type(self)(**self._settings())
        model._fit_contracts(contracts, starts=[np.log([self.params_[name] for name in self.param_names])])
        return model

    def _likelihood(self, contracts: Contracts) -> Callable[[Floats], tuple[float, Floats]]:
        periods, ended, count = contracts.periods, contracts.ended == 1, contracts.count
        before = np.where(ended, periods - 1, periods)

        def likelihood(log_params: Floats) -> tuple[float, Floats]:
            outlasts, slope = self._log_survival(before, log_params)
            # an end adds ln(1 - S(t)/S(t-1)), taken without cancellation from the log of the ratio
            later, later_slope = self._log_survival(periods[ended], log_params)
            log_kept = np.minimum(later - outlasts[ended], -1e-300)
            value = count @ outlasts + count[ended] @ np.log(-np.expm1(log_kept))
            gradient = slope @ count
            odds = count[ended] / np.expm1(-log_kept)
            gradient -= (later_slope - slope[:, ended]) @ odds
            return float(value), gradient

        return likelihood

    def _log_survival(self, t: Floats, log_params: Floats) -> tuple[Floats, Floats]:
        """ln S(t), (m,), and its derivatives in the log-parameters, (k, m)."""
        alpha, beta, power = np.exp(log_params) if len(log_params) == 3 else (*np.exp(log_params), 1.0)
        clock = t**power
        later = beta + clock
        value = betaln(alpha, later) - betaln(alpha, beta)
        both = digamma(alpha + later)
        slopes = [
            alpha * (digamma(alpha + beta) - both),
            beta * (digamma(later) - both - digamma(beta) + digamma(alpha + beta)),
        ]
        if len(log_params) == 3:
            log_t = np.log(np.maximum(t, 1.0))
            slopes.append((digamma(later) - both) * clock * log_t * power)
        return value, np.array(slopes)

    def survival(self, periods: Any) -> Floats:
        """S(t): the chance to outlast t renewals, for `periods` t (n,), each 0 or more; shape (n,), in [0, 1]."""
        self._require_fit()
        t = read_columns({"periods": periods}, ["periods"], table_name="survival")["periods"]
        outlasts: Floats = np.exp(self._log_survival(t, self._log_params())[0])
        return outlasts

    def retention(self, periods: Any) -> Floats:
        """S(t)/S(t-1): the share that renews at renewal t among those who got there; t (n,) from 1 on, shape (n,)."""
        t = np.asarray(periods, dtype=np.float64)
        if (t < 1).any():
            raise BadHorizon("renewals count from 1")
        self._require_fit()
        now, before = (self._log_survival(renewal, self._log_params())[0] for renewal in (t, t - 1))
        renews: Floats = np.exp(now - before)
        return renews

    def probability_of_renewal(self, contracts: Any, *, horizon: int) -> Floats:
        """P(outlast the next `horizon` renewals too), shape (n,): S(t + horizon)/S(t), 0 for contracts that ended."""
        likely: Floats = self._ahead(contracts, horizon)[-1]
        return likely

    def expected_renewals(self, contracts: Any, *, horizon: int, discount_rate: float = 0.0) -> Floats:
        """E[renewals among the next `horizon`], shape (n,), 0 for contracts that ended.

        With a `discount_rate` per period, a renewal j periods ahead counts (1 + discount_rate)^-j: times the margin of a
        period it is the discounted residual lifetime value of Fader and Hardie (2010), cut at the horizon.
        """
        if not (np.isfinite(discount_rate) and discount_rate >= 0):
            raise BadHorizon(f"discount_rate must be 0 or more, not {discount_rate!r}")
        ahead = self._ahead(contracts, horizon)
        expected: Floats = (1 + discount_rate) ** -np.arange(1.0, len(ahead) + 1) @ ahead
        return expected

    def _ahead(self, contracts: Any, horizon: int) -> Floats:
        """P(outlast renewal t + j | outlasted t), j = 1 … horizon, shape (horizon, n)."""
        self._require_fit()
        if check_horizon(horizon) != int(horizon):
            raise BadHorizon(f"horizon counts renewals and must be whole, not {horizon}")
        columns = read_contracts(contracts)
        t, index = np.unique(columns["periods"], return_inverse=True)
        log_params = self._log_params()
        now = self._log_survival(t, log_params)[0]
        later = [self._log_survival(t + j, log_params)[0] for j in range(1, int(horizon) + 1)]
        ahead: Floats = np.exp(np.array(later) - now)[:, index] * (columns["ended"] == 0)
        return ahead

    def simulate(self, customers: int, *, periods: int, seed: int) -> pa.Table:
        """Draw the contracts of a cohort watched for `periods` renewals: customer, periods, ended."""
        self._require_fit()
        steps = self.survival(np.arange(int(periods) + 1.0))
        drawn = np.random.default_rng(seed).random(customers)
        # outlasts t renewals when the draw lies below S(t)
        outlasted = np.searchsorted(-steps, -drawn, side="left") - 1
        ended = outlasted < periods
        table: dict[str, Any] = {
            "customer": np.arange(1, customers + 1),
            "periods": np.where(ended, outlasted + 1, periods),
            "ended": ended.astype(np.int64),
        }
        return pa.table(table)

    def _log_params(self) -> Floats:
        return np.log([self.params_[name] for name in self.param_names])

    def explain(self) -> str:
        """Say in plain words what was learnt and how far to trust it."""
        self._require_fit()
        first, later = self.retention([1, 5])
        lines = [
            self._title(),
            f"{100 * first:.1f} % renew the first time, {100 * later:.1f} % of those who come to the fifth renewal.",
            *self._explain_fit(),
        ]
        return "\n".join(lines)

    def _title(self) -> str:
        raise NotImplementedError


class ShiftedBetaGeometric(ContractModel):
    """Shifted-beta-geometric model (sBG): a chance θ of not renewing that is each customer's own and never changes.

    θ ~ Beta(α, β) over customers, so

        S(t) = B(α, β + t)/B(α, β),   retention at renewal t = (β + t - 1)/(α + β + t - 1),

    which rises with t because the likely leavers go first. Parameters `params_`: alpha, beta (pure numbers).

    Source: Fader and Hardie (2007), How to Project Customer Retention, Journal of Interactive Marketing 21(1), 76-90,
    equations (5) and (6).
    """

    param_names = ("alpha", "beta")
    coordinates = Coordinates(
        matrix=np.array([[1.0, 1.0], [0.0, 1.0]]), lower=np.log([1e-9, 1e-5]), upper=np.log([1e7, 1e5])
    )
    guesses = ((0.8, 2.0), (0.3, 5.0), (3.0, 1.0))

    def _title(self) -> str:
        return "Shifted-beta-geometric: each customer has a chance of his own not to renew, always the same."


class BetaDiscreteWeibull(ContractModel):
    """Beta-discrete-Weibull model (BdW): sBG in which a customer's own chance to leave may rise or fall with time.

        S(t) = B(α, β + t^c)/B(α, β)

    c = 1 is sBG; with c > 1 a customer grows likelier to leave, with c < 1 less likely. Parameters `params_`: alpha,
    beta, c (pure numbers).

    Source: Fader, Hardie, Liu, Davin and Steenburgh (2018), "How to Project Customer Retention" Revisited: The Role of
    Duration Dependence, Journal of Interactive Marketing 43, 1-16, equation (5).
    """

    param_names = ("alpha", "beta", "c")
    coordinates = Coordinates(
        matrix=np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        lower=np.log([1e-9, 1e-5, 0.02]),
        upper=np.log([1e7, 1e5, 50.0]),
    )
    guesses = ((0.8, 2.0, 1.0), (0.3, 2.0, 1.5), (3.0, 3.0, 0.7))

    def _title(self) -> str:
        c = self.params_["c"]
        trend = "grows" if c > 1 else "falls"
        return f"Beta-discrete-Weibull: a customer's own chance not to renew {trend} with time (c = {c:.3g})."


def read_contracts(contracts: Any) -> dict[str, Floats]:
    """Return the checked columns periods and ended of a table of contracts; `BadTable` and its kinds otherwise."""
    columns = read_columns(contracts, ("periods", "ended"), table_name=TABLE)
    periods, ended = columns["periods"], columns["ended"]
    for column, wrong, problem in (
        ("periods", periods != np.floor(periods), "renewals must be whole"),
        ("ended", (ended != 0) & (ended != 1), "1 (ended) or 0 (runs on) is needed"),
        ("periods", (ended == 1) & (periods == 0), "a contract cannot end before its first renewal"),
    ):
        if wrong.any():
            row = int(np.argmax(wrong))
            value = columns[column][row]
            raise BadTable(f"{problem}: {value:g}", table=TABLE, column=column, row=row)
    return columns


def _findings(optimum: Optimum) -> tuple[str, ...]:
    box, point = optimum.coordinates, optimum.coordinates.of(optimum.log_params)
    upper = point > (box.lower + box.upper) / 2
    # with no end seen, or nothing but ends, the likelihood levels out long before the edge of the box
    edges = optimum.held | (optimum.flat & (np.arange(len(point)) == 0))
    return tuple(EDGES[i, bool(upper[i])] for i in np.flatnonzero(edges).tolist())
