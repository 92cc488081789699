"""An order and its return by hand, where no file and no shop brings them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from liuke.catalog.models import Product
from liuke.catalog.products.rules import NewProduct
from liuke.customers.models import Customer, Purchase, PurchaseLine
from liuke.customers.purchases.actions import record_purchase
from liuke.customers.purchases.rules import NewLine
from liuke.customers.records.rules import Unfit, gettext_noop
from liuke.workspace.orders.rules import Left, Part, everything, left_of

if TYPE_CHECKING:
    from liuke.platform.models import User

OFFERED = 200  # products named by the box before anything is typed
NOON = time(12)
COLUMNS = ("product_id", "product__code", "product__name", "product__kind", "quantity_milli", "amount_minor")


def offered() -> list[Product]:
    return list(Product.objects.exclude(kind="charge").order_by("code")[:OFFERED])


def product_of(text: str) -> Product | None:
    """By code, else by name, whatever the case; two of one name are nobody's guess."""
    code = Product.objects.filter(code__iexact=text).first()
    if code is not None:
        return code
    named = list(Product.objects.filter(name__iexact=text)[:2])
    return named[0] if len(named) == 1 else None


def instant_of(on: date, now: datetime) -> datetime:
    """Today is now; any other day its noon, where nobody knows the hour."""
    return now if on == timezone.localdate(now) else timezone.make_aware(datetime.combine(on, NOON))


@transaction.atomic
def add_order(
    customer: Customer,
    *,
    number: str,
    on: date,
    currency: str,
    channel: str,
    lines: Sequence[NewLine],
    by: User,
    now: datetime,
) -> Purchase:
    def record() -> Purchase:
        return record_purchase(
            customer,
            number=number or _free(f"M{timezone.localdate(now):%y%m%d}-"),
            at=instant_of(on, now),
            currency=currency,
            lines=lines,
            channel=channel,
            by=by,
            now=now,
        )

    return _numbered(record)


def left(order: Purchase) -> list[Left]:
    """What of it can still be taken back."""
    rows = PurchaseLine.objects.filter(purchase=order) | PurchaseLine.objects.filter(purchase__reverses=order)
    named = rows.order_by("purchase_id", "id").values_list(*COLUMNS)
    return left_of(
        (pk, code or "", name or "", kind or "", milli, amount)
        for pk, code, name, kind, milli, amount in named
    )


@transaction.atomic
def take_back(
    order: Purchase,
    *,
    kind: str,
    on: date,
    parts: Callable[[Sequence[Left]], Sequence[Part]] = everything,
    by: User,
    now: datetime,
) -> Purchase:
    """A return or cancellation of a whole order or of parts, chosen from what is left while nobody else takes any."""
    held = (
        Purchase.objects.for_user(by)
        .select_for_update(of=("self",))
        .select_related("customer")
        .get(pk=order.pk)
    )
    if held.kind != "order" or held.customer is None:
        raise Unfit("kind", gettext_noop("Only an order of a customer can be taken back."))
    at = instant_of(on, now)
    if timezone.localdate(at) < timezone.localdate(held.at):
        raise Unfit("on", gettext_noop("That is before the order."))
    chosen = parts(left(held))
    if not chosen:
        raise Unfit("lines", gettext_noop("Nothing of it is taken back: write how many, or how much."))
    customer = held.customer

    def record() -> Purchase:
        return record_purchase(
            customer,
            number=_free(f"{held.number[:50]}-R"),
            at=max(at, held.at),
            currency=held.currency,
            lines=[_back(part) for part in chosen],
            kind=kind,
            reverses=held,
            by=by,
            now=now,
        )

    return _numbered(record)


def _back(part: Part) -> NewLine:
    one = part.left
    product = NewProduct(one.code, one.name, one.kind) if one.code else None
    return NewLine(-part.amount_minor, -part.quantity_milli, product)


def _free(prefix: str) -> str:
    """The next number that begins so."""
    taken = Purchase.objects.filter(number__startswith=prefix).values_list("number", flat=True)
    places = [int(tail) for number in taken if (tail := number.removeprefix(prefix)).isdecimal()]
    return f"{prefix}{max(places, default=0) + 1}"


def _numbered(record: Callable[[], Purchase]) -> Purchase:
    """Two may get the same free number in one instant: the database lets one of them have it, the other is told."""
    try:
        with transaction.atomic():
            return record()
    except IntegrityError as error:
        raise Unfit(
            "number", gettext_noop("Somebody took this number just now; please save again.")
        ) from error
