"""Customer lifetime value from fitted models: what each customer is still expected to bring, discounted."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from liuke.insight.economics.discounting import EVER
from liuke.insight.errors import BadFigure, BadHorizon
from liuke.insight.figures import Figure, Floats, figures, one_figure
from liuke.insight.models import BGBB, ContractModel, GammaGamma, PurchaseModel
from liuke.insight.models.columns import Timing, read_timing
from liuke.insight.models.contracts import read_contracts
from liuke.insight.models.estimator import check_horizon

# ∫ δ e^(-δt) E(t) dt with t = e^u / δ, by even steps in u: the integrand dies away exponentially on both sides
LOG_TIMES: Final = np.arange(-13.0, 4.0, 0.4)
STEPS: Final = np.arange(-3.0, 3.05, 0.1)  # of Takahasi and Mori's double exponential rule
CHUNK: Final = 20_000  # customers at a time
MOST_PERIODS: Final = 20_000
BEYOND: Final = 1e-10  # of the value may lie behind the last period that is summed


def clv(
    table: Any,
    *,
    model: PurchaseModel | ContractModel,
    worth: GammaGamma | Figure,
    horizon: float | None = EVER,
    discount_rate: float = 0.0,
    margin: float = 1.0,
    to_renewal: float = 1.0,
) -> Floats:
    """Expected discounted value of what each customer will still bring, shape (n,), in money.

        value_i = margin · worth_i · Σ E[purchases (or renewals) of i to come, each times (1 + discount_rate)^-t]

    `model` fitted: BG/NBD, MBG/NBD, MBG/CNBD-k, Pareto/NBD or BG/BB, then `table` is a summary (frequency, recency, T and
    what `worth` needs); or sBG or beta-discrete-Weibull, then `table` holds contracts (periods, ended).
    `worth` a fitted Gamma-Gamma (with frequency and monetary in the table), or money per purchase or per period: one figure
    or one for each customer. `margin` the share of it that is earned.
    `horizon` and `discount_rate` go by the unit of time of the model (10 % a year in weeks: `rate_per(0.10,
    periods_a_year=365.25 / 7)`). Without a horizon for ever, which needs a discount rate above 0.
    `to_renewal` for contracts: periods until the next payment is due, 1 right after one, 0 when it is about to be decided
    (then a contract is worth the DERL of the source).

    A purchase model's value for ever is ∫ E(t) δ e^(-δt) dt, δ = ln(1 + discount_rate), by quadrature with a relative
    error under 1e-5; for Pareto/NBD it equals the closed form with Tricomi's function. A contract's is summed until less
    than 1e-10 is left; for sBG, after t renewals, it equals

        margin · worth · (1 + d)^-to_renewal · (β+t)/(α+β+t) · 2F1(1, β+t+1; α+β+t+1; 1/(1 + d)).

    Errors: `NotFitted`, `BadTable`, `BadHorizon`, `BadFigure`.
    Source: Fader, Hardie and Lee (2005), RFM and CLV, Journal of Marketing Research 42(4), 415-430; Fader and Hardie (2010),
    Customer-Base Valuation in a Contractual Setting, Marketing Science 29(1), 85-93.
    """
    share = one_figure(margin, "margin", most=1.0)
    rate = _rate(discount_rate, horizon)
    if isinstance(model, ContractModel):
        ahead = _renewals(table, model, horizon, rate) * (1 + rate) ** (
            1 - one_figure(to_renewal, "to_renewal")
        )
    elif isinstance(model, PurchaseModel):
        ahead = _purchases(table, model, horizon, rate)
    else:
        raise BadFigure(
            f"a model of purchases or contracts is needed, not {type(model).__name__}", name="model"
        )
    value: Floats = share * ahead * worth_of(table, worth, len(ahead))
    return value


def worth_of(table: Any, worth: GammaGamma | Figure, length: int) -> Floats:
    """Money per purchase or period of each customer, shape (n,)."""
    if isinstance(worth, GammaGamma):
        return worth.expected_value(table)
    money = figures(worth, "worth")
    if money.ndim and len(money) != length:
        raise BadFigure(f"{len(money)} figures for {length} customers", name="worth")
    return np.broadcast_to(money, (length,))


def _rate(discount_rate: float, horizon: float | None) -> float:
    rate = one_figure(discount_rate, "discount_rate")
    if horizon is EVER and rate == 0:
        raise BadHorizon("a value for ever needs a discount_rate above 0, or give a horizon")
    return rate


def _purchases(table: Any, model: PurchaseModel, horizon: float | None, rate: float) -> Floats:
    if isinstance(model, BGBB):
        if horizon is EVER:
            return _occasions(table, model, rate)
        return model.discounted_purchases(table, horizon=horizon, discount_rate=rate)
    times, weights = _times(horizon, rate)
    model._require_fit()
    timing = read_timing(table)
    found = np.zeros(len(timing))
    # alike customers side by side: the model works each distinct frequency and T out once
    order = np.lexsort((timing.T, timing.frequency))
    for start in range(0, len(timing), CHUNK):
        rows = order[start : start + CHUNK]
        part = Timing(timing.frequency[rows], timing.recency[rows], timing.T[rows])
        found[rows] = model._weighted(part, times, weights)
    return found


def _times(horizon: float | None, rate: float) -> tuple[Floats, Floats]:
    """Times t and weights w with Σ w E(t) = ∫ e^(-δt) dE(t), the purchases to come each times its discount factor.

    By parts that is e^(-δH) E(H) + ∫ δ e^(-δt) E(t) dt over (0, H), the integral by steps that grow denser towards its
    ends without limit: customers may leave in a day or in a century.
    """
    fall = float(np.log1p(rate))
    if horizon is EVER:
        scaled = np.exp(LOG_TIMES)
        return scaled / fall, (LOG_TIMES[1] - LOG_TIMES[0]) * scaled * np.exp(-scaled)
    length = check_horizon(horizon)
    if fall == 0:
        return np.array([length]), np.ones(1)
    inner = length / (1 + np.exp(-np.pi * np.sinh(STEPS)))
    slope = np.pi * np.cosh(STEPS) * inner * (1 - inner / length) * (STEPS[1] - STEPS[0])
    weights = np.append(fall * np.exp(-fall * inner) * slope, np.exp(-fall * length))
    return np.append(inner, length), weights


def _occasions(table: Any, model: BGBB, rate: float) -> Floats:
    """The next occasion's purchase times Σ_j P(there at j) (1+d)^-j / P(there at 1)."""
    first = model.expected_purchases(table, horizon=1)
    T, index = np.unique(read_timing(table).T, return_inverse=True)
    there = model._there(T, _last_period(rate))
    ahead: Floats = there @ (1 + rate) ** -np.arange(1.0, there.shape[1] + 1) / there[:, 0]
    found: Floats = first * ahead[index]
    return found


def _renewals(table: Any, model: ContractModel, horizon: float | None, rate: float) -> Floats:
    """E[renewals to come, discounted], the first of them a period ahead; worked out once for contracts of one age."""
    if horizon is EVER:
        horizon = _last_period(rate)
    columns = read_contracts(table)
    ages, index = np.unique(columns["periods"], return_inverse=True)
    running = {"periods": ages, "ended": np.zeros(len(ages))}
    each = model.expected_renewals(running, horizon=horizon, discount_rate=rate)  # type: ignore[arg-type]
    found: Floats = each[index] * (columns["ended"] == 0)
    return found


def _last_period(rate: float) -> int:
    """The period behind which less than 1e-10 of the value can lie: Σ_{j>n} (1+d)^-j = (1+d)^-n / d."""
    needed = int(np.ceil(-np.log(BEYOND * min(rate, 1.0)) / np.log1p(rate)))
    if needed > MOST_PERIODS:
        raise BadHorizon(f"at a discount_rate of {rate:g} for ever takes {needed:,} periods: give a horizon")
    return needed
