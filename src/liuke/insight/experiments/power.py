"""How many customers an experiment needs, for a share (who came back) and for money (skewed, mostly zeros).

Source: Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, chapter 4; for skewed figures Boos &
Hughes-Oliver (2000), How Large Does n Have to Be for Z and t Intervals?, The American Statistician 54.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Final

import numpy as np
from scipy.special import ndtr, ndtri

from liuke.insight.errors import InsightError
from liuke.insight.intervals import checked_level
from liuke.insight.kinds import Vector

# Skewness of the estimated difference up to which each tail of a 95 % interval is within half of its nominal size:
# a tail is off by skewness (2 z² + 1)/6 φ(z) (Hall 1992, §3.3), at z = 1.96 that is 0.084 of it.
MOST_SKEW: Final = 0.15


@dataclass(frozen=True)
class Needed:
    """Customers needed in all, with treatment and held out; `because` "power" or "skew", whichever asks for more.

    `customers` = `treated` + `held_out`, all counts.
    """

    customers: int
    treated: int
    held_out: int
    because: str = "power"


@dataclass(frozen=True)
class OutcomeSpread:
    """`mean`, `sd` (in the unit of the values) and `skewness` (third standardised moment) of an outcome."""

    mean: float
    sd: float
    skewness: float


def spread_of(values: Sequence[float] | Vector) -> OutcomeSpread:
    """The spread of a pilot's outcomes, those of customers who bought nothing (0) included.

    Errors: `ValueError` for fewer than three values or one that is not finite.
    `values` (n,). Formula: mean, √(Σ(x - mean)² / (n - 1)), mean of (x - mean)³ / variance^1.5. Source: the sample moments.
    """
    given = np.asarray(values, dtype=np.float64)
    if given.ndim != 1 or len(given) < 3 or not np.isfinite(given).all():
        raise ValueError("three or more finite values are needed")
    sd = float(given.std(ddof=1))
    middle = given - given.mean()
    skewness = float((middle**3).mean() / (middle**2).mean() ** 1.5) if sd > 0 else 0.0
    return OutcomeSpread(float(given.mean()), sd, skewness)


def spread_of_buyers(share_buying: float, *, mean: float, sd: float) -> OutcomeSpread:
    """The spread of revenue per customer when a share buys and a buyer spends `mean` ± `sd`, log-normally.

    With share p and raw moments m₁, m₂, m₃ of a buyer's spend: mean p m₁, variance p m₂ - p² m₁², third central moment
    p m₃ - 3 p² m₁ m₂ + 2 p³ m₁³.

    Errors: `ValueError` for a share outside (0, 1], a mean not above 0 or an sd below 0. Source: the moments of a log-normal law.
    """
    if not (0 < share_buying <= 1 and mean > 0 and sd >= 0 and np.isfinite([mean, sd]).all()):
        raise ValueError("share_buying lies in (0, 1], mean is above 0, sd 0 or more")
    p, wide = share_buying, 1 + (sd / mean) ** 2
    m1, m2, m3 = mean, mean**2 * wide, mean**3 * wide**3
    variance = p * m2 - (p * m1) ** 2
    third = p * m3 - 3 * p**2 * m1 * m2 + 2 * (p * m1) ** 3
    return OutcomeSpread(p * m1, sqrt(variance), third / variance**1.5 if variance > 0 else 0.0)


def customers_for_rate(
    base: float,
    difference: float,
    *,
    held_out: float = 0.5,
    power: float = 0.8,
    level: float = 0.95,
) -> Needed:
    """Customers needed to see the share of an event move from `base` to `base + difference`, two-sided.

    With q the share held out, p̄ = q p₀ + (1 - q) p₁ and N customers in all,

        N = (z₁₋ₐ⸝₂ √(p̄(1 - p̄)/(q(1 - q))) + z_power √(p₁(1 - p₁)/(1 - q) + p₀(1 - p₀)/q))² / difference²

    Errors: `ValueError` for shares outside 0 to 1 or a difference of 0.
    Single figures in, one `Needed` out. Source: Fleiss, Levin and Paik (2003), Statistical Methods for Rates and
    Proportions, chapter 4.
    """
    _check(held_out, power, level)
    after = base + difference
    if not (0 < base < 1 and 0 < after < 1) or difference == 0:
        raise ValueError(f"shares lie between 0 and 1 and differ, not {base} and {after}")
    q = held_out
    mean = q * base + (1 - q) * after
    width = ndtri((1 + level) / 2) * sqrt(mean * (1 - mean) / (q * (1 - q)))
    width += ndtri(power) * sqrt(after * (1 - after) / (1 - q) + base * (1 - base) / q)
    return _needed(float(width / difference) ** 2, q)


def customers_for_mean(
    spread: OutcomeSpread,
    difference: float,
    *,
    explained: float = 0.0,
    held_out: float = 0.5,
    power: float = 0.8,
    level: float = 0.95,
) -> Needed:
    """Customers needed to see the mean outcome move by `difference` (its unit), two-sided.

        N = (z₁₋ₐ⸝₂ + z_power)² sd² (1 - explained) / (q(1 - q) difference²)

    `explained` is the share of variance that the pre-period explains (squared correlation), which CUPED takes off. Money
    is skewed: N is at least what brings the skewness of the estimated difference, g (1 - 2q) / √(N q(1 - q)) with g that of
    the outcome, down to 0.15, so that the interval of `difference` holds on both sides. Even arms cancel it.

    Errors: `ValueError` for figures outside their range.
    Single figures in, one `Needed` out. Source: Deng, Xu, Kohavi and Walker (2013), Improving the sensitivity of online
    controlled experiments (CUPED), WSDM, for what the pre-period takes off; the bound on skewness is this library's.
    """
    _check(held_out, power, level)
    if not (spread.sd > 0 and difference != 0 and np.isfinite(difference) and 0 <= explained < 1):
        raise ValueError("a spread above 0, a difference that is not 0 and explained in [0, 1) are needed")
    q = held_out
    z = ndtri((1 + level) / 2) + ndtri(power)
    for_power = float(z**2 * spread.sd**2 * (1 - explained) / (q * (1 - q) * difference**2))
    for_skew = (spread.skewness * (1 - 2 * q) / MOST_SKEW) ** 2 / (q * (1 - q))
    return _needed(max(for_power, for_skew), q, "skew" if for_skew > for_power else "power")


def detectable(
    customers: int,
    spread: OutcomeSpread,
    *,
    explained: float = 0.0,
    held_out: float = 0.5,
    power: float = 0.8,
    level: float = 0.95,
) -> float:
    """The difference in the mean that so many customers in all show with `power`: `customers_for_mean` turned round.

    Formula: (z₁₋ₐ⸝₂ + z_power) sd √((1 - explained) / (N q(1 - q))), in the unit of the outcome. Single figures in, one out.
    Errors: `ValueError` for figures outside their range. Source: as in `customers_for_mean`.
    """
    _check(held_out, power, level)
    if customers < 1 or not 0 <= explained < 1:
        raise ValueError("at least one customer and explained in [0, 1) are needed")
    z = float(ndtri((1 + level) / 2) + ndtri(power))
    return z * spread.sd * sqrt((1 - explained) / (customers * held_out * (1 - held_out)))


def customers_for_margin(
    rate: float,
    margin: float,
    *,
    held_out: float = 0.5,
    power: float = 0.8,
    level: float = 0.95,
) -> Needed:
    """Customers needed to show that a harm of share `rate` grows by less than `margin`, one-sided, when it doesn't grow.

        N = (z_level + z_power)² rate(1 - rate) / (q(1 - q) margin²)

    Errors: `ValueError` for figures outside their range.
    Single figures in, one `Needed` out. Source: Chow, Shao and Wang (2008), Sample Size Calculations in Clinical
    Research, chapter 4.
    """
    _check(held_out, power, level)
    if not (0 < rate < 1 and margin > 0):
        raise ValueError("rate lies between 0 and 1, margin is above 0")
    z = float(ndtri(level) + ndtri(power))
    return _needed(z**2 * rate * (1 - rate) / (held_out * (1 - held_out) * margin**2), held_out)


def power_for_mean(
    customers: int,
    spread: OutcomeSpread,
    difference: float,
    *,
    explained: float = 0.0,
    held_out: float = 0.5,
    level: float = 0.95,
) -> float:
    """The chance that so many customers show such a difference; both tails counted.

    Formula: Φ(d/e - z₁₋ₐ⸝₂) + Φ(-d/e - z₁₋ₐ⸝₂), e the standard error of the difference; of 0 to 1. Single figures in, one out.
    Errors: `ValueError` for figures outside their range. Source: as in `customers_for_mean`.
    """
    _check(held_out, 0.5, level)
    unit = detectable(
        customers, spread, explained=explained, held_out=held_out, power=0.5, level=0.5
    ) / float(ndtri(0.75))
    z, shift = float(ndtri((1 + level) / 2)), abs(difference) / unit
    return float(ndtr(shift - z) + ndtr(-shift - z))


def _check(held_out: float, power: float, level: float) -> None:
    checked_level(level)
    if not 0 < held_out < 1:
        raise ValueError(f"held_out must lie between 0 and 1, not {held_out}")
    if not 0 < power < 1:
        raise ValueError(f"power must lie between 0 and 1, not {power}")


def _needed(customers: float, held_out: float, because: str = "power") -> Needed:
    if not np.isfinite(customers) or customers > 1e15:
        raise InsightError("no number of customers shows so small a difference")
    out, treated = ceil(customers * held_out), ceil(customers * (1 - held_out))
    return Needed(out + treated, treated, out, because)
