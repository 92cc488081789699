"""Recording what customers buy and give back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Max, Min

from liuke.catalog.products.actions import known_or_new
from liuke.customers.facts.actions import record_many
from liuke.customers.facts.rules import FactKind, NewFact
from liuke.customers.purchases.models import Purchase, PurchaseLine
from liuke.customers.purchases.rules import NewLine, NewPurchase, checked, sums
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit, gettext_noop
from liuke.customers.stages.actions import retrace_stages
from liuke.customers.standings.actions import forget_sales
from liuke.platform.access.actions import permit
from liuke.platform.access.rules import Right
from liuke.platform.bulk.actions import insert_rows, reserve_ids, update_rows
from liuke.platform.bulk.rules import pieces

if TYPE_CHECKING:
    from liuke.catalog.models import Product
    from liuke.platform.models import User

COLUMNS = [field.attname for field in Purchase._meta.concrete_fields]
LINE = ("purchase_id", "product_id", "quantity_milli", "amount_minor", "cost_minor")
# Of each order the instant at which what took it back had come to its whole amount; to all its pieces where it was free.
TAKEN_BACK = """
UPDATE customers_purchase SET taken_back_at = CASE WHEN kind <> 'order' THEN NULL WHEN amount_minor > 0 THEN (
    SELECT MIN(at) FROM (
        SELECT r.at, SUM(r.amount_minor) OVER (ORDER BY r.at, r.id) AS back FROM customers_purchase r
        WHERE r.reverses_id = customers_purchase.id AND r.kind IN ('refund', 'cancellation')
        AND r.currency = customers_purchase.currency
    ) AS given WHERE back <= -customers_purchase.amount_minor
) ELSE (
    SELECT MAX(r.at) FROM customers_purchase r JOIN customers_purchaseline l ON l.purchase_id = r.id
    WHERE r.reverses_id = customers_purchase.id AND r.kind IN ('refund', 'cancellation')
    HAVING SUM(l.quantity_milli) <= -(
        SELECT SUM(quantity_milli) FROM customers_purchaseline WHERE purchase_id = customers_purchase.id
    )
) END WHERE id IN ({places})
"""


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
    """One purchase with its lines. The ledger is told; stage, dates and follow-ups of the customer follow from that."""
    new = NewPurchase(customer.pk, number, at, currency, lines, kind, channel, reverses)
    return record_purchases([new], by=by, now=now)[0]


@transaction.atomic
def record_purchases(rows: Sequence[NewPurchase], *, by: User | None, now: datetime) -> list[Purchase]:
    """All of them or none, in as many statements as one takes. A number that is there already is refused."""
    permit(by, Right.RECORD_PURCHASES)
    rows = [checked(row, now=now) for row in rows]
    if not rows:
        return []
    _hold(sorted({row.customer_id for row in rows}), by)
    _free([row.number for row in rows])
    given = [line.product for row in rows for line in row.lines if line.product]
    products = known_or_new(given, now=now)
    ids = reserve_ids(Purchase, len(rows))
    purchases = [_purchase(row, pk) for row, pk in zip(rows, ids, strict=True)]
    insert_rows(Purchase, COLUMNS, [[getattr(one, name) for name in COLUMNS] for one in purchases])
    insert_rows(PurchaseLine, LINE, _lines(rows, ids, products))
    told = [_fact(row, one, by) for row, one in zip(rows, purchases, strict=True)]
    record_many([fact for fact in told if fact], now=now)
    settle_reversals([row.reverses.pk for row in rows if row.reverses], now=now)
    return purchases


def _hold(ids: Sequence[int], by: User | None) -> None:
    reach = Customer.objects.writable_by(by) if by else Customer.objects.all()
    held = [
        pk
        for piece in pieces(ids)
        for pk in reach.filter(pk__in=piece).order_by("pk").select_for_update().values_list("pk", flat=True)
    ]
    if len(held) != len(ids):
        raise Customer.DoesNotExist("not all of these customers are within reach")


def _free(numbers: Sequence[str]) -> None:
    taken = {number for number, times in Counter(numbers).items() if times > 1}
    for piece in pieces(numbers):
        taken.update(Purchase.objects.filter(number__in=piece).values_list("number", flat=True))
    if taken:
        raise Unfit("number", gettext_noop("The number %(number)s is taken."), number=min(taken))


def _purchase(new: NewPurchase, pk: int) -> Purchase:
    total = sums(new.lines)
    purchase = Purchase(
        pk=pk,
        number=new.number,
        kind=new.kind,
        customer_id=new.customer_id,
        at=new.at,
        currency=new.currency,
        amount_minor=total.amount_minor,
        goods_minor=total.goods_minor,
        line_count=len(new.lines),
        product_count=total.product_count,
        channel=new.channel,
        reverses=new.reverses,
    )
    purchase._state.adding = False  # written by insert_rows, which Django does not see
    return purchase


def _lines(
    rows: Sequence[NewPurchase], ids: Sequence[int], products: dict[str, Product]
) -> Iterator[tuple[Any, ...]]:
    for row, pk in zip(rows, ids, strict=True):
        for line in row.lines:
            product_id = products[line.product.code].pk if line.product else None
            yield pk, product_id, line.quantity_milli, line.amount_minor, line.cost_minor


def _fact(new: NewPurchase, purchase: Purchase, by: User | None) -> NewFact | None:
    """Postage alone, a fee or a correction is nothing that the customer did: no fact."""
    if new.kind == "charge":
        return None
    data: dict[str, Any] = {"number": new.number}
    if new.kind == "order":
        data |= {"lines": purchase.line_count, "products": purchase.product_count}
        if new.channel:
            data["channel"] = new.channel
    else:
        data["kind"] = new.kind
        if new.reverses:
            data["reverses"] = new.reverses.number
    costs = [line.cost_minor for line in new.lines]
    return NewFact(
        kind=FactKind.PURCHASED if new.kind == "order" else FactKind.REFUNDED,
        customer_id=new.customer_id,
        at=new.at,
        actor_id=by.pk if by else None,
        subject_type=Purchase._meta.label,
        subject_id=purchase.pk,
        amount_minor=purchase.amount_minor,
        cost_minor=None if None in costs else sum(cost for cost in costs if cost is not None),
        currency=new.currency,
        data=data,
    )


# --- orders that were wholly taken back ---------------------------------------------------------------


def settle_reversals(orders: Iterable[int], *, now: datetime, batch_id: int | None = None) -> None:
    """Once something took these orders back: dates and stages of who ordered are those that standing orders make."""
    orders = sorted(set(orders))
    gone, again = note_reversals(orders)
    if gone:
        for piece in pieces(orders):
            rows = Purchase.objects.filter(pk__in=piece, customer__isnull=False).exclude(taken_back_at=None)
            forget_sales(dict(rows.values_list("number", "customer_id")), now=now)
    retrace_stages(gone, code="taken_back", now=now, batch_id=batch_id)
    retrace_stages(again, code="counts_again", now=now, batch_id=batch_id)


def note_reversals(orders: Iterable[int]) -> tuple[dict[int, datetime], dict[int, datetime]]:
    """Notes which of these orders are wholly taken back, and the dates of who ordered.

    Gives the customers of those that are, each with the last instant at which one went, and of those that had been and
    are not any more, with the day of the order.
    """
    gone: dict[int, datetime] = {}
    again: dict[int, datetime] = {}
    for piece in pieces(sorted(set(orders))):
        rows = Purchase.objects.filter(pk__in=piece, customer__isnull=False)
        before = set(rows.exclude(taken_back_at=None).values_list("pk", flat=True))
        with connection.cursor() as cursor:
            cursor.execute(TAKEN_BACK.format(places=", ".join(["%s"] * len(piece))), list(piece))
        for pk, customer, at, taken_back_at in rows.values_list("pk", "customer_id", "at", "taken_back_at"):
            if taken_back_at is not None:
                gone[customer] = max(taken_back_at, gone.get(customer, taken_back_at))
            elif pk in before:
                again[customer] = max(at, again.get(customer, at))
    for customers in pieces(sorted({*gone, *again})):
        keep_purchase_dates(customers)
    return gone, again


def keep_purchase_dates(customers: Iterable[int]) -> None:
    """First and last order of these customers, by the orders that are there and stand."""
    ids = sorted(customers)
    orders = Purchase.objects.filter(customer__in=ids, kind="order", taken_back_at=None).order_by()
    spans = {
        row["customer_id"]: (row["first"], row["last"])
        for row in orders.values("customer_id").annotate(first=Min("at"), last=Max("at"))
    }
    update_rows(
        "UPDATE customers_customer SET first_purchase_at = %s, last_purchase_at = %s WHERE id = %s",
        [(*spans.get(pk, (None, None)), pk) for pk in ids],
    )
