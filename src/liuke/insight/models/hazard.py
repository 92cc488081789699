"""Discrete-time hazard: who leaves in which period, given what is known of him."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
from scipy.special import expit

from liuke.insight.errors import BadHorizon, BadTable, NotConverged, TooFewCustomers
from liuke.insight.models.bootstrap import ModelDraws, resample
from liuke.insight.models.columns import Floats, read_columns
from liuke.insight.models.estimator import Estimator, check_horizon
from liuke.insight.models.triples import count_distinct

TABLE = "periods"
STEPS = 50
TOLERANCE = 1e-9


class DiscreteHazard(Estimator):
    """Logistic hazard of leaving in a period, with a free baseline over periods and covariates that may change with time.

        logit h(t, z) = b_t + Σ_j c_j z_j,   b_1 … b_m one level a period

    Table: one row for each customer and period he was at risk in (`at_risk` builds it from contracts): `period` (whole,
    from 1), `ended` (1 if he left in it) and the columns named in `covariates`, numeric, any finite value. The fit
    maximises the log-likelihood less

        ridge/2 Σ_j (c_j sd_j)² + smooth/2 Σ_t (b_{t+1} - b_t)² + 1e-6/2 Σ_t b_t²

    so that periods without ends, or covariates that separate leavers perfectly, stay finite; sd_j is the spread of a
    covariate. Beyond the last period seen the last level holds.

    Learned: `baseline_` (m,), `coefficients_` and `standard_errors_` by covariate (from the penalised Hessian),
    `log_likelihood_` (without the penalty), `gradient_norm_`, `converged_`, `customers_` (rows at risk).

    Source: Singer and Willett (1993), It's About Time: Using Discrete-Time Survival Analysis, Journal of Educational
    Statistics 18(2), 155-195; penalty as in Eilers and Marx (1996), Flexible smoothing with B-splines and penalties.
    """

    baseline_: Floats
    coefficients_: dict[str, float]
    standard_errors_: dict[str, float]
    log_likelihood_: float
    gradient_norm_: float
    converged_: bool

    def __init__(
        self, covariates: tuple[str, ...] = (), *, ridge: float = 1.0, smooth: float = 1.0, min_rows: int = 30
    ) -> None:
        self.covariates = covariates
        self.ridge = ridge
        self.smooth = smooth
        self.min_rows = min_rows

    def _settings(self) -> dict[str, Any]:
        return {
            "covariates": tuple(self.covariates),
            "ridge": self.ridge,
            "smooth": self.smooth,
            "min_rows": self.min_rows,
        }

    def fit(self, periods: Any) -> Self:
        """Learn from a table of customers at risk; returns self.

        Errors: `BadTable` and its kinds, `TooFewCustomers`; `ValueError` for penalties that are not above 0.
        """
        if not (self.ridge > 0 and self.smooth > 0):
            raise ValueError("ridge and smooth must be above 0")
        period, ended, values = self._read(periods)
        if len(period) < self.min_rows:
            raise TooFewCustomers(len(period), self.min_rows, type(self).__name__)
        distinct, count = count_distinct(period, ended, *values.T)
        return self._fit_rows(_Rows.of(distinct, count))

    def bootstrap(self, periods: Any, *, draws: int = 200, seed: int) -> ModelDraws[Self]:
        """Refit on `draws` resamples of the rows at risk (with replacement); see `ModelDraws`.

        Rows, not customers: given who is at risk, what the periods of one customer add to the slope is uncorrelated.
        Errors: `NotFitted`, `BadTable` and its kinds; `ValueError` for fewer than one draw.
        """
        self._require_fit()
        period, ended, values = self._read(periods)
        distinct, count = count_distinct(period, ended, *values.T)
        rows = [_Rows.of(distinct, drawn) for drawn in resample(count, draws, seed)]
        return ModelDraws([type(self)(**self._settings())._fit_rows(each) for each in rows])

    def _fit_rows(self, rows: _Rows) -> Self:
        centre, spread = rows.moments()
        scaled = rows.scaled(centre, spread)
        best = _climb(scaled, self.ridge, self.smooth)
        levels = int(rows.period.max())
        slopes = best.coefficients[levels:] / spread
        self.baseline_ = best.coefficients[:levels] - float(slopes @ centre)
        self.coefficients_ = dict(zip(self.covariates, slopes.tolist(), strict=True))
        errors = np.sqrt(np.diag(np.linalg.inv(best.curvature)))[levels:] / spread
        self.standard_errors_ = dict(zip(self.covariates, errors.tolist(), strict=True))
        self.log_likelihood_ = best.log_likelihood
        self.customers_ = round(float(rows.count.sum()))
        self.gradient_norm_ = best.slope / self.customers_
        self.converged_ = best.gain < TOLERANCE * max(1.0, abs(best.log_likelihood))
        if not self.converged_:
            warnings.warn(
                f"DiscreteHazard: {best.gain:.1e} of log-likelihood left", NotConverged, stacklevel=3
            )
        return self

    def hazard(self, periods: Any) -> Floats:
        """P(leaves in `period` | there at its start, covariates) of each row, shape (n,)."""
        period, values = self._known(periods)
        return self._hazard(period, values)

    def probability_of_staying(self, periods: Any, *, horizon: int) -> Floats:
        """P(outlasts the `horizon` periods from `period` on), the covariates staying as they are; shape (n,)."""
        survival: Floats = self.survival(periods, horizon=horizon)[:, -1]
        return survival

    def survival(self, periods: Any, *, horizon: int) -> Floats:
        """P(outlasts the first 1, 2, … `horizon` periods from `period` on), shape (n, horizon)."""
        if check_horizon(horizon) != int(horizon):
            raise BadHorizon(f"horizon counts periods and must be whole, not {horizon}")
        period, values = self._known(periods)
        stays = np.stack([1 - self._hazard(period + ahead, values) for ahead in range(int(horizon))], axis=1)
        return np.asarray(np.cumprod(stays, axis=1), dtype=np.float64)

    def simulate(self, periods: Any, *, horizon: int, seed: int) -> pa.Table:
        """Draw how many of the next `horizon` periods each row outlasts: periods, ended (contracts from `period` on)."""
        survival = self.survival(periods, horizon=horizon)
        drawn = np.random.default_rng(seed).random(len(survival))
        outlasted = (survival > drawn[:, None]).sum(axis=1)
        ended = outlasted < horizon
        table: dict[str, Any] = {
            "periods": np.where(ended, outlasted + 1, horizon),
            "ended": ended.astype(np.int64),
        }
        return pa.table(table)

    def explain(self) -> str:
        """Say in plain words what was learnt and how far to trust it."""
        self._require_fit()
        first, last = expit(self.baseline_[[0, -1]])
        lines = [
            f"Discrete-time hazard over {len(self.baseline_)} periods: with covariates at 0, {100 * first:.3g} % leave "
            f"in the first and {100 * last:.3g} % of those left in the last.",
        ]
        for name, value in self.coefficients_.items():
            error = self.standard_errors_[name]
            lines.append(
                f"One more of {name} multiplies the odds of leaving by {np.exp(value):.3g} "
                f"({np.exp(value - 1.645 * error):.3g} to {np.exp(value + 1.645 * error):.3g})."
            )
        proof = "proved" if self.converged_ else "NOT proved"
        lines.append(
            f"Log-likelihood {self.log_likelihood_:.2f} on {self.customers_:,} periods at risk; the optimum is {proof}."
        )
        return "\n".join(lines)

    def _read(self, periods: Any) -> tuple[Floats, Floats, Floats]:
        period, values = self._columns(periods)
        ended = read_columns(periods, ["ended"], table_name=TABLE)["ended"]
        wrong = (ended != 0) & (ended != 1)
        if wrong.any():
            row = int(np.argmax(wrong))
            raise BadTable(f"1 or 0 is needed: {ended[row]:g}", table=TABLE, column="ended", row=row)
        return period, ended, values

    def _known(self, periods: Any) -> tuple[Floats, Floats]:
        self._require_fit()
        return self._columns(periods)

    def _columns(self, periods: Any) -> tuple[Floats, Floats]:
        period = read_columns(periods, ["period"], table_name=TABLE)["period"]
        wrong = (period != np.floor(period)) | (period < 1)
        if wrong.any():
            row = int(np.argmax(wrong))
            raise BadTable(
                f"periods are whole and count from 1: {period[row]:g}", table=TABLE, column="period", row=row
            )
        signed = read_columns(periods, self.covariates, table_name=TABLE, negative=True)
        values = (
            np.stack([signed[name] for name in self.covariates], axis=1)
            if self.covariates
            else period[:, None][:, :0]
        )
        return period, values

    def _hazard(self, period: Floats, values: Floats) -> Floats:
        level = np.minimum(period, len(self.baseline_)).astype(np.intp) - 1
        slopes = np.array([self.coefficients_[name] for name in self.covariates])
        leaves: Floats = expit(self.baseline_[level] + values @ slopes)
        return leaves

    def _learned(self) -> dict[str, Any]:
        return {
            "baseline": self.baseline_.tolist(),
            "coefficients": self.coefficients_,
            "standard_errors": self.standard_errors_,
            "log_likelihood": self.log_likelihood_,
            "gradient_norm": self.gradient_norm_,
            "converged": self.converged_,
            "customers": self.customers_,
        }

    def _restore(self, learned: dict[str, Any]) -> None:
        self.covariates = tuple(self.covariates)
        self.baseline_ = np.asarray(learned["baseline"], dtype=np.float64)
        self.coefficients_ = {name: float(learned["coefficients"][name]) for name in self.covariates}
        self.standard_errors_ = {name: float(learned["standard_errors"][name]) for name in self.covariates}
        self.log_likelihood_ = float(learned["log_likelihood"])
        self.gradient_norm_ = float(learned["gradient_norm"])
        self.converged_ = bool(learned["converged"])
        self.customers_ = int(learned["customers"])


def at_risk(contracts: Any, covariates: tuple[str, ...] = ()) -> pa.Table:
    """Return one row a customer and period at risk, from contracts (columns periods, ended and constant covariates).

    A contract that ended at renewal t gives t rows, `ended` 1 in the last; one that runs on after t renewals gives t
    rows with 0.

    Errors: as `BadTable` names them. Periods and rows are counts; covariates keep their units. Formula: the likelihood of a
    contract is the product over its rows of (1 - h) or, in the last of one that ended, h (`DiscreteHazard`).
    Source: Singer and Willett (1993), It's about time, Journal of Educational Statistics 18(2), 155-195.
    """
    columns = read_columns(contracts, ("periods", "ended"), table_name="contracts")
    signed = read_columns(contracts, covariates, table_name="contracts", negative=True)
    counts = columns["periods"].astype(np.intp)
    owner = np.repeat(np.arange(len(counts)), counts)
    period = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    last = period == counts[owner]
    table: dict[str, Any] = {"period": period, "ended": (last * columns["ended"][owner]).astype(np.int64)}
    table.update({name: values[owner] for name, values in signed.items()})
    return pa.table(table)


@dataclass(frozen=True)
class _Rows:
    """Distinct rows at risk, each (m,), values (m, j), with how often each stands."""

    period: Floats
    ended: Floats
    values: Floats
    count: Floats

    @classmethod
    def of(cls, distinct: list[Floats], count: Floats) -> _Rows:
        period, ended, *values = distinct
        stacked = np.stack(values, axis=1) if values else np.empty((len(period), 0))
        return cls(period, ended, stacked, count)

    def moments(self) -> tuple[Floats, Floats]:
        centre = self.count @ self.values / self.count.sum()
        spread = np.sqrt(self.count @ (self.values - centre) ** 2 / self.count.sum())
        return centre, np.where(spread > 0, spread, 1.0)

    def scaled(self, centre: Floats, spread: Floats) -> _Rows:
        return _Rows(self.period, self.ended, (self.values - centre) / spread, self.count)


@dataclass(frozen=True)
class _Top:
    coefficients: Floats
    curvature: Floats
    log_likelihood: float
    slope: float
    gain: float


def _climb(rows: _Rows, ridge: float, smooth: float) -> _Top:
    """Newton's method on a concave function: half the step until it gains."""
    levels = int(rows.period.max())
    design = np.concatenate([np.eye(levels)[rows.period.astype(np.intp) - 1], rows.values], axis=1)
    penalty = np.zeros((design.shape[1], design.shape[1]))
    steps = np.diff(np.eye(levels), axis=0)
    penalty[:levels, :levels] = smooth * steps.T @ steps + 1e-6 * np.eye(levels)
    penalty[levels:, levels:] = ridge * np.eye(design.shape[1] - levels)

    def value(at: Floats) -> tuple[float, float]:
        lines = design @ at
        plain = float(rows.count @ (rows.ended * lines - np.logaddexp(0, lines)))
        return plain, plain - float(at @ penalty @ at) / 2

    here = np.zeros(design.shape[1])
    plain, now = value(here)
    for _ in range(STEPS):
        chance = expit(design @ here)
        gradient = design.T @ (rows.count * (rows.ended - chance)) - penalty @ here
        curvature = (design.T * (rows.count * chance * (1 - chance))) @ design + penalty
        step = np.linalg.solve(curvature, gradient)
        gain = float(gradient @ step) / 2
        if gain < 1e-13 * max(1.0, abs(now)):
            break
        scale = 1.0
        while scale > 1e-6:
            there = here + scale * step
            there_plain, there_value = value(there)
            if there_value > now:
                break
            scale /= 2
        else:
            break
        here, plain, now = there, there_plain, there_value
    return _Top(here, curvature, plain, float(np.abs(gradient).max()), gain)
