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


def campaign(
    customers: int = 4_000,
    *,
    effect: str = "some",
    shares: tuple[float, ...] = (0.5, 0.5),
    seed: int = 1,
) -> dict[str, Any]:
    """An experiment with mail (and, with three shares, a call): customer, arm, outcome, age, city, spent, truth.

    What a mail does: "none" nothing; "same" 1 to everybody; "some" 2 to those above 50, -1 to the others. A call adds 1.5
    in the north and takes 1 elsewhere. The response (who buys anyway) goes with `spent`, which the effect doesn't.
    """
    generator = np.random.default_rng(seed)
    age = generator.uniform(20, 80, customers)
    city = np.array(["north", "south", "east"], dtype=object)[generator.integers(0, 3, customers)]
    spent = np.exp(generator.normal(3, 0.8, customers))
    mail = {
        "none": np.zeros(customers),
        "same": np.ones(customers),
        "some": np.where(age > 50, 2.0, -1.0),
    }[effect]
    call = np.zeros(customers) if effect == "none" else np.where(city == "north", 1.5, -1.0)
    truth = np.column_stack([np.zeros(customers), mail, call])[:, : len(shares)]
    codes = generator.choice(len(shares), customers, p=shares)
    names = np.array(["control", "mail", "zcall"], dtype=object)
    base = 5 * np.log1p(spent) + generator.normal(0, 3, customers)
    return {
        "customer": np.arange(customers),
        "arm": names[codes],
        "outcome": base + truth[np.arange(customers), codes],
        "age": age,
        "city": city,
        "spent": spent,
        "truth": truth,
    }


FEATURES = ("age", "city", "spent")


def table_of(world: dict[str, Any]) -> dict[str, Any]:
    """Without the truth: what an analyst has."""
    return {name: values for name, values in world.items() if name != "truth"}
