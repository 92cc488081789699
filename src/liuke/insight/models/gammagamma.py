"""Gamma-Gamma: what customers spend on a purchase."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import betaln, digamma, gammaincinv

from liuke.insight.errors import (
    BadTable,
    DependentSpend,
    FreePurchases,
    HeavyTail,
    NoRepeatBuyers,
    TooFewCustomers,
)
from liuke.insight.models.bootstrap import ParameterDraws, resample
from liuke.insight.models.columns import TABLE, Floats, read_columns, refuse_repeated_customers
from liuke.insight.models.estimator import LikelihoodModel
from liuke.insight.models.optimum import Coordinates, Optimum, differenced, maximise
from liuke.insight.models.triples import bin_sum, count_distinct

GROWTH = (np.log(0.01), np.log(100.0))
# spend depends on frequency when chance explains it in less than 1 of 100 cases and twice the purchases move it by 5 %
DEPENDENT_GAIN, DEPENDENT_GROWTH = 3.3, np.log(1.05)
# coordinates of the climb, in units of the geometric mean spend: ln p, ln q, ln(p γ / q)
COORDINATES = Coordinates(
    matrix=np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-1.0, 1.0, 1.0]]),
    lower=np.log([1e-3, 1e-3, 1e-6]),
    upper=np.log([1e6, 1e5, 1e6]),
)
FREE_COORDINATES = Coordinates(
    matrix=np.block([[COORDINATES.matrix, np.zeros((3, 1))], [np.zeros((1, 3)), np.ones((1, 1))]]),
    lower=np.append(COORDINATES.lower, GROWTH[0]),
    upper=np.append(COORDINATES.upper, GROWTH[1]),
)


@dataclass(frozen=True)
class Spend:
    """Distinct (frequency, mean spend) of repeat buyers, each (m,), with the number that have it."""

    frequency: Floats
    monetary: Floats
    count: Floats

    @cached_property
    def frequencies(self) -> Floats:
        return np.unique(self.frequency)

    @cached_property
    def frequency_index(self) -> NDArray[np.intp]:
        return np.searchsorted(self.frequencies, self.frequency)

    def weighted(self, count: Floats) -> Spend:
        kept = count > 0
        return Spend(self.frequency[kept], self.monetary[kept], count[kept])


class GammaGamma(LikelihoodModel):
    """Gamma-Gamma model of spend.

    A customer's amounts vary around his own mean: Gamma(p, ν) each, ν ~ Gamma(q, γ) over customers,
    independently of how often he buys. The mean m of x amounts has the density (a beta prime)

        f(m | x) = 1/(m B(px, q)) z^(px) (1-z)^q,   z = m x / (γ + m x),

    and the expected amount of a customer's next purchase is

        E[M | m, x] = p (γ + m x) / (p x + q - 1),

    between his own mean and the population's p γ/(q - 1), nearer his own the more he bought.

    Table columns: `frequency` (x, whole; rows with 0 do not enter the fit and get the population's mean)
    and `monetary` (m, mean amount of those x purchases, in any unit of money; ignored where x is 0).
    Parameters `params_`: p, q (pure numbers), gamma (in the unit of money). Also learned: `spend_growth_`, the
    factor by which spend grows when 1 + x doubles, if it is let free, and `dependence_gain_`, the log-likelihood
    that this gains. Where both matter `DependentSpend` is warned; `FrequencyGammaGamma` is the model for it.

    Where q <= 1 the population has no mean: `HeavyTail` is warned, and every expectation is the posterior
    median of the customer's mean amount instead, p (γ + m x) / (median of Gamma(p x + q, 1)).

    `min_customers`: fewer repeat buyers raise `TooFewCustomers`.

    Source: Colombo and Jiang (1999), A stochastic RFM model, Journal of Interactive Marketing 13(3), 2-12;
    Fader and Hardie (2013), The Gamma-Gamma model of monetary value, equations (1a) for the density and (5)
    for the expectation.
    """

    param_names: ClassVar[tuple[str, ...]] = ("p", "q", "gamma")
    coordinates: ClassVar[Coordinates] = COORDINATES
    spend_growth_: float
    dependence_gain_: float

    def __init__(self, *, min_customers: int = 30) -> None:
        self.min_customers = min_customers

    def _settings(self) -> dict[str, Any]:
        return {"min_customers": self.min_customers}

    def fit(self, summary: Any) -> Self:
        """Learn from a customer summary; returns self.

        Errors: `BadTable` and its kinds, `NoRepeatBuyers`, `TooFewCustomers`. Warnings: `BoundaryFit`,
        `NotConverged`, `HeavyTail`, `DependentSpend`, `FreePurchases`.
        """
        spend = self._readable(summary)
        self._fit_spend(spend, start=None)
        self._warn()
        error = self.standard_errors_["q"]
        if self.params_["q"] - 2 * (error or 0.0) <= 1:
            sure = "has" if self.params_["q"] <= 1 else "may have"
            warnings.warn(
                f"GammaGamma: spend {sure} no finite mean (q = {self.params_['q']:.3g})", HeavyTail, 2
            )
        if self.spend_depends and type(self) is GammaGamma:
            warnings.warn(
                "GammaGamma takes spend and frequency to be independent; in these data spend changes by the factor "
                f"{self.spend_growth_:.2f} when purchases double: FrequencyGammaGamma allows for it",
                DependentSpend,
                stacklevel=2,
            )
        return self

    @property
    def spend_depends(self) -> bool:
        """Whether spend moves with frequency more than chance and 5 % a doubling would have it."""
        self._require_fit()
        moves = abs(np.log(self.spend_growth_)) > DEPENDENT_GROWTH
        return bool(moves and self.dependence_gain_ > DEPENDENT_GAIN)

    def _readable(self, summary: Any) -> Spend:
        refuse_repeated_customers(summary)
        x, m = _read(summary)
        name = type(self).__name__
        if not x.any():
            raise NoRepeatBuyers(f"{name}: none of {len(x)} customers bought twice")
        free = int(((x > 0) & (m == 0)).sum())
        if free:
            warnings.warn(f"{name}: {free:,} repeat buyers with a mean spend of 0 left out", FreePurchases, 3)
        fitted = (x > 0) & (m > 0)
        if fitted.sum() < self.min_customers:
            raise TooFewCustomers(int(fitted.sum()), self.min_customers, name, counted="repeaters")
        (frequency, monetary), count = count_distinct(x[fitted], m[fitted])
        return Spend(frequency, monetary, count)

    def _fit_spend(self, spend: Spend, *, start: Floats | None) -> None:
        customers = float(spend.count.sum())
        unit = float(np.exp(spend.count @ np.log(spend.monetary) / customers))
        powers = np.array([name == "gamma" for name in self.param_names], dtype=np.float64)
        guesses = ((4.0, 3.0, 0.6, 1.0), (1.0, 3.0, 2.0, 1.0), (20.0, 1.5, 0.1, 1.0))
        starts = [np.log(guess[: len(self.param_names)]) for guess in guesses]
        if start is not None:
            starts = [start - powers * np.log(unit)]
        scaled = Spend(spend.frequency, spend.monetary / unit, spend.count)
        optimum = self._climb(scaled, starts, self.coordinates)
        self._keep(
            optimum,
            params=np.exp(optimum.log_params) * unit**powers,
            log_likelihood=optimum.log_likelihood - customers * np.log(unit),
            customers=customers,
        )
        self.boundary_ = self._boundary()
        self._let_free(scaled, optimum)

    def _climb(self, scaled: Spend, starts: list[Floats], coordinates: Coordinates) -> Optimum:
        return maximise(differenced(_likelihood(scaled)), starts, coordinates)

    def _let_free(self, scaled: Spend, optimum: Optimum) -> None:
        """Learn what it would gain to let spend grow with frequency."""
        free = self._climb(scaled, [np.append(optimum.log_params, 0.0)], FREE_COORDINATES)
        self.spend_growth_ = float(np.exp(free.log_params[3]))
        self.dependence_gain_ = max(0.0, free.log_likelihood - optimum.log_likelihood)

    def bootstrap(self, summary: Any, *, draws: int = 200, seed: int) -> ParameterDraws[Self]:
        """Refit on `draws` resamples of the repeat buyers (with replacement); see `ParameterDraws`."""
        self._require_fit()
        spend = self._readable(summary)
        return ParameterDraws(
            [self._refit(spend.weighted(count)) for count in resample(spend.count, draws, seed)]
        )

    def _refit(self, spend: Spend) -> Self:
        model = type(self)(**self._settings())
        model._fit_spend(spend, start=np.log([self.params_[name] for name in self.param_names]))
        return model

    def expected_value(self, summary: Any) -> Floats:
        """E[amount of the next purchase | m, x] of each customer, shape (n,), in the unit of money."""
        self._require_fit()
        p, q, gamma = (self.params_[name] for name in ("p", "q", "gamma"))
        x, m = _read(summary)
        shape = p * x + q
        scale: Floats = p * (gamma + m * x)
        if q > 1:
            return scale / (shape - 1)
        distinct, index = np.unique(shape, return_inverse=True)
        median: Floats = scale / np.maximum(gammaincinv(distinct, 0.5), 1e-300)[index]
        return median

    def simulate(self, frequency: Any, *, seed: int) -> pa.Table:
        """Draw the mean spend of customers who bought `frequency` times (shape (n,)); 0 where that is 0.

        Returns a table customer, frequency, monetary. The same seed gives the same customers.
        """
        self._require_fit()
        p, q, gamma = (self.params_[name] for name in ("p", "q", "gamma"))
        x = read_columns({"frequency": frequency}, ["frequency"], table_name="simulate")["frequency"]
        rng = np.random.default_rng(seed)
        nu = np.maximum(rng.gamma(q, 1 / gamma, len(x)), 1e-300)
        some = x > 0
        monetary = np.zeros_like(x)
        monetary[some] = rng.gamma(p * x[some]) / (nu[some] * x[some])
        table: dict[str, Any] = {
            "customer": np.arange(1, len(x) + 1),
            "frequency": x.astype(np.int64),
            "monetary": monetary,
        }
        return pa.table(table)

    def _boundary(self) -> tuple[str, ...]:
        found = []
        if self.params_["q"] > 1e4:
            found.append("all customers spend alike: the data show no difference between their means")
        if self.params_["p"] > 1e5:
            found.append("each customer always spends the same amount")
        return tuple(found)

    def _learned(self) -> dict[str, Any]:
        return {
            **super()._learned(),
            "spend_growth": self.spend_growth_,
            "dependence_gain": self.dependence_gain_,
        }

    @classmethod
    def _unlearned(cls) -> dict[str, Any]:
        return {"spend_growth": 1.0, "dependence_gain": 0.0}

    def _restore(self, learned: dict[str, Any]) -> None:
        super()._restore(learned)
        self.spend_growth_ = float(learned["spend_growth"])
        self.dependence_gain_ = float(learned["dependence_gain"])

    def _explain_dependence(self) -> str:
        return (
            f"If it were let free, spend would change by the factor {self.spend_growth_:.2f} when purchases double; "
            "the model takes 1."
        )

    def explain(self) -> str:
        """Say in plain words what was learnt and how far to trust it."""
        self._require_fit()
        p, q, gamma = (self.params_[name] for name in ("p", "q", "gamma"))
        centre = (
            f"{p * gamma / (q - 1):.4g} on average"
            if q > 1
            else "without a finite average (medians are used)"
        )
        lines = [
            "Gamma-Gamma: each customer's amounts vary around a mean of his own.",
            f"The mean amount is {centre}; one purchase varies by {100 / np.sqrt(p):.0f} % around his own.",
            f"A customer's own mean outweighs the population's after {max(q - 1, 0) / p:.2g} purchases.",
            self._explain_dependence(),
            *self._explain_fit(),
        ]
        return "\n".join(lines)


def _read(summary: Any) -> tuple[Floats, Floats]:
    columns = read_columns(summary, ("frequency", "monetary"))
    x, m = columns["frequency"], columns["monetary"]
    broken = x != np.floor(x)
    if broken.any():
        row = int(np.argmax(broken))
        raise BadTable(f"a count must be whole: {x[row]:g}", table=TABLE, column="frequency", row=row)
    return x, m


def _likelihood(spend: Spend) -> Callable[[Floats], tuple[float, Floats]]:
    """Log-likelihood over distinct (x, m) and its gradient in (ln p, ln q, ln γ) or (ln p, ln q, ln γ, ln growth)."""
    x, count, counts = spend.frequency, spend.count, spend.frequencies
    total = spend.monetary * x
    doublings = np.log2(1 + x)
    by_count = bin_sum(spend.frequency_index, count, len(counts))
    constant = float(count @ np.log(spend.monetary))

    def likelihood(log_params: Floats) -> tuple[float, Floats]:
        p, q, gamma = np.exp(log_params[:3])
        scale = gamma if len(log_params) == 3 else gamma * np.exp(log_params[3] * doublings)
        # ln z and ln(1-z), each without cancellation
        log_share, log_rest = -np.log1p(scale / total), -np.log1p(total / scale)
        value = (
            p * (count * x) @ log_share + q * (count @ log_rest) - by_count @ betaln(p * counts, q) - constant
        )
        both = digamma(p * counts + q)
        slope_p = (count * x) @ log_share + (by_count * counts) @ (both - digamma(p * counts))
        slope_q = count @ log_rest + by_count @ (both - digamma(q))
        # d/d ln γ: q z - p x (1-z), customer by customer
        per_scale = count * (q - (p * x + q) * (scale / (scale + total)))
        gradient = [p * slope_p, q * slope_q, per_scale.sum()]
        if len(log_params) == 4:
            gradient.append(per_scale @ doublings)
        return float(value), np.array(gradient)

    return likelihood
