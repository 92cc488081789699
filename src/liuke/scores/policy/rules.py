"""What each grade entitles to until a company decides otherwise (CL03): days, hours, and money in minor units of CNY."""

from __future__ import annotations

from typing import NamedTuple


class Entitlement(NamedTuple):
    contact_days: int  # source: settings of the requirements (cadence by grade)
    response_hours: int  # the same (sla.first_response by grade)
    goodwill_minor: int
    gift_minor: int
    routing_priority: int
    account_manager: bool


STARTING: dict[str, Entitlement] = {
    "platinum": Entitlement(14, 1, 500_000, 200_000, 1, True),
    "gold": Entitlement(30, 2, 200_000, 80_000, 2, True),
    "iron": Entitlement(60, 4, 50_000, 20_000, 3, False),
    "lead": Entitlement(180, 8, 10_000, 0, 4, False),
}


def share_of_budget(sales_minor: list[int], budget_minor: int) -> list[int]:
    """The relationship budget shared out by each customer's part of the sales (CL04), to the last minor unit.

    Largest remainders get what rounding down leaves, so that the parts total the budget. Negative sales count as none.
    """
    sales = [max(value, 0) for value in sales_minor]
    total = sum(sales)
    if not total:
        return [0] * len(sales)
    parts = [value * budget_minor // total for value in sales]
    remainders = sorted(range(len(sales)), key=lambda i: (-(sales[i] * budget_minor % total), i))
    for place in remainders[: budget_minor - sum(parts)]:
        parts[place] += 1
    return parts
