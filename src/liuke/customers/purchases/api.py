"""Orders and what takes them back, over the API: read one by one, recorded many at once by the same action as anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from liuke.catalog.products.rules import NewProduct
from liuke.customers.purchases.actions import record_purchases
from liuke.customers.purchases.models import Purchase, PurchaseLine
from liuke.customers.purchases.rules import NewLine, NewPurchase, checked
from liuke.customers.records.api import held
from liuke.customers.records.models import Customer
from liuke.customers.records.rules import Unfit
from liuke.platform.access.rules import Right
from liuke.platform.api.api import FEW, NEWEST, After, Given, Id, Instant, Limit, Ref, Rows, listed
from liuke.platform.api.rules import Problem, Wrong, pointer
from liuke.platform.api.views import Need, TokenRequest

router = Router(tags=["Orders"])
READ = Need("purchases:read", Right.VIEW_CUSTOMERS)
WRITE = Need("purchases:write", Right.RECORD_PURCHASES)

MOST_AT_ONCE, MOST_LINES = 500, 200
Amount = Annotated[int, Field(strict=True, ge=-(10**14), le=10**14)]  # two hundred of them fit a column


class ProductOut(Schema):
    code: str
    name: str
    kind: str


class LineOut(Schema):
    product: ProductOut | None
    quantity_milli: int = Field(description="In thousandths: 1000 is one piece.")
    amount_minor: int


class PurchaseOut(Schema):
    id: int
    number: str
    kind: str = Field(description="order, refund, cancellation, charge")
    customer_id: int | None
    at: datetime
    currency: str
    amount_minor: int = Field(description="In the smallest units of the currency; negative takes back.")
    goods_minor: int
    line_count: int
    channel: str
    reverses: str = Field(description="The number of the order that it takes back.")


class PurchaseWhole(PurchaseOut):
    lines: list[LineOut]


class ProductGiven(Given):
    """A code that is new makes the product; one that is known keeps its name and kind."""

    code: str = Field(pattern=r"\S", max_length=60)
    name: str = Field("", max_length=200)
    kind: Literal["goods", "service", "charge"] = "goods"
    category: str = Field("", max_length=80)


class LineGiven(Given):
    amount_minor: Amount
    quantity_milli: Amount = 1000
    cost_minor: Amount | None = None
    product: ProductGiven | None = None


class PurchaseGiven(Given):
    number: str = Field(min_length=1, max_length=60)
    customer_id: Ref
    at: Instant
    currency: str = Field(pattern="^[A-Z]{3}$")
    kind: Literal["order", "refund", "cancellation", "charge"] = "order"
    channel: str = Field("", max_length=40)
    reverses: str = Field(
        "", max_length=60, description="The number of the customer's order that it takes back."
    )
    lines: list[LineGiven] = Field(min_length=1, max_length=MOST_LINES)


class PurchasesGiven(Given):
    purchases: list[PurchaseGiven] = Field(min_length=1, max_length=MOST_AT_ONCE)


class Recorded(Schema):
    items: list[PurchaseOut]


def _columns(one: Purchase) -> dict[str, Any]:
    names = PurchaseOut.model_fields.keys() - {"reverses"}
    return {name: getattr(one, name) for name in names} | {
        "reverses": one.reverses.number if one.reverses else ""
    }


def _line(one: PurchaseLine) -> LineOut:
    known = one.product
    product = ProductOut(code=known.code, name=known.name, kind=known.kind) if known else None
    return LineOut(product=product, quantity_milli=one.quantity_milli, amount_minor=one.amount_minor)


def _brief(one: Purchase) -> PurchaseOut:
    return PurchaseOut(**_columns(one))


@router.get(
    "/customers/{int:pk}/purchases", response=Rows[PurchaseOut], auth=READ, summary="Orders of a customer"
)
def purchases(
    request: TokenRequest, pk: Id, response: HttpResponse, after: After = "", limit: Limit = FEW
) -> Rows[PurchaseOut]:
    """Newest first."""
    rows = Purchase.objects.filter(customer=held(request, pk)).select_related("reverses")
    return listed(request, response, rows, _brief, after=after, limit=limit, keyset=NEWEST)


@router.get("/purchases/{int:pk}", response=PurchaseWhole, auth=READ, summary="One order with its lines")
def purchase(request: TokenRequest, pk: Id) -> PurchaseWhole:
    rows = Purchase.objects.for_user(request.user).select_related("reverses")
    one = get_object_or_404(rows.prefetch_related("lines__product"), pk=pk)
    return PurchaseWhole(**_columns(one), lines=[_line(line) for line in one.lines.all()])


@router.post("/purchases", response={201: Recorded}, auth=WRITE, summary="Record orders")
def record(request: TokenRequest, given: PurchasesGiven) -> Status[Recorded]:
    """Up to 500 at once: all of them, or none and which of them does not fit and why. A number that is there is refused."""
    now, rows = timezone.now(), given.purchases
    _within_reach(request, rows)
    taken_back = _taken_back(request, rows)
    new = []
    for place, row in enumerate(rows):
        try:
            new.append(checked(_new(row, taken_back), now=now))
        except Unfit as error:
            raise _at(place, error.field, error.text) from None
    try:
        made = record_purchases(new, by=request.user, now=now)
    except Unfit as error:
        number = error.params.get("number")
        place = next((n for n, row in enumerate(new) if row.number == number), 0)
        raise _at(place, error.field, error.text) from None
    return Status(201, Recorded(items=[PurchaseOut(**_columns(one)) for one in made]))


def _at(place: int, field: str, text: str) -> Problem:
    return Problem("invalid", errors=[Wrong(field, text, pointer(("purchases", place, *field.split("."))))])


def _within_reach(request: TokenRequest, rows: Sequence[PurchaseGiven]) -> None:
    asked = {row.customer_id for row in rows}
    reached = set(
        Customer.objects.writable_by(request.user).filter(pk__in=asked).values_list("pk", flat=True)
    )
    for place, row in enumerate(rows):
        if row.customer_id not in reached:
            raise _at(place, "customer_id", _("There is no such customer."))


def _taken_back(request: TokenRequest, rows: Sequence[PurchaseGiven]) -> dict[str, Purchase]:
    numbers = {row.reverses for row in rows if row.reverses}
    found = Purchase.objects.for_user(request.user).filter(number__in=numbers) if numbers else []
    known = {one.number: one for one in found}
    for place, row in enumerate(rows):
        if row.reverses and row.reverses not in known:
            raise _at(place, "reverses", _("There is no such order."))
    return known


def _new(row: PurchaseGiven, taken_back: dict[str, Purchase]) -> NewPurchase:
    lines = [
        NewLine(
            amount_minor=line.amount_minor,
            quantity_milli=line.quantity_milli,
            product=NewProduct(**line.product.dict()) if line.product else None,
            cost_minor=line.cost_minor,
        )
        for line in row.lines
    ]
    told = row.dict(include={"customer_id", "number", "at", "currency", "kind", "channel"})
    return NewPurchase(lines=lines, reverses=taken_back.get(row.reverses), **told)
