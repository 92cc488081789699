"""What BG/NBD, MBG/NBD and Pareto/NBD share: buying at a steady rate until an unseen end."""

from __future__ import annotations

from abc import abstractmethod
from itertools import pairwise
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa

from liuke.insight.errors import BadHorizon, NoRepeatBuyers, TooFewCustomers
from liuke.insight.models.bootstrap import ParameterDraws, resample
from liuke.insight.models.columns import Floats, Timing, read_timing
from liuke.insight.models.estimator import Estimator, check_horizon
from liuke.insight.models.optimum import Objective, maximise
from liuke.insight.models.triples import Triples, collapse, distinct_pairs

# log-parameters are kept in a box around the data's own scale (time in mean lengths of watching)
RATE_BOX = (np.log(1e-4), np.log(1e5))
TIME_BOX = (np.log(1e-8), np.log(1e8))
LEAVING_BOX = (np.log(1e-6), np.log(1e6))


class PurchaseModel(Estimator):
    """Base of the models of when customers buy, fitted on a summary with one row a customer.

    Table columns: `frequency` (repeat purchases, whole), `recency` (time from first to last purchase), `T`
    (time from first purchase to the end of watching), all in one unit of time; others are ignored. Results
    are arrays of shape (n,) in the order of the rows. The fit works on the distinct triples with their counts and
    in units of the mean T, so neither the order of rows nor the unit of time changes the result.

    `min_customers`: fewer raise `TooFewCustomers`. Nobody with frequency > 0 raises `NoRepeatBuyers`.
    """

    time_params: ClassVar[tuple[str, ...]]
    boxes: ClassVar[tuple[tuple[float, float], ...]]
    watched_: float

    def __init__(self, *, min_customers: int = 30) -> None:
        self.min_customers = min_customers

    def _settings(self) -> dict[str, Any]:
        return {"min_customers": self.min_customers}

    def _learned(self) -> dict[str, Any]:
        return {**super()._learned(), "watched": self.watched_}

    def _restore(self, learned: dict[str, Any]) -> None:
        super()._restore(learned)
        self.watched_ = float(learned["watched"])

    def fit(self, summary: Any) -> Self:
        """Learn from a customer summary; returns self.

        Errors: `BadTable` and its kinds, `TooFewCustomers`, `NoRepeatBuyers`. Warnings: `BoundaryFit`,
        `NotConverged`.
        """
        self._fit_triples(collapse(self._readable(summary)), starts=None)
        self._warn(self._boundary())
        return self

    def _readable(self, summary: Any) -> Timing:
        timing = read_timing(summary, distinct_customers=True)
        name = type(self).__name__
        if len(timing) < self.min_customers:
            raise TooFewCustomers(len(timing), self.min_customers, name)
        if not timing.frequency.any():
            raise NoRepeatBuyers(f"{name}: none of {len(timing)} customers bought twice")
        return timing

    def _fit_triples(self, triples: Triples, *, starts: list[Floats] | None) -> None:
        unit = float((triples.count * triples.T).sum() / triples.customers)
        scaled = triples.scaled(unit)
        lower, upper = (np.array(side) for side in zip(*self.boxes, strict=True))
        powers = np.array([name in self.time_params for name in self.param_names], dtype=np.float64)
        if starts is None:
            starts = self._starts(scaled)
        else:
            starts = [start - powers * np.log(unit) for start in starts]
        optimum = maximise(self._objective(scaled), starts, lower, upper)
        self.watched_ = unit
        self._keep(
            optimum,
            params=np.exp(optimum.log_params) * unit**powers,
            # a density of purchase instants: each purchase carries one 1/time
            log_likelihood=optimum.log_likelihood - triples.purchases * np.log(unit),
            customers=triples.customers,
        )

    def bootstrap(self, summary: Any, *, draws: int = 200, seed: int) -> ParameterDraws[Self]:
        """Refit on `draws` resamples of the customers (with replacement).

        Returns the refitted models with their parameters as arrays of shape (draws,); see `ParameterDraws`.
        Resamples are multinomial counts of the triples, so a draw costs one fit, whatever the number of
        customers.
        """
        self._require_fit()
        triples = collapse(self._readable(summary))
        return ParameterDraws(
            [self._refit(triples.weighted(count)) for count in resample(triples.count, draws, seed)]
        )

    def _refit(self, triples: Triples) -> Self:
        model = type(self)(**self._settings())
        model._fit_triples(triples, starts=[np.log([self.params_[name] for name in self.param_names])])
        model.boundary_ = model._boundary()
        return model

    def probability_alive(self, summary: Any) -> Floats:
        """P(still a customer at T | frequency, recency, T), shape (n,), in [0, 1]."""
        self._require_fit()
        return self._alive(read_timing(summary))

    def expected_purchases(self, summary: Any, *, horizon: float) -> Floats:
        """E[purchases in (T, T + horizon] | frequency, recency, T], shape (n,), in purchases.

        Errors: `BadHorizon` unless 0 < horizon < ∞ (in the unit of T).
        """
        self._require_fit()
        horizon = check_horizon(horizon)
        timing = read_timing(summary)
        x, T, index = distinct_pairs(timing.frequency, timing.T)
        return self._alive(timing) * self._expected_if_alive(x, T, horizon)[index]

    def probability_of_purchase(self, summary: Any, *, horizon: float) -> Floats:
        """P(at least one purchase in (T, T + horizon] | frequency, recency, T), shape (n,), in [0, 1].

        Errors: `BadHorizon` unless 0 < horizon < ∞ (in the unit of T).
        """
        self._require_fit()
        horizon = check_horizon(horizon)
        timing = read_timing(summary)
        x, T, index = distinct_pairs(timing.frequency, timing.T)
        return self._alive(timing) * self._purchase_if_alive(x, T, horizon)[index]

    def discounted_purchases(
        self, summary: Any, *, horizon: float, discount_rate: float, steps: int = 24
    ) -> Floats:
        """E[purchases in (T, T + horizon], each times its discount factor], shape (n,).

        A purchase t after T counts (1 + discount_rate)^-t, the rate being per unit of T (0.10 a year in a
        table of weeks is 1.10^(1/52) - 1). The horizon is cut into `steps` equal pieces, discounted from
        their middles. Errors: `BadHorizon` for a horizon or rate out of range (0 <= rate < ∞).
        """
        self._require_fit()
        horizon = check_horizon(horizon)
        if not (np.isfinite(discount_rate) and discount_rate >= 0):
            raise BadHorizon(f"discount_rate must be 0 or more, not {discount_rate!r}")
        timing = read_timing(summary)
        x, T, index = distinct_pairs(timing.frequency, timing.T)
        edges = np.linspace(0.0, horizon, steps + 1)
        total, before = np.zeros_like(x), np.zeros_like(x)
        for left, right in pairwise(edges):
            until = self._expected_if_alive(x, T, float(right))
            total += (until - before) * (1 + discount_rate) ** (-(left + right) / 2)
            before = until
        return self._alive(timing) * total[index]

    def simulate(self, T: Any, *, seed: int, horizon: float | None = None) -> pa.Table:
        """Draw customers from the fitted model, each watched for its own `T` (an array of shape (n,)).

        Returns a table customer, frequency, recency, T and, with a `horizon`, `future` (purchases in
        (T, T + horizon]) and `alive` (whether still a customer at T). The same seed gives the same customers.
        """
        self._require_fit()
        watched = np.asarray(T, dtype=np.float64)
        if watched.ndim != 1 or not (np.isfinite(watched).all() and (watched >= 0).all()):
            raise ValueError("T must be a one-dimensional array of finite lengths of watching, 0 or more")
        ahead = 0.0 if horizon is None else check_horizon(horizon)
        drawn = self._draw(watched, ahead, np.random.default_rng(seed))
        table: dict[str, Any] = {"customer": np.arange(1, len(watched) + 1), **drawn}
        if horizon is None:
            del table["future"], table["alive"]
        return pa.table(table)

    @abstractmethod
    def expected_purchases_new(self, horizon: float) -> float:
        """E[repeat purchases in (0, horizon]] of a customer just won, of whom nothing else is known."""

    @abstractmethod
    def _starts(self, scaled: Triples) -> list[Floats]:
        """Log-parameters to climb from, the likeliest first."""

    @abstractmethod
    def _objective(self, scaled: Triples) -> Objective:
        """The log-likelihood of the triples with its gradient in log-parameters."""

    @abstractmethod
    def _alive(self, timing: Timing) -> Floats: ...

    @abstractmethod
    def _expected_if_alive(self, x: Floats, T: Floats, horizon: float) -> Floats: ...

    @abstractmethod
    def _purchase_if_alive(self, x: Floats, T: Floats, horizon: float) -> Floats: ...

    @abstractmethod
    def _draw(self, T: Floats, horizon: float, rng: np.random.Generator) -> dict[str, Any]:
        """Columns frequency, recency, T, future, alive of simulated customers."""

    @abstractmethod
    def _boundary(self) -> tuple[str, ...]: ...


def last_of(count: Floats, of: Floats, T: Floats, rng: np.random.Generator) -> Floats:
    """Time of the `count`-th of `of` purchases spread evenly over (0, T), an order statistic; 0 for none."""
    last = np.zeros_like(T)
    some = count > 0
    last[some] = T[some] * rng.beta(count[some], of[some] - count[some] + 1)
    return last
