"""Maximum likelihood in a box, with the optimum verified instead of believed.

Newton steps on the analytic gradient and Hessian climb the log-likelihood; the top is then proved: no slope is left,
the curvature is downward, and the quadratic model promises no further gain. Where Newton does not get there a bounded
quasi-Newton climb (L-BFGS-B) comes to its help. Where the data say nothing about a coordinate (no slope and no
curvature) it is reported as flat, not as converged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dpotrf, dpotrs
from scipy.optimize import minimize

from liuke.insight.models.columns import Floats

# the log-likelihood, its gradient (k,) and its Hessian (k, k) at log-parameters (k,)
Likelihood = Callable[[Floats], tuple[float, Floats, Floats]]
Mask = NDArray[np.bool_]

GAIN_TOLERANCE = 1e-7  # log-likelihood that may at most be left on the table
GAIN_AIM = 1e-10
GAIN_ROUGH = 1e-2
NEWTON_STEPS = 60
LONGEST_STEP = 2.0
CURVATURE_STEP = 1e-4
# a coordinate is flat when e^30 either way would still be within one standard error
FLAT_CURVATURE = 1e-3
FLAT_SLOPE = 1e-4
PLAIN_CURVATURE = 0.1


@dataclass(frozen=True)
class Coordinates:
    """Coordinates of the climb: log-parameters = `matrix` (k, k) @ point, between `lower` and `upper` (k,).

    They are chosen so that every edge of a model lies at the edge of the box in one coordinate.
    """

    matrix: Floats
    lower: Floats
    upper: Floats

    def clip(self, point: Floats) -> Floats:
        return np.clip(point, self.lower, self.upper)

    def of(self, log_params: Floats) -> Floats:
        """The point (k,) at given log-parameters."""
        point: Floats = np.linalg.solve(self.matrix, log_params).astype(np.float64)
        return point

    def held(self, coordinate: int, value: float) -> Coordinates:
        """The same box with one coordinate fixed."""
        lower, upper = self.lower.copy(), self.upper.copy()
        lower[coordinate] = upper[coordinate] = value
        return Coordinates(self.matrix, lower, upper)

    def seen(self, likelihood: Likelihood) -> Likelihood:
        """The log-likelihood as a function of the point."""

        def uphill(point: Floats) -> tuple[float, Floats, Floats]:
            value, gradient, hessian = likelihood(self.matrix @ point)
            return value, gradient @ self.matrix, self.matrix.T @ hessian @ self.matrix

        return uphill


@dataclass(frozen=True)
class Optimum:
    """Where the climb ended and what was verified there.

    `log_params` (k,); `gradient` (k,) and `hessian` (k, k) of the log-likelihood in the coordinates; `held` (k,)
    marks coordinates at an edge of the box, `flat` (k,) those the data are silent on; `gain_left` is the
    log-likelihood the quadratic model still promises; `verified` is whether slope and curvature prove a maximum.
    """

    coordinates: Coordinates
    log_params: Floats
    log_likelihood: float
    gradient: Floats
    hessian: Floats
    held: Mask
    flat: Mask
    gain_left: float
    verified: bool

    @property
    def silent(self) -> Mask:
        """The coordinates (k,) on which there is no estimate inside the box."""
        return self.held | self.flat

    @property
    def slope(self) -> float:
        """The largest slope in any coordinate that is free to move."""
        return float(np.abs(self.gradient[~self.held]).max(initial=0.0))

    @property
    def params_silent(self) -> Mask:
        """Which parameters (k,) rest on a silent coordinate."""
        rests: Mask = ((self.coordinates.matrix != 0) & self.silent).any(axis=1)
        return rests

    def covariance(self) -> Floats:
        """Covariance (k, k) of the coordinates from the inverse Hessian; silent coordinates count as fixed."""
        return self._covariance

    @cached_property
    def _covariance(self) -> Floats:
        known = np.flatnonzero(~self.silent)
        covariance = np.zeros_like(self.hessian)
        if len(known):
            block = np.ix_(known, known)
            values, vectors = np.linalg.eigh(-self.hessian[block])
            told = np.abs(values) > 1e-13 * np.abs(values).max()
            covariance[block] = (vectors[:, told] / values[told]) @ vectors[:, told].T
        return covariance

    def log_covariance(self) -> Floats:
        """Covariance (k, k) of the log-parameters."""
        moved: Floats = self.coordinates.matrix @ self.covariance() @ self.coordinates.matrix.T
        return moved


def maximise(
    likelihood: Likelihood,
    starts: Sequence[Floats],
    coordinates: Coordinates,
    *,
    rough: Sequence[Likelihood] = (),
) -> Optimum:
    """Climb from the first start (log-parameters); from the others too unless that ends verified.

    `rough` are cheap stand-ins for the likelihood (fewer rows), the cheapest first: they show the way.
    """
    best: Optimum | None = None
    for start in starts:
        here = coordinates.clip(coordinates.of(start))
        for stand_in in rough:
            near = _newton(coordinates.seen(stand_in), here, coordinates, aim=GAIN_ROUGH)
            here = coordinates.clip(coordinates.of(near.log_params))
        found = climb(likelihood, here, coordinates)
        if best is None or found.log_likelihood > best.log_likelihood + GAIN_TOLERANCE:
            best = found
        if best.verified:
            break
    if best is None:
        raise ValueError("at least one start is needed")
    return best


def climb(likelihood: Likelihood, start: Floats, box: Coordinates) -> Optimum:
    """Climb from a point; by L-BFGS-B and Newton once more where Newton alone does not arrive."""
    uphill = box.seen(likelihood)
    found = _newton(uphill, start, box, aim=GAIN_AIM)
    if found.verified:
        return found

    def downhill(point: Floats, *args: Any) -> tuple[float, Floats]:
        value, gradient, _ = uphill(point)
        return -value, -gradient

    result = minimize(
        downhill,
        box.of(found.log_params),
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(box.lower.tolist(), box.upper.tolist(), strict=True)),
        options={"maxiter": 1000, "ftol": 1e-13, "gtol": 1e-7, "maxls": 40},
    )
    helped = _newton(uphill, box.clip(result.x), box, aim=GAIN_AIM)
    return helped if helped.log_likelihood >= found.log_likelihood or helped.verified else found


def look_inside(likelihood: Likelihood, edge: Optimum, grid: dict[int, Floats]) -> Optimum:
    """From an optimum at the edge of the box, look for a higher one inside; return the higher.

    At the edge the slope inwards may be downward everywhere but in one corner that a climb does not find, so the
    log-likelihood is read on a grid (coordinate -> its values) with the other coordinates as they are.
    """
    box = edge.coordinates
    here = box.of(edge.log_params)
    best = edge.log_likelihood + GAIN_TOLERANCE
    start: Floats | None = None
    for corner in product(*grid.values()):
        point = here.copy()
        point[list(grid)] = np.array(corner)
        value = likelihood(box.matrix @ point)[0]
        if value > best:
            best, start = value, point
    if start is None:
        return edge
    found = climb(likelihood, start, box)
    return found if found.log_likelihood > edge.log_likelihood + GAIN_TOLERANCE else edge


def differenced(slope: Callable[[Floats], tuple[float, Floats]]) -> Likelihood:
    """Give a log-likelihood with an analytic gradient its Hessian, by central differences of the gradient."""

    def likelihood(log_params: Floats) -> tuple[float, Floats, Floats]:
        value, gradient = slope(log_params)
        steps = CURVATURE_STEP * np.eye(len(log_params))
        rows = np.array([slope(log_params + step)[1] - slope(log_params - step)[1] for step in steps])
        return value, gradient, (rows + rows.T) / (4 * CURVATURE_STEP)

    return likelihood


def _newton(uphill: Likelihood, here: Floats, box: Coordinates, *, aim: float) -> Optimum:
    value, gradient, hessian = uphill(here)
    pinned = box.lower == box.upper
    shape: _Shape | None = None
    for _ in range(NEWTON_STEPS):
        held = ((here <= box.lower) & (gradient <= 0)) | ((here >= box.upper) & (gradient >= 0)) | pinned
        step = None if held.any() else _plain_step(gradient, hessian, aim)
        if step is None:
            shape = _shape(gradient, hessian, held)
            if shape.downward and shape.gain < aim:
                break
            step = shape.step
        moved = _line_search(uphill, here, value, gradient, step, box)
        if moved is None:
            break
        here, value, gradient, hessian = moved
        shape = None
    shape = shape or _shape(gradient, hessian, held)
    return Optimum(
        coordinates=box,
        log_params=box.matrix @ here,
        log_likelihood=value,
        gradient=gradient,
        hessian=hessian,
        held=shape.held,
        flat=shape.flat,
        gain_left=shape.gain,
        verified=bool(shape.downward and shape.gain < GAIN_TOLERANCE),
    )


def _plain_step(gradient: Floats, hessian: Floats, aim: float) -> Floats | None:
    """The Newton step where the hill plainly curves downward in all directions and promises more than `aim`."""
    factor, failed = dpotrf(-hessian, lower=True)
    if failed or factor.diagonal().min() < PLAIN_CURVATURE:
        return None
    step: Floats = dpotrs(factor, gradient, lower=True)[0]
    return step if float(gradient @ step) / 2 > aim else None


@dataclass(frozen=True)
class _Shape:
    """The hill from one point: the Newton step, the gain it promises, whether it curves downward, what is silent."""

    step: Floats
    gain: float
    downward: bool
    held: Mask
    flat: Mask


def _shape(gradient: Floats, hessian: Floats, held: Mask) -> _Shape:
    free = ~held
    values, vectors = np.linalg.eigh(-hessian * np.outer(free, free))
    slope = (gradient * free) @ vectors
    silent = (np.abs(values) < FLAT_CURVATURE) & (np.abs(slope) < FLAT_SLOPE)
    flat = ((vectors[:, silent] ** 2).sum(axis=1) > 0.5) & free
    lively = ~silent
    # a direction that curves upward is climbed as steeply as if it curved downward: the step always gains
    part = slope * lively / np.maximum(np.abs(values), FLAT_CURVATURE)
    return _Shape(vectors @ part, float(part @ slope) / 2, bool((values[lively] > 0).all()), held, flat)


def _line_search(
    uphill: Likelihood, here: Floats, value: float, gradient: Floats, step: Floats, box: Coordinates
) -> tuple[Floats, float, Floats, Floats] | None:
    longest = float(np.abs(step).max())
    scale = min(1.0, LONGEST_STEP / longest) if longest > 0 else 0.0
    for _ in range(40):
        there = box.clip(here + scale * step)
        new_value, new_gradient, new_hessian = uphill(there)
        if new_value > value and new_value >= value + 1e-4 * float(gradient @ (there - here)):
            return there, new_value, new_gradient, new_hessian
        # at the top the value moves less than its rounding: then a flatter slope decides
        level = abs(new_value - value) <= 1e-13 * abs(value)
        if level and np.abs(new_gradient).max() < 0.5 * np.abs(gradient).max():
            return there, new_value, new_gradient, new_hessian
        scale /= 4
    return None
