"""What money to come is worth today."""

from __future__ import annotations

from typing import Final

import numpy as np

from liuke.insight.errors import BadHorizon
from liuke.insight.figures import Figure, Floats, figures, one_figure, same_length

EVER: Final = None


def discount_factors(periods: Figure, *, rate: float) -> Floats:
    """(1 + rate)^-periods, of the shape of `periods`: what 1 of money that comes so many periods ahead is worth now.

    `rate` is per period, 0 or more. Errors: `BadFigure`.

    Formula: f = (1 + rate)^-t. Source: Brealey, Myers and Allen, Principles of Corporate Finance, chapter 2.
    """
    factors: Floats = (1 + one_figure(rate, "rate")) ** -figures(periods, "periods")
    return factors


def rate_per(rate_a_year: float, *, periods_a_year: float) -> float:
    """The rate per period that makes the yearly one: (1 + rate)^(1/n) - 1 (10 % a year is 0.797 % a month, not 0.833 %).

    `periods_a_year` at least 0.01. Errors: `BadFigure`.

    Single figures in, one out. Source: Brealey, Myers and Allen, Principles of Corporate Finance, chapter 2.
    """
    yearly = one_figure(rate_a_year, "rate_a_year")
    return float(np.expm1(np.log1p(yearly) / one_figure(periods_a_year, "periods_a_year", least=0.01)))


def present_value(amounts: Figure, *, periods: Figure, rate: float) -> float:
    """Σ amount · (1 + rate)^-period of amounts (k,), which may be negative, that come after `periods` (k,), in money.

    Errors: `BadFigure`, also where the two differ in length.
    Source: Brealey, Myers and Allen, Principles of Corporate Finance, chapter 2.
    """
    money = figures(amounts, "amounts", least=-np.inf)
    when = figures(periods, "periods")
    same_length(amounts=money, periods=when)
    return float(np.sum(money * discount_factors(when, rate=rate)))


def retention_value(
    margin: Figure,
    *,
    retention: Figure,
    rate: float = 0.0,
    periods: float | None = EVER,
    first_now: bool = False,
) -> Floats:
    """What a customer brings who stays from one period to the next with the same chance, shape () or (n,), in money.

        value = Σ_{t=1..periods} margin · retention^t / (1 + rate)^t       (with `first_now` from t = 0 on)

    Without `periods` for ever: margin · retention / (1 + rate - retention). A part of a period at the end counts by its
    length. `margin` per period in money, `retention` 0 to 1, `rate` per period.

    One chance for all understates what a mixed base is worth, because who is likely to leave leaves first; a fitted
    contract model does not (`clv`).

    Errors: `BadFigure`; `BadHorizon` for `periods` not above 0, or for ever with nothing that ends it (retention 1, rate 0).
    Source: Gupta, Lehmann and Stuart (2004), Valuing Customers, Journal of Marketing Research 41(1), 7-18, equation (1).
    """
    money = figures(margin, "margin", least=-np.inf)
    stays = figures(retention, "retention", most=1.0)
    same_length(margin=money, retention=stays)
    left = stays / (1 + one_figure(rate, "rate"))
    if periods is EVER:
        if (left >= 1).any():
            raise BadHorizon(
                "for ever is worth no end where nobody leaves and nothing is discounted: give periods"
            )
        ahead = left / (1 - left)
    else:
        ahead = _sum_of_powers(left, _periods(periods))
    value: Floats = money * (ahead + 1.0 if first_now else ahead)
    return value


def _sum_of_powers(ratio: Floats, periods: float) -> Floats:
    """Σ_{t=1..n} ratio^t and the last, broken period by its length."""
    whole = int(periods)
    with np.errstate(divide="ignore", invalid="ignore"):
        closed = ratio * (1 - ratio**whole) / (1 - ratio)
    powers = np.where(ratio == 1.0, float(whole), closed)
    total: Floats = powers + (periods - whole) * ratio ** (whole + 1)
    return total


def _periods(periods: float) -> float:
    number = one_figure(periods, "periods", least=-np.inf)
    if number <= 0:
        raise BadHorizon(f"periods must be above 0, not {number:g}")
    return number
