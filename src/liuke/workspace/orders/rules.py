"""How an order typed by hand is read: figures as people write them, and what of an order can still be taken back. No database."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from liuke.customers.records.rules import Unfit, gettext_noop

GREATEST = Decimal(10) ** 12
THOUSAND = 1000


def figure(text: str, *, field: str, decimals: int) -> Decimal:
    """ "１，２００.５", "¥1,200" and "1200" alike; at most `decimals` places, so that nothing is rounded in silence."""
    plain = unicodedata.normalize("NFKC", text).strip().lstrip("¥$€£").replace(",", "").replace(" ", "")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) >= GREATEST:
        raise Unfit(
            field, gettext_noop("“%(value)s” is no figure; write it like 1200 or 12.50."), value=text[:40]
        )
    if value != value.quantize(Decimal(1).scaleb(-decimals)):
        raise Unfit(
            field,
            gettext_noop("“%(value)s” has more than %(places)s decimal places."),
            value=text[:40],
            places=decimals,
        )
    return value


def minor(value: Decimal, digits: int) -> int:
    return int((value.scaleb(digits)).to_integral_value(ROUND_HALF_UP))


def line_amount(price: Decimal, quantity: Decimal, digits: int) -> int:
    """Price times quantity in minor units, half up as on any invoice."""
    return minor(price * quantity, digits)


@dataclass(frozen=True)
class Left:
    """What of a product of an order has not been taken back yet: thousandths and minor units."""

    product_id: int | None
    code: str
    name: str
    kind: str
    quantity_milli: int
    amount_minor: int

    @property
    def quantity(self) -> Decimal:
        return Decimal(self.quantity_milli) / THOUSAND

    def amount_of(self, quantity_milli: int) -> int:
        """The part of the amount that goes with so many; the last of them take what is left."""
        if quantity_milli >= self.quantity_milli or not self.quantity_milli:
            return self.amount_minor
        share = Decimal(self.amount_minor) * quantity_milli / self.quantity_milli
        return int(share.to_integral_value(ROUND_HALF_UP))


Line = tuple[int | None, str, str, str, int, int]  # product id, code, name, kind, thousandths, minor units


def left_of(lines: Iterable[Line]) -> list[Left]:
    """The lines of an order and of what took it back already, summed by product; what is all back is gone."""
    sums: dict[int | None, list[int]] = {}
    named: dict[int | None, tuple[str, str, str]] = {}
    for product_id, code, name, kind, quantity_milli, amount_minor in lines:
        held = sums.setdefault(product_id, [0, 0])
        held[0] += quantity_milli
        held[1] += amount_minor
        named.setdefault(product_id, (code, name, kind))
    return [
        Left(pk, *named[pk], quantity, amount)
        for pk, (quantity, amount) in sums.items()
        if quantity > 0 or amount > 0
    ]


@dataclass(frozen=True)
class Part:
    """What is taken back of one product."""

    left: Left
    quantity_milli: int
    amount_minor: int


def part(left: Left, quantity: Decimal | None, amount_minor: int | None) -> Part | None:
    """From what was typed: without an amount its share of the order's; nothing where nothing was typed."""
    if quantity is None and amount_minor is None:
        return None
    milli = minor(quantity, 3) if quantity is not None else 0
    if not 0 <= milli <= left.quantity_milli:
        raise Unfit(
            "quantity",
            gettext_noop("At most %(most)s can still be taken back."),
            most=f"{left.quantity.normalize():f}",
        )
    amount = left.amount_of(milli) if amount_minor is None else amount_minor
    if not 0 <= amount <= left.amount_minor:
        raise Unfit("amount", gettext_noop("More than the order was worth cannot be given back."))
    return Part(left, milli, amount) if milli or amount else None


def everything(left: Sequence[Left]) -> list[Part]:
    return [Part(one, one.quantity_milli, one.amount_minor) for one in left]
