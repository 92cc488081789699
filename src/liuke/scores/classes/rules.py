"""The kinds of customers: by sales (CL12), by profit and what serving them costs (CL05, CL06), by profit now and to come
(CL07), by volume and loyalty (CL08). Plain arrays, no database: one entry for each customer who is in business."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from django.utils.translation import pgettext_lazy

from liuke.insight import grading

Figures: TypeAlias = "np.ndarray[Any, Any]"

SALES_CLASSES = ("A", "B", "C")
PROFIT_CELLS: Mapping[str, Any] = {
    "most_profitable": pgettext_lazy("profit and cost", "Most profitable"),
    "profitable": pgettext_lazy("profit and cost", "Profitable"),
    "least_profitable": pgettext_lazy("profit and cost", "Least profitable"),
}
FUTURE_CELLS: Mapping[str, Any] = {
    "best": pgettext_lazy("now and to come", "Best customers"),
    "invest": pgettext_lazy("now and to come", "Worth an investment"),
    "keep": pgettext_lazy("now and to come", "Keep"),
    "worst": pgettext_lazy("now and to come", "Little now and later"),
}
# What a contact of each channel costs is a setting of one of three kinds.
CONTACT_COSTS: Mapping[str, str] = {
    "visit": "service.visit_minor",
    "meeting": "service.visit_minor",
    "phone": "service.call_minor",
    "other": "service.call_minor",
    "wechat": "service.message_minor",
    "email": "service.message_minor",
    "message": "service.message_minor",
}


@dataclass(frozen=True)
class Evidence:
    """What is known of n customers beside their purchases: money in the company's currency, None where nothing is known."""

    sales: Figures  # of the window that grades are made of
    margin: Figures  # the same less what the goods cost
    service: Figures  # contacts, gifts, goodwill: what looking after them has cost in the window
    future: Figures  # lifetime value in sales
    orders: Figures
    satisfaction: list[float | None] = field(
        default_factory=list
    )  # 0 to 1: mean answer; 0 while a complaint is open
    stayed: list[float | None] = field(
        default_factory=list
    )  # of his complaints, the share after which he bought again
    last_on: Figures | None = None


@dataclass(frozen=True)
class Classes:
    """Of each of n customers: codes as above, "" where it can't be said; `profit` is margin less service."""

    sales_class: Figures
    profit: Figures
    profit_cell: Figures
    future_cell: Figures
    relation: Figures
    loyalty: Figures


def classify(known: Evidence, *, min_repeats: int) -> Classes:
    """Every split is the median of these customers; loyal is a loyalty score from `grading.relationships` on."""
    profit = known.margin - known.service
    share = np.divide(known.margin, known.sales, out=np.ones_like(known.margin), where=known.sales > 0)
    future = known.future * np.clip(share, 0.0, 1.0)
    loyal = grading.loyalty_levels(
        known.orders,
        satisfaction=known.satisfaction,
        resistance=known.stayed,
        min_repeats=min_repeats,
    )
    return Classes(
        sales_class=grading.abc(known.sales, last_on=known.last_on, number=range(len(known.sales))),
        profit=profit,
        profit_cell=grading.profit_cost_matrix(profit, known.service).cell,
        future_cell=grading.now_future_matrix(profit, future).cell,
        relation=grading.relationships(known.sales, loyal.score).cell,
        loyalty=np.rint(loyal.score).astype(np.int64),
    )
