"""May a forecast be believed, how much hangs on how few, does a ranking find whom contact moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from liuke.insight.errors import BadFigure
from liuke.insight.figures import column, one_figure
from liuke.insight.grading.concentration import Concentration
from liuke.insight.intervals import Rate, rate_of
from liuke.insight.plots.axes import AMBER, JADE, LINE, MUTED, Axes, axes

if TYPE_CHECKING:
    from liuke.insight.experiments import Qini


@dataclass(frozen=True)
class Group:
    """Customers of like forecast: the mean of it, and the share that `came` with its interval."""

    forecast: float
    came: Rate


def groups(probability: Any, came: Any, *, count: int = 10, level: float = 0.9) -> list[Group]:
    """Customers in `count` groups of equal size, from the lowest forecast to the highest.

    Customers of equal forecast fall into groups in no meaningful order, and fewer customers than groups make fewer groups.
    Errors: `BadFigure` naming column and row for chances outside 0 to 1, and for `came` that isn't 0 or 1.
    Source: the reliability diagram of Murphy and Winkler (1977), Applied Statistics 26, 41-47.
    """
    p = column(probability, "probability", most=1.0)
    given = np.asarray(came)
    bought = column(
        given.astype(np.float64) if given.dtype == bool else came, "came", most=1.0, length=len(p)
    )
    if ((bought != 0) & (bought != 1)).any():
        row = int(np.argmax((bought != 0) & (bought != 1)))
        raise BadFigure(f"{bought[row]:g} is neither 0 nor 1", name="came", row=row)
    parts = np.array_split(np.argsort(p, kind="stable"), int(one_figure(count, "count", least=1)))
    return [
        Group(float(p[part].mean()), rate_of(int(bought[part].sum()), len(part), level=level))
        for part in parts
        if len(part)
    ]


def plot_calibration(probability: Any, came: Any, *, count: int = 10, ax: Axes | None = None) -> Axes:
    """Forecast against what came, in groups with their intervals; on the diagonal the forecast is right.

    Shapes, formula and source: see `groups`. Units: chances of 0 to 1 on both axes.
    Returns the axes drawn on. Errors: `MissingExtra` without matplotlib; else those of `groups`.
    """
    found = groups(probability, came, count=count)
    ax = axes(ax, title="Forecast and what came", x="forecast", y="share that came")
    ax.plot([0, 1], [0, 1], color=LINE)
    forecast, share = [each.forecast for each in found], [each.came.share for each in found]
    below = [each.came.share - each.came.low for each in found]
    above = [each.came.high - each.came.share for each in found]
    ax.errorbar(forecast, share, yerr=[below, above], color=JADE, marker="o", linestyle="none", capsize=2)
    return ax


def plot_lorenz(found: Concentration, *, ax: Axes | None = None) -> Axes:
    """The Lorenz curve of `concentration` under the diagonal of equal sales.

    Shapes, formula and source: see `concentration`. Units: shares of customers and of sales, 0 to 1.
    Returns the axes drawn on. Errors: `MissingExtra` without matplotlib; else those of `concentration`.
    """
    ax = axes(ax, title=f"Gini {found.gini:.2f}", x="share of customers, smallest first", y="share of sales")
    ax.plot([0, 1], [0, 1], color=LINE)
    ax.plot(found.customers, found.sales, color=JADE)
    ax.fill_between(found.customers, found.sales, found.customers, color=JADE, alpha=0.12)
    return ax


def plot_qini(found: Qini, *, ax: Axes | None = None) -> Axes:
    """The Qini curve with its interval, against contacting as many at random.

    Shapes, formula and source: see `qini`. Units: share contacted, and the gain per customer in the unit of the outcome.
    Returns the axes drawn on. Errors: `MissingExtra` without matplotlib; else those of `qini`.
    """
    ax = axes(ax, title=f"Qini {found.qini:.3g}", x="share contacted, best first", y="gain per customer")
    ax.axhline(0, color=LINE, linewidth=0.8)
    ax.plot([0, 1], [0, found.average], color=MUTED, linestyle="--", label="at random")
    ax.fill_between(found.depth, found.gain_low, found.gain_high, color=AMBER, alpha=0.15)
    ax.plot(found.depth, found.gain, color=JADE, label="by the ranking")
    ax.legend(frameon=False)
    return ax
