"""What makes an order, and what takes one back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from liuke.catalog.products.rules import NewProduct
from liuke.customers.records.rules import Unfit, clean, gettext_noop

if TYPE_CHECKING:
    from liuke.customers.purchases.models import Purchase

KINDS = ("order", "refund", "cancellation", "charge")
TAKING_BACK = ("refund", "cancellation")
CURRENCY = re.compile(r"[A-Z]{3}")


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


@dataclass(frozen=True)
class NewPurchase:
    """An order, or what takes one back, before it has an id."""

    customer_id: int
    number: str
    at: datetime
    currency: str
    lines: Sequence[NewLine]
    kind: str = "order"
    channel: str = ""
    reverses: Purchase | None = None


def checked(new: NewPurchase, *, now: datetime) -> NewPurchase:
    """`new` with its texts as they are kept; raises Unfit when the parts do not make a purchase of its kind."""
    number = clean("number", new.number, limit=60, required=True)
    if not CURRENCY.fullmatch(new.currency):
        raise Unfit("currency", gettext_noop("A currency has three letters, such as CNY."))
    if new.kind not in KINDS:
        raise Unfit("kind", gettext_noop("“%(value)s” is not among the choices."), value=new.kind)
    if not new.lines:
        raise Unfit("lines", gettext_noop("A purchase needs at least one line."))
    if new.at > now:
        raise Unfit("at", gettext_noop("The date lies in the future."))
    total = sums(new.lines).amount_minor
    if new.kind == "order" and total < 0:
        raise Unfit("lines", gettext_noop("An order cannot be less than nothing; record a refund instead."))
    if new.kind in TAKING_BACK and total > 0:
        raise Unfit("lines", gettext_noop("What takes an order back has a negative amount."))
    if new.reverses is not None and (
        new.reverses.customer_id != new.customer_id or new.kind not in TAKING_BACK
    ):
        raise Unfit(
            "reverses",
            gettext_noop("Only a return or cancellation takes back an order of the same customer."),
        )
    return replace(new, number=number, channel=clean("channel", new.channel, limit=40))
