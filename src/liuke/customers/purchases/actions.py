"""Recording what customers buy and give back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from liuke.catalog.products.actions import known_or_new
from liuke.customers.facts.actions import record
from liuke.customers.facts.rules import FactKind
from liuke.customers.purchases.models import Purchase, PurchaseLine
from liuke.customers.purchases.rules import TAKING_BACK, NewLine, UnfitPurchase, check, gettext_noop, sums
from liuke.customers.records.models import Customer
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.bulk.actions import insert_rows

if TYPE_CHECKING:
    from liuke.platform.models import User

LINE = ("purchase_id", "product_id", "quantity_milli", "amount_minor", "cost_minor")


@transaction.atomic
def record_purchase(
    customer: Customer,
    *,
    number: str,
    at: datetime,
    currency: str,
    lines: Sequence[NewLine],
    kind: str = "order",
    reverses: Purchase | None = None,
    channel: str = "",
    by: User | None,
    now: datetime,
) -> Purchase:
    """Writes the purchase with its lines and tells the ledger; stage and dates of the customer follow from the fact.

    A number that is there already raises UnfitPurchase, as does a purchase that `reverses` another customer's order.
    """
    permit(by, Right.RECORD_PURCHASES)
    reach = Customer.objects.writable_by(by) if by else Customer.objects.all()
    held = reach.select_for_update().get(pk=customer.pk)
    check(kind, number, currency, lines, at=at, now=now)
    if reverses is not None and (reverses.customer_id != held.pk or kind not in TAKING_BACK):
        raise UnfitPurchase(
            "reverses",
            gettext_noop("Only a return or cancellation takes back an order of the same customer."),
        )
    if Purchase.objects.filter(number=number).exists():
        raise UnfitPurchase("number", gettext_noop("The number %(number)s is taken."), number=number)
    total = sums(lines)
    purchase = Purchase.objects.create(
        number=number,
        kind=kind,
        customer=held,
        at=at,
        currency=currency,
        amount_minor=total.amount_minor,
        goods_minor=total.goods_minor,
        line_count=len(lines),
        product_count=total.product_count,
        channel=channel[:40],
        reverses=reverses,
    )
    products = known_or_new(line.product for line in lines if line.product)
    insert_rows(
        PurchaseLine,
        LINE,
        [
            (
                purchase.pk,
                products[line.product.code].pk if line.product else None,
                line.quantity_milli,
                line.amount_minor,
                line.cost_minor,
            )
            for line in lines
        ],
    )
    _tell(purchase, reverses, by=by, now=now)
    return purchase


def _tell(purchase: Purchase, reverses: Purchase | None, *, by: User | None, now: datetime) -> None:
    """Postage alone, a fee or a correction is nothing that the customer did: no fact."""
    if purchase.kind == "charge" or purchase.customer is None:
        return
    data: dict[str, Any] = {"number": purchase.number}
    if purchase.kind == "order":
        data |= {"lines": purchase.line_count, "products": purchase.product_count}
        if purchase.channel:
            data["channel"] = purchase.channel
    else:
        data["kind"] = purchase.kind
        if reverses:
            data["reverses"] = reverses.number
    record(
        FactKind.PURCHASED if purchase.kind == "order" else FactKind.REFUNDED,
        customer=purchase.customer,
        at=purchase.at,
        by=by,
        now=now,
        subject=purchase,
        amount_minor=purchase.amount_minor,
        currency=purchase.currency,
        data=data,
        key=f"purchase:{purchase.pk}",
    )
