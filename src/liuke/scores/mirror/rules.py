"""Money of several currencies as one, for the analytics only: ledgers keep what was paid."""

from __future__ import annotations

from collections.abc import Mapping

from babel.numbers import get_currency_precision


def factor(currency: str, company: str, rates: Mapping[str, float]) -> float | None:
    """What one minor unit of `currency` is worth in the company's currency, or None when no rate is known.

    `rates` say what one unit of a foreign currency is worth: {"USD": 7.1} in a company that reckons in CNY.
    """
    rate = 1.0 if currency == company else rates.get(currency)
    return None if rate is None else rate / 10 ** get_currency_precision(currency)
