"""What every model has in common: learned values, their proof and uncertainty, saving and loading."""

from __future__ import annotations

import json
import warnings
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

import numpy as np

from liuke.insight.errors import BadHorizon, BadModelFile, BoundaryFit, NotConverged, NotFitted
from liuke.insight.models.columns import Floats
from liuke.insight.models.optimum import Optimum

FORMAT = "liuke.insight.model"


def check_horizon(horizon: float, *, name: str = "horizon") -> float:
    """Return a finite number above zero as float, or raise `BadHorizon` naming it."""
    try:
        value = float(horizon)
    except (TypeError, ValueError) as error:
        raise BadHorizon(f"{name} must be a number, not {horizon!r}") from error
    if not (np.isfinite(value) and value > 0):
        raise BadHorizon(f"{name} must be finite and above 0, not {value:g}")
    return value


class Estimator(ABC):
    """The contract of every model: the constructor only stores, `fit(table)` learns and returns self.

    Learned values end in `_`; the same data give the same values, whatever the order of rows; no clock and no global
    random state are read; bad tables are refused by column and row. `testing.check_model` checks all of it.
    """

    saved_version: ClassVar[int] = 1
    customers_: int

    @abstractmethod
    def fit(self, table: Any) -> Self:
        """Learn from a table; returns self."""

    @abstractmethod
    def explain(self) -> str:
        """Say in plain words what was learnt and how far to trust it."""

    def _settings(self) -> dict[str, Any]:
        """What the constructor stored, by argument name."""
        return {}

    @abstractmethod
    def _learned(self) -> dict[str, Any]:
        """The learned values, fit for JSON."""

    @abstractmethod
    def _restore(self, learned: dict[str, Any]) -> None:
        """Take learned values back; `KeyError`, `TypeError` or `ValueError` where they are damaged."""

    def _require_fit(self) -> None:
        if not hasattr(self, "customers_"):
            raise NotFitted(f"{type(self).__name__} has learnt nothing yet: call fit first")

    def to_json(self) -> str:
        """Return the fitted model as JSON text that `from_json` of this or a later release reads."""
        self._require_fit()
        return json.dumps(
            {
                "format": FORMAT,
                "model": type(self).__name__,
                "version": self.saved_version,
                "settings": self._settings(),
                "learned": self._learned(),
            },
            allow_nan=False,
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the model that `to_json` wrote.

        Errors: `BadModelFile` for text that is no saved model, one of another kind, or of a newer version.
        """
        try:
            saved = json.loads(text)
        except ValueError as error:
            raise BadModelFile(f"not JSON: {error}") from error
        if not isinstance(saved, dict) or saved.get("format") != FORMAT:
            raise BadModelFile("not a saved insight model")
        if saved.get("model") != cls.__name__:
            raise BadModelFile(f"a saved {saved.get('model')}, not a {cls.__name__}")
        if not isinstance(saved.get("version"), int) or saved["version"] > cls.saved_version:
            raise BadModelFile(
                f"version {saved.get('version')}; this release reads up to {cls.saved_version}"
            )
        try:
            model = cls(**saved["settings"])
            model._restore(saved["learned"])
        except (KeyError, TypeError, ValueError) as error:
            raise BadModelFile(f"damaged: {error!r}") from error
        return model


class LikelihoodModel(Estimator):
    """A model whose positive parameters are fitted by maximum likelihood.

    After `fit` (names ending in `_` are learned):

    - `params_`: parameter by name, in the units of the table;
    - `log_likelihood_`: natural log, published convention, in the units of the table;
    - `covariance_` (k, k): of the parameters, from the inverse Hessian; rows of parameters held at a
      boundary are 0;
    - `standard_errors_`: by name, `None` for a parameter held at a boundary;
    - `gradient_norm_`: largest slope of the log-likelihood in a free coordinate, per customer;
    - `gain_left_`: log-likelihood that the quadratic model at the end still promises;
    - `converged_`: whether slope and curvature prove a maximum;
    - `boundary_`: what the data do not carry, as words ("nobody leaves"), empty when all is well;
    - `customers_`: how many were fitted.

    Errors: `NotFitted` from every result asked for before `fit`; `BadTable` and its kinds for a bad table.
    """

    param_names: ClassVar[tuple[str, ...]]

    params_: dict[str, float]
    log_likelihood_: float
    covariance_: Floats
    standard_errors_: dict[str, float | None]
    gradient_norm_: float
    gain_left_: float
    converged_: bool
    boundary_: tuple[str, ...]

    @classmethod
    def with_params(cls, **params: float) -> Self:
        """Return a model with given parameters instead of fitted ones: to simulate, or to use published estimates.

        It has no uncertainty and no likelihood (0 stands there), and `converged_` is false.
        """
        if set(params) != set(cls.param_names):
            raise ValueError(f"{cls.__name__} has the parameters {', '.join(cls.param_names)}")
        k = len(cls.param_names)
        model = cls()
        model._restore(
            {
                "params": params,
                "log_likelihood": 0.0,
                "covariance": np.zeros((k, k)),
                "standard_errors": dict.fromkeys(cls.param_names),
                "gradient_norm": 0.0,
                "gain_left": 0.0,
                "converged": False,
                "boundary": [],
                "customers": 0,
                **cls._unlearned(),
            }
        )
        return model

    @classmethod
    def _unlearned(cls) -> dict[str, Any]:
        """Stand-ins for what a model learns besides the common values."""
        return {}

    def _keep(self, optimum: Optimum, *, params: Floats, log_likelihood: float, customers: float) -> None:
        """Store the optimum; `params` (k,) are in the user's units, the optimum may be in the model's own."""
        self.params_ = dict(zip(self.param_names, params.tolist(), strict=True))
        self.log_likelihood_ = float(log_likelihood)
        self.customers_ = int(customers)
        self.gradient_norm_ = optimum.slope / customers
        self.gain_left_ = optimum.gain_left
        self.converged_ = optimum.verified
        self.covariance_ = optimum.log_covariance() * np.outer(params, params)
        errors = np.sqrt(np.maximum(np.diag(self.covariance_), 0.0))
        self.standard_errors_ = {
            name: None if held else float(error)
            for name, error, held in zip(self.param_names, errors, optimum.params_silent, strict=True)
        }

    def _warn(self) -> None:
        name = type(self).__name__
        if self.boundary_:
            warnings.warn(f"{name}: {'; '.join(self.boundary_)}", BoundaryFit, stacklevel=3)
        if not self.converged_:
            warnings.warn(
                f"{name}: the optimum is not proved (slope {self.gradient_norm_:.1e} a customer, "
                f"{self.gain_left_:.1e} of log-likelihood left)",
                NotConverged,
                stacklevel=3,
            )

    def _learned(self) -> dict[str, Any]:
        return {
            "params": self.params_,
            "log_likelihood": self.log_likelihood_,
            "covariance": self.covariance_.tolist(),
            "standard_errors": self.standard_errors_,
            "gradient_norm": self.gradient_norm_,
            "gain_left": self.gain_left_,
            "converged": self.converged_,
            "boundary": list(self.boundary_),
            "customers": self.customers_,
        }

    def _restore(self, learned: dict[str, Any]) -> None:
        params = {name: float(learned["params"][name]) for name in self.param_names}
        if not all(np.isfinite(value) and value > 0 for value in params.values()):
            raise ValueError(f"parameters out of range: {params}")
        self.params_ = params
        self.log_likelihood_ = float(learned["log_likelihood"])
        self.covariance_ = np.asarray(learned["covariance"], dtype=np.float64)
        self.standard_errors_ = {name: learned["standard_errors"][name] for name in self.param_names}
        self.gradient_norm_ = float(learned["gradient_norm"])
        self.gain_left_ = float(learned["gain_left"])
        self.converged_ = bool(learned["converged"])
        self.boundary_ = tuple(learned["boundary"])
        self.customers_ = int(learned["customers"])

    def _explain_fit(self) -> list[str]:
        """The lines about trust that end every explanation."""
        lines = [f"Log-likelihood {self.log_likelihood_:.2f} on {self.customers_:,} customers."]
        shown = []
        for name, value in self.params_.items():
            error = self.standard_errors_[name]
            shown.append(f"{name} = {value:.5g} ({'at its limit' if error is None else f'± {error:.2g}'})")
        lines.append("Parameters (± standard error): " + ", ".join(shown) + ".")
        if self.converged_:
            lines.append(
                f"The optimum is proved: slope {self.gradient_norm_:.1e} a customer, curvature downward."
            )
        else:
            lines.append(f"The optimum is NOT proved: {self.gain_left_:.1e} of log-likelihood may be left.")
        lines.extend(f"Reservation: {finding}." for finding in self.boundary_)
        return lines
