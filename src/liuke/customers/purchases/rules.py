"""What makes an order, and what takes one back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from liuke.catalog.products.rules import NewProduct

TAKING_BACK = ("refund", "cancellation")
CURRENCY = re.compile(r"[A-Z]{3}")


def gettext_noop(message: str) -> str:
    """Marks a message for the catalogues; whoever shows it translates it."""
    return message


class UnfitPurchase(ValueError):
    """A purchase that cannot be recorded. `message` is a msgid; `params` fill it once it is translated."""

    def __init__(self, field: str, message: str, **params: object) -> None:
        super().__init__(message % params)
        self.field, self.message, self.params = field, message, params


@dataclass(frozen=True)
class NewLine:
    """One line: amounts in minor units, negative on what takes an order back; quantity in thousandths."""

    amount_minor: int
    quantity_milli: int = 1000
    product: NewProduct | None = None
    cost_minor: int | None = None

    @property
    def is_charge(self) -> bool:
        return self.product is not None and self.product.kind == "charge"


@dataclass(frozen=True)
class Sums:
    amount_minor: int
    goods_minor: int
    product_count: int


def sums(lines: Sequence[NewLine]) -> Sums:
    """The whole amount, that of goods and services, and how many different products there are; charges are none."""
    goods = [line for line in lines if not line.is_charge]
    codes = {line.product.code for line in goods if line.product}
    return Sums(
        amount_minor=sum(line.amount_minor for line in lines),
        goods_minor=sum(line.amount_minor for line in goods),
        product_count=len(codes) or (1 if goods else 0),
    )


def check(
    kind: str, number: str, currency: str, lines: Sequence[NewLine], *, at: datetime, now: datetime
) -> None:
    """Raises UnfitPurchase when the parts do not make a purchase of this kind."""
    if not number.strip() or len(number) > 60:
        raise UnfitPurchase("number", gettext_noop("An order number has 1 to 60 characters."))
    if not CURRENCY.fullmatch(currency):
        raise UnfitPurchase("currency", gettext_noop("A currency has three letters, such as CNY."))
    if not lines:
        raise UnfitPurchase("lines", gettext_noop("A purchase needs at least one line."))
    if at > now:
        raise UnfitPurchase("at", gettext_noop("The date lies in the future."))
    total = sums(lines).amount_minor
    if kind == "order" and total < 0:
        raise UnfitPurchase(
            "lines", gettext_noop("An order cannot be less than nothing; record a refund instead.")
        )
    if kind in TAKING_BACK and total > 0:
        raise UnfitPurchase("lines", gettext_noop("What takes an order back has a negative amount."))
