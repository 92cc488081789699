"""Maximum likelihood in a box of log-parameters, with the optimum verified instead of believed.

A bounded quasi-Newton climb (L-BFGS-B) finds the hill, Newton steps on the analytic gradient reach its top,
and the top is then proved: the gradient vanishes, the curvature is downward in every free direction and the
quadratic model promises no further gain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from liuke.insight.models.columns import Floats

# the log-likelihood and its gradient (k,) at log-parameters (k,)
Objective = Callable[[Floats], tuple[float, Floats]]

GAIN_TOLERANCE = 1e-7  # log-likelihood that may at most be left on the table
CURVATURE_STEP = 1e-4
NEWTON_STEPS = 30


@dataclass(frozen=True)
class Optimum:
    """Where the climb ended and what was verified there.

    `log_params`, `gradient` (k,); `hessian` (k, k) of the log-likelihood in log-parameters; `at_lower` and
    `at_upper` (k,) mark parameters held by the box; `gain_left` is the log-likelihood that the quadratic
    model still promises; `verified` is whether gradient and curvature prove a maximum.
    """

    log_params: Floats
    log_likelihood: float
    gradient: Floats
    hessian: Floats
    at_lower: NDArray[np.bool_]
    at_upper: NDArray[np.bool_]
    gain_left: float
    verified: bool

    @property
    def free(self) -> NDArray[np.bool_]:
        return ~(self.at_lower | self.at_upper)

    @property
    def free_gradient(self) -> float:
        """The largest slope in any direction the box leaves open."""
        return float(np.abs(self.gradient[self.free]).max(initial=0.0))


def maximise(objective: Objective, starts: Sequence[Floats], lower: Floats, upper: Floats) -> Optimum:
    """Climb from the first start; from the others too unless the first ends verified and inside the box."""
    best: Optimum | None = None
    for start in starts:
        found = _climb(objective, np.clip(start, lower, upper), lower, upper)
        if best is None or found.log_likelihood > best.log_likelihood + (
            0.0 if found.verified else GAIN_TOLERANCE
        ):
            best = found
        if best.verified and best.free.all():
            return best
    if best is None:
        raise ValueError("at least one start is needed")
    return best


def _climb(objective: Objective, start: Floats, lower: Floats, upper: Floats) -> Optimum:
    def downhill(log_params: Floats, *_: Any) -> tuple[float, Floats]:
        value, gradient = objective(log_params)
        return -value, -gradient

    result = minimize(
        downhill,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(lower.tolist(), upper.tolist(), strict=True)),
        options={"maxiter": 1000, "maxcor": 20, "ftol": 1e-11, "gtol": 1e-6, "maxls": 40},
    )
    return _to_the_top(objective, np.clip(result.x, lower, upper), lower, upper)


def _to_the_top(objective: Objective, here: Floats, lower: Floats, upper: Floats) -> Optimum:
    value, gradient = objective(here)
    for _ in range(NEWTON_STEPS):
        at_lower, at_upper = (here <= lower) & (gradient <= 0), (here >= upper) & (gradient >= 0)
        free = ~(at_lower | at_upper)
        hessian = curvature(objective, here, lower, upper)
        step, gain, downward = _newton_step(gradient, hessian, free)
        if downward and gain < GAIN_TOLERANCE:
            break
        moved = _line_search(objective, here, value, gradient, step, lower, upper)
        if moved is None:
            break
        here, value, gradient = moved
    return Optimum(
        log_params=here,
        log_likelihood=value,
        gradient=gradient,
        hessian=hessian,
        at_lower=at_lower,
        at_upper=at_upper,
        gain_left=gain,
        verified=bool(downward and gain < GAIN_TOLERANCE),
    )


def curvature(objective: Objective, here: Floats, lower: Floats, upper: Floats) -> Floats:
    """Return the Hessian (k, k) by central differences of the analytic gradient, kept inside the box."""
    k = len(here)
    rows = np.empty((k, k))
    for i in range(k):
        up, down = here.copy(), here.copy()
        up[i] = min(here[i] + CURVATURE_STEP, upper[i])
        down[i] = max(here[i] - CURVATURE_STEP, lower[i])
        rows[i] = (objective(up)[1] - objective(down)[1]) / (up[i] - down[i])
    symmetric: Floats = (rows + rows.T) / 2
    return symmetric


def _newton_step(gradient: Floats, hessian: Floats, free: NDArray[np.bool_]) -> tuple[Floats, float, bool]:
    """Return the step, the gain the quadratic model promises and whether the curvature is downward.

    Directions that curve the wrong way or not at all are climbed along the slope with the same steepness, so
    the step always leads uphill.
    """
    step = np.zeros_like(gradient)
    if not free.any():
        return step, 0.0, True
    values, vectors = np.linalg.eigh(-hessian[np.ix_(free, free)])
    slope = vectors.T @ gradient[free]
    floor = 1e-10 * max(float(np.abs(values).max()), 1e-300)
    bent = np.maximum(np.abs(values), floor)
    step[free] = vectors @ (slope / bent)
    return step, float((slope**2 / bent).sum() / 2), bool((values > floor).all())


def _line_search(
    objective: Objective,
    here: Floats,
    value: float,
    gradient: Floats,
    step: Floats,
    lower: Floats,
    upper: Floats,
) -> tuple[Floats, float, Floats] | None:
    longest = float(np.abs(step).max())
    scale = min(1.0, 2.0 / longest) if longest > 0 else 0.0
    for _ in range(40):
        there = np.clip(here + scale * step, lower, upper)
        new_value, new_gradient = objective(there)
        if new_value > value and new_value >= value + 1e-4 * float(gradient @ (there - here)):
            return there, new_value, new_gradient
        # at the top the value moves less than its rounding: then a flatter slope decides
        level = abs(new_value - value) <= 1e-13 * abs(value)
        if level and np.abs(new_gradient).max() < 0.5 * np.abs(gradient).max():
            return there, new_value, new_gradient
        scale /= 2
    return None
