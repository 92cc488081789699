"""Possible futures of customers drawn from a fitted model: the bands of lifetime value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np

from liuke.insight.economics.discounting import EVER
from liuke.insight.economics.uncertainty import Band
from liuke.insight.economics.valuation import clv, worth_of
from liuke.insight.errors import BadFigure, BadHorizon
from liuke.insight.figures import Figure, Floats, one_figure
from liuke.insight.intervals import checked_level
from liuke.insight.models import ContractModel, GammaGamma, ParetoNBD, PurchaseModel
from liuke.insight.models.bgnbd import LeavesAfterPurchase
from liuke.insight.models.columns import Timing, read_columns, read_timing
from liuke.insight.models.contracts import read_contracts
from liuke.insight.models.estimator import LikelihoodModel
from liuke.insight.models.frequencyspend import FrequencyGammaGamma

PARAMETERS: Final = 40  # sets of parameters drawn; the draws are shared out among them
CHUNK: Final = 20_000  # customers at a time
FAR: Final = 1e-4  # a future for ever is cut where money counts so little

Fitted = TypeVar("Fitted", bound=LikelihoodModel)


@dataclass(frozen=True)
class ValueBands:
    """`value` (n,) as by `clv`; `low` and `high` (n,) hold each customer's own future with the chance `level`; `total` the
    band of all together. In money.

    A customer's band is wide, because one person buys or doesn't; the band of the total is narrow, because that
    evens out, and what remains is mostly how well the parameters are known.
    """

    value: Floats
    low: Floats
    high: Floats
    total: Band


def clv_bands(
    table: Any,
    *,
    model: PurchaseModel | ContractModel,
    worth: GammaGamma | Figure,
    horizon: float | None = EVER,
    discount_rate: float = 0.0,
    margin: float = 1.0,
    to_renewal: float = 1.0,
    level: float = 0.9,
    draws: int = 400,
    seed: int = 0,
) -> ValueBands:
    """`clv` with bands, from `draws` futures of every customer.

    Each future draws the parameters of the models (normal on the log scale, with their covariance), then whether the
    customer is still one, his rate of buying, when he leaves, how often he buys until then and what he spends; of
    contracts, how often they are renewed. What a future is worth is discounted by its purchases' mean factor.

    Arguments as in `clv`; the models are BG/NBD, MBG/NBD, Pareto/NBD, sBG and beta-discrete-Weibull. Without a horizon
    futures are cut where money counts less than 1/10,000. Same rows, same seed, same bands; the cost is customers ·
    draws. What the models do not know (a new competitor, a model that does not fit) is in no band.

    Errors: as in `clv`; `BadFigure` for a model of another kind, or fewer than 40 draws.
    """
    middle = checked_level(level)
    number = one_figure(draws, "draws", least=PARAMETERS)
    value = clv(
        table,
        model=model,
        worth=worth,
        horizon=horizon,
        discount_rate=discount_rate,
        margin=margin,
        to_renewal=to_renewal,
    )
    rate = float(discount_rate)
    length = float(np.log(1 / FAR) / np.log1p(rate)) if horizon is EVER else float(horizon)
    futures = _futures_of(table, model, worth, len(value), length, rate, float(to_renewal))
    rounds = int(np.ceil(number / PARAMETERS))
    seeds = np.random.SeedSequence(seed).spawn(2)
    known = list(futures.parameters(np.random.default_rng(seeds[0])))
    low, high = np.empty(len(value)), np.empty(len(value))
    total = np.zeros(rounds * PARAMETERS)
    ends = [(1 - middle) / 2, (1 + middle) / 2]
    rng = np.random.default_rng(seeds[1])
    for start in range(0, len(value), CHUNK):
        rows = slice(start, min(start + CHUNK, len(value)))
        drawn = np.concatenate([futures.draw(each, rows, rounds, rng) for each in known]) * float(margin)
        low[rows], high[rows] = np.quantile(drawn, ends, axis=0)
        total += drawn.sum(axis=1)
    all_low, all_high = (float(end) for end in np.quantile(total, ends))
    return ValueBands(value, low, high, Band(float(value.sum()), all_low, all_high, middle))


Known = tuple[LikelihoodModel, GammaGamma | None]


@dataclass(frozen=True)
class _Futures:
    """What a future is drawn from; the kinds of models differ in how often a customer comes."""

    model: LikelihoodModel
    spend: GammaGamma | None
    money: Floats  # per purchase, where no model of spend is given
    bought: tuple[Floats, Floats] | None  # frequency and mean spend, for the model of spend
    length: float
    rate: float

    def parameters(self, rng: np.random.Generator) -> Iterator[Known]:
        for _ in range(PARAMETERS):
            model = _drawn(self.model, rng)
            yield model, None if self.spend is None else _drawn(self.spend, rng)

    def draw(self, known: Known, rows: slice, rounds: int, rng: np.random.Generator) -> Floats:
        """Discounted money of each future, shape (rounds, rows)."""
        model, spend = known
        times, factor = self.come(model, rows, rounds, rng)
        if spend is None or self.bought is None:
            worth: Floats = times * factor * self.money[rows]
            return worth
        x, m = (each[rows] for each in self.bought)
        return factor * _spent(spend, x, m, times, rng)

    def come(
        self, model: LikelihoodModel, rows: slice, rounds: int, rng: np.random.Generator
    ) -> tuple[Floats, Floats]:
        """How often each customer comes in each future, and the mean discount factor, both (rounds, rows)."""
        raise NotImplementedError


@dataclass(frozen=True)
class _Buying(_Futures):
    timing: Timing

    def come(
        self, model: LikelihoodModel, rows: slice, rounds: int, rng: np.random.Generator
    ) -> tuple[Floats, Floats]:
        part = Timing(self.timing.frequency[rows], self.timing.recency[rows], self.timing.T[rows])
        p, shape = model.params_, (rounds, len(part))
        assert isinstance(model, PurchaseModel)  # noqa: S101
        alive = rng.random(shape) < model._alive(part)
        pace = rng.gamma(p["r"] + part.frequency, 1 / (p["alpha"] + part.T), shape)
        if isinstance(model, ParetoNBD):
            leaving = rng.gamma(p["s"], 1 / (p["beta"] + part.T), shape)
            stays = np.minimum(rng.exponential(1.0, shape) / np.maximum(leaving, 1e-300), self.length)
            times = rng.poisson(np.where(alive, pace * stays, 0.0)).astype(np.float64)
            return times, self._mean_factor(stays)
        assert isinstance(model, LeavesAfterPurchase)  # noqa: S101
        survived = part.frequency + model.first_counts
        leaving = rng.beta(p["a"], p["b"] + survived, shape)
        wished = rng.poisson(np.where(alive, pace * self.length, 0.0)).astype(np.float64)
        # the purchase after which he leaves, and when it comes: the k-th of `wished` spread evenly
        last = rng.geometric(np.maximum(leaving, 1e-15)).astype(np.float64)
        leaves = last <= wished
        k, of = np.where(leaves, last, 1.0), np.where(leaves, wished, 1.0)
        end = np.where(leaves, self.length * rng.beta(k, of - k + 1), self.length)
        at_end = (1 + self.rate) ** -end
        before = self._mean_factor(end)
        return np.where(leaves, last, wished), np.where(leaves, ((k - 1) * before + at_end) / k, before)

    def _mean_factor(self, stays: Floats) -> Floats:
        """The mean of (1 + rate)^-t for t even in (0, stays)."""
        fall = stays * np.log1p(self.rate)
        factor: Floats = np.where(fall > 1e-9, -np.expm1(-fall) / np.maximum(fall, 1e-9), 1.0)
        return factor


@dataclass(frozen=True)
class _Renewing(_Futures):
    periods: Floats
    ended: Floats
    to_renewal: float

    def come(
        self, model: LikelihoodModel, rows: slice, rounds: int, rng: np.random.Generator
    ) -> tuple[Floats, Floats]:
        assert isinstance(model, ContractModel)  # noqa: S101
        ages, index = np.unique(self.periods[rows], return_inverse=True)
        runs = self.ended[rows] == 0
        # outlasts j more renewals when the draw lies below S(t + j) / S(t)
        outlasts = model._ahead({"periods": ages, "ended": np.zeros(len(ages))}, int(self.length))
        draws = rng.random((rounds, len(runs)))
        times = np.zeros_like(draws)
        for place in range(len(ages)):
            mine = index == place
            times[:, mine] = np.searchsorted(-outlasts[:, place], -draws[:, mine], side="left")
        times *= runs
        # Σ_{j=1..n} (1+d)^-(j - 1 + to_renewal), the mean of it per renewal
        if self.rate == 0:
            return times, np.ones_like(times)
        summed = (1 - (1 + self.rate) ** -times) / self.rate * (1 + self.rate) ** (1 - self.to_renewal)
        return times, summed / np.maximum(times, 1.0)


def _futures_of(
    table: Any,
    model: Any,
    worth: Any,
    length: int,
    horizon: float,
    rate: float,
    to_renewal: float,
) -> _Futures:
    spend = worth if isinstance(worth, GammaGamma) else None
    bought = None
    if spend is not None:
        columns = read_columns(table, ("frequency", "monetary"))
        bought = columns["frequency"], columns["monetary"]
    money = np.zeros(length) if spend is not None else worth_of(table, worth, length)
    if isinstance(model, ContractModel):
        columns = read_contracts(table)
        if not np.isfinite(horizon):
            raise BadHorizon("a horizon is needed")
        return _Renewing(
            model,
            spend,
            money,
            bought,
            np.ceil(horizon),
            rate,
            columns["periods"],
            columns["ended"],
            to_renewal,
        )
    if isinstance(model, LeavesAfterPurchase | ParetoNBD):
        return _Buying(model, spend, money, bought, horizon, rate, read_timing(table))
    known = "BG/NBD, MBG/NBD, Pareto/NBD, sBG and beta-discrete-Weibull"
    raise BadFigure(f"bands are drawn for {known}, not for {type(model).__name__}", name="model")


def _drawn(model: Fitted, rng: np.random.Generator) -> Fitted:
    """The model with parameters drawn from what the fit knows of them; as it is where it knows nothing (`with_params`)."""
    params = np.array([model.params_[name] for name in model.param_names])
    on_logs = model.covariance_ / np.outer(params, params)
    values, vectors = np.linalg.eigh((on_logs + on_logs.T) / 2)
    # a parameter that the data hardly tell is drawn within a factor of e, not of a million
    scale = np.minimum(np.sqrt(np.maximum(values, 0.0)), 1.0)
    moved = params * np.exp(vectors @ (scale * rng.standard_normal(len(params))))
    return type(model).with_params(**dict(zip(model.param_names, moved.tolist(), strict=True)))


def _spent(spend: GammaGamma, x: Floats, m: Floats, times: Floats, rng: np.random.Generator) -> Floats:
    """The sum of `times` amounts of each customer: Gamma(p · times, ν), ν ~ Gamma(q + p x, γ + m x)."""
    p, q, gamma = (spend.params_[name] for name in ("p", "q", "gamma"))
    factor = spend._factor(x) if isinstance(spend, FrequencyGammaGamma) else np.ones_like(x)
    nu = rng.gamma(q + p * x, 1 / (gamma + m / factor * x), times.shape)
    amounts = np.where(times > 0, rng.gamma(p * np.maximum(times, 1.0)), 0.0)
    found: Floats = factor * amounts / np.maximum(nu, 1e-300)
    return found
