"""A card's standing follows the card."""

from __future__ import annotations

from liuke.customers.completeness.actions import refresh
from liuke.customers.records.actions import KEPT_BESIDE

if refresh not in KEPT_BESIDE:
    KEPT_BESIDE.append(refresh)
