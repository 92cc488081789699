"""Repeat purchases week by week: as they came, and as the model expects them of the same customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from liuke.insight.errors import BadHorizon
from liuke.insight.features.summary import DAYS_IN, Unit, checked_as_of
from liuke.insight.figures import Floats
from liuke.insight.models import BGBB, PurchaseModel
from liuke.insight.plots.axes import AMBER, JADE, MUTED, Axes, axes

if TYPE_CHECKING:
    from liuke.insight.tables import Purchases


@dataclass(frozen=True)
class Tracking:
    """`time` ends of the periods (k,), in units since the log began; repeat purchases within each, `actual` and `expected` (k,).

    `fitted_until` where the model's knowledge ended, in the same units.

    `unit` of time, day or week.
    """

    time: Floats
    actual: Floats
    expected: Floats
    unit: Unit
    fitted_until: float


def tracking(
    model: PurchaseModel, purchases: Purchases, *, fitted_until: date, until: date, unit: Unit = "week"
) -> Tracking:
    """Repeat purchases of the customers won by `fitted_until`, period by period to `until`.

    Expected is Σ over customers of E[purchases by the age that each has reached], the model knowing nothing but when each
    was won; `model` was fitted on a summary in the same `unit`, as of `fitted_until`. The last period is the last whole one.

    Errors: `BadHorizon` unless first day < fitted_until <= until, or for fewer than one whole period; `NotFitted`.
    Shapes: one figure for each period. Source: the tracking plots of Fader, Hardie and Lee (2005), Marketing Science
    24(2), 275-284.
    """
    checked_as_of(purchases, fitted_until)
    if until < fitted_until:
        raise BadHorizon(f"until {until} lies before fitted_until {fitted_until}")
    if isinstance(model, BGBB):
        raise BadHorizon("BGBB counts occasions, not time")
    days = purchases.days.filter(purchases.days.bought).select("customer", "on")
    table = purchases.engine.fetch(days.order_by(["customer", "on"]))
    began = purchases.first_on.toordinal()
    on = table["on"].cast("int32").to_numpy() - (began - date(1970, 1, 1).toordinal())
    customer = np.asarray(table["customer"].to_pylist(), dtype=object)
    first = np.append(True, customer[1:] != customer[:-1])
    won = on[first]
    born = np.repeat(won, np.diff(np.append(np.flatnonzero(first), len(on))))
    known = born <= fitted_until.toordinal() - began
    length = DAYS_IN[unit]
    periods = (until.toordinal() - began + 1) // length
    if periods < 1:
        raise BadHorizon(f"there is no whole {unit} up to {until}")
    repeats = on[known & ~first] // length
    actual = np.bincount(repeats[repeats < periods], minlength=periods).astype(np.float64)
    ends = length * np.arange(1.0, periods + 1)
    births, customers = np.unique(won[won <= fitted_until.toordinal() - began], return_counts=True)
    cumulative = _expected(model, ends, births, customers.astype(np.float64), length)
    return Tracking(
        time=ends / length,
        actual=actual,
        expected=np.diff(cumulative, prepend=0.0),
        unit=unit,
        fitted_until=(fitted_until.toordinal() - began + 1) / length,
    )


def _expected(model: PurchaseModel, ends: Floats, births: Floats, customers: Floats, length: int) -> Floats:
    """Σ_customers E[purchases by the age reached at each end], each age worked out once."""
    ages = np.maximum(ends[:, None] - 1 - births[None, :], 0.0)  # the day of the first purchase is age 0
    distinct, index = np.unique(ages, return_inverse=True)
    each = np.array([model.expected_purchases_new(age / length) if age > 0 else 0.0 for age in distinct])
    total: Floats = each[index].reshape(ages.shape) @ customers
    return total


def plot_cumulative_tracking(found: Tracking, *, ax: Axes | None = None) -> Axes:
    """Repeat purchases so far; the line marks where the model's knowledge ended.

    Shapes, formula and source: see `tracking`. Units: time in units of the tracking, purchases as counts.
    Returns the axes drawn on. Errors: `MissingExtra` without matplotlib; else those of `tracking`.
    """
    ax = axes(ax, title="Repeat purchases so far", x=f"{found.unit}s", y="purchases")
    return _lines(found, np.cumsum(found.actual), np.cumsum(found.expected), ax)


def plot_incremental_tracking(found: Tracking, *, ax: Axes | None = None) -> Axes:
    """Repeat purchases in each period; seasons show as what the model can't follow.

    Shapes, formula and source: see `tracking`. Units: time in units of the tracking, purchases as counts.
    Returns the axes drawn on. Errors: `MissingExtra` without matplotlib; else those of `tracking`.
    """
    ax = axes(ax, title=f"Repeat purchases by {found.unit}", x=f"{found.unit}s", y="purchases")
    return _lines(found, found.actual, found.expected, ax)


def _lines(found: Tracking, actual: Floats, expected: Floats, ax: Axes) -> Axes:
    ax.plot(found.time, actual, color=JADE, label="as they came")
    ax.plot(found.time, expected, color=AMBER, linestyle="--", label="expected")
    ax.axvline(found.fitted_until, color=MUTED, linewidth=0.8, linestyle=":")
    ax.set_ylim(bottom=0)
    ax.legend(frameon=False)
    return ax
