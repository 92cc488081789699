"""What customers are worth, what it brings to keep them and costs to lose them, and where to spend.

Calculators take single figures or one for each customer, in any unit of money, and refuse what is out of range by name
(`BadFigure`). `clv` and `clv_bands` work on fitted models, which are loaded when these are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from liuke.insight.economics.budget import BudgetSplit, Pool, ResponseCurve, divide_budget
from liuke.insight.economics.contribution import Contribution, contribution, cost_to_serve
from liuke.insight.economics.discounting import discount_factors, present_value, rate_per, retention_value
from liuke.insight.economics.keeping import (
    CostOfNew,
    CostPerWin,
    CustomerValue,
    SpendingMix,
    Swing,
    Wins,
    churn_what_if,
    compare_costs_per_win,
    competitor_swing,
    cost_of_new,
    cost_per_win,
    cost_ratio,
    customer_value,
    expected_wins,
    loss_of_losing,
    profit_of_keeping,
    retention_effect,
    retention_elasticity,
    spending_mix,
    success_rate,
)
from liuke.insight.economics.market import (
    DealerChange,
    DealerSales,
    MarketShare,
    dealer_change,
    dealer_sales,
    market_share,
    share_change,
)
from liuke.insight.economics.owner import OwnerValue, owner_value
from liuke.insight.economics.uncertainty import (
    Band,
    MoneyAtRisk,
    Outlook,
    Spread,
    money_at_risk,
    off_by_of,
    outlook,
)

if TYPE_CHECKING:
    from liuke.insight.economics.futures import ValueBands, clv_bands
    from liuke.insight.economics.valuation import clv

__all__ = [
    "Band",
    "BudgetSplit",
    "Contribution",
    "CostOfNew",
    "CostPerWin",
    "CustomerValue",
    "DealerChange",
    "DealerSales",
    "MarketShare",
    "MoneyAtRisk",
    "Outlook",
    "OwnerValue",
    "Pool",
    "ResponseCurve",
    "SpendingMix",
    "Spread",
    "Swing",
    "ValueBands",
    "Wins",
    "churn_what_if",
    "clv",
    "clv_bands",
    "compare_costs_per_win",
    "competitor_swing",
    "contribution",
    "cost_of_new",
    "cost_per_win",
    "cost_ratio",
    "cost_to_serve",
    "customer_value",
    "dealer_change",
    "dealer_sales",
    "discount_factors",
    "divide_budget",
    "expected_wins",
    "loss_of_losing",
    "market_share",
    "money_at_risk",
    "off_by_of",
    "outlook",
    "owner_value",
    "present_value",
    "profit_of_keeping",
    "rate_per",
    "retention_effect",
    "retention_elasticity",
    "retention_value",
    "share_change",
    "spending_mix",
    "success_rate",
]


_HOMES: Final = {"clv": "valuation", "clv_bands": "futures", "ValueBands": "futures"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
