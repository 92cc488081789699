"""Lifetime value: purchases still to come, times what they are worth, discounted."""

from __future__ import annotations

from typing import Any

from liuke.insight.models.columns import Floats
from liuke.insight.models.gammagamma import GammaGamma
from liuke.insight.models.purchase import PurchaseModel


def customer_lifetime_value(
    purchases: PurchaseModel,
    spend: GammaGamma,
    summary: Any,
    *,
    horizon: float,
    discount_rate: float = 0.0,
    margin: float = 1.0,
    steps: int = 24,
) -> Floats:
    """Expected discounted margin of each customer's purchases in (T, T + horizon], shape (n,), in money.

        value_i = margin · E[M | m_i, x_i] · Σ_j E[purchases in step j] (1 + discount_rate)^-(middle of step
        j)

    `purchases` and `spend` are fitted models, `summary` has the columns of both (frequency, recency, T,
    monetary); `horizon` and `discount_rate` go by the unit of T; `margin` is the share of an amount that is
    earned.

    Errors: `NotFitted`, `BadTable`, `BadHorizon`; `ValueError` for a margin that is not above 0.
    Source: Fader, Hardie and Lee (2005), RFM and CLV, Journal of Marketing Research 42(4), 415-430.
    """
    if not 0 < margin < float("inf"):
        raise ValueError(f"margin must be above 0, not {margin!r}")
    bought = purchases.discounted_purchases(
        summary, horizon=horizon, discount_rate=discount_rate, steps=steps
    )
    return margin * bought * spend.expected_value(summary)
