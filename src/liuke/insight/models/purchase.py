"""What BG/NBD, MBG/NBD and Pareto/NBD share: buying at a steady rate until an unseen end."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa

from liuke.insight.errors import BadHorizon, NoRepeatBuyers, TooFewCustomers
from liuke.insight.models.bootstrap import ParameterDraws, resample
from liuke.insight.models.columns import Floats, Timing, read_timing
from liuke.insight.models.estimator import LikelihoodModel, check_horizon
from liuke.insight.models.optimum import Coordinates, Likelihood, Optimum, look_inside, maximise
from liuke.insight.models.triples import Triples, collapse, distinct_pairs

# Coordinates of the climb, in units of the mean length of watching: ln r, ln(mean gap α/r), ln of how much leaving
# there is (a/b or s/β), ln of how alike customers are in it (b or s). The least leaving, 1e-9, is "nobody leaves".
LOWER = np.log([1e-4, 1e-8, 1e-9, 1e-5])
UPPER = np.log([1e5, 1e8, 1e7, 1e5])
LEAVING = 2
GRID = {
    LEAVING: np.log([1e-5, 1e-3, 1e-2, 1e-1, 1.0]),
    LEAVING + 1: np.log([1e-3, 1e-2, 0.1, 0.5, 2.0, 10.0, 100.0]),
}
EDGES = {
    (0, False): "chances of buying differ beyond measure: some buy at once, the others never",
    (0, True): "one buying rate for all: the data show no difference between customers in it",
    (1, False): "purchases follow each other without any gap",
    (1, True): "purchases hardly ever come",
    (LEAVING, True): "everybody leaves at once",
    (LEAVING + 1, False): "whoever leaves does so at once, the others never",
    (LEAVING + 1, True): "one chance of leaving for all: the data show no difference between customers in it",
}
NO_EVIDENCE = 1.35  # half the 90 % point of chi-square with 1 degree of freedom


class PurchaseModel(LikelihoodModel):
    """Base of the models of when customers buy, fitted on a summary with one row a customer.

    Table columns: `frequency` (repeat purchases, whole), `recency` (time from first to last purchase), `T`
    (time from first purchase to the end of watching), all in one unit of time; others are ignored. Results
    are arrays of shape (n,) in the order of the rows. The fit works on the distinct triples with their counts,
    in units of the mean T: neither the order of rows nor the unit of time changes the result.

    Learned besides the common values: `watched_`, the mean T; `leaving_gain_`, the log-likelihood gained by
    allowing customers to leave at all where that is in doubt (0 where nobody does), `None` where it is plain.

    `min_customers`: fewer raise `TooFewCustomers`. Nobody with frequency > 0 raises `NoRepeatBuyers`.
    """

    time_params: ClassVar[tuple[str, ...]]
    rough_from: ClassVar[int]  # so many triples pay for a rough climb first
    matrix: ClassVar[tuple[tuple[float, ...], ...]]
    watched_: float
    leaving_gain_: float | None

    def __init__(self, *, min_customers: int = 30) -> None:
        self.min_customers = min_customers

    def _settings(self) -> dict[str, Any]:
        return {"min_customers": self.min_customers}

    def _learned(self) -> dict[str, Any]:
        return {**super()._learned(), "watched": self.watched_, "leaving_gain": self.leaving_gain_}

    @classmethod
    def _unlearned(cls) -> dict[str, Any]:
        return {"watched": 0.0, "leaving_gain": None}

    def _restore(self, learned: dict[str, Any]) -> None:
        super()._restore(learned)
        self.watched_ = float(learned["watched"])
        self.leaving_gain_ = None if learned["leaving_gain"] is None else float(learned["leaving_gain"])

    def fit(self, summary: Any) -> Self:
        """Learn from a customer summary; returns self.

        Errors: `BadTable` and its kinds, `TooFewCustomers`, `NoRepeatBuyers`. Warnings: `BoundaryFit`,
        `NotConverged`.
        """
        self._fit_triples(self._triples(summary), starts=None)
        self._warn()
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
        unit = self._unit(triples)
        scaled = triples.scaled(unit)
        coordinates = Coordinates(np.array(self.matrix), LOWER, UPPER)
        powers = np.array([name in self.time_params for name in self.param_names], dtype=np.float64)
        starts = self._starts(scaled) if starts is None else [s - powers * np.log(unit) for s in starts]
        likelihood = self._likelihood(scaled, rough=False)
        sizes = [size for size in (150, 1200) if len(scaled.T) > max(4 * size, self.rough_from)]
        rough = [self._likelihood(scaled.thinned(size), rough=True) for size in sizes]
        optimum = maximise(likelihood, starts, coordinates, rough=rough)
        if optimum.silent[LEAVING:].any():
            optimum = look_inside(likelihood, optimum, GRID)
        self.leaving_gain_ = _gain_of_leaving(likelihood, optimum)
        if self.leaving_gain_ == 0:
            # how alike customers are in what none of them does has no value; 1 stands for it
            nobody = coordinates.held(LEAVING, LOWER[LEAVING]).held(LEAVING + 1, 0.0)
            optimum = maximise(likelihood, [optimum.log_params], nobody)
        self.boundary_ = _findings(optimum, self.leaving_gain_)
        self.watched_ = float(triples.count @ triples.T) / triples.customers
        self._keep(
            optimum,
            params=np.exp(optimum.log_params) * unit**powers,
            log_likelihood=optimum.log_likelihood + self._constant(triples, unit),
            customers=triples.customers,
        )

    def _unit(self, triples: Triples) -> float:
        """The time that the fit counts in; the mean T makes the result the same in days and in seconds."""
        return float(triples.count @ triples.T) / triples.customers

    def _constant(self, triples: Triples, unit: float) -> float:
        """What the log-likelihood in the table's unit has more: each purchase, a density, carries one 1/time."""
        return -triples.purchases * float(np.log(unit))

    def _triples(self, summary: Any) -> Triples:
        return collapse(self._readable(summary))

    def bootstrap(self, summary: Any, *, draws: int = 200, seed: int) -> ParameterDraws[Self]:
        """Refit on `draws` resamples of the customers (with replacement).

        Returns the refitted models with their parameters as arrays of shape (draws,); see `ParameterDraws`.
        Resamples are multinomial counts of the triples, so a draw costs one fit, whatever the number of
        customers.
        """
        self._require_fit()
        triples = self._triples(summary)
        return ParameterDraws(
            [self._refit(triples.weighted(count)) for count in resample(triples.count, draws, seed)]
        )

    def _refit(self, triples: Triples) -> Self:
        model = type(self)(**self._settings())
        model._fit_triples(triples, starts=[np.log([self.params_[name] for name in self.param_names])])
        return model

    def log_likelihood(self, summary: Any) -> float:
        """Log-likelihood of a table's customers at the learned parameters, in the convention of `log_likelihood_`."""
        self._require_fit()
        triples = self._triples(summary)
        unit = self._unit(triples)
        powers = np.array([name in self.time_params for name in self.param_names], dtype=np.float64)
        here = np.log([self.params_[name] for name in self.param_names]) - powers * np.log(unit)
        return self._likelihood(triples.scaled(unit), rough=False)(here)[0] + self._constant(triples, unit)

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
        return self._weighted(read_timing(summary), np.array([horizon]), np.ones(1))

    def probability_of_purchase(self, summary: Any, *, horizon: float) -> Floats:
        """P(at least one purchase in (T, T + horizon] | frequency, recency, T), shape (n,), in [0, 1].

        Errors: `BadHorizon` unless 0 < horizon < ∞ (in the unit of T).
        """
        self._require_fit()
        horizon = check_horizon(horizon)
        return self._likely(read_timing(summary), horizon)

    def _likely(self, timing: Timing, horizon: float) -> Floats:
        """P(a purchase in (T, T + horizon]), shape (n,)."""
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
        return self._discounted(summary, horizon, discount_rate, steps)

    def _discounted(
        self, summary: Any, horizon: float, discount_rate: float, steps: int, *, late: bool = False
    ) -> Floats:
        """`late` discounts a step's purchases from its end instead of its middle."""
        self._require_fit()
        horizon = check_horizon(horizon)
        if not (np.isfinite(discount_rate) and discount_rate >= 0):
            raise BadHorizon(f"discount_rate must be 0 or more, not {discount_rate!r}")
        edges = np.linspace(0.0, horizon, steps + 1)
        paid = edges[1:] if late else (edges[:-1] + edges[1:]) / 2
        # Σ_j v_j (E_j - E_{j-1}) = Σ_j E_j (v_j - v_{j+1}), v after the last step being 0
        factors = (1 + discount_rate) ** -paid
        falls = factors - np.append(factors[1:], 0.0)
        return self._weighted(read_timing(summary), edges[1:], falls)

    def _weighted(self, timing: Timing, horizons: Floats, weights: Floats) -> Floats:
        """Σ_h weights[h] E[purchases in (T, T + h]], shape (n,)."""
        x, T, index = distinct_pairs(timing.frequency, timing.T)
        steps, u = len(horizons), len(x)
        if_alive = self._expected_if_alive(np.tile(x, steps), np.tile(T, steps), np.repeat(horizons, u))
        return self._alive(timing) * (weights @ if_alive.reshape(steps, u))[index]

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
    def _likelihood(self, scaled: Triples, *, rough: bool) -> Likelihood:
        """The log-likelihood of the triples with gradient and Hessian in log-parameters.

        `rough` allows it to be cheap instead of exact: it only shows the way.
        """

    @abstractmethod
    def _alive(self, timing: Timing) -> Floats: ...

    @abstractmethod
    def _expected_if_alive(self, x: Floats, T: Floats, horizon: Floats | float) -> Floats: ...

    @abstractmethod
    def _purchase_if_alive(self, x: Floats, T: Floats, horizon: float) -> Floats: ...

    @abstractmethod
    def _draw(self, T: Floats, horizon: float, rng: np.random.Generator) -> dict[str, Any]:
        """Columns frequency, recency, T, future, alive of simulated customers."""


def _findings(optimum: Optimum, leaving_gain: float | None) -> tuple[str, ...]:
    """What the data do not carry, in words."""
    found = []
    if leaving_gain == 0:
        found.append(
            "nobody leaves: the data show no end of buying, so P(alive) is 1 or nearly so for everyone"
        )
    elif leaving_gain is not None and leaving_gain < NO_EVIDENCE:
        found.append(
            f"nobody need ever leave: allowing for it gains only {leaving_gain:.2f} of log-likelihood, "
            "so P(alive) rests on next to nothing"
        )
    box = optimum.coordinates
    point = box.of(optimum.log_params)
    for coordinate in np.flatnonzero(optimum.held & (box.lower < box.upper)).tolist():
        upper = bool(point[coordinate] > (box.lower + box.upper)[coordinate] / 2)
        if (coordinate, upper) != (LEAVING, False):
            found.append(EDGES[coordinate, upper])
    return tuple(found)


def _gain_of_leaving(likelihood: Likelihood, optimum: Optimum) -> float | None:
    """The log-likelihood that leaving adds to nobody ever leaving; `None` where leaving is estimated well.

    0 at the edge itself. "Well" is a standard error of the log of leaving under 0.4, beyond which a likelihood ratio
    on it may come out below the usual marks.
    """
    box = optimum.coordinates
    if optimum.held[LEAVING] and box.of(optimum.log_params)[LEAVING] <= box.lower[LEAVING]:
        return 0.0
    if not optimum.silent[LEAVING] and optimum.covariance()[LEAVING, LEAVING] < 0.16:
        return None
    edge = maximise(likelihood, [optimum.log_params], box.held(LEAVING, box.lower[LEAVING]))
    return max(0.0, optimum.log_likelihood - edge.log_likelihood)


def last_of(count: Floats, of: Floats, T: Floats, rng: np.random.Generator) -> Floats:
    """Time of the `count`-th of `of` purchases spread evenly over (0, T), an order statistic; 0 for none."""
    last = np.zeros_like(T)
    some = count > 0
    last[some] = T[some] * rng.beta(count[some], of[some] - count[some] + 1)
    return last
