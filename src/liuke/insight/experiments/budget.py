"""Best contacts under a budget: whom to contact how, so that increments less costs are the most.

A knapsack in which each customer takes one kind of contact at most. Its linear relaxation is solved exactly by a price on
budget: from each customer's contacts only those on the upper hull of (cost, profit) matter, and they are bought in the
order of profit per cost. The relaxation bounds what any choice could reach; the greedy choice misses it by less than one
contact's profit.

Source: Sinha & Zoltners (1979), The Multiple-Choice Knapsack Problem, Operations Research 27; Kellerer, Pferschy &
Pisinger (2004), Knapsack Problems, chapter 11.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from liuke.insight.errors import BadTable, InsightError
from liuke.insight.kinds import Vector

TABLE: Final = "increments"
MOST_EXACT: Final = 5_000
MOST_FILLED: Final = 1_000
SLACK: Final = 1e-9  # of the budget, lost in adding up


@dataclass(frozen=True)
class Contacts:
    """`choice` (n,) the column of the contact for each customer, -1 for none; `profit` = value × increments - `cost`;
    `bound`, which no choice within the budget can exceed; `price`: profit that one more of budget would bring (0 when the
    budget isn't used up); `exact`, whether the choice is proved the best.

    `contacts` how many are made, `increment` what they add to the outcome.
    """

    choice: Vector
    contacts: int
    increment: float
    cost: float
    profit: float
    bound: float
    price: float
    exact: bool

    @property
    def gap(self) -> float:
        """How far the profit may be from the best one, as a share of the bound (0 to 1)."""
        return 0.0 if self.bound <= 0 else max(0.0, 1 - self.profit / self.bound)


def best_contacts(
    increments: Any,
    costs: Any,
    *,
    budget: float,
    value: float = 1.0,
    exact: bool = False,
) -> Contacts:
    """Choose at most one contact per customer with the greatest value × increment - cost, total cost within `budget`.

    `increments` (n,) or (n, k): what each of k kinds of contact adds to the outcome of each customer; `costs` a number, (k,)
    or (n, k), 0 or more, in the unit of money; `value` money per unit of outcome (the margin). With `exact` (up to 5,000
    customers) integer programming closes the gap, otherwise the greedy choice stands, within `gap` of the best, and takes
    about a second for a million customers. Contacts that don't pay are not made, however much budget is left.

    Errors: `BadTable` naming kind (column) and customer (row) for a figure that isn't finite, a cost below 0, or shapes that
    don't fit; `ValueError` for a budget below 0 or not finite; `InsightError` for too many customers with `exact`.

    Source: Kellerer, Pferschy and Pisinger (2004), Knapsack Problems, chapter 11 (multiple choice), for the greedy bound.
    """
    gain, cost = _checked(increments, costs)
    if not (np.isfinite(budget) and budget >= 0):
        raise ValueError(f"the budget is 0 or more, not {budget}")
    if not np.isfinite(value):
        raise ValueError(f"the value of a unit of outcome is a number, not {value}")
    if exact and len(gain) > MOST_EXACT:
        raise InsightError(
            f"exactly for up to {MOST_EXACT} customers, there are {len(gain)}: the bound tells the gap"
        )
    profit = value * gain - cost
    choice, bound, price = _greedy(profit, cost, budget)
    proved = False
    if exact and len(gain):
        choice, bound = _exact(profit, cost, budget, choice, bound)
        proved = True
    made = np.flatnonzero(choice >= 0)
    at = (made, choice[made])
    return Contacts(
        choice=choice,
        contacts=len(made),
        increment=float(gain[at].sum()),
        cost=float(cost[at].sum()),
        profit=float(profit[at].sum()),
        bound=max(bound, float(profit[at].sum())),
        price=price,
        exact=proved or float(profit[at].sum()) >= bound * (1 - 1e-12),
    )


def _checked(increments: Any, costs: Any) -> tuple[Vector, Vector]:
    gain, cost = np.asarray(increments), np.asarray(costs)
    if gain.dtype.kind not in "iuf" or cost.dtype.kind not in "iuf":
        raise BadTable("numbers are needed", table=TABLE)
    gain = gain.astype(np.float64)
    gain = gain[:, None] if gain.ndim == 1 else gain
    if gain.ndim != 2:
        raise BadTable(f"customers by kinds of contact are needed, the shape is {gain.shape}", table=TABLE)
    cost = cost.astype(np.float64)
    cost = cost[:, None] if cost.ndim == 1 and gain.shape[1] == 1 and len(cost) == len(gain) else cost
    try:
        cost = np.broadcast_to(cost, gain.shape)
    except ValueError as error:
        raise BadTable(f"costs of shape {cost.shape} for increments of {gain.shape}", table=TABLE) from error
    for name, wrong in (
        ("an increment that is not finite", ~np.isfinite(gain)),
        ("a cost that is not finite", ~np.isfinite(cost)),
        ("a cost below 0", cost < 0),
    ):
        if wrong.any():
            row, column = (int(place) for place in np.argwhere(wrong)[0])
            raise BadTable(name, table=TABLE, column=str(column), row=row)
    return gain, cost


def _greedy(profit: Vector, cost: Vector, budget: float) -> tuple[Vector, float, float]:
    """(choice, bound of the relaxation, price of budget)."""
    n = len(profit)
    steps = _steps(profit, cost)
    # of equal slopes first steps before second ones, then the cheaper, so that small ones fill what is left over
    order = np.lexsort((steps.owner, steps.cost, steps.number, -steps.slope))
    spent = np.cumsum(steps.cost[order])
    limit = budget * (1 + SLACK)
    whole = int(np.searchsorted(spent, limit, side="right"))
    used = float(spent[whole - 1]) if whole else 0.0
    bound = float(steps.profit[order[:whole]].sum())
    last = np.full(n, -1, dtype=np.int64)
    last[steps.owner[order[:whole]]] = order[:whole]  # a customer's later steps come later in the order
    choice: Vector = np.where(last >= 0, steps.kind[last] if len(steps.kind) else -1, -1)
    if whole == len(order):
        return choice, bound, 0.0
    price = float(steps.slope[order[whole]])
    _fill(choice, profit, cost, limit - used)
    return choice, bound + price * max(budget - used, 0.0), price


@dataclass(frozen=True)
class _Steps:
    """Moves up the hulls: the `kind` reached, further `cost` and `profit`, whose (`owner`), which one of his (`number`)."""

    kind: Vector
    cost: Vector
    profit: Vector
    slope: Vector
    owner: Vector
    number: Vector


def _steps(profit: Vector, cost: Vector) -> _Steps:
    """Steps along each customer's upper hull from doing nothing, their slopes never rising."""
    n, kinds = profit.shape
    at_cost, at_profit, last = np.zeros(n), np.zeros(n), np.full(n, np.inf)
    found: list[tuple[Vector, ...]] = []
    for number in range(kinds):
        more_cost, more = cost - at_cost[:, None], profit - at_profit[:, None]
        useful = (more > 0) & (more_cost >= 0)
        slope = np.where(useful, more / np.where(more_cost > 0, more_cost, 1.0), -np.inf)
        slope = np.where(useful & (more_cost == 0), np.inf, slope)
        steepest = slope.max(axis=1, keepdims=True)
        # of equally steep ones the farthest: the nearer lie on the same line
        best = np.argmax(np.where((slope == steepest) & useful, more, -np.inf), axis=1)
        rows = np.flatnonzero(useful[np.arange(n), best])
        to = best[rows]
        last[rows] = np.minimum(last[rows], slope[rows, to])  # rounding must not let a slope rise
        found.append((to, more_cost[rows, to], more[rows, to], last[rows], rows, np.full(len(rows), number)))
        at_cost[rows], at_profit[rows] = cost[rows, to], profit[rows, to]
    return _Steps(*(np.concatenate(part) for part in zip(*found, strict=True)))


def _fill(choice: Vector, profit: Vector, cost: Vector, left: float) -> None:
    """Spend what is left over on the most profitable changes that still fit, one to a customer."""
    now, at = choice >= 0, np.maximum(choice, 0)
    rows = np.arange(len(choice))
    more = profit - np.where(now, profit[rows, at], 0.0)[:, None]
    more_cost = cost - np.where(now, cost[rows, at], 0.0)[:, None]
    row, kind = np.nonzero((more > 0) & (more_cost <= left))
    order = np.argsort(-more[row, kind], kind="stable")[:MOST_FILLED]
    changed: set[int] = set()
    for i, j in zip(row[order].tolist(), kind[order].tolist(), strict=True):
        if i not in changed and more_cost[i, j] <= left:
            choice[i], left = j, left - float(more_cost[i, j])
            changed.add(i)


def _exact(profit: Vector, cost: Vector, budget: float, choice: Vector, bound: float) -> tuple[Vector, float]:
    """Integer programming over what pays; the greedy choice stands where the solver does no better."""
    rows, kinds = np.nonzero((profit > 0) & (cost <= budget))
    if not len(rows):
        return choice, bound
    p, c = profit[rows, kinds], cost[rows, kinds]
    unit_p, unit_c = float(p.max()), float(max(c.max(), budget)) or 1.0
    _, owner = np.unique(rows, return_inverse=True)
    one_each = sparse.csr_array((np.ones(len(rows)), (owner, np.arange(len(rows)))))
    solved = milp(
        -p / unit_p,
        integrality=np.ones(len(rows), dtype=np.int64),
        bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(one_each, -np.inf, 1),
            LinearConstraint((c / unit_c)[None, :], -np.inf, budget / unit_c),
        ],
        options={"mip_rel_gap": 0.0},
    )
    if not solved.success:
        raise InsightError(f"the integer programme was not solved: {solved.message}")
    better = np.full(len(choice), -1, dtype=np.int64)
    taken = solved.x > 0.5
    better[rows[taken]] = kinds[taken]
    made, had = np.flatnonzero(better >= 0), np.flatnonzero(choice >= 0)
    reached, before = profit[made, better[made]].sum(), profit[had, choice[had]].sum()
    return (better, float(reached)) if reached > before else (choice, float(before))
