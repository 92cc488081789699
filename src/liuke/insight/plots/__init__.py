"""Plots, for who has the extra `liuke[plot]` (matplotlib).

Each takes an `ax` to draw on, or makes one, and returns it: `ax.figure.savefig("plot.png")`. The figures behind a plot come
from a function of their own (`frequency_counts`, `alive_grid`, `tracking`, `groups`), so that nothing is only to be seen.
"""

from liuke.insight.plots.buying import (
    alive_grid,
    frequency_counts,
    plot_alive_matrix,
    plot_frequency_histogram,
)
from liuke.insight.plots.tracking import (
    Tracking,
    plot_cumulative_tracking,
    plot_incremental_tracking,
    tracking,
)
from liuke.insight.plots.trust import Group, groups, plot_calibration, plot_lorenz, plot_qini

__all__ = [
    "Group",
    "Tracking",
    "alive_grid",
    "frequency_counts",
    "groups",
    "plot_alive_matrix",
    "plot_calibration",
    "plot_cumulative_tracking",
    "plot_frequency_histogram",
    "plot_incremental_tracking",
    "plot_lorenz",
    "plot_qini",
    "tracking",
]
