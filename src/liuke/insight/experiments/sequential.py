"""Looking at a running experiment as often as one likes without being fooled by it.

A 95 % interval is made to be looked at once. Looked at every day until it leaves zero, it finds an effect that isn't there
in a quarter of all experiments and, with patience, in every one. A confidence sequence holds on all days at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.special import lambertw

from liuke.insight.errors import BadTable, TooFewCustomers
from liuke.insight.experiments.difference import adjusted
from liuke.insight.experiments.trial import CONTROL, TABLE, Trial, read_trial
from liuke.insight.intervals import checked_level
from liuke.insight.kinds import Table, Vector, pa, pc
from liuke.insight.models.columns import read_labels

FEWEST: Final = 100  # customers in each arm before the first look
FEWEST_MOVING: Final = 25  # of them with an outcome other than the commonest


def always_valid_interval(
    estimate: Any, standard_error: Any, *, information: Any, level: float = 0.95
) -> tuple[Vector, Vector]:
    """(low, high) of the confidence sequence at any number of looks, each of the shape of the arguments.

    `information` is the customers so far to those at which it shall be narrowest (the planned number), above 0.
    With f = information, a = 1 - level and c the constant that makes f = 1 the narrowest,

        estimate ± standard error · √((1 + 1/(c f)) · ln((1 + c f)/a²)),    c = -W₋₁(-a²/e) - 1

    At f = 1 and 95 % that is 3.04 standard errors instead of 1.96: the price of looking at any time.

    Source: Robbins (1970), Statistical Methods Related to the Law of the Iterated Logarithm; Waudby-Smith, Arbour, Sinha,
    Kennedy & Ramdas (2024), Time-uniform Central Limit Theory and Asymptotic Confidence Sequences, Annals of Statistics 52
    (theorem 2.2); the same as the mixture test of Johari, Koomen, Pekelis & Walsh (2022), Operations Research 70.

    Errors: `ValueError` for a standard error below 0, information not above 0, figures that aren't finite, or a bad level.
    """
    centre, error, f = _checked(estimate, standard_error, information)
    growth = _tuning(level) * f
    half: Vector = error * np.sqrt((1 + 1 / growth) * (np.log1p(growth) - 2 * np.log1p(-level)))
    return centre - half, centre + half


def always_valid_p(estimate: Any, standard_error: Any, *, information: Any, level: float = 0.95) -> Vector:
    """p-value that stays below any a with chance a at most, however often one looks; same shape as the arguments.

        p = min(1, √(1 + c f) · exp(-z²/2 · c f/(1 + c f))),    z = estimate/standard error

    p < 1 - level exactly where `always_valid_interval` leaves zero out. Source: as there.

    Errors: as there.
    """
    centre, error, f = _checked(estimate, standard_error, information)
    growth = _tuning(level) * f
    z = np.abs(centre) / np.where(error > 0, error, 1.0)
    exponent = 0.5 * np.log1p(growth) - 0.5 * np.minimum(z, 1e6) ** 2 * growth / (1 + growth)
    found: Vector = np.where(error > 0, np.exp(np.minimum(exponent, 0.0)), np.where(centre == 0, 1.0, 0.0))
    return found


@dataclass(frozen=True)
class Monitoring:
    """`table`: one row per look with on, customers, control_customers, difference, low, high, p (the least so far);
    `decided_on` the first look at which zero was out of the interval, None while undecided; `level`.

    `arm` is held against the control.
    """

    arm: Any
    table: Table
    decided_on: Any
    level: float


def confidence_sequence(
    table: Any,
    *,
    on: str = "on",
    planned: int,
    outcome: str = "outcome",
    arm: str = "arm",
    control: Any = CONTROL,
    treated: Any = None,
    before: Sequence[str] = (),
    level: float = 0.95,
    fewest: int = FEWEST,
) -> Monitoring:
    """The difference to the control at every value of column `on`, with an interval that holds at all of them together.

    `on` orders the customers by when their outcome was complete (a date, an instant, a number); each look has everybody up
    to and including its value. `planned` is the number of customers (both arms) at which the interval shall be narrowest;
    it must not be chosen by looking. Looks begin when each arm has `fewest` customers and 25 with an outcome other than the
    commonest, because the sequence rests on averages being near normal. `before` adjusts as in `difference`.

    Errors: as `difference`; `TooFewCustomers` where no look has enough; `BadTable` for a column `on` that is missing, has a
    gap or can't be ordered.

    Formula: see `always_valid_interval`, at information = customers of the look / `planned`. Source: as there.
    """
    checked_level(level)
    if planned < 1:
        raise ValueError(f"planned must be 1 customer or more, not {planned}")
    trial = read_trial(table, outcome=outcome, arm=arm, control=control, before=before)
    name, in_arm, in_control = trial.pair(treated)
    times, when = _ordered(table, on, len(trial))
    looks = _looks(trial, in_arm, in_control, when, len(times), fewest)
    if not len(looks):
        least = min(int(in_arm.sum()), int(in_control.sum()))
        raise TooFewCustomers(least, fewest, "a look at an experiment (each arm, with outcomes that differ)")
    rows = []
    for look in looks:
        seen = when <= look
        one = adjusted(trial.outcome, trial.before, in_arm & seen, in_control & seen)
        rows.append((one.estimate, one.error, int((in_arm & seen).sum()), int((in_control & seen).sum())))
    estimate, error, ours, theirs = (np.array(column) for column in zip(*rows, strict=True))
    information = (ours + theirs) / planned
    low, high = always_valid_interval(estimate, error, information=information, level=level)
    p = np.minimum.accumulate(always_valid_p(estimate, error, information=information, level=level))
    decided = (low > 0) | (high < 0)
    found = pa.table(
        {
            "on": pc.take(times, pa.array(looks)),
            "customers": ours,
            "control_customers": theirs,
            "difference": estimate,
            "low": low,
            "high": high,
            "p": p,
        }
    )
    first = found["on"][int(np.argmax(decided))].as_py() if decided.any() else None
    return Monitoring(name, found, first, level)


def _tuning(level: float) -> float:
    alpha = 1 - checked_level(level)
    return float(-lambertw(-(alpha**2) / np.e, k=-1).real - 1)


def _checked(estimate: Any, standard_error: Any, information: Any) -> tuple[Vector, Vector, Vector]:
    figures = [np.asarray(each, dtype=np.float64) for each in (estimate, standard_error, information)]
    if not all(np.isfinite(each).all() for each in figures):
        raise ValueError("estimate, standard error and information must be finite")
    if (figures[1] < 0).any() or (figures[2] <= 0).any():
        raise ValueError("a standard error is 0 or more, information is above 0")
    centre, error, f = np.broadcast_arrays(*figures)
    return centre, error, f


def _ordered(table: Any, on: str, customers: int) -> tuple[Any, Vector]:
    """(the distinct values in order, the place of each customer's value among them)."""
    values = read_labels(table, on, table_name=TABLE)
    if len(values) != customers:
        raise BadTable(f"{len(values)} values for {customers} customers", table=TABLE, column=on)
    if pa.types.is_floating(values.type) and not pc.all(pc.is_finite(values)).as_py():
        row = pc.index(pc.is_finite(values), False).as_py()
        raise BadTable(f"{values[row]} is not a finite number", table=TABLE, column=on, row=row)
    try:
        distinct = pc.unique(values)
        distinct = distinct.take(pc.sort_indices(distinct))
    except pa.ArrowException as error:
        raise BadTable(f"{values.type} can't be ordered", table=TABLE, column=on) from error
    place: Vector = pc.index_in(values, value_set=distinct).to_numpy(zero_copy_only=False)
    return distinct, place


def _looks(trial: Trial, in_arm: Vector, in_control: Vector, when: Vector, times: int, fewest: int) -> Vector:
    """Places of the values of `on` at which both arms have enough, and somebody new came."""
    values, counts = np.unique(trial.outcome, return_counts=True)
    moving = trial.outcome != values[np.argmax(counts)]
    enough = np.ones(times, dtype=bool)
    for mine in (in_arm, in_control):
        enough &= np.cumsum(np.bincount(when[mine], minlength=times)) >= fewest
        enough &= np.cumsum(np.bincount(when[mine & moving], minlength=times)) >= FEWEST_MOVING
    new = np.bincount(when[in_arm | in_control], minlength=times) > 0
    found: Vector = np.flatnonzero(enough & new)
    return found
