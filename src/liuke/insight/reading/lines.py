"""The checked lines of a log: one row per line of a purchase, typed, with what is known of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from liuke.insight.reading import values
from liuke.insight.reading.columns import match
from liuke.insight.reading.problems import UnreadablePurchases

NOT_PRODUCTS: Final = (
    r"^(post(age)?|dot(com postage)?|d|m|s|b|c2|c3|pads|cruk|carriage|manual|samples?|shipping|freight|delivery"
    r"|bank charges|amazon ?fee|fees?|discount|adjust.*|adjustment.*|rounding|tips?|gift wrap"
    r"|运费|邮费|快递费|手续费|折扣|优惠|包装费|服务费|调整|补差价?|運費|郵費|手續費|優惠|包裝費|服務費|調整)$"
)


@dataclass(frozen=True)
class Reading:
    """What was found on the way in, for the reader's eyes.

    `rows` read; `without_customer` set aside; `negative` entries (refunds, cancellations); `not_products`
    lines such as postage or a bank charge; `columns` which column was taken for which field.
    """

    rows: int
    without_customer: int
    negative: int
    not_products: int
    columns: dict[str, str]
    currency: str | None


def checked_lines(source: pa.Table, mapping: Mapping[str, str] | None, *, table: str) -> tuple[pa.Table, Reading]:
    """Typed lines (customer, on, amount, bought, order, product, goods, channel, cost, discount) and the reading.

    `bought` says whether the line is an occasion of purchase: its amount is not negative and neither is its
    quantity. Optional columns that the source lacks are left out. Lines without a customer are counted, not kept.
    """
    found = match(source.column_names, mapping, table=table)
    if source.num_rows == 0:
        raise UnreadablePurchases("there is no row below the header", table=table)

    def column(field: str) -> values.Column:
        return values.Column(source.column(found[field]), name=found[field], table=table)

    customer = values.customers(column("customer"))
    made = {"customer": customer, "on": values.required(column("at"), values.days(column("at")), of=customer)}
    quantity = values.numbers(column("quantity")) if "quantity" in found else None
    made["amount"] = _amounts(column, found, quantity, customer)
    made["bought"] = pc.greater_equal(made["amount"], 0)
    if quantity is not None:
        made["bought"] = pc.and_(made["bought"], pc.greater_equal(pc.fill_null(quantity, 1), 0))
    for field in ("cost", "discount"):
        if field in found:
            made[field] = pc.fill_null(values.numbers(column(field)), 0.0)
    for field in ("order", "product", "channel"):
        if field in found:
            made[field] = values.texts(column(field))
    if "product" in found:
        made["goods"] = _goods(column, found)
    currency = _one_currency(column("currency")) if "currency" in found else None
    lines = pa.table(made)
    kept = lines.filter(pc.is_valid(customer))
    if kept.num_rows == 0:
        raise UnreadablePurchases("no row names a customer", table=table, column=found["customer"])
    reading = Reading(
        rows=source.num_rows,
        without_customer=source.num_rows - kept.num_rows,
        negative=_count(pc.less(kept["amount"], 0)),
        not_products=_count(pc.invert(kept["goods"])) if "goods" in made else 0,
        columns=found,
        currency=currency,
    )
    return kept, reading


def _amounts(column, found, quantity, customer):  # type: ignore[no-untyped-def]
    if "amount" in found:
        return values.required(column("amount"), values.numbers(column("amount")), of=customer)
    price = values.required(column("unit_price"), values.numbers(column("unit_price")), of=customer)
    values.required(column("quantity"), quantity, of=customer)
    return pc.round(pc.multiply(price, quantity), 6)  # 3 × 0.1 is 0.3, not 0.30000000000000004


def _goods(column, found):  # type: ignore[no-untyped-def]
    """Whether the line is of a product: neither its code nor its name is that of a fee, postage or correction."""
    service = pc.match_substring_regex(made := values.texts(column("product")), NOT_PRODUCTS, ignore_case=True)
    if "product_name" in found:
        named = pc.match_substring_regex(values.texts(column("product_name")), NOT_PRODUCTS, ignore_case=True)
        service = pc.or_kleene(service, named)
    return pc.fill_null(pc.and_(pc.invert(pc.fill_null(service, False)), pc.is_valid(made)), False)


def _one_currency(column: values.Column) -> str | None:
    text = pc.utf8_upper(values.texts(column))
    kinds = sorted(kind for kind in pc.unique(text).to_pylist() if kind is not None)
    if len(kinds) > 1:
        column.refuse(
            pc.equal(text, kinds[1]),
            f"two currencies in one log ({', '.join(kinds)}); convert them to one first",
        )
    return kinds[0] if kinds else None


def _count(mask: pa.ChunkedArray) -> int:
    return int(pc.sum(mask).as_py() or 0)
