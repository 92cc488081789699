"""The canvas: calm, labelled directly, and without pyplot's global state."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final, TypeAlias

from liuke.insight.errors import MissingExtra

Axes: TypeAlias = "Any"  # matplotlib.axes.Axes, which need not be installed

JADE, AMBER, INK, MUTED, LINE = "#0B6E5B", "#B7791F", "#1F2421", "#5F6B66", "#E4E2DB"
SIZE: Final = (6.4, 4.2)


def axes(ax: Axes | None, *, title: str, x: str, y: str) -> Axes:
    """`ax` or a new one, titled and labelled. Errors: `MissingExtra` without matplotlib."""
    if ax is None:
        try:
            figure = import_module("matplotlib.figure").Figure(figsize=SIZE, layout="constrained")
        except ImportError as error:
            raise MissingExtra("plots need matplotlib: pip install 'liuke[plot]'") from error
        ax = figure.subplots()
    ax.set_title(title, loc="left", color=INK)
    ax.set_xlabel(x, color=MUTED)
    ax.set_ylabel(y, color=MUTED)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(LINE)
    ax.tick_params(colors=MUTED)
    return ax
