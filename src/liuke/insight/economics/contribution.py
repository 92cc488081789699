"""Sales less what it took to make and to serve: the profit that a customer leaves (CL05, EC11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from liuke.insight.errors import BadFigure
from liuke.insight.figures import Figure, Floats, figures, named_figures, one_figure, same_length
from liuke.insight.kinds import Table, Vector, pa


@dataclass(frozen=True)
class Contribution:
    """Arrays of shape () or (n,), in money.

    `sales`; `gross` = margin · sales; `costs` by kind and `cost` their sum; `net` = gross - cost.
    """

    sales: Floats
    gross: Floats
    costs: dict[str, Floats]
    cost: Floats
    net: Floats

    @property
    def loses(self) -> Vector:
        """Whose service costs more than he earns us (bool)."""
        below: Vector = self.net < 0
        return below

    def table(self, customer: object) -> Table:
        """One row for each of `customer`: customer, sales, gross, one column per cost, cost, net, loses."""
        columns = {
            "sales": self.sales,
            "gross": self.gross,
            **self.costs,
            "cost": self.cost,
            "net": self.net,
            "loses": self.loses,
        }
        names = pa.array(customer)
        return pa.table(
            {"customer": names} | {name: np.broadcast_to(v, len(names)) for name, v in columns.items()}
        )


def contribution(sales: Figure, *, costs: Mapping[str, Figure], margin: Figure = 1.0) -> Contribution:
    """margin · sales - Σ costs (CL05, EC11): the base on which to grade by profit instead of by sales.

    `sales` in money, negative where refunds outweigh; `margin` the share left after making the goods (at most 1), 1
    where making is among the `costs`; `costs` kind -> money, each a figure or one for each customer.

    Errors: `BadFigure` naming the kind of cost and the row; also for a cost called as another column of the table.
    """
    sold = figures(sales, "sales", least=-np.inf)
    share = figures(margin, "margin", least=-np.inf, most=1.0)
    spent = named_figures(costs, "costs")
    taken = {"customer", "sales", "gross", "cost", "net", "loses"} & set(spent)
    if taken:
        raise BadFigure(f"{min(taken)!r} names another column", name="costs")
    length = same_length(sales=sold, margin=share, **spent)
    cost = sum(spent.values(), start=np.float64(0)) + np.zeros(() if length is None else length)
    gross = share * sold + np.zeros_like(cost)
    return Contribution(sales=sold, gross=gross, costs=spent, cost=cost, net=gross - cost)


def cost_to_serve(activity: Mapping[str, Figure], unit_costs: Mapping[str, float]) -> dict[str, Floats]:
    """kind -> count · cost of one: visits, service hours, calls … as the `costs` of `contribution` (CL05).

    What is money already (gifts, discounts, compensation) has the unit cost 1.

    Errors: `BadFigure` for an activity without a unit cost, and as usual.
    """
    counts = named_figures(activity, "activity")
    unpriced = [kind for kind in counts if kind not in unit_costs]
    if unpriced:
        raise BadFigure(f"no unit cost for {', '.join(unpriced)}", name="unit_costs")
    return {
        kind: count * one_figure(unit_costs[kind], f"unit_costs[{kind!r}]") for kind, count in counts.items()
    }
