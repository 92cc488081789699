"""The buy-till-you-die models as members of the forecast, and what keeps one from being fitted."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from liuke.insight.errors import InsightError, NoRepeatBuyers, TooFewCustomers
from liuke.insight.kinds import Table
from liuke.insight.models.bgnbd import BGNBD
from liuke.insight.models.mbgnbd import MBGNBD

BTYD: Final[dict[str, Any]] = {"BGNBD": BGNBD, "MBGNBD": MBGNBD}


@dataclass(frozen=True)
class Fits:
    """The models fitted to one summary, those that the data don't carry and why.

    `models` name -> fitted model; `refused` name -> the reason in words; `boundary` names whose best fit says that
    nobody ever leaves (or another edge of the model).
    """

    models: dict[str, Any]
    refused: dict[str, str]
    boundary: dict[str, str]


def fit_all(summary: Table, *, fewest_customers: int, fewest_repeaters: int) -> Fits:
    """Fit every model to a summary in days.

    Raises `TooFewCustomers` or `NoRepeatBuyers` when none may be tried.
    """
    repeaters = int(np.count_nonzero(summary["frequency"].to_numpy()))
    if summary.num_rows < fewest_customers:
        raise TooFewCustomers(summary.num_rows, fewest_customers, "a forecast")
    if repeaters == 0:
        raise NoRepeatBuyers("nobody bought twice")
    if repeaters < fewest_repeaters:
        raise TooFewCustomers(repeaters, fewest_repeaters, "a forecast (customers who bought twice)")
    models, refused, boundary = {}, {}, {}
    for name, kind in BTYD.items():
        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore"
                )  # what they say is read from the fit below and told in the judgement
                model = kind().fit(summary)
        except InsightError as error:
            refused[name] = str(error)
            continue
        models[name] = model
        if model.boundary_:
            boundary[name] = ", ".join(model.boundary_)
    return Fits(models, refused, boundary)


def parameters(fits: Fits) -> dict[str, dict[str, Any]]:
    """name -> params and log-likelihood, for the record."""
    return {
        name: {"params": dict(model.params_), "log_likelihood": float(model.log_likelihood_)}
        for name, model in fits.models.items()
    }
