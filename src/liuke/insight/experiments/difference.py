"""What contact changed: the difference of an outcome between an arm and the control, with its interval."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.special import ndtri, stdtr, stdtrit

from liuke.insight.errors import NotIndependent, SkewedOutcome
from liuke.insight.experiments.power import MOST_SKEW
from liuke.insight.experiments.trial import CONTROL, Trial, read_trial
from liuke.insight.intervals import checked_level
from liuke.insight.kinds import Vector

NEXT_TO_NOTHING: Final = 1e-100  # a mean whose square would be nothing has no ratio to it
FREE: Final = 10  # customers beyond the covariates that an arm needs before they are used
LEAK: Final = 1e-4


@dataclass(frozen=True)
class Difference:
    """An arm against the control, per customer, in the unit of the outcome.

    `mean`, `control_mean` (adjusted by the pre-period where there is one) and `difference` = mean - control_mean with
    `low`, `high`, `standard_error` and the two-sided `p`; `total`, `total_low`, `total_high`: times the customers treated,
    what contact has brought (revenue retained) so far; `relative`, `relative_low`, `relative_high`: difference / control
    mean, None where a mean is not above 0; `variance_left`: variance with the pre-period to without (1: no use).

    `arm` has `customers`, the control `control_customers`; `skewness` of the estimated difference; `level` of the intervals.
    """

    arm: Any
    customers: int
    control_customers: int
    mean: float
    control_mean: float
    difference: float
    low: float
    high: float
    standard_error: float
    p: float
    total: float
    total_low: float
    total_high: float
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    variance_left: float
    skewness: float
    level: float


def difference(
    table: Any,
    *,
    outcome: str = "outcome",
    arm: str = "arm",
    control: Any = CONTROL,
    treated: Any = None,
    before: Sequence[str] = (),
    level: float = 0.95,
) -> Difference:
    """Difference of the mean outcome between `treated` (the only other arm unless named) and the control.

    Without `before`, Welch's: s₁²/n₁ + s₀²/n₀ and Satterthwaite's degrees of freedom. With `before`, columns known before
    the drawing such as revenue of the year before (CUPED), each arm has its own slopes b (Lin's form, which never costs
    precision in large samples, also with uneven arms):

        difference = ȳ₁ - ȳ₀ - b₁'(x̄₁ - x̄) + b₀'(x̄₀ - x̄)
        variance   = s²(y₁ - b₁'x₁)/n₁ + s²(y₀ - b₀'x₀)/n₀ + (b₁ - b₀)' S(x) (b₁ - b₀)/n

    Warns `SkewedOutcome` where the estimated difference is too skewed for the normal law, and `NotIndependent` where a
    column of `before` differs between the arms as it would once in ten thousand drawings (was it really known before?).
    Errors: as `read_trial`; `ValueError` for a level outside 0 to 1 or when several arms stand beside the control.

    Source: Deng, Xu, Kohavi & Walker (2013), Improving the Sensitivity of Online Controlled Experiments by Utilizing
    Pre-Experiment Data, WSDM; Lin (2013), Agnostic Notes on Regression Adjustments, Annals of Applied Statistics 7.
    """
    checked_level(level)
    trial = read_trial(table, outcome=outcome, arm=arm, control=control, before=before)
    return compare(trial, treated=treated, level=level)


def compare(trial: Trial, *, treated: Any = None, level: float = 0.95) -> Difference:
    """`difference` of a trial already read."""
    name, in_arm, in_control = trial.pair(treated)
    one = adjusted(trial.outcome, trial.before, in_arm, in_control)
    _warn(one.skewness)
    _check_before(trial, in_arm, in_control)
    t = float(stdtrit(one.freedom, (1 + level) / 2))
    low, high = one.estimate - t * one.error, one.estimate + t * one.error
    p = 1.0 if one.error == 0 else float(2 * stdtr(one.freedom, -abs(one.estimate) / one.error))
    treated_customers = int(in_arm.sum())
    return Difference(
        arm=name,
        customers=treated_customers,
        control_customers=int(in_control.sum()),
        mean=one.mean,
        control_mean=one.control_mean,
        difference=one.estimate,
        low=low,
        high=high,
        standard_error=one.error,
        p=float(one.estimate == 0) if one.error == 0 else p,
        total=one.estimate * treated_customers,
        total_low=low * treated_customers,
        total_high=high * treated_customers,
        **_relative(one, level),
        variance_left=one.variance_left,
        skewness=one.skewness,
        level=level,
    )


@dataclass(frozen=True)
class Adjusted:
    """The two means with their variances and covariance, adjusted by what was known before."""

    mean: float
    control_mean: float
    variance: float
    control_variance: float
    covariance: float
    freedom: float
    variance_left: float
    skewness: float

    @property
    def estimate(self) -> float:
        return self.mean - self.control_mean

    @property
    def error(self) -> float:
        return float(np.sqrt(max(self.variance + self.control_variance - 2 * self.covariance, 0.0)))


def adjusted(y: Vector, x: Vector, in_arm: Vector, in_control: Vector) -> Adjusted:
    """Lin's estimate on the rows of two arms; x (n, k), k = 0 for none."""
    unit = float(np.abs(y).max(initial=0.0)) or 1.0
    y = y / unit  # squares and cubes of any currency stay numbers
    both = in_arm | in_control
    n = int(both.sum())
    usable = min(int(in_arm.sum()), int(in_control.sum())) >= x.shape[1] + FREE
    centred = x - x[both].mean(axis=0) if usable else np.empty((len(y), 0))
    slopes_1, mean_1, rest_1, free_1 = _regress(y[in_arm], centred[in_arm])
    slopes_0, mean_0, rest_0, free_0 = _regress(y[in_control], centred[in_control])
    spread = centred[both].T @ centred[both] / max(n - 1, 1)
    own_1, own_0 = rest_1 @ rest_1 / free_1 / len(rest_1), rest_0 @ rest_0 / free_0 / len(rest_0)
    raw = y[in_arm].var(ddof=1) / len(rest_1) + y[in_control].var(ddof=1) / len(rest_0)
    gap = slopes_1 - slopes_0
    total = own_1 + own_0 + gap @ spread @ gap / n
    divisor = own_1**2 / free_1 + own_0**2 / free_0
    third = (rest_1**3).mean() / len(rest_1) ** 2 - (rest_0**3).mean() / len(rest_0) ** 2
    return Adjusted(
        mean=mean_1 * unit,
        control_mean=mean_0 * unit,
        variance=float(own_1 + slopes_1 @ spread @ slopes_1 / n) * unit**2,
        control_variance=float(own_0 + slopes_0 @ spread @ slopes_0 / n) * unit**2,
        covariance=float(slopes_1 @ spread @ slopes_0 / n) * unit**2,
        freedom=float((own_1 + own_0) ** 2 / divisor) if divisor > 0 else float(free_1 + free_0),
        variance_left=float(total / raw) if raw > 0 else 1.0,
        skewness=float(third / total**1.5) if total > 0 else 0.0,
    )


def _regress(y: Vector, x: Vector) -> tuple[Vector, float, Vector, int]:
    """(slopes, the value at x = 0, residuals, degrees of freedom); columns that tell nothing get no slope."""
    scale = np.sqrt((x**2).mean(axis=0)) if len(x) else np.ones(x.shape[1])
    z = x / np.where(scale > 0, scale, 1.0)
    design = np.column_stack([np.ones(len(y)), z])
    found, _, rank, _ = np.linalg.lstsq(design, y, rcond=1e-10)
    slopes = found[1:] / np.where(scale > 0, scale, 1.0)
    rest = y - design @ found
    rest[np.abs(rest) <= 1e-12 * np.abs(y).max(initial=0.0)] = 0.0
    return slopes, float(found[0]), rest, max(len(y) - int(rank), 1)


def _relative(one: Adjusted, level: float) -> dict[str, float | None]:
    """Difference to the control's mean, its interval on the scale of ln(mean/control mean)."""
    if one.mean <= NEXT_TO_NOTHING or one.control_mean <= NEXT_TO_NOTHING:
        return {"relative": None, "relative_low": None, "relative_high": None}
    ratio = one.mean / one.control_mean
    variance = (
        one.variance / one.mean**2
        + one.control_variance / one.control_mean**2
        - 2 * one.covariance / (one.mean * one.control_mean)
    )
    factor = float(np.exp(min(ndtri((1 + level) / 2) * np.sqrt(max(variance, 0.0)), 700.0)))
    return {
        "relative": ratio - 1,
        "relative_low": ratio / factor - 1,
        "relative_high": min(ratio * factor, 1e300) - 1,
    }


def _warn(skewness: float) -> None:
    if abs(skewness) > MOST_SKEW:
        warnings.warn(
            f"the estimated difference is skewed by {skewness:.2f} (up to {MOST_SKEW} the interval holds on both sides): "
            "more customers, even arms or outcomes capped beforehand would help",
            SkewedOutcome,
            stacklevel=4,
        )


def _check_before(trial: Trial, in_arm: Vector, in_control: Vector) -> None:
    for name, column in zip(trial.before_names, trial.before.T, strict=True):
        one = adjusted(column, np.empty((len(column), 0)), in_arm, in_control)
        if one.error > 0 and 2 * stdtr(one.freedom, -abs(one.estimate) / one.error) < LEAK:
            warnings.warn(
                f"{name!r} differs between the arms by {one.estimate:.3g} (± {one.error:.2g}): "
                "was it known before the drawing?",
                NotIndependent,
                stacklevel=4,
            )
