"""How often customers buy against what the model expects, and who is still one by his frequency and recency."""

from __future__ import annotations

from typing import Any

import numpy as np

from liuke.insight.figures import Floats, one_figure
from liuke.insight.kinds import Vector
from liuke.insight.models import PurchaseModel
from liuke.insight.models.columns import read_timing
from liuke.insight.plots.axes import AMBER, JADE, Axes, axes

WORLDS = 20  # simulated bases whose mean is what the model expects


def frequency_counts(
    model: PurchaseModel, summary: Any, *, most: int = 7, seed: int = 0
) -> tuple[Vector, Floats]:
    """Customers with 0, 1 … `most` and more repeat purchases: as they are (int) and as the fitted model expects them.

    Both of shape (most + 1,) and summing to the customers; expected ones are the mean of 20 simulated bases of the same
    lengths of watching. Errors: `NotFitted`, `BadTable`, `BadFigure`.

    Source: the histogram of Fader, Hardie and Lee (2005), Marketing Science 24(2), 275-284.
    """
    last = int(one_figure(most, "most", least=1))
    timing = read_timing(summary)
    actual = np.bincount(np.minimum(timing.frequency, last).astype(np.int64), minlength=last + 1)
    expected = np.zeros(last + 1)
    for world in range(WORLDS):
        drawn = model.simulate(timing.T, seed=seed + world)["frequency"].to_numpy()
        expected += np.bincount(np.minimum(drawn, last), minlength=last + 1) / WORLDS
    return actual, expected


def plot_frequency_histogram(
    model: PurchaseModel, summary: Any, *, most: int = 7, seed: int = 0, ax: Axes | None = None
) -> Axes:
    """Bars of `frequency_counts`: where they differ, the model does not fit the buying it has seen.

    Shapes, formula and source: see `frequency_counts`. Units: customers as counts.
    Returns the axes drawn on. Errors: `MissingExtra` without matplotlib; else those of `frequency_counts`.
    """
    actual, expected = frequency_counts(model, summary, most=most, seed=seed)
    ax = axes(ax, title="Repeat purchases: customers", x="repeat purchases", y="customers")
    places = np.arange(len(actual))
    ax.bar(places - 0.2, actual, width=0.38, color=JADE, label="as they are")
    ax.bar(places + 0.2, expected, width=0.38, color=AMBER, hatch="//", label=type(model).__name__)
    ax.set_xticks(places, [*map(str, places[:-1]), f"{places[-1]}+"])
    ax.legend(frameon=False)
    return ax


def alive_grid(
    model: PurchaseModel, *, T: float, most_frequency: int = 20, steps: int = 40
) -> tuple[Floats, Floats, Floats]:
    """P(still a customer) by frequency and recency of customers watched for `T`.

    Returns frequency (most_frequency + 1,), recency (steps + 1,) from 0 to T in the unit of T, and P, of shape
    (most_frequency + 1, steps + 1). Where a combination can't be (repeat purchases at recency 0, a recency without any)
    the nearest that can stands: the last purchase of the lowest recency, or none. Errors: `NotFitted`, `BadFigure`.

    Formula and source: see `probability_alive` of the model.
    """
    length = one_figure(T, "T", above=True)
    frequency = np.arange(one_figure(most_frequency, "most_frequency", least=1) + 1.0)
    recency = np.linspace(0.0, length, int(one_figure(steps, "steps", least=1)) + 1)
    x, tx = (each.ravel() for each in np.meshgrid(frequency, recency, indexing="ij"))
    last = np.where(x > 0, np.maximum(tx, recency[1]), 0.0)
    table = {"frequency": x, "recency": last, "T": np.full_like(x, length)}
    alive = model.probability_alive(table).reshape(len(frequency), len(recency))
    return frequency, recency, alive


def plot_alive_matrix(
    model: PurchaseModel, *, T: float, most_frequency: int = 20, ax: Axes | None = None
) -> Axes:
    """`alive_grid` as an image: the frequent buyer who has gone quiet is paler than the rare one.

    Shapes, formula and source: see `alive_grid`. Units: frequency across, recency in the unit of T upwards, P of 0 to 1 as shade.
    Returns the axes drawn on. Errors: `MissingExtra` without matplotlib; else those of `alive_grid`.
    """
    frequency, recency, alive = alive_grid(model, T=T, most_frequency=most_frequency)
    ax = axes(
        ax,
        title="Chance of still being a customer",
        x="recency (first to last purchase)",
        y="repeat purchases",
    )
    image = ax.pcolormesh(recency, frequency, alive, cmap="YlGn", vmin=0.0, vmax=1.0, shading="nearest")
    ax.yaxis.get_major_locator().set_params(integer=True)
    ax.figure.colorbar(image, ax=ax, label="P(alive)")
    return ax
