"""Kaplan-Meier: how long customers stay, without assuming any shape."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pyarrow as pa
from scipy.special import ndtri

from liuke.insight.errors import BadHorizon, BadTable, TooFewCustomers
from liuke.insight.models.bootstrap import ModelDraws, resample
from liuke.insight.models.columns import Floats, read_columns, refuse_repeated_customers
from liuke.insight.models.estimator import Estimator, check_horizon
from liuke.insight.models.triples import bin_sum, count_distinct

TABLE = "durations"


class KaplanMeier(Estimator):
    """Product-limit estimate of the chance S(t) to stay longer than t.

    Table columns: `duration` (time seen, 0 or more, any unit) and `ended` (1 if the customer left then, 0 if he was
    still there when watching stopped); an optional `customer` may not repeat. With d_i ends among n_i still watched at
    each time t_i (a customer last seen at t_i is still watched there),

        S(t) = Π_{t_i <= t} (1 - d_i/n_i),    var ln S(t) = Σ d_i/(n_i (n_i - d_i))   (Greenwood)

    Learned: `times_` (the m distinct times of an end), `survival_`, `at_risk_`, `ends_` and `log_variance_` there, each
    (m,); `last_`, the longest time seen: beyond it the estimate stays where it is.

    Source: Kaplan and Meier (1958), Nonparametric Estimation from Incomplete Observations, JASA 53, 457-481.
    """

    times_: Floats
    survival_: Floats
    at_risk_: Floats
    ends_: Floats
    log_variance_: Floats
    last_: float

    def __init__(self, *, min_customers: int = 2) -> None:
        self.min_customers = min_customers

    def _settings(self) -> dict[str, Any]:
        return {"min_customers": self.min_customers}

    def fit(self, durations: Any) -> Self:
        """Learn from a table of durations; returns self. Errors: `BadTable` and its kinds, `TooFewCustomers`."""
        refuse_repeated_customers(durations, table_name=TABLE)
        duration, ended = _read(durations)
        if len(duration) < self.min_customers:
            raise TooFewCustomers(len(duration), self.min_customers, type(self).__name__)
        return self._fit_counted(duration, ended, np.ones_like(duration))

    def _fit_counted(self, duration: Floats, ended: Floats, count: Floats) -> Self:
        """From rows that stand for `count` customers each."""
        some = count > 0
        times, index = np.unique(duration[some], return_inverse=True)
        seen = bin_sum(index, count[some], len(times))
        ends = bin_sum(index, ended[some] * count[some], len(times))
        at_risk = np.cumsum(seen[::-1])[::-1]
        some = ends > 0
        self._set(times[some], at_risk[some], ends[some])
        self.last_ = float(times[-1])
        self.customers_ = round(float(count.sum()))
        return self

    def bootstrap(self, durations: Any, *, draws: int = 200, seed: int) -> ModelDraws[Self]:
        """Refit on `draws` resamples of the customers (with replacement); see `ModelDraws`.

        Errors: `NotFitted`, `BadTable` and its kinds; `ValueError` for fewer than one draw.
        """
        self._require_fit()
        (duration, ended), count = count_distinct(*_read(durations))
        return ModelDraws([self._again(duration, ended, each) for each in resample(count, draws, seed)])

    def _again(self, duration: Floats, ended: Floats, count: Floats) -> Self:
        return type(self)(**self._settings())._fit_counted(duration, ended, count)

    def _set(self, times: Floats, at_risk: Floats, ends: Floats) -> None:
        self.times_, self.at_risk_, self.ends_ = times, at_risk, ends
        self.survival_ = np.asarray(np.cumprod(1 - ends / at_risk), dtype=np.float64)
        # where all end at once, S is 0 for certain and Greenwood's term has no meaning: it adds nothing
        left = at_risk - ends
        self.log_variance_ = np.cumsum(np.where(left > 0, ends / (at_risk * np.maximum(left, 1)), 0.0))

    def survival(self, times: Any) -> Floats:
        """S(t) at `times` (n,), shape (n,), in [0, 1]."""
        self._require_fit()
        return self._at(times, self.survival_, 1.0)

    def interval(self, times: Any, *, level: float = 0.9) -> tuple[Floats, Floats]:
        """Pointwise confidence interval of S(t) at `times` (n,): two arrays (n,), within [0, 1].

        On the scale of ln(-ln S), which keeps it inside; before the first end both are 1.
        """
        self._require_fit()
        if not 0 < level < 1:
            raise ValueError(f"level must lie between 0 and 1, not {level}")
        survival = np.clip(self._at(times, self.survival_, 1.0), 0.0, 1.0)
        inner = (survival > 0) & (survival < 1)
        log_s = np.log(np.where(inner, survival, 0.5))
        width = ndtri((1 + level) / 2) * np.sqrt(self._at(times, self.log_variance_, 0.0)) / np.abs(log_s)
        low = np.where(inner, np.exp(log_s * np.exp(width)), survival)
        high = np.where(inner, np.exp(log_s * np.exp(-width)), survival)
        return low, high

    def probability_of_staying(self, durations: Any, *, horizon: float) -> Floats:
        """P(stays `horizon` longer | stayed `duration`) = S(t + horizon)/S(t), shape (n,); 0 for those who left.

        Beyond `last_` nobody was watched: there the chance is that of nobody leaving any more, an upper bound.
        """
        self._require_fit()
        horizon = check_horizon(horizon)
        duration, ended = _read(durations)
        now, later = self.survival(duration), self.survival(duration + horizon)
        stays: Floats = np.where(now > 0, later / np.where(now > 0, now, 1.0), 0.0) * (ended == 0)
        return stays

    def median(self) -> float | None:
        """The time by which half have left; `None` where fewer than half did while watched."""
        self._require_fit()
        reached = self.survival_ <= 0.5
        return float(self.times_[np.argmax(reached)]) if reached.any() else None

    def simulate(self, customers: int, *, seed: int) -> pa.Table:
        """Draw durations from the curve: customer, duration, ended; who outlasts the curve runs on at `last_`."""
        self._require_fit()
        drawn = np.random.default_rng(seed).random(customers)
        step = np.searchsorted(-self.survival_, -drawn, side="right")
        ended = step < len(self.times_)
        table: dict[str, Any] = {
            "customer": np.arange(1, customers + 1),
            "duration": np.append(self.times_, self.last_)[step],
            "ended": ended.astype(np.int64),
        }
        return pa.table(table)

    def explain(self) -> str:
        """Say in plain words what was learnt."""
        self._require_fit()
        ends = int(self.ends_.sum())
        half = self.median()
        middle = (
            f"Half have left by {half:.4g}." if half is not None else "Fewer than half left while watched."
        )
        return f"Kaplan-Meier: {self.customers_:,} customers watched for up to {self.last_:.4g}, {ends:,} left.\n{middle}"

    def _at(self, times: Any, values: Floats, before: float) -> Floats:
        t = np.asarray(times, dtype=np.float64)
        if not np.isfinite(t).all() or (t < 0).any():
            raise BadHorizon("times must be finite and 0 or more")
        at: Floats = np.concatenate([[before], values])[np.searchsorted(self.times_, t, side="right")]
        return at

    def _learned(self) -> dict[str, Any]:
        arrays = {"times": self.times_, "at_risk": self.at_risk_, "ends": self.ends_}
        return {
            **{name: values.tolist() for name, values in arrays.items()},
            "last": self.last_,
            "customers": self.customers_,
        }

    def _restore(self, learned: dict[str, Any]) -> None:
        arrays = (np.asarray(learned[name], dtype=np.float64) for name in ("times", "at_risk", "ends"))
        self._set(*arrays)
        self.last_, self.customers_ = float(learned["last"]), int(learned["customers"])


def _read(durations: Any) -> tuple[Floats, Floats]:
    columns = read_columns(durations, ("duration", "ended"), table_name=TABLE)
    duration, ended = columns["duration"], columns["ended"]
    wrong = (ended != 0) & (ended != 1)
    if wrong.any():
        row = int(np.argmax(wrong))
        problem = f"1 (left) or 0 (still there) is needed: {ended[row]:g}"
        raise BadTable(problem, table=TABLE, column="ended", row=row)
    return duration, ended
