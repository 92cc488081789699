"""Parameter uncertainty by resampling customers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from liuke.insight.models.columns import Floats
from liuke.insight.models.estimator import Estimator, LikelihoodModel

Kind = TypeVar("Kind", bound=Estimator)
Model = TypeVar("Model", bound=LikelihoodModel)


def resample(count: Floats, draws: int, seed: int) -> Iterator[Floats]:
    """Yield `draws` recounts (m,) of groups holding `count` (m,) customers, drawn with replacement."""
    if draws < 1:
        raise ValueError(f"draws must be 1 or more, not {draws}")
    rng = np.random.default_rng(seed)
    total = round(float(count.sum()))
    share = count / count.sum()
    for _ in range(draws):
        yield rng.multinomial(total, share).astype(np.float64)


@dataclass(frozen=True)
class ModelDraws(Generic[Kind]):
    """Models refitted on resamples."""

    models: list[Kind]

    def interval_of(self, statistic: Callable[[Kind], float], level: float = 0.9) -> tuple[float, float]:
        """The middle `level` of any figure worked out from a model, e.g. a total forecast."""
        return _middle(np.array([statistic(model) for model in self.models]), level)


@dataclass(frozen=True)
class ParameterDraws(ModelDraws[Model]):
    """The same of models that have parameters."""

    @property
    def params(self) -> dict[str, Floats]:
        """Each parameter's values, shape (draws,)."""
        return {
            name: np.array([model.params_[name] for model in self.models]) for name in self.models[0].params_
        }

    def interval(self, level: float = 0.9) -> dict[str, tuple[float, float]]:
        """The middle `level` of the draws of each parameter (percentile method)."""
        return {name: _middle(values, level) for name, values in self.params.items()}


def _middle(values: Floats, level: float) -> tuple[float, float]:
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
