"""Where a market share comes from (EC08) and what dealers make of it (DL01)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import Final

from liuke.insight.errors import HeldAtEdge
from liuke.insight.figures import one_figure

FACTORS: Final = ("penetration", "loyalty", "selectivity", "price_selectivity")


@dataclass(frozen=True)
class MarketShare:
    """A market share and its factors, as shares of 1.

    `penetration`        customers of ours among all customers
    `loyalty`            our share in what our customers buy of the kind
    `selectivity`        quantity that our customers buy, to the average customer's; may exceed 1
    `price_selectivity`  our average price, to the market's; may exceed 1
    """

    penetration: float
    loyalty: float
    selectivity: float
    price_selectivity: float

    @property
    def share(self) -> float:
        return self.penetration * self.loyalty * self.selectivity * self.price_selectivity


def market_share(
    *, penetration: float, loyalty: float, selectivity: float, price_selectivity: float
) -> MarketShare:
    """penetration · loyalty · selectivity · price_selectivity (EC08, C-33).

    Penetration and loyalty above 1 are held at 1. Warnings: `HeldAtEdge` then, and where the share exceeds 1, which no
    market allows: one of the factors is measured on another base than the others. Errors: `BadFigure` for negative ones.

    Single figures in, one out. Formula: share = the product of the four.
    """
    found = MarketShare(
        penetration=_held(penetration, "penetration"),
        loyalty=_held(loyalty, "loyalty"),
        selectivity=one_figure(selectivity, "selectivity"),
        price_selectivity=one_figure(price_selectivity, "price_selectivity"),
    )
    if found.share > 1:
        warnings.warn(
            f"the factors make a market share of {100 * found.share:.1f} %: they are not measured on one base",
            HeldAtEdge,
            stacklevel=2,
        )
    return found


def share_change(before: MarketShare, now: MarketShare) -> dict[str, float]:
    """factor -> how much of the change of the share it made, in shares of the market; they sum to the whole change.

    Each factor gets the mean of what its change adds over all orders in which the factors could have changed, so no order
    has to be chosen and no factor is left over; factors of 0 do no harm.

    Source: Shapley (1953); for decompositions Shorrocks (2013), Journal of Economic Inequality 11(1), 99-126.
    Errors: none, the records are checked.
    """
    first = {name: getattr(before, name) for name in FACTORS}
    last = {name: getattr(now, name) for name in FACTORS}
    found = {}
    for name in FACTORS:
        others = [other for other in FACTORS if other != name]
        found[name] = 0.0
        for size in range(len(FACTORS)):
            weight = factorial(size) * factorial(len(others) - size) / factorial(len(FACTORS))
            for changed in combinations(others, size):
                rest = 1.0
                for other in others:
                    rest *= last[other] if other in changed else first[other]
                found[name] += weight * rest * (last[name] - first[name])
    return found


@dataclass(frozen=True)
class DealerSales:
    """Sales performance of the dealers: how many, what each sells on average, what all sell, in money (DL01).

    `dealers` · `average` = `sales`.
    """

    dealers: float
    average: float
    sales: float


def dealer_sales(*, existing: float, new: float = 0.0, average: float) -> DealerSales:
    """(existing dealers + newly developed ones) · average sales of a dealer (DL01). Errors: `BadFigure`.

    Single figures in, one out. Sales in money, dealers are counts.
    """
    dealers = one_figure(existing, "existing") + one_figure(new, "new")
    each = one_figure(average, "average")
    return DealerSales(dealers=dealers, average=each, sales=dealers * each)


@dataclass(frozen=True)
class DealerChange:
    """What more dealers and what better ones would bring; `by_number` + `by_average` = `sales`, in money."""

    sales: float
    by_number: float
    by_average: float


def dealer_change(before: DealerSales, now: DealerSales) -> DealerChange:
    """The change of sales between two days, or between today and a what-if, by number and by average sales (DL01, C-21).

    What both together make is divided evenly between them (the Shapley value of two factors).

    Two records in, one out. Formula: by number = Δdealers · (average before + average now) / 2, by average the
    other way round. Errors: none, the records are checked.
    """
    more, better = now.dealers - before.dealers, now.average - before.average
    by_number = more * (before.average + now.average) / 2
    by_average = better * (before.dealers + now.dealers) / 2
    return DealerChange(sales=now.sales - before.sales, by_number=by_number, by_average=by_average)


def _held(value: float, name: str) -> float:
    number = one_figure(value, name)
    if number > 1:
        warnings.warn(f"{name} {number:g} is held at 1", HeldAtEdge, stacklevel=3)
    return min(number, 1.0)
