"""The buy-till-you-die models as members of the forecast, and what keeps one from being fitted."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from liuke.insight.errors import InsightError, NoRepeatBuyers, TooFewCustomers
from liuke.insight.kinds import Vector
from liuke.insight.models import BGNBD, MBGCNBD, MBGNBD, ParetoNBD

BTYD: Final[dict[str, Any]] = {
    "BGNBD": BGNBD,
    "MBGNBD": MBGNBD,
    "MBGCNBD": MBGCNBD,
    "ParetoNBD": ParetoNBD,
}
# A fit on more customers than this moves no digit that matters and takes time in proportion to their distinct triples
MOST: Final = {"BGNBD": 50_000, "MBGNBD": 50_000, "MBGCNBD": 20_000, "ParetoNBD": 20_000}


@dataclass(frozen=True)
class Fits:
    """The models fitted to one summary, those that the data don't carry and why.

    `models` name -> fitted model; `refused` name -> the reason in words; `boundary` names whose best fit lies at an edge
    ("nobody leaves") -> what that means.
    """

    models: dict[str, Any]
    refused: dict[str, str]
    boundary: dict[str, str]


def fit_all(
    timing: Mapping[str, Vector],
    *,
    names: tuple[str, ...] = tuple(BTYD),
    fewest_customers: int,
    fewest_repeaters: int,
) -> Fits:
    """Fit the named models to a summary in days, on evenly spread customers when there are very many.

    `timing` has a row per customer, or one per distinct triple, how many customers share it as `count` and the mean of their
    `log_gaps`.
    Raises `TooFewCustomers` or `NoRepeatBuyers` when none may be tried.
    """
    count = timing.get("count", np.ones(len(timing["frequency"]), dtype=np.int64))
    customers = int(count.sum())
    repeaters = int(count[timing["frequency"] > 0].sum())
    if customers < fewest_customers:
        raise TooFewCustomers(customers, fewest_customers, "a forecast")
    if repeaters == 0:
        raise NoRepeatBuyers("nobody bought twice")
    if repeaters < fewest_repeaters:
        raise TooFewCustomers(
            repeaters, fewest_repeaters, "a forecast (counting who bought twice)", counted="repeaters"
        )
    models, refused, boundary = {}, {}, {}
    for name in names:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore"
                )  # what they say is read from the fit and told in the judgement
                model = BTYD[name]().fit(_thinned(timing, MOST[name]))
        except InsightError as error:
            refused[name] = str(error)
            continue
        models[name] = model
        if model.boundary_:
            boundary[name] = ", ".join(model.boundary_)
    return Fits(models, refused, boundary)


def _thinned(timing: Mapping[str, Vector], most: int) -> dict[str, Vector]:
    """Every k-th customer in the order of the triples, so that the sample has all kinds of customers in proportion."""
    columns = {name: timing[name] for name in ("frequency", "recency", "T", "log_gaps") if name in timing}
    count = timing.get("count")
    customers = len(columns["T"]) if count is None else int(count.sum())
    order = np.lexsort((columns["recency"], columns["frequency"], columns["T"]))
    if count is not None:
        places = np.arange(customers) if customers <= most else _evenly(customers, most)
        chosen = order[np.searchsorted(np.cumsum(count[order]), places, side="right")]
    elif customers <= most:
        return columns
    else:
        chosen = order[_evenly(customers, most)]
    return {name: column[chosen] for name, column in columns.items()}


def _evenly(customers: int, most: int) -> Vector:
    found: Vector = np.linspace(0, customers - 1, most).round().astype(np.int64)
    return found


def parameters(fits: Fits) -> dict[str, dict[str, Any]]:
    """name -> params, log-likelihood, customers fitted and what lies at an edge, for the record."""
    return {
        name: {
            "params": {**model.params_, **({"k": model.k_} if isinstance(model, MBGCNBD) else {})},
            "log_likelihood": float(model.log_likelihood_),
            "customers": int(model.customers_),
            "boundary": fits.boundary.get(name),
        }
        for name, model in fits.models.items()
    }
