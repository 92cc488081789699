"""What contact must not spoil: complaints, unsubscriptions, refunds, held against a margin of harm agreed beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.special import ndtri, stdtrit

from liuke.insight.errors import BadTable
from liuke.insight.experiments.difference import adjusted
from liuke.insight.experiments.trial import CONTROL, TABLE, read_trial
from liuke.insight.intervals import checked_level
from liuke.insight.kinds import Vector

SAFE, HARMFUL, UNDECIDED = "safe", "harmful", "undecided"
WORSE: Final = ("higher", "lower")


@dataclass(frozen=True)
class Guardrail:
    """`harm`: by how much the metric is worse in the arm than in the control, in its unit, with `low` and `high`;
    `margin`: the harm that is still acceptable; `verdict`:

    "safe"       high < margin: harm of the margin or more is ruled out
    "harmful"    low > margin: more than the margin is proved
    "undecided"  neither; go on, or hold fewer customers at risk

    `metric` is `value` on average in the `arm`, `control_value` in the control.
    """

    metric: str
    arm: Any
    value: float
    control_value: float
    harm: float
    low: float
    high: float
    margin: float
    verdict: str


def guardrail(
    table: Any,
    *,
    metric: str,
    margin: float,
    worse: str = "higher",
    rate: bool | None = None,
    arm: str = "arm",
    control: Any = CONTROL,
    treated: Any = None,
    level: float = 0.95,
) -> Guardrail:
    """Test one metric for non-inferiority, one-sided at `level` (so `low` to `high` is the interval at 2 level - 1).

    `metric` is a column with a figure per customer: 0 or 1 for an event (complained, unsubscribed), else an amount (refunds).
    `rate` says which; unless given, a column of nothing but 0 and 1 is one. `worse` is "higher" or "lower". Rates have
    Newcombe's interval, which holds for rare events, made of Wilson's l, u of each arm:

        p₁ - p₀ - √((p₁ - l₁)² + (u₀ - p₀)²)   to   p₁ - p₀ + √((u₁ - p₁)² + (p₀ - l₀)²)

    and amounts have Welch's. Several guardrails need no correction: contact goes on only if each of them is safe.
    Errors: as `read_trial`; `BadTable` with the row for a rate that is neither 0 nor 1; `ValueError` for a margin that is
    not above 0 or not finite.

    Source: Newcombe (1998), Interval Estimation for the Difference between Independent Proportions, Statistics in Medicine
    17, method 10; non-inferiority as in ICH E9.
    """
    if not checked_level(level) > 0.5:
        raise ValueError(f"a one-sided level lies between 0.5 and 1, not {level}")
    if not (np.isfinite(margin) and margin > 0):
        raise ValueError(f"the margin is above 0, not {margin}: agree what harm is acceptable")
    if worse not in WORSE:
        raise ValueError(f"worse is one of {', '.join(WORSE)}, not {worse!r}")
    trial = read_trial(table, outcome=metric, arm=arm, control=control)
    name, in_arm, in_control = trial.pair(treated)
    event = (trial.outcome == 0) | (trial.outcome == 1)
    if rate and not event.all():
        row = int(np.argmin(event))
        raise BadTable(f"0 or 1 is needed: {trial.outcome[row]:g}", table=TABLE, column=metric, row=row)
    if rate or (rate is None and bool(event.all())):
        low, high = newcombe(trial.outcome[in_arm], trial.outcome[in_control], level)
        value, control_value = float(trial.outcome[in_arm].mean()), float(trial.outcome[in_control].mean())
    else:
        one = adjusted(trial.outcome, np.empty((len(trial), 0)), in_arm, in_control)
        half = float(stdtrit(one.freedom, level)) * one.error
        low, high = one.estimate - half, one.estimate + half
        value, control_value = one.mean, one.control_mean
    harm = value - control_value
    if worse == "lower":
        harm, low, high = -harm, -high, -low
    verdict = SAFE if high < margin else HARMFUL if low > margin else UNDECIDED
    return Guardrail(metric, name, value, control_value, harm, low, high, margin, verdict)


def newcombe(events: Vector, control_events: Vector, level: float) -> tuple[float, float]:
    """(low, high) of the difference of two rates, each bound one-sided at `level`; arguments are 0 or 1 per customer."""
    z = float(ndtri(level))
    p1, l1, u1 = _wilson(float(events.mean()), len(events), z)
    p0, l0, u0 = _wilson(float(control_events.mean()), len(control_events), z)
    low = p1 - p0 - np.hypot(p1 - l1, u0 - p0)
    high = p1 - p0 + np.hypot(u1 - p1, p0 - l0)
    return max(float(low), -1.0), min(float(high), 1.0)


def _wilson(p: float, n: int, z: float) -> tuple[float, float, float]:
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return p, max(float(centre - half), 0.0), min(float(centre + half), 1.0)
