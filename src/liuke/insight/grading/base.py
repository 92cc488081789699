"""What customers are graded by, out of the purchase log: sales, margin, or profit after cost to serve, on any day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from liuke.insight.errors import BadFigure, BadHorizon
from liuke.insight.expressions import ibis
from liuke.insight.features.money import money_sum
from liuke.insight.features.summary import checked_as_of
from liuke.insight.figures import Floats, one_figure
from liuke.insight.kinds import Expression, Vector

if TYPE_CHECKING:
    from liuke.insight.tables import Purchases

By = Literal["amount", "margin", "profit"]


@dataclass(frozen=True)
class GradeBase:
    """One row per customer who bought by the day, ordered by customer; all of shape (n,).

    `orders`    purchase days within the window; `yearly` the same per year (how often he buys)
    `amount`    sales less refunds within the window, in money
    `cost`      of the goods in the window; `served` what serving him cost, in money
    `value`     what he is graded by: amount, margin (amount - cost) or profit (amount - cost - served); NaN never
    `last_on`   his last purchase
    `current`   whether he bought within the window: others have no grade and don't count (CL02)
    """

    customer: Any
    orders: Vector
    yearly: Floats
    amount: Floats
    cost: Floats
    served: Floats
    value: Floats
    last_on: Any
    current: Vector

    def values(self) -> list[float | None]:
        """`value` of customers in business, None of the others: what `grade` takes."""
        return [float(each) if now else None for each, now in zip(self.value, self.current, strict=True)]

    def by_customer(self, grades: Vector) -> dict[Any, Any]:
        """customer -> grade, as `moved` takes it."""
        return dict(zip(self.customer.to_pylist(), grades.tolist(), strict=True))


def grade_base(
    purchases: Purchases,
    *,
    as_of: date,
    window_days: int = 365,
    by: By = "amount",
    served: Mapping[Any, float] | None = None,
) -> GradeBase:
    """Sales, margin or profit of each customer within `window_days` up to and with `as_of` (CL02, CL05).

    `margin` and `profit` take the costs that the log tells; `served` customer -> what serving him cost (see
    `economics.cost_to_serve`), 0 for who is not in it. Rows of the log after `as_of` don't count, so a movement is
    `moved(grades on one day, grades on another)`.

    Errors: `BadHorizon` for a window under a day; `BadFigure` for another `by`, a margin of a log without costs, or a cost
    to serve of a customer whom the log doesn't know or that is no figure; `ValueError` when the log begins after `as_of`.

    Formula: Σ of the customer's entries in the window, in money; by which measure, `base` says.
    """
    purchases = checked_as_of(purchases, as_of)
    if by not in ("amount", "margin", "profit"):
        raise BadFigure(f"grading goes by amount, margin or profit, not {by!r}", name="by")
    if one_figure(window_days, "window_days", least=-np.inf) < 1:
        raise BadHorizon(f"window_days must be 1 or more, not {window_days}")
    table = purchases.engine.fetch(
        sold(purchases.days, as_of=as_of, window_days=int(window_days)).order_by("customer")
    )
    amount, cost = (np.nan_to_num(table[name].to_numpy().astype(np.float64)) for name in ("amount", "cost"))
    if by != "amount" and table["cost"].null_count == table.num_rows:
        raise BadFigure("the log tells no cost, so there is no margin to grade by", name="by")
    spent = _served(served or {}, table["customer"])
    orders = table["orders"].to_numpy()
    value = amount - (cost if by != "amount" else 0.0) - (spent if by == "profit" else 0.0)
    return GradeBase(
        customer=table["customer"],
        orders=orders,
        yearly=orders * 365.25 / window_days,
        amount=amount,
        cost=cost,
        served=spent,
        value=value,
        last_on=table["last_on"],
        current=orders > 0,
    )


def sold(days: Expression, *, as_of: date, window_days: int) -> Expression:
    """customer, orders, amount and cost within the window, last_on, of who bought by `as_of`."""
    until = days.filter(days.on <= ibis.date(as_of))
    within = until.on > ibis.date(as_of - timedelta(days=window_days))
    each = until.group_by("customer").aggregate(
        orders=until.count(where=within & until.bought),
        amount=money_sum(until.value, where=within),
        cost=money_sum(until.cost, where=within),
        last_on=until.on.max(where=until.bought),
    )
    return each.filter(each.last_on.notnull())


def _served(served: Mapping[Any, float], customers: Any) -> Floats:
    names = customers.to_pylist()
    unknown = set(served) - set(names)
    if unknown:
        raise BadFigure(f"the log knows no customer {min(map(str, unknown))!r} by that day", name="served")
    return np.array(
        [one_figure(served.get(name, 0.0), f"served[{name!r}]") for name in names], dtype=np.float64
    )
