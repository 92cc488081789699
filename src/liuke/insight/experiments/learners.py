"""Regressions behind the increments, and the three ways (T, X, DR) to make increments of regressions.

Source: Künzel, Sekhon, Bickel & Yu (2019), Metalearners for Estimating Heterogeneous Treatment Effects Using Machine
Learning, PNAS 116 (T and X); Kennedy (2023), Towards Optimal Doubly Robust Estimation of Heterogeneous Causal Effects,
Electronic Journal of Statistics 17 (DR).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, Protocol, Self

import numpy as np

from liuke.insight.kinds import Vector

FAR: Final = 4.0  # standard deviations beyond which a feature moves nothing more
RIDGES: Final = np.concatenate(
    [10.0 ** np.arange(-3, 5, 0.5), [np.inf]]
)  # of a feature's variance; inf: the mean alone

LASSO_FOLDS: Final = 3


class Regression(Protocol):
    def fit(self, x: Vector, y: Vector) -> Self: ...

    def predict(self, x: Vector) -> Vector: ...


class Linear:
    """Ridge regression on standardised features, its penalty by generalised cross-validation (down to the mean alone).

    With eigenvalues d of Z'Z and penalty λ: df = 1 + Σ d/(d + λ), GCV = (RSS/n)/(1 - df/n)².
    Source: Golub, Heath & Wahba (1979), Technometrics 21.
    """

    def fit(self, x: Vector, y: Vector) -> Self:
        n = len(y)
        self._mean, scale = x.mean(axis=0), x.std(axis=0)
        self._scale = np.where(scale > 1e-9 * np.maximum(np.abs(self._mean), 1e-300), scale, np.inf)
        z = self._standardised(x)
        self._middle, self._level = z.mean(axis=0), float(y.mean())
        z = z - self._middle
        rest = y - self._level
        eigenvalues, vectors = np.linalg.eigh(z.T @ z)
        d = np.maximum(eigenvalues, 0.0)
        c = vectors.T @ (z.T @ rest)
        best, self._slopes = np.inf, np.zeros(x.shape[1])
        for ridge in RIDGES:
            shrunk = c / (d + ridge * n) if np.isfinite(ridge) else np.zeros_like(c)
            freedom = 1 + float((d / (d + ridge * n)).sum()) if np.isfinite(ridge) else 1.0
            if freedom > 0.9 * n:
                continue
            fitted = z @ (vectors @ shrunk)
            score = float(((rest - fitted) ** 2).sum()) / (1 - freedom / n) ** 2
            if score <= best:
                best, self._slopes = score, vectors @ shrunk
        return self

    def predict(self, x: Vector) -> Vector:
        found: Vector = self._level + (self._standardised(x) - self._middle) @ self._slopes
        return found

    def _standardised(self, x: Vector) -> Vector:
        found: Vector = np.clip((x - self._mean) / self._scale, -FAR, FAR)
        return found


class Sparse:
    """Lasso on standardised features, its penalty by threefold cross-validation: where one feature does it all.

    Source: Tibshirani (1996), JRSS B 58.
    """

    def fit(self, x: Vector, y: Vector) -> Self:
        from sklearn import linear_model  # noqa: PLC0415  # takes a second, and the ridge does without

        untyped: Any = linear_model
        self._mean, scale = x.mean(axis=0), x.std(axis=0)
        self._scale = np.where(scale > 1e-9 * np.maximum(np.abs(self._mean), 1e-300), scale, np.inf)
        self._level, self._slopes = float(y.mean()), np.zeros(x.shape[1])
        unit = float(np.abs(y - self._level).max(initial=0.0))
        if unit == 0 or not np.isfinite(self._scale).any():
            return self
        # customers come sorted by outcome, so every third one makes even folds
        part = np.arange(len(y)) % LASSO_FOLDS
        cuts = [(np.flatnonzero(part != k), np.flatnonzero(part == k)) for k in range(LASSO_FOLDS)]
        with _threads().limit(limits=1):
            model = untyped.LassoCV(alphas=30, eps=1e-2, cv=cuts, tol=1e-3, max_iter=5_000)
            model.fit(self._standardised(x), (y - self._level) / unit)
        self._level += float(model.intercept_) * unit
        self._slopes = np.asarray(model.coef_, dtype=np.float64) * unit
        return self

    def predict(self, x: Vector) -> Vector:
        found: Vector = self._level + self._standardised(x) @ self._slopes
        return found

    def _standardised(self, x: Vector) -> Vector:
        found: Vector = np.clip((x - self._mean) / self._scale, -FAR, FAR)
        return found


class Boosted:
    """Few shallow gradient-boosted trees with large leaves: increments are small beside the noise."""

    def fit(self, x: Vector, y: Vector) -> Self:
        from sklearn import ensemble  # noqa: PLC0415  # takes a second, and everything linear does without

        untyped: Any = ensemble
        self._unit = float(np.abs(y).max(initial=0.0)) or 1.0
        trees = untyped.HistGradientBoostingRegressor(
            learning_rate=0.1,
            max_iter=30,
            max_leaf_nodes=6,
            min_samples_leaf=int(np.clip(len(y) // 50, 20, 1000)),
            l2_regularization=5.0,
            max_bins=32,
            early_stopping=False,
            random_state=0,
        )
        with _threads().limit(limits=1, user_api="openmp"):
            self._trees = trees.fit(x, y / self._unit)
        return self

    def predict(self, x: Vector) -> Vector:
        with _threads().limit(limits=1, user_api="openmp"):
            found: Vector = self._trees.predict(x) * self._unit
        return found


@cache
def _threads() -> Any:
    """OpenMP's threads wait for each other at full speed: on a busy machine that costs fifty times what they gain."""
    import threadpoolctl  # noqa: PLC0415  # after scikit-learn, whose threads are to be found

    bounds: Any = threadpoolctl
    return bounds.ThreadpoolController()


Make = Callable[[], Regression]


def fit_outcomes(make: Make, x: Vector, y: Vector, codes: Vector, arms: int) -> list[Regression]:
    """The expected outcome in each arm, the control first."""
    return [make().fit(x[codes == arm], y[codes == arm]) for arm in range(arms)]


def predict_all(models: Sequence[Regression], x: Vector) -> Vector:
    """What each model says of each customer, (n, models)."""
    return np.column_stack([model.predict(x) for model in models])


class TLearner:
    """Increment of arm w: μ_w(x) - μ_0(x), of two outcome regressions."""

    def __init__(self, outcomes: Sequence[Regression]) -> None:
        self.outcomes = outcomes

    def increments(self, x: Vector) -> Vector:
        """(n, arms - 1), per contact, in the unit of the outcome."""
        expected = predict_all(self.outcomes, x)
        return expected[:, 1:] - expected[:, :1]


class XLearner:
    """Increment of arm w: e·τ₀(x) + (1 - e)·τ₁(x), e the share of w among w and the control.

    τ₁ regresses y - μ_0(x) on the treated, τ₀ regresses μ_w(x) - y on the control.
    """

    def __init__(
        self, make: Make, outcomes: Sequence[Regression], x: Vector, y: Vector, codes: Vector
    ) -> None:
        expected = predict_all(outcomes, x)
        control = codes == 0
        self.pairs: list[tuple[float, Regression, Regression]] = []
        for arm in range(1, len(outcomes)):
            mine = codes == arm
            of_treated = make().fit(x[mine], (y - expected[:, 0])[mine])
            of_control = make().fit(x[control], (expected[:, arm] - y)[control])
            self.pairs.append((float(mine.sum() / (mine.sum() + control.sum())), of_control, of_treated))

    def increments(self, x: Vector) -> Vector:
        """(n, arms - 1), per contact, in the unit of the outcome."""
        return np.column_stack(
            [e * zero.predict(x) + (1 - e) * one.predict(x) for e, zero, one in self.pairs]
        )


class DRLearner:
    """Increment of arm w: regresses the doubly robust score Γ_w - Γ_0 on x."""

    def __init__(self, make: Make, x: Vector, gamma: Vector) -> None:
        self.models = [make().fit(x, gamma[:, arm] - gamma[:, 0]) for arm in range(1, gamma.shape[1])]

    def increments(self, x: Vector) -> Vector:
        """(n, arms - 1), per contact, in the unit of the outcome."""
        return predict_all(self.models, x)
