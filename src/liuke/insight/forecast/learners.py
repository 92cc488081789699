"""The two learners of the stack: a logistic regression that corrects a model, and a boosted one that starts anew."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from scipy.special import expit

from liuke.insight.kinds import Vector

RIDGE: Final = 60.0
STEPS: Final = 50
ENOUGH: Final = 1e-6  # in log-likelihood, of which a thousandth is already nothing
SMALL: Final = 100_000  # rows, taught within seconds by one thread
FAR: Final = 4.0  # standard deviations beyond which a feature moves nothing more


class Correction:
    """ln odds = offset + b₀ + Σ bⱼ zⱼ, with zⱼ the standardised features and a ridge on b.

    The offset is the log odds of a fitted model, so with little data (or features that tell nothing) the ridge leaves
    that model as it is: thin data can't make it worse by much.
    """

    def __init__(self, *, ridge: float = RIDGE) -> None:
        self.ridge = ridge

    def fit(self, features: Vector, came: Vector, *, offset: Vector) -> Correction:
        self.mean_ = features.mean(axis=0)
        self.scale_ = features.std(axis=0) + 1e-6
        z = np.column_stack([np.ones(len(came)), self._standardised(features)])
        penalty = np.full(z.shape[1], self.ridge)
        penalty[0] = self.ridge / 20  # the level is known better than any slope
        self.coefficients_ = newton_logistic(z, came, offset=offset, penalty=penalty)
        return self

    def log_odds(self, features: Vector, *, offset: Vector) -> Vector:
        found: Vector = offset + self.coefficients_[0] + self._standardised(features) @ self.coefficients_[1:]
        return found

    def _standardised(self, features: Vector) -> Vector:
        found: Vector = np.clip((features - self.mean_) / self.scale_, -FAR, FAR)
        return found


def newton_logistic(z: Vector, came: Vector, *, offset: Vector, penalty: Vector) -> Vector:
    """Coefficients b with the least −log-likelihood of ln odds = offset + z b, plus Σ penalty b² / 2.

    Strictly convex, so Newton's steps, halved until they go down, reach the one minimum.
    """
    y = came.astype(np.float64)

    def loss(b: Vector) -> float:
        eta = offset + z @ b
        return float(np.logaddexp(0, eta).sum() - y @ eta + 0.5 * (penalty * b * b).sum())

    def slopes(b: Vector) -> tuple[Vector, Vector]:
        p = expit(offset + z @ b)
        return z.T @ (p - y) + penalty * b, (z.T * (p * (1 - p))) @ z + np.diag(penalty)

    at = np.zeros(z.shape[1])
    # BLAS's threads wait for each other at full speed too: see `Boosted.fit`
    with _one_thread("blas", rows=len(y)):
        value = loss(at)
        for _ in range(STEPS):
            gradient, curvature = slopes(at)
            step = np.linalg.solve(curvature, gradient)
            if float(gradient @ step) < ENOUGH:
                break
            length = 1.0
            while (tried := loss(at - length * step)) > value and length > 1e-6:
                length /= 2
            at, value = at - length * step, tried
    return at


def _one_thread(library: str, *, rows: int) -> Any:
    """A block in which "blas" or "openmp" keeps to one thread, unless there is much to do."""
    import threadpoolctl  # noqa: PLC0415 - it looks through all that is loaded: only where something is learned

    untyped: Any = threadpoolctl
    return untyped.threadpool_limits(limits=1 if rows < SMALL else None, user_api=library)


class Boosted:
    """Shallow gradient-boosted trees on the same features; no early stopping, so the same data give the same trees."""

    def fit(self, features: Vector, came: Vector) -> Boosted:
        # loaded here: scikit-learn takes a second, and the rhythm rule does without
        from sklearn import ensemble  # noqa: PLC0415

        untyped: Any = ensemble
        trees = untyped.HistGradientBoostingClassifier(
            learning_rate=0.05,
            max_iter=120,
            max_leaf_nodes=8,
            min_samples_leaf=int(np.clip(len(came) // 100, 20, 200)),
            l2_regularization=5.0,
            max_bins=64,
            early_stopping=False,
            random_state=0,
        )
        # OpenMP's threads wait for each other at full speed: on a busy machine that costs ten times what they gain
        with _one_thread("openmp", rows=len(came)):
            self.trees_ = trees.fit(features, came)
        return self

    def log_odds(self, features: Vector) -> Vector:
        # A barrier for each of the trees: threads that wait at full speed, see `fit`
        with _one_thread("openmp", rows=len(features)):
            found: Vector = self.trees_.decision_function(features)
        return found
