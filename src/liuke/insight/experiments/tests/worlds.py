"""Made-up experiments of which the truth is known."""

from __future__ import annotations

from typing import Any

import numpy as np


def revenue(
    generator: np.random.Generator, shape: tuple[int, ...], *, buying: float = 0.3, mean: float = 60.0
) -> Any:
    """Mostly nothing, otherwise log-normal around `mean`: what customers spend in a month."""
    spend = mean * np.exp(generator.normal(-0.32, 0.8, shape))
    return np.where(generator.random(shape) < buying, spend, 0.0)


def shop_experiment(
    customers: int = 2_000, *, lift: float = 5.0, held_out: float = 0.5, seed: int = 1
) -> dict[str, Any]:
    """customer, arm, outcome, before (what each spent in the year before), complained, on (day of the outcome)."""
    generator = np.random.default_rng(seed)
    habit = np.exp(generator.normal(3, 0.7, customers))
    treated = generator.random(customers) >= held_out
    treated[:2], treated[2:4] = True, False
    outcome = habit * np.exp(generator.normal(0, 0.3, customers)) + lift * treated
    return {
        "customer": np.arange(customers),
        "arm": np.where(treated, "treated", "control"),
        "outcome": outcome,
        "before": habit * np.exp(generator.normal(0, 0.2, customers)),
        "complained": (generator.random(customers) < 0.02).astype(float),
        "on": np.sort(generator.integers(0, 20, customers)),
    }
