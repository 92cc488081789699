"""Purchase lines -> one row per customer and day."""

from __future__ import annotations

from liuke.insight.expressions import ibis
from liuke.insight.features.money import money_sum
from liuke.insight.kinds import Expression


def purchase_days(lines: Expression, *, beside: tuple[str, ...] = ()) -> Expression:
    """One row per customer and calendar day (and value of the columns `beside`), purchases and refunds of the day together.

    value     sum of the day's entries, refunds taken off
    refunded  sum of its negative entries, as a positive figure
    bought    whether any entry is a purchase (see `tables.Purchases` for the rule)
    lines     entries that are purchases
    products  distinct products among them, postage and fees not counted (null when the log names no products)
    cost, discount  sums (null when the log lacks them)
    """
    columns = set(lines.columns)
    optional = {}
    if "product" in columns:
        optional["products"] = lines["product"].nunique(where=lines.bought & lines.goods)
    for money in ("cost", "discount"):
        if money in columns:
            optional[money] = money_sum(lines[money])
    each = lines.group_by("customer", "on", *beside).aggregate(
        value=money_sum(lines.amount),
        refunded=money_sum(-lines.amount, where=lines.amount < 0).fill_null(0.0),
        bought=lines.bought.any(),
        lines=lines.count(where=lines.bought),
        **optional,
    )
    kinds = {"products": "int64", "cost": "float64", "discount": "float64"}
    return each.mutate({name: ibis.null(kind) for name, kind in kinds.items() if name not in optional})
